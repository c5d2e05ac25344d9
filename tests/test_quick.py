"""The copy of the project for `make quick` and `make own`, and the example that the README tells."""

import csv
import runpy
import sys
from pathlib import Path

import pytest
import yaml

from labelnoise import params, quick
from labelnoise.data import listing
from labelnoise.methods import METHODS
from labelnoise.sections import CsvColumns

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("overlay", ["params.quick.yaml", "params.own.yaml"])
def test_overlays_give_valid_parameters(tmp_path, overlay):
    over = yaml.safe_load((ROOT / overlay).read_text())
    merged = quick.overlaid(yaml.safe_load((ROOT / "params.yaml").read_text()), over)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(merged))
    chosen = params.load(tmp_path / "params.yaml", METHODS)
    full = params.load(ROOT / "params.yaml")
    assert set(chosen.methods) < set(full.methods)
    for name, section in chosen.methods.items():
        assert section == full.methods[name], f"{overlay}: {name} has other parameters than the full study"


def test_own_files_are_named_relative_to_the_project_and_not_to_the_copy(tmp_path):
    source = tmp_path / "project"
    source.mkdir()
    for name in quick.SOURCES:
        (source / name).mkdir() if "." not in name else (source / name).write_text(name)
    datasets = {
        "folder": {"data": {"folder": {"root": "images", "csv": None, "size": 8}}},
        "photos": {"data": {"folder": {"root": "/photos", "csv": "a/labels.csv"}}},
        "mine": {"data": {"folds": 5, "folder": None, "arrays": {"file": "~/mine.npz"}}},
        "digits": {"data": {"folds": 5}},
    }
    base = {"datasets": datasets, "recheck": {"errors": [0.1], "answers": {}}}
    (source / "params.yaml").write_text(yaml.safe_dump(base))
    (tmp_path / "copy" / ".dvc").mkdir(parents=True)
    over = {"datasets": {"folder": {"data": {"folder": {"size": 9}}}}, "recheck": {"answers": {"folder": "a.csv"}}}
    quick.prepare(source, tmp_path / "copy", over)
    copied = yaml.safe_load((tmp_path / "copy" / "params.yaml").read_text())
    data = {name: section["data"] for name, section in copied["datasets"].items()}
    assert data["folder"] == {"folder": {"root": str(source / "images"), "csv": None, "size": 9}}
    assert data["photos"] == {"folder": {"root": "/photos", "csv": str(source / "a" / "labels.csv")}}
    assert data["mine"] == {"folds": 5, "folder": None, "arrays": {"file": str(Path.home() / "mine.npz")}}
    assert data["digits"] == {"folds": 5}
    assert copied["recheck"] == {"errors": [0.1], "answers": {"folder": str(source / "a.csv")}}
    assert (tmp_path / "copy" / "own_data.lock").read_text() == "own_data.lock"


@pytest.mark.parametrize(
    ("words", "expected"),
    [([], ("quick", "params.quick.yaml")), (["--params", "other.yaml", "--folder", "own"], ("own", "other.yaml"))],
)
def test_parameters_are_checked_before_anything_runs_and_lists_are_named(
    tmp_path, monkeypatch, capsys, words, expected
):
    folder, overlay = expected
    (tmp_path / overlay).write_text("study: {seeds: 7}")
    (tmp_path / folder / "reports" / "photos").mkdir(parents=True)
    (tmp_path / folder / "reports" / "photos" / "to_recheck.csv").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["quick", *words])
    called = []
    monkeypatch.setattr(quick, "prepare", lambda *arguments: called.append(arguments))
    monkeypatch.setattr(quick, "run", lambda *arguments: called.append(arguments))
    quick.main()
    target = Path(folder)
    assert called == [
        (Path("."), target, {"study": {"seeds": 7}}),
        (target, "labelnoise.params"),
        (target, "dvc", "repro"),
    ]
    told = capsys.readouterr().out
    assert f"{folder}/reports/index.html" in told and f"{folder}/reports/photos/to_recheck.csv" in told


def example(monkeypatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["dirty_digits.py", *words])
    runpy.run_path(str(ROOT / "examples" / "dirty_digits.py"), run_name="__main__")


def test_example_writes_a_dirty_folder_and_answers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    example(monkeypatch)
    entries = listing.entries(tmp_path / "images", None, CsvColumns())
    with open("images/.truth.csv", newline="") as file:
        truth = {row["file"]: row["label"] for row in csv.DictReader(file)}
    assert len(entries) == 1797 and set(truth) == {entry.file for entry in entries}
    wrong = [entry for entry in entries if truth[entry.file] != entry.label]
    assert 0.13 < len(wrong) / 1797 < 0.17  # 15%, give or take two and a half standard errors
    assert f"{len(wrong)} of them in a wrong class folder" in capsys.readouterr().out

    names = [entry.file for entry in (*wrong[:3], entries[0])]
    Path("list.csv").write_text("file,given\n" + "".join(f"{name},{name[0]}\n" for name in names))
    words = ["--list", "list.csv", "--answers"]
    example(monkeypatch, *words, "2")
    Path("list.csv").write_text("file,given\n" + "".join(f"{name},{name[0]}\n" for name in names[2:]))
    example(monkeypatch, *words, "2")  # a second round adds to the first
    with open("rechecked.csv", newline="") as file:
        answers = {row["file"]: row["label"] for row in csv.DictReader(file)}
    assert answers == {name: truth[name] for name in names}
    with pytest.raises(SystemExit, match="images: File exists"):
        example(monkeypatch)
