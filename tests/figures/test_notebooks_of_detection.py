"""The notebooks of detection and rechecking, with the truth and without it."""

from pathlib import Path

import in_process
import numpy as np
import pytest
import synthetic_detection
import synthetic_tables

from labelnoise import files, results

FIGURES = {
    "noise": {"noise_rate", "noise_matrix"},
    "detection": {"detection", "detection_differences", "p_wrong_reliability", "tiers"},
    "recheck": {"budget", "budget_rechecker", "retrained", "errors_left"},
    "gallery": {"gallery_obvious", "gallery_possible"},
    "uncertainty": {"alternatives", "uncertainty"},
}
WITHOUT_TRUTH = {
    "noise": {"noise_rate", "noise_matrix"}, "detection": set(), "recheck": {"retrained", "errors_left"},
    "gallery": {"gallery_obvious", "gallery_possible"},
}  # fmt: skip


def _run(name, tables, folder, monkeypatch, images=True):
    source = Path("notebooks", f"{name}.py").resolve()
    monkeypatch.chdir(folder)
    for table, frame in tables.items():
        results.write(table, frame if len(frame) else results.empty(table), Path("tables"))
    files.save_arrays(Path("images.npz"), {"images": np.zeros((synthetic_detection.N, 1, 8, 8), np.uint8)})
    given = {"dataset": "digits", "tables": "tables", "figures": "figures"}
    given |= {"data": "images.npz"} if images else {}
    said = in_process.run(source, given)
    return {path.stem for path in Path("figures").glob("*.svg")}, said


@pytest.mark.parametrize("name", ["noise", "detection", "gallery"])
def test_every_figure_is_made(name, tmp_path, monkeypatch):
    tables = synthetic_detection.make([("none", 0.0), ("symmetric", 0.4)], seeds=2)
    made, said = _run(name, tables, tmp_path, monkeypatch)
    assert made == FIGURES[name] and "no figure" not in said and "digits" in said


@pytest.mark.parametrize("bagged", [True, False])
def test_scores_of_networks_are_drawn_with_and_without_bags(bagged, tmp_path, monkeypatch):
    tables = synthetic_tables.make(["cross_entropy"], [("none", 0.0), ("symmetric", 0.4)], 2, 2)
    if not bagged:
        tables["uncertainty"] = tables["uncertainty"][:0]
    made, said = _run("uncertainty", tables, tmp_path, monkeypatch, images=False)
    assert made == (FIGURES["uncertainty"] if bagged else {"alternatives"})
    assert ("there are no bags" in said) != bagged


def test_without_wrong_labels_no_score_of_networks_is_drawn(tmp_path, monkeypatch):
    tables = synthetic_tables.make(["cross_entropy"], [("none", 0.0)], 2, 2)
    made, said = _run("uncertainty", tables, tmp_path, monkeypatch, images=False)
    assert made == {"uncertainty"} and "ranks nothing" in said


@pytest.mark.parametrize("name", ["detection", "recheck"])
def test_what_needs_the_truth_is_left_out_in_one_line(name, tmp_path, monkeypatch):
    tables = synthetic_detection.make([("given", 0.4)], seeds=1, truth=False)
    made, said = _run(name, tables, tmp_path, monkeypatch)
    assert made == WITHOUT_TRUTH[name]
    missing = len(FIGURES[name]) - len(made)
    assert sum("no figure" in line for line in said.splitlines()) == missing
