"""The copy of the project for `make quick` and `make own`, and the example that the README tells."""

import csv
import os
import runpy
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from labelnoise import params, preset, reproduce
from labelnoise.data import listing
from labelnoise.methods import METHODS

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["quick", "own"])
def test_presets_give_valid_parameters(tmp_path, name):
    over = params.read(ROOT / "presets" / f"{name}.yaml")
    values = preset.merged(params.read(ROOT / "params.yaml"), over)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(ROOT / "claims.yaml", tmp_path)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    params.check(tmp_path / "params.yaml")
    chosen, full = params.load(tmp_path / "params.yaml", METHODS), params.load(ROOT / "params.yaml")
    assert set(chosen.methods) < set(full.methods)
    for method in chosen.methods:
        assert params.resolved(chosen, method) == params.resolved(full, method), f"{name}: {method} differs"
    # nobody has chosen values on any seed of theirs, and nothing of them is registered
    assert (chosen.study.first_seed, chosen.study.development, chosen.claims.more) == (0, 0, 0)


def test_a_copy_has_what_stages_read_beside_their_data():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    deps = {dep for stage in stages for dep in stage.get("deps", []) if "$" not in dep}
    beside = [dep for dep in deps if not dep.startswith(("data/", "runs/"))]
    assert "registration.yaml" in beside
    assert not [dep for dep in beside if not any(Path(dep).is_relative_to(name) for name in preset.SOURCES)]


def test_a_preset_is_merged_mapping_by_mapping():
    base = {"a": {"b": 1, "c": {"d": 2, "e": [3, 4]}}, "f": {"g": 5}, "h": 6}
    over = {"a": {"c": {"e": [7]}, "n": 8}, "f": None, "h": {"i": 9}}
    assert preset.merged(base, over) == {"a": {"b": 1, "c": {"d": 2, "e": [7]}, "n": 8}, "f": None, "h": {"i": 9}}
    assert base["a"]["c"]["e"] == [3, 4]


def test_what_is_changed_in_the_parameters_takes_effect_in_a_preset(tmp_path):
    """A method's number, a further noise model, another claim: none is hidden by the preset."""
    values = params.read(ROOT / "params.yaml")
    values["methods"]["elr"]["lam"] = 4.0
    values["datasets"]["digits"]["noises"]["ambiguous"] = [0.1]
    values = preset.merged(values, params.read(ROOT / "presets" / "quick.yaml"))
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(ROOT / "claims.yaml", tmp_path)
    chosen = params.load(tmp_path / "params.yaml")
    assert chosen.methods["elr"]["lam"] == 4.0
    assert chosen.datasets["digits"].noises == {"none": [0.0], "symmetric": [0.4], "ambiguous": [0.1]}
    assert chosen.statements == params.load(ROOT / "params.yaml").statements


@pytest.fixture
def source(tmp_path) -> Path:
    """A project with all that a copy has."""
    source = tmp_path / "project"
    for name in preset.SOURCES:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).mkdir() if name in ("notebooks", "src", "stages") else (source / name).write_text(name)
    return source


def test_own_files_are_named_relative_to_the_project_and_not_to_the_copy(source, tmp_path):
    datasets = {
        "folder": {"data": {"folder": {"root": "images", "csv": None, "size": 8}}},
        "photos": {"data": {"folder": {"root": "/photos", "csv": "a/labels.csv"}}},
        "mine": {
            "data": {"folds": 5, "folder": None, "arrays": {"file": "~/mine.npz", "root": "pictures"}},
            "features": [{"encoder": "pixels"}, {"encoder": "onnx", "file": "a/own.onnx", "size": 64}],
        },
        "digits": {"data": {"folds": 5}, "features": None},
        "mnist": {},
    }
    base = {"datasets": datasets, "recheck": {"errors": [0.1], "answers": {}}}
    base["download"] = {"folder": None, "mirrors": [], "cache": "downloads"}
    base["released"] = {"one": {"file": "a/one.npz", "sha256": "0"}, "other": {"file": None, "sha256": None}}
    (source / "params.yaml").write_text(yaml.safe_dump(base))
    over = {"datasets": {"folder": {"data": {"folder": {"size": 9}}}}, "recheck": {"answers": {"folder": "a.csv"}}}
    preset.prepare(source, tmp_path / "copy", over)
    copied = yaml.safe_load((tmp_path / "copy" / "params.yaml").read_text())
    assert copied["download"] == {"folder": None, "mirrors": [], "cache": str(source / "downloads")}
    assert [of["file"] for of in copied["released"].values()] == [str(source / "a" / "one.npz"), None]
    data = {name: section["data"] for name, section in copied["datasets"].items()}
    assert data["folder"] == {"folder": {"root": str(source / "images"), "csv": None, "size": 9}}
    assert data["photos"] == {"folder": {"root": "/photos", "csv": str(source / "a" / "labels.csv")}}
    arrays = {"file": str(Path.home() / "mine.npz"), "root": str(source / "pictures")}
    assert data["mine"] == {"folds": 5, "folder": None, "arrays": arrays}
    own = {"encoder": "onnx", "file": str(source / "a" / "own.onnx"), "size": 64}
    assert copied["datasets"]["mine"]["features"] == [{"encoder": "pixels"}, own]
    assert copied["datasets"]["digits"] == {"data": {"folds": 5}, "features": None}
    assert copied["recheck"] == {"errors": [0.1], "answers": {"folder": str(source / "a.csv")}}


