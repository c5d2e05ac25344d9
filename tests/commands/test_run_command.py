"""`labelnoise run` trains what the study trains, no more, and refuses in one line."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
import stage_script

from labelnoise import cli, data, params, places, planned, preset
from labelnoise.commands import run as command
from labelnoise.methods import METHODS
from labelnoise.noise import grid
from labelnoise.runs import estimates, execute
from labelnoise.runs.data import MAIN
from labelnoise.runs.plan import Plan, complete
from labelnoise.studies import setting
from labelnoise.studies.plan import STUDIES
from labelnoise.train.program import Place

NOISES = {"symmetric": [0.4], "none": [0.0], "asymmetric": None, "pair_flip": None, "instance_dependent": None}
TORCH = {"networks": {"small_cnn": {"channels": [4, 4]}}}  # of so few channels there is no kernel
SMALL = {
    "study": {
        "seeds": 2,
        "first_seed": 0,
        "development": 0,
        "methods": ["cross_entropy", "elr", "forward_estimated", "forward_oracle"],
    },
    "run": {"workers": 1, "device": "cpu"},
    "datasets": {
        "digits": {
            "data": {"subset": 200},
            "noises": NOISES,
            "detection_noises": {"instance_dependent_as_published": None, "ambiguous": None},
            "training": {"epochs": 3},
            "bootstrap": {"cells": {"asymmetric": None, "pair_flip": None, "instance_dependent": None}},
        }
    },
    "estimate": {"folds": 2, "epochs": 1},
    "recheck": {"cell": {"seed": 0}},
    "claims": {"seeds": 3},
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stage_script.parameters(SMALL)
    return tmp_path


def table(capsys, *words):
    """Rows of the table on standard output, by column."""
    cli.main(["run", *words])
    head, rule, *lines = capsys.readouterr().out.splitlines()
    starts = [at for at, sign in enumerate(rule) if sign == "-" and rule[at - 1 : at] != "-"]
    cuts = list(zip(starts, [*starts[1:], None], strict=True))
    rows = [line for line in lines if line.startswith(("mlp", "small_cnn", "linear"))]
    return [{head[a:b].strip(): row[a:b].strip() for a, b in cuts} for row in rows]


def test_a_table_and_a_row_per_run(project, capsys):
    words = ("--method", "elr", "--noise", "symmetric:0.4", "--noise", "none", "--out", "runs.csv")
    shown = table(capsys, *words)
    assert [(row["noise"], row["method"]) for row in shown] == [
        ("none", "cross_entropy"), ("none", "elr"), ("symmetric", "cross_entropy"), ("symmetric", "elr")
    ]  # fmt: skip
    assert shown[0]["fitted wrong"] == "-" and "±" in shown[2]["fitted wrong"]
    with open("runs.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 * 2 * 2 and {row["seed"] for row in rows} == {"0", "1"}
    last = [float(row["test_accuracy"]) for row in rows if (row["method"], row["noise"]) == ("elr", "none")][::2]
    assert shown[1]["last"].startswith(f"{sum(last) / 2:.3f} ±")
    with pytest.raises(SystemExit, match=r"runs\.csv: is there already"):
        cli.main(["run", *words])


def lacking(name):
    """Runs of the study that the store lacks, of a method in the cell and of what it waits for."""
    p = params.load(methods=METHODS)
    dataset = data.load("digits", p.datasets["digits"].data, p.download)
    drawn, _ = grid.draw_all("digits", dataset, planned.noise_cells(p, "digits"), 5, p.noise)
    of = setting.make(p, "digits", dataset, drawn, {})
    runs = [run for study in ("alternatives", "accuracy", "contrasts") for run in STUDIES[study].runs(of)]
    plan = complete(Plan(p, runs, {MAIN: of.main}, estimates.SOURCES, {}))
    own = [run for run in plan.runs if run.name == name and run.noise == "symmetric"]
    wanted = {*own, *(needed for run in own for needed in plan.requires(run))}
    return wanted & {*execute.missing(plan, Place(places.store(p), 30))}


def kept(project):
    return sorted((project / ".store").glob("*.npz"))


@pytest.mark.parametrize("name", ["elr", "forward_estimated", "forward_oracle"])
def test_what_it_trains_the_study_finds_in_the_store(project, capsys, name):
    """And nothing beside it is trained: the study has 2 seeds, of folds 3."""
    words, asked = ("--method", name, "--noise", "symmetric:0.4"), lacking(name)
    table(capsys, *words, "--seeds", "1")
    assert lacking(name) == {run for run in asked if run.seed > 0} < asked
    plain = 1 + (2 if name == "forward_estimated" else 0)  # cross-entropy stands beside it; two folds
    assert len(kept(project)) == 1 + plain
    table(capsys, *words, "--seeds", "3")
    assert not lacking(name)
    before = kept(project)
    table(capsys, *words)
    assert kept(project) == before


@pytest.mark.parametrize("name", ["elr", "forward_estimated"])
def test_where_no_kernel_trains_them_it_trains_all_seeds_that_the_study_trains_together(project, capsys, name):
    """Else the study would train them again."""
    stage_script.parameters(SMALL, {"datasets": {"digits": {"networks": ["small_cnn"]}}, **TORCH})
    words, asked = ("--method", name, "--noise", "symmetric:0.4"), lacking(name)
    assert len({run.seed for run in asked}) > 1
    table(capsys, *words, "--seeds", "1")
    assert not lacking(name)
    before = kept(project)
    table(capsys, *words)
    assert kept(project) == before


def test_seeds_of_development_are_trained_together_with_those_asked_for(project, capsys):
    """Three say when a run stops; one of them is asked for, and the store has all."""
    small = {"networks": ["small_cnn"], "training": {"epochs": 1}}
    stage_script.parameters(
        SMALL,
        {
            "study": {"first_seed": 20, "development": 3},
            "recheck": {"cell": {"seed": 20}},
            "datasets": {"digits": small},
            **TORCH,
        },
    )
    asked = lacking("cross_entropy")
    shown = table(capsys, "--method", "cross_entropy", "--noise", "symmetric:0.4", "--seeds", "1")
    assert [row["method"] for row in shown] == ["cross_entropy"]
    found = asked - lacking("cross_entropy")
    assert sorted(run.seed for run in found) == [0, 1, 2] and len(kept(project)) == 3


def test_a_changed_hyper_parameter_changes_its_runs_alone(project, capsys):
    plain = table(capsys, "--method", "gce", "--noise", "symmetric:0.4")  # no row of study.methods
    changed = table(capsys, "--method", "gce", "--noise", "symmetric:0.4", "--set", "q=1e-1", "--epochs", "3")
    assert [row["method"] for row in changed] == ["cross_entropy", "gce q=0.1"]
    assert plain[0] == changed[0] and plain[1]["last"] != changed[1]["last"]


def test_cells_that_the_study_lacks(project, capsys):
    shown = table(capsys, "--method", "elr", "--noise", "pair_flip:0.2", "--seeds", "1", "--network", "mlp")
    assert [row["noise_rate"] for row in shown] == ["0.2", "0.2"] and "±" not in shown[0]["last"]


REFUSED = {
    "--method elrr --noise none": "--method elrr: unknown; allowed: backward, ",
    "--method elr --noise symetric:0.4": "--noise symetric: unknown noise; allowed: none, symmetric",
    "--method elr --noise symmetric:1.4": "--noise symmetric: rate 1.4 is not allowed; allowed: 0 to 1",
    "--method elr --noise symmetric:x": "--noise symmetric:x: allowed: NAME:RATE, as symmetric:0.4",
    "--method elr --noise symmetric": "--noise symmetric: allowed: NAME:RATE, as symmetric:0.4",
    "--method elr --noise none --dataset digit": "--dataset digit: unknown; allowed: arrays, ",
    "--method elr --noise none --network cnn": "--network cnn: unknown; allowed: ",
    "--method elr --noise none --set q=1": "--set q: unknown; allowed: beta, clamp, lam",
    "--method elr --noise none --set beta": "--set beta: allowed: NAME=VALUE, as q=0.5",
    "--method elr --noise none --set beta=1": "--method elr: beta = 1: must be less than 1",
    "--method self_training --noise none --set early=0": "--method self_training: early = 0: must be greater",
    "--method elr --noise none --out .": "--out .: is a folder; allowed: a file",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_does_not_fit_is_one_line(project, words):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["run", *words.split()])
    said = str(stopped.value)
    assert said.startswith(f"error: {REFUSED[words]}") and "\n" not in said
    assert not (project / ".store").exists()


def test_an_oracle_needs_the_whole_truth(project):
    p = params.load()
    dataset = data.load("digits", p.datasets["digits"].data, p.download)
    given = {"given": dataset.clean_labels}
    unknown = dataset._replace(clean_labels=np.full_like(dataset.clean_labels, -1), human_labels=given)
    drawn, _ = grid.draw_all("digits", unknown, {("given", 0.0): [0]}, 5, p.noise)
    with pytest.raises(ValueError, match="--method forward_oracle: is told the truth, of which digits has a part"):
        command._asked(setting.make(p, "digits", unknown, drawn, {}), "forward_oracle", 1)


def test_values_are_numbers_or_words():
    assert command.values(["a=1", "b=1e-3", "c=soft", "d=false"]) == {"a": 1, "b": 0.001, "c": "soft", "d": False}
    found = command.cells(["none", "symmetric:0.4"], 3)
    assert found == {("none", 0.0): range(3), ("symmetric", 0.4): range(3)}
    args = SimpleNamespace(set_=["q=0.5"])
    p = SimpleNamespace(methods={"mae": {}, "gce": {"q": 0.5}, "own": {"method": "gce"}})
    assert command.labels(args, p, ["mae", "gce", "own"]) == {"mae": "mae", "gce": "gce q=0.5", "own": "own q=0.5"}


def test_networks_are_trained_on_features_as_the_stage_makes_them(project, capsys):
    """As many values as an image has pixels; a linear classifier has one layer."""
    section = {
        "features": [{"encoder": "patches"}, {"encoder": "pixels"}],
        "inputs": "pixels",
        "networks": ["linear"],
    }
    stage_script.parameters(preset.merged(SMALL, {"datasets": {"digits": section}}))
    of = command.made(params.load(), "digits", {("symmetric", 0.4): range(1)})
    dataset = data.load("digits", of.params.datasets["digits"].data, None)
    pixels = dataset.images.reshape(len(dataset.images), -1)
    correlation = np.corrcoef(pixels[:, 20], of.dataset.images[:, 0, 0, 20])[0, 1]
    assert of.dataset.images.shape == (len(pixels), 1, 1, pixels.shape[1]) and abs(correlation) > 0.999
    rows = table(capsys, "--method", "elr", "--noise", "symmetric:0.4", "--seeds", "1", "--network", "linear")
    assert [row["method"] for row in rows] == ["cross_entropy", "elr"]
