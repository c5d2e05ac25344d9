"""The copy of the project for `make quick` and `make own`, and the example that the README tells."""

import csv
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from labelnoise import params, quick
from labelnoise.data import listing
from labelnoise.methods import METHODS

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
        "mine": {
            "data": {"folds": 5, "folder": None, "arrays": {"file": "~/mine.npz", "root": "pictures"}},
            "features": [{"encoder": "pixels"}, {"encoder": "onnx", "file": "a/own.onnx", "size": 64}],
        },
        "digits": {"data": {"folds": 5}, "features": None},
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
    arrays = {"file": str(Path.home() / "mine.npz"), "root": str(source / "pictures")}
    assert data["mine"] == {"folds": 5, "folder": None, "arrays": arrays}
    own = {"encoder": "onnx", "file": str(source / "a" / "own.onnx"), "size": 64}
    assert copied["datasets"]["mine"]["features"] == [{"encoder": "pixels"}, own]
    assert (
        copied["datasets"]["digits"].keys() == {"data", "features"}
        and not copied["datasets"]["digits"]["features"]
    )
    assert data["digits"] == {"folds": 5}
    assert copied["recheck"] == {"errors": [0.1], "answers": {"folder": str(source / "a.csv")}}
    assert (tmp_path / "copy" / "own_data.lock").read_text() == "own_data.lock"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """What is called, in order, in a folder with an overlay and with what the list stage writes below own/."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.yaml").write_text("study: {seeds: 7}")
    (tmp_path / "images" / "a").mkdir(parents=True)
    for name in ("1.png", "2.JPG", ".hidden.png", "notes.txt"):
        (tmp_path / "images" / "a" / name).touch()
    reports = tmp_path / "own" / "reports" / "folder"
    reports.mkdir(parents=True)
    (reports / "verdict.txt").write_text("About 3 of 9 labels are wrong.\n")
    called = []
    monkeypatch.setattr(quick, "prepare", lambda *arguments: called.append(("prepare", *arguments)))
    monkeypatch.setattr(quick, "run", lambda folder, *words: called.append((folder, *words)))
    monkeypatch.setattr(sys, "argv", ["quick", "--params", "other.yaml", "--folder", "own"])
    return called


def parameters(full: bool) -> None:
    over = yaml.safe_load((ROOT / "params.own.yaml").read_text())
    over["study"]["full"] = full
    values = quick.overlaid(yaml.safe_load((ROOT / "params.yaml").read_text()), over)
    Path("own", "params.yaml").write_text(yaml.safe_dump(values))


@pytest.mark.parametrize("full", [False, True])
def test_the_list_comes_first_and_the_study_only_when_asked(made, capsys, full):
    parameters(full)
    quick.main()
    own = Path("own")
    rest = [(own, "dvc", "repro")] if full else []
    assert made == [
        ("prepare", Path("."), own, {"study": {"seeds": 7}}),
        (own, "labelnoise.params"),
        (own, "dvc", "repro", "list"),
        *rest,
    ]
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("2 examples: the list takes about 1 minute on ") and told[0].endswith("GB of memory")
    assert told[1] == "folder: About 3 of 9 labels are wrong."
    assert told[-3:] == [
        "  read first: own/reports/folder/list.html",
        "  the list:   own/reports/folder/to_recheck.csv",
        "  to fill in: own/reports/folder/to_audit.csv",
    ]
    assert ("the report is own/reports/index.html" in told) == full and len(told) == (10 if full else 5)


def test_ctrl_c_ends_with_one_line(made, monkeypatch, capsys):
    parameters(False)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(quick, "run", interrupted)
    with pytest.raises(SystemExit) as stopped:
        quick.main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "interrupted: what is done is kept, run it again to go on\n"


def test_ctrl_c_waits_for_what_runs(tmp_path):
    """As from a terminal: both get the signal; the stage puts away its work, and no traceback is printed."""
    (tmp_path / "slow.py").write_text(
        "import time\ntry:\n    print('started', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(1)\n    open('kept', 'w').close()\n"
    )
    program = (
        "import signal, sys\nfrom pathlib import Path\nfrom labelnoise import quick\nsys.argv = ['quick']\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job ignores it
        f"quick.reproduce = lambda *_: quick.run(Path({str(tmp_path)!r}), 'slow')\nquick.main()"
    )
    (tmp_path / "params.quick.yaml").write_text("study: {seeds: 1}")
    path = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert process.stdout.readline() == "started\n"
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and (tmp_path / "kept").exists()
    assert errors == "interrupted: what is done is kept, run it again to go on\n"


def test_folds_are_one_where_own_data_have_a_test_part(tmp_path, capsys):
    for name in ("parted/train/a/1.png", "parted/test/a/1.png", "plain/a/1.png", "plain/b/1.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    np.savez(tmp_path / "split.npz", split=np.array(["train", "test"]))
    np.savez(tmp_path / "whole.npz", labels=np.arange(2))
    own = {
        "parted": {"folder": {"root": str(tmp_path / "parted")}},
        "plain": {"folder": {"root": str(tmp_path / "plain"), "csv": None}},
        "gone": {"folder": {"root": str(tmp_path / "gone")}},
        "column": {"folder": {"root": "x", "csv": "y", "columns": {"split": "is_valid"}}},
        "csv": {"folder": {"root": "x", "csv": "y"}},
        "split": {"arrays": {"file": str(tmp_path / "split.npz")}},
        "whole": {"arrays": {"file": str(tmp_path / "whole.npz")}},
        "digits": {},
        "unused": {"folder": {"root": str(tmp_path / "parted")}},
    }
    datasets = {name: {"data": {"folds": 5, **data}} for name, data in own.items()}
    chosen = [name for name in own if name != "unused"]
    over = quick.own_folds({"study": {"datasets": chosen}, "datasets": datasets})
    assert over == {"datasets": {name: {"data": {"folds": 1}} for name in ("parted", "column", "split")}}
    told = capsys.readouterr().out
    assert "datasets.parted: the data have a test part, so data.folds is 1 in place of 5" in told


def example(monkeypatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["dirty_digits.py", *words])
    runpy.run_path(str(ROOT / "examples" / "dirty_digits.py"), run_name="__main__")


def test_example_writes_a_dirty_folder_and_answers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    example(monkeypatch)
    entries = listing.class_folders(tmp_path / "images", []).entries
    with open("images/.truth.csv", newline="") as file:
        truth = {row["file"]: row["label"] for row in csv.DictReader(file)}
    assert len(entries) == 1797 and set(truth) == {entry.file for entry in entries}
    wrong = [entry for entry in entries if truth[entry.file] != entry.label]
    assert 0.13 < len(wrong) / 1797 < 0.17  # 15%, give or take two and a half standard errors
    assert f"{len(wrong)} of them in a wrong class folder" in capsys.readouterr().out

    names = [entry.file for entry in (*wrong[:3], entries[0])]
    words = ["--list", "list.csv", "--answers", "2"]
    work_list(names)
    example(monkeypatch, *words)
    assert "2 answers more, 0 of them slips; 2 of these labels were wrong" in capsys.readouterr().out
    first = Path("rechecked.csv").read_text()
    work_list(names[1:])  # a second round adds to the first, and answers nothing twice
    example(monkeypatch, *words)
    assert Path("rechecked.csv").read_text().startswith(first)
    rows = read("rechecked.csv")
    assert rows == [{"file": name, "given": name[0], "label": truth[name]} for name in names]
    with pytest.raises(SystemExit, match="images: File exists"):
        example(monkeypatch)


def test_example_answers_moved_files_and_goes_on_with_a_file_of_two_columns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("images").mkdir()
    Path("images/.truth.csv").write_text("file,label\n3/0001.png,3\n5/0002.png,7\n")
    Path("rechecked.csv").write_text("file,label\n3/0001.png,3\n")
    work_list(["8/0002.png", "4/0001.png"])  # both lie elsewhere now; the second is answered already
    example(monkeypatch, "--list", "list.csv", "--answers", "9")
    assert Path("rechecked.csv").read_text() == "file,given,label\n3/0001.png,,3\n8/0002.png,8,7\n"


@pytest.mark.parametrize(("share", "least", "most"), [("0", 0, 0), ("1", 1, 1), ("0.2", 0.14, 0.26)])
def test_example_slips_on_right_and_on_wrong_labels(share, least, most, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("images").mkdir()
    truth = {f"{at % 10}/{at:04}.png": str((at + at // 200) % 10) for at in range(400)}  # the second half is wrong
    lines = "".join(f"{name},{label}\n" for name, label in truth.items())
    Path("images/.truth.csv").write_text("file,label\n" + lines)
    work_list(truth)
    made = []
    for _ in range(2):
        Path("rechecked.csv").unlink(missing_ok=True)
        example(monkeypatch, "--list", "list.csv", "--answers", "400", "--slips", share)
        made.append(Path("rechecked.csv").read_bytes())
    assert made[0] == made[1]
    rows = read("rechecked.csv")
    for half in (rows[:200], rows[200:]):
        slips = [row for row in half if row["label"] != truth[row["file"]]]
        assert least <= len(slips) / 200 <= most
    assert all(row["label"] in (truth[row["file"]], row["given"]) for row in rows[200:])  # a wrong label passes
    with pytest.raises(SystemExit):
        example(monkeypatch, "--answers", "1", "--slips", "5")


def work_list(names) -> None:
    """As to_audit.csv, of files in folders of one letter."""
    rows = "".join(f'"{name}","{name[0]}",""\n' for name in names)
    Path("list.csv").write_text(f'"file","given","label"\n{rows}')


def read(path: str) -> list[dict]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
