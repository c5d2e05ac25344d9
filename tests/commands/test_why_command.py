"""`labelnoise why`: stages that are out of date and the keys that did it, and what of the plan the store lacks."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import stage_script
from dvc.repo import Repo
from test_run_command import SMALL

from labelnoise import artifacts, cli, data, files, params, planned, preset
from labelnoise.commands import beforehand, why
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.noise import grid, noisy_labels
from labelnoise.runs import demand
from labelnoise.studies import plan

STAGES = """
stages:
  always: {cmd: touch a, always_changed: true, outs: [a]}
  first: {cmd: cp source b, deps: [a, source], params: [methods, seeds], outs: [b]}
  second: {cmd: cp b c, deps: [b], outs: [c]}
  third: {cmd: cp source d, deps: [source], params: [seeds], outs: [d]}
"""
VALUES = "methods: {gce: {q: 0.7}, elr: {lam: 3.0, clamp: 1.0e-7}}\nseeds: 5\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Four small stages that have run."""
    folder = tmp_path_factory.mktemp("stages")
    Repo.init(str(folder), no_scm=True)
    for name, text in (("dvc.yaml", STAGES), ("params.yaml", VALUES), ("source", "1")):
        (folder / name).write_text(text)
    subprocess.run([sys.executable, "-m", "dvc", "repro"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("changed, said", [
    ({}, {}),
    ({"params.yaml": VALUES.replace("0.7", "1")}, {"first": "methods.gce.q 0.7 -> 1", "second": "after first"}),
    (
        {"params.yaml": VALUES.replace("gce: {q: 0.7}", "mae: {}").replace("5", "6")},
        {"first": "methods.gce {'q': 0.7} -> none, methods.mae none -> {}, seeds 5 -> 6", "second": "after first",
         "third": "seeds 5 -> 6"},
    ),
    ({"source": "2"}, {"first": "source modified", "second": "after first", "third": "source modified"}),
    ({"c": None}, {"second": "c is not there"}),
    ({"dvc.yaml": STAGES.replace("cp b c", "cp b c && true")}, {"second": "changed command"}),
    ({"dvc.lock": None}, {"first": "has not run yet", "second": "has not run yet", "third": "has not run yet"}),
])  # fmt: skip
def test_stages_that_are_out_of_date(finished, tmp_path, monkeypatch, changed, said):
    folder = tmp_path / "project"
    shutil.copytree(finished, folder, symlinks=True)
    monkeypatch.chdir(folder)
    for name, text in changed.items():
        (folder / name).unlink()
        if text is not None:
            (folder / name).write_text(text)
    assert why.stale([]) == said


def test_changed_own_files_are_a_reason(finished, monkeypatch):
    monkeypatch.chdir(finished)
    assert why.stale(["photos/data"]) == {
        "always": "photos/data changed", "first": "after always", "second": "after first",
    }  # fmt: skip


def test_what_dvc_refuses_is_one_line(finished, tmp_path, monkeypatch):
    folder = tmp_path / "project"
    shutil.copytree(finished, folder, symlinks=True)
    monkeypatch.chdir(folder)
    (folder / "dvc.yaml").write_text("stages: {first: {cmd: 3}}")
    with pytest.raises(ValueError, match=r"^dvc: ") as error:
        why.stale([])
    assert "\n" not in str(error.value)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stage_script.parameters(SMALL, {"memorization": {"images": 100, "seeds": 1}, "imbalance": {"seeds": 1}})


def rows(found):
    table = why.parts(params.load(methods=METHODS), "digits", found)
    return {row["part"]: row for row in table}


TRAIN = {"train@digits": "methods.gce.q 0.7 -> 0.5"}
NOTHING_YET = {f"{stage}@digits": "has not run yet" for stage in ("download", "noise", "detect", "train")}


def test_runs_that_are_missing_from_the_store(project, capsys):
    before = rows(NOTHING_YET)
    assert set(before) == {f"digits: {study}" for study in (
        "accuracy", "alternatives", "contrasts", "imbalance", "memorization", "retrained"
    )}  # fmt: skip
    assert all(row["to train"] == row["runs"] > 0 and row["CPU-minutes"] >= 0 for row in before.values())
    assert sum(row["runs"] for row in rows({}).values()) > 0 == sum(row["to train"] for row in rows({}).values())
    cli.main(["run", "--method", "elr", "--noise", "symmetric:0.4"])
    after = rows(NOTHING_YET)
    # of the main study elr on 2 seeds; the first runs, which are cross-entropy, are more where claims compare
    assert before["digits: accuracy"]["to train"] - after["digits: accuracy"]["to train"] == 4
    assert "forward_oracle 4" in after["digits: accuracy"]["of which"]
    assert before["digits: retrained"] == after["digits: retrained"]  # on labels that detect has still to judge


def test_a_change_that_draws_the_same_labels_keeps_what_was_detected(project):
    p, at = params.load(), artifacts.of("digits")
    dataset = data.load("digits", p.datasets["digits"].data, p.download)
    drawn, _ = grid.draw_all("digits", dataset, planned.noise_cells(p, "digits"), 5, p.noise)
    npz.save(dataset, at.images)
    noisy_labels.save(drawn, at.noise)
    kept = drawn._asdict() | {"p_low": np.full(drawn.labels.shape, 0.5)}
    files.save_arrays(at.detect, kept)
    methods = {"noise@digits": "methods.gce.q 0.7 -> 0.5", "detect@digits": "after noise@digits"}
    assert why._setting(p, "digits", methods).detected["p_low"][0, 0] == 0.5
    itself = methods | {"detect@digits": "detect.floor 1 -> 2"}
    assert why._setting(p, "digits", itself).detected["p_low"][0, 0] == 0
    noisy_labels.save(drawn._replace(labels=drawn.labels[:, ::-1]), at.noise)
    assert why._setting(p, "digits", methods).detected["p_low"][0, 0] == 0


def test_what_is_not_made_is_planned_on_other_data_of_the_same_size(project):
    """Of digits, whose data can be made: the same runs, which take as long; a long tail has other classes."""
    p = params.load(methods=METHODS)
    both = why._setting(p, "digits", NOTHING_YET), beforehand.stand_in(p, "digits")
    real, other = (plan.of_setting(of) for of in both)
    assert real.runs == other.runs and real.data.keys() == other.data.keys()
    times = [sum(why.seconds(of, run) for run in of.runs) for of in (real, other)]
    assert times[0] == pytest.approx(times[1], rel=0.03)


def test_a_preset_is_told_before_it_runs(project, capsys):
    """Every run of it, on a network that takes long, and the memory."""
    cli.main(["why", "--preset", str(stage_script.ROOT / "presets" / "coteaching2018.yaml")])
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("before ") and "cifar10: accuracy" in said[4] and "co_teaching 3" in said[4]
    minutes = float(said[4].split()[4])
    # one network per run, two with co-teaching, three columns of labels; as many of five epochs by folds of half
    takes = demand.of("cnn9", {"width": 128, "dropout": 0.25}, (3, 32, 32), 10)
    of_image = 3e-11 * takes.flops + 2e-9 * takes.kept
    assert minutes == pytest.approx(5 * 3 * 200 * 50_000 * of_image / 60, rel=0.01)
    assert said[-1].startswith("cifar10: about ") and said[-1].endswith(" GB of memory")
    whole = params.load(methods=METHODS)
    lines = list(why.before(whole))  # of what is here, nothing of which is known to be there
    runs = len(plan.of_setting(beforehand.stand_in(whole, "digits")).runs)
    assert lines[0].startswith(f"then {runs} runs") and "CPU-minutes of training, " in lines[1]
    with pytest.raises(SystemExit, match=r"^error: --preset none\.yaml: no such file; allowed: one of presets/$"):
        cli.main(["why", "--preset", "none.yaml"])


def test_a_preset_that_ends_with_the_list_trains_nothing(project, capsys):
    cli.main(["why", "--preset", str(stage_script.ROOT / "presets" / "own.yaml")])
    told = capsys.readouterr().out
    assert "study.full is false: it ends with the list" in told and "CPU-minutes" not in told


def test_what_is_wrong_with_a_preset_is_told_of_its_file(project):
    Path("bad.yaml").write_text("datasets: {digits: {training: {lrr: 0.1}}}")
    with pytest.raises(
        SystemExit, match=r"^error: bad\.yaml: datasets\.digits\.training: unknown key 'lrr'; allowed: "
    ):
        beforehand.of_preset(Path("bad.yaml"))
    Path("bad.yaml").write_text("{}")
    Path("claims.yaml").write_text("wrap: {}")
    with pytest.raises(SystemExit, match=r"^error: claims\.yaml: wrap"):
        beforehand.of_preset(Path("bad.yaml"))


def test_what_has_no_known_size_is_not_told(project):
    p = params.load(methods=METHODS)
    (row,) = why.parts(p, "folder", {"train@folder": "has not run yet"})
    assert row["part"] == "folder: known once its data and noise are made"


def test_labels_with_answers_are_told_as_they_were(project):
    values = params.read("params.yaml")
    answers = preset.merged(values, {"recheck": {"answers": {"digits": "answers.csv"}}})
    answered = params.Params.model_validate({**params.with_defaults(answers)})
    assert why._setting(answered, "digits", NOTHING_YET) is None
    assert all(row["runs"] == row["to train"] for row in why.parts(answered, "digits", NOTHING_YET))


def test_all_of_it_is_printed(project, monkeypatch, capsys):
    monkeypatch.setattr(why, "stale", lambda own: NOTHING_YET)
    cli.main(["why"])
    said = capsys.readouterr().out
    assert "noise@digits" in said and "digits: contrasts" in said and "CPU-minutes of training, " in said
    monkeypatch.setattr(why, "stale", lambda own: {})
    cli.main(["why"])
    assert capsys.readouterr().out.startswith("every stage is up to date: nothing will run")
    assert not Path(".store").exists()


@pytest.mark.parametrize(
    ("shape", "kind", "section", "images"),  # images that it is trained on, and evaluated on, in a CPU-second
    [
        ((1, 8, 8), "mlp", {"hidden": [128, 128]}, 237_000),  # 1 / (2e-6 + 9e-11 * (64 * 128 + 128 * 128))
        ((3, 28, 28), "mlp", {"hidden": [512]}, 9_060),  # 1 / (2e-6 + 9e-11 * 2352 * 512)
        ((1, 28, 28), "small_cnn", {"channels": [16, 32, 32]}, 2_551),  # 1 / (5e-7 * 28 * 28)
        ((3, 28, 28), "small_alexnet", {"width": 64, "dropout": 0.0}, 342),  # 1 / (3e-11 * 5.02e7 + 2e-9 * 7.09e5)
    ],
)
def test_the_time_of_an_image_depends_on_the_network(shape, kind, section, images):
    assert 1 / why._of_image(shape, kind, section) == pytest.approx(images, rel=0.01)