def test_the_copy_is_a_repository_with_a_commit(source, tmp_path, monkeypatch):
    """So that experiments have a base; also when all this runs in a hook of git's."""
    (source / "params.yaml").write_text("study: {datasets: []}")
    (source / ".gitignore").write_text("/data/\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    copy = tmp_path / "copy"
    preset.prepare(source, copy, {})
    (copy / "data").mkdir()
    (copy / "data" / "large").write_text("ignored")
    (copy / ".git" / "index.lock").touch()  # as a kill leaves it
    preset.commit(copy, "Nothing new")
    (copy / "dvc.yaml").write_text("new")
    preset.commit(copy, "Something new")
    told = preset._git(copy, "log", "--format=%an %s").splitlines()
    assert told == ["labelnoise Something new", "labelnoise Copy the project"]
    assert "data/large" not in preset._git(copy, "ls-files") and not (tmp_path / "elsewhere").exists()


def test_what_a_killed_stage_left_half_made_does_not_get_into_git(source, tmp_path):
    """DVC would then refuse to keep it, for good."""
    (source / "params.yaml").write_text("study: {datasets: []}")
    for name in (".gitignore", "reports/.gitignore"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    copy = tmp_path / "copy"
    preset.prepare(source, copy, {})
    for file in ("figures/one.svg", "tables/accuracy.csv", "list.html"):
        (copy / "reports" / "digits" / file).parent.mkdir(parents=True, exist_ok=True)
        (copy / "reports" / "digits" / file).write_text("half")
    preset.prepare(source, copy, {})
    assert preset._git(copy, "ls-files", "reports").split() == ["reports/.gitignore", "reports/digits/list.html"]


def test_only_a_copy_is_replaced(source, tmp_path):
    (source / "params.yaml").write_text("study: {datasets: []}")
    (tmp_path / "mine" / "src").mkdir(parents=True)
    for folder in (source, tmp_path / "mine"):
        with pytest.raises(
            SystemExit, match="is no copy of the project; allowed: a new folder, or one that a preset"
        ):
            preset.prepare(source, folder, {})
    assert (tmp_path / "mine" / "src").exists() and (source / "dvc.yaml").read_text() == "dvc.yaml"
    for _ in range(2):
        preset.prepare(source, tmp_path / "copy", {})


def test_a_preset_has_a_folder_of_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["reproduce", "--preset", "quick.yaml"])
    with pytest.raises(SystemExit):
        reproduce.main()
    assert "--preset and --folder go together" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_what_is_compiled_comes_with_the_copy_but_nothing_half_written(source, tmp_path):
    """Python and numba take it for that of a source file with the same time."""
    (source / "params.yaml").write_text("study: {datasets: []}")
    made = source / "src" / "__pycache__"
    made.mkdir()
    for name in ("a.pyc", "kernel.1.nbc", "a.pyc.140", "kernel.nbi.tmp.e3"):
        (made / name).touch()
    (source / "src" / "kernel.py").touch()
    os.utime(source / "src" / "kernel.py", ns=(1, 1234567890123456789))
    preset.prepare(source, tmp_path / "copy", {})
    copied = tmp_path / "copy" / "src"
    assert {path.name for path in (copied / "__pycache__").iterdir()} == {"a.pyc", "kernel.1.nbc"}
    assert (copied / "kernel.py").stat().st_mtime_ns == 1234567890123456789


def test_without_git_there_is_just_the_copy(source, tmp_path, monkeypatch):
    (source / "params.yaml").write_text("study: {datasets: []}")
    monkeypatch.setenv("PATH", str(tmp_path))
    preset.prepare(source, tmp_path / "copy", {})
    assert (tmp_path / "copy" / "dvc.yaml").exists() and not (tmp_path / "copy" / ".git").exists()


@pytest.fixture
def called(tmp_path, monkeypatch):
    """What is called, in order, in a folder with a preset and with what the list stage writes below own/."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.yaml").write_text("study: {seeds: 7}")
    (tmp_path / "images" / "a").mkdir(parents=True)
    for name in ("1.png", "2.JPG", ".hidden.png", "notes.txt"):
        (tmp_path / "images" / "a" / name).touch()
    reports = tmp_path / "own" / "reports" / "folder"
    reports.mkdir(parents=True)
    (reports / "verdict.txt").write_text("About 3 of 9 labels are wrong.\n")
    (reports / "to_recheck.csv").write_text("rank,index\n1,4\n")
    calls = []
    monkeypatch.setattr(preset, "prepare", lambda *arguments: calls.append(("prepare", *arguments)))
    monkeypatch.setattr(preset, "commit", lambda *arguments: calls.append(("commit", *arguments)))
    monkeypatch.setattr(reproduce, "configure", lambda *_: None)
    monkeypatch.setattr(reproduce, "run", lambda folder, lock, stop, *words: calls.append((folder, *words)))
    monkeypatch.setattr(sys, "argv", ["reproduce", "--preset", "other.yaml", "--folder", "own"])
    return calls


def test_a_wrong_key_is_told_of_the_preset(called):
    """Whose file people edit; the copy's is made anew."""
    values = preset.merged(params.read(ROOT / "params.yaml"), {"rechek": {}})
    Path("own", "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(ROOT / "claims.yaml", "own")
    with pytest.raises(SystemExit, match=r"^error: other\.yaml: unknown key 'rechek'; allowed: "):
        reproduce.main()
    assert [of[0] for of in called] == ["prepare"]  # nothing is run


@pytest.mark.parametrize("full", [False, True])
def test_the_list_comes_first_and_the_study_only_when_asked(called, capsys, full):
    over = preset.merged(params.read(ROOT / "presets" / "own.yaml"), {"study": {"full": full}})
    values = preset.merged(params.read(ROOT / "params.yaml"), over)
    Path("own", "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(ROOT / "claims.yaml", "own")
    reproduce.main()
    own = Path("own")
    assert called == [
        ("prepare", Path(), own, {"study": {"seeds": 7}}),
        (own, "labelnoise.params"),
        (own, "labelnoise.quiet_dvc", "repro", "list"),
        *([(own, "labelnoise.quiet_dvc", "repro")] if full else []),
        ("commit", own, "Reproduce the study"),
    ]
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("2 examples: the list takes about 1 minute on ") and told[0].endswith("GB of memory")
    assert told[1] == "folder: About 3 of 9 labels are wrong."
    assert told[-3:] == [
        "  read first: own/reports/folder/list.html",
        "  the list:   own/reports/folder/to_recheck.csv",
        "  to answer:  own/reports/folder/review.html",
    ]
    assert ("the report is own/reports/index.html" in told) == full and len(told) == (10 if full else 5)


def test_a_list_of_its_header_alone_is_not_named(called, capsys):
    Path("own/reports/folder/to_recheck.csv").write_text("rank,index\n")
    reproduce._tell(Path("own"), ["folder"])
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in told] == ["folder", "read first", "to answer"]


def test_a_study_of_published_data_is_one_run_of_dvc(called, capsys):
    """Nobody waits for a list of labels that were made wrong on purpose, and DVC takes seconds to start."""
    values = preset.merged(params.read(ROOT / "params.yaml"), params.read(ROOT / "presets" / "quick.yaml"))
    Path("own", "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(ROOT / "claims.yaml", "own")
    Path("own/reports/folder").rename("own/reports/digits")
    reproduce.main()
    own = Path("own")
    steps = [
        (own, "labelnoise.params"),
        (own, "labelnoise.quiet_dvc", "repro"),
        ("commit", own, "Reproduce the study"),
    ]
    assert called[1:] == steps
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["the report is own/reports/index.html", "digits: About 3 of 9 labels are wrong."]


def test_what_a_paper_released_is_evaluated_alone(called, capsys):
    values = preset.merged(params.read(ROOT / "params.yaml"), params.read(ROOT / "presets" / "northcutt2021.yaml"))
    Path("own", "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(ROOT / "claims.yaml", "own")
    reproduce.main()
    own = Path("own")
    assert called[1:] == [
        (own, "labelnoise.params"),
        (own, "labelnoise.quiet_dvc", "repro", "released"),
        ("commit", own, "Evaluate what papers released"),
    ]
    assert capsys.readouterr().out == "northcutt2021: the tables are in own/reports/northcutt2021/tables\n"


def test_a_second_one_touches_nothing_of_the_first(called):
    """Else it would replace the code under a running study."""
    with reproduce.locked(Path("own")), pytest.raises(SystemExit, match=r"reproduces .*own already"):
        reproduce.main()
    assert called == []


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
    over = preset.own_folds({"study": {"datasets": chosen}, "datasets": datasets})
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
