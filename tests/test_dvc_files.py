"""dvc.lock and params.yaml as DVC itself writes and reads them, in less time."""

import shutil
from pathlib import Path

import pytest
import yaml
from dvc import dvcfile
from dvc.dependency import param
from dvc.fs import LocalFileSystem
from dvc.utils.serialize import modify_yaml

from labelnoise import dvc_files, mending, quiet_dvc

ROOT = Path(__file__).parents[1]
SHOWN = 3  # stages of the project's dvc.lock
# with texts and numbers that YAML quotes, folds over lines or shortens
STAGE = {
    "cmd": "python stages/one.py " + "a long word " * 10,
    "outs": [{"path": "out", "hash": "md5", "md5": "12345678901234567890123456789e12", "size": 3}],
    "params": {
        "params.yaml": {"rate": 1e-05, "on": "yes", "none": None, "date": "2020-01-01", "list": [], "é": ""}
    },
}


@pytest.fixture
def lock(tmp_path) -> Path:
    """A dvc.lock of some stages."""
    (tmp_path / mending.TMP).mkdir(parents=True)
    said = yaml.safe_load((ROOT / "dvc.lock").read_text("utf-8"))
    said["stages"] = dict(list(said["stages"].items())[:SHOWN])
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(said, sort_keys=False))
    return tmp_path / "dvc.lock"


NETS = {"a": {"x": 1, "y": [1, 2]}}
ALIASED = {
    "cmd": "date",
    "params": {"params.yaml": {"nets": NETS["a"], "again": NETS["a"]}},
}  # YAML writes it once


def put(changing, name: str, stage: dict) -> None:
    """As dvcfile.Lockfile.dump_stages does it."""
    with changing as said:
        if not said:
            said.update({"schema": "2.0"})
        said["stages"] = said.get("stages", {})
        said["stages"].update({name: stage})


@pytest.mark.parametrize("there", [True, False])
def test_the_bytes_are_those_of_dvc(lock, there):
    """A new stage, an old one, one after another process has written the file."""
    if not there:
        lock.unlink()
    own, theirs = dvc_files.Lock(), lock.with_name("theirs.lock")
    if there:
        shutil.copy(lock, theirs)
    for name, stage in (("one", STAGE), ("two", {"cmd": "date"}), ("one", {"cmd": "cat out"})):
        put(own.modified(lock), name, stage)
        put(modify_yaml(theirs), name, stage)
        assert lock.read_bytes() == theirs.read_bytes()
    for name, stage in (("aliased", ALIASED), ("second", ALIASED | {"cmd": "ls"})):
        put(own.modified(lock), name, stage)
        put(modify_yaml(theirs), name, stage)
        assert lock.read_bytes() == theirs.read_bytes() and "&id001" in lock.read_text()
    assert yaml.safe_load(lock.read_text())["stages"]["second"]["params"]["params.yaml"]["again"] == NETS["a"]
    for path in (lock, theirs):
        put(modify_yaml(path), "other", STAGE)
    put(own.modified(lock), "two", STAGE)
    put(modify_yaml(theirs), "two", STAGE)
    assert lock.read_bytes() == theirs.read_bytes()


def test_a_stage_that_was_not_written_is_not_remembered(lock):
    own, before = dvc_files.Lock(), lock.read_bytes()
    put(own.modified(lock), "one", STAGE)
    after = lock.read_bytes()
    with pytest.raises(KeyboardInterrupt), own.modified(lock) as said:
        said["stages"]["two"] = STAGE
        raise KeyboardInterrupt
    assert lock.read_bytes() == after != before
    put(own.modified(lock), "one", STAGE)
    assert lock.read_bytes() == after


def test_the_file_is_replaced_and_no_half_of_it_is_ever_there(lock):
    text = lock.read_text()
    with open(lock) as before:  # what a reader has opened stays whole
        put(dvc_files.Lock().modified(lock), "one", STAGE)
        assert before.read() == text != lock.read_text()
    shutil.rmtree(lock.parent / mending.TMP)
    text = lock.read_text()
    with pytest.raises(FileNotFoundError):
        put(dvc_files.Lock().modified(lock), "two", STAGE)
    assert lock.read_text() == text


def test_a_file_that_says_it_already_is_left_alone(lock):
    """As it is after a stage that always runs."""
    put(modify_yaml(lock), "one", STAGE)
    lock.write_text("# a word of somebody's\n" + lock.read_text())
    before, own = lock.stat(), dvc_files.Lock()
    for _ in range(2):
        put(own.modified(lock), "one", dict(STAGE))
        assert (lock.stat().st_mtime_ns, lock.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    for name in ("first", "second"):  # as dvcfile.Lockfile.dump_dataset does it
        with own.modified(lock) as said:
            said.setdefault("datasets", []).append({"name": name})
    put(own.modified(lock), "one", STAGE | {"cmd": "date"})
    said = yaml.safe_load(lock.read_text())
    assert said["stages"]["one"]["cmd"] == "date" and len(said["datasets"]) == 2


def test_a_stage_that_is_taken_out_is_gone(lock):
    own, theirs = dvc_files.Lock(), lock.with_name("theirs.lock")
    put(own.modified(lock), "one", STAGE)
    shutil.copy(lock, theirs)
    for changing in (own.modified(lock), modify_yaml(theirs)):
        with changing as said:
            del said["stages"]["one"]
    assert lock.read_bytes() == theirs.read_bytes() and "one" not in yaml.safe_load(lock.read_text())["stages"]


def test_parameters_are_read_anew_where_the_file_is_another(tmp_path, monkeypatch):
    loaded, load, fs = [], param.load_path, LocalFileSystem()
    path = tmp_path / "params.yaml"
    monkeypatch.setattr(param, "load_path", dvc_files.once(lambda of, fs: loaded.append(of) or load(of, fs)))

    def found(name):
        return param.read_param_file(fs, str(path), [name], flatten=True)[name]

    path.write_text("a: {b: [1]}\n")
    found("a.b").append(2)
    assert found("a.b") == [1] and found("a") == {"b": [1]} and len(loaded) == 1
    path.write_text("a: {b: [3]}\n")
    assert found("a.b") == [3] and len(loaded) == 2


def test_what_make_starts_has_both(monkeypatch):
    before = dvcfile.modify_yaml, param.load_path
    monkeypatch.setattr(dvcfile, "modify_yaml", before[0])  # set back afterwards
    monkeypatch.setattr(param, "load_path", before[1])
    monkeypatch.setattr("dvc.cli.main", lambda _: 0)
    monkeypatch.setattr(quiet_dvc, "hush", lambda: None)
    assert quiet_dvc.main() == 0
    assert dvcfile.modify_yaml is not before[0] and param.load_path is not before[1]
