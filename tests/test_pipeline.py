"""Stages read the parameters that dvc.yaml lists; reruns, resumes and changes do what they should."""

import json
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import miniature
import numpy as np
import pytest
import stage_script
import yaml
from miniature import hashes, repro
from pydantic import BaseModel

from labelnoise import params, preset
from labelnoise.commands import register
from labelnoise.train import store

DVC = (sys.executable, "-m", "dvc")
STAGES = yaml.safe_load((miniature.ROOT / "dvc.yaml").read_text())["stages"]


class Recorder:
    """Parameters that note which keys are read."""

    def __init__(self, value, path: tuple[str, ...], seen: set[str]):
        self._value, self._path, self._seen = value, path, seen

    def _wrap(self, name, value):
        path = (*self._path, str(name))
        whole = path[0] in ("methods", "figures") and len(path) == 2
        section = isinstance(value, BaseModel | dict) and not whole
        self._seen.add(".".join(path) + "." * section)  # a section that is only passed on ends in a dot
        return Recorder(value, path, self._seen) if section else value

    def _whole(self):
        self._seen.add(".".join(self._path))
        return self._value

    def __getattr__(self, name):
        if name in ("model_dump", "items", "keys", "values", "get"):
            return getattr(self._whole(), name)
        return self._wrap(name, getattr(self._value, name))

    def __getitem__(self, name):
        return self._wrap(name, self._value[name])

    def __iter__(self):
        return iter(self._whole())

    def __contains__(self, name):
        return name in self._value


class RunHere(NamedTuple):
    """The miniature after every stage has run in this process."""

    folder: Path
    read: dict[str, set[str]]  # stage -> keys of params.yaml that it read
    hashes: dict[str, str]


@pytest.fixture(scope="module")
def run_here(tmp_path_factory) -> RunHere:
    folder = tmp_path_factory.mktemp("keys")
    miniature.make(folder)
    read: dict[str, set[str]] = {stage: set() for stage in STAGES}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in STAGES:
            recorded(stage, read[stage])
        made, before = hashes(folder), Path(params.REGISTRATION).read_text()
        for left_open in (False, True):  # claims once registered, and once look one is known
            register.run(SimpleNamespace(open=left_open))
            recorded("claims", read["claims"])
        Path(params.REGISTRATION).write_text(before)
    return RunHere(folder, read, made)


def recorded(stage: str, seen: set[str]) -> None:
    """Run a stage in this folder; the keys that it reads join `seen`."""
    real = params.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(params, "load", lambda *_, **__: Recorder(real(), (), seen))
        stage_script.run(stage, name_of(stage))


def name_of(stage: str) -> str | None:
    """What the miniature runs a stage on."""
    names = {"${study.datasets}": "digits", "${study.released}": "northcutt2021"}
    return names[STAGES[stage]["matrix"]["dataset"]] if "matrix" in STAGES[stage] else None


# What params.load puts into another section: the one that is tracked -> where it is read.
LOADED = {"dataset_defaults": "datasets.digits", "study.methods": "methods"}
BESIDE = {"statements": "claims.yaml", "registration": "registration.yaml"}  # sections that are files, and so deps


@pytest.mark.parametrize("stage", [stage for stage in STAGES if not STAGES[stage].get("always_changed")])
def test_params_cover_the_keys_read(stage, run_here):
    """By sections, of which each is read."""
    # how to run changes no result
    touched = {key for key in run_here.read[stage] if not key.startswith(("run.", *BESIDE))}
    read = {key for key in touched if not key.endswith(".")}
    listed = [key.replace("${item.dataset}", str(name_of(stage))) for key in STAGES[stage].get("params", [])]
    assert [one for one, other in LOADED.items() if (one in listed) != (other in listed)] == []
    listed = [key for key in listed if key not in LOADED]
    for section, file in BESIDE.items():
        used = any(key.startswith(section) for key in run_here.read[stage])
        assert used == (file in STAGES[stage]["deps"]), file

    def covers(listed_key: str, key: str) -> bool:
        return key == listed_key or key.startswith(listed_key + ".")

    assert not [key for key in read if not any(covers(k, key) for k in listed)], "read, but not in dvc.yaml"
    assert not [k for k in listed if not any(covers(k, key) for key in touched)], "in dvc.yaml, but not read"


def ran(told: str) -> list[str]:
    """The stages that ran, of what `dvc repro` prints."""
    return [line.split("'")[1] for line in told.splitlines() if line.startswith("Running stage")]


def methods_stored(folder: Path) -> dict[str, str]:
    """Entry of the run store -> the method that it trained."""
    found = {path.name: np.load(path)[store.SPEC].tobytes() for path in (folder / ".store").glob("*.npz")}
    return {name: json.loads(spec)["method"] for name, spec in found.items()}


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory) -> Path:
    """The miniature, reproduced by DVC with two workers."""
    folder = tmp_path_factory.mktemp("first")
    miniature.make(folder, workers=2)
    repro(folder)
    return folder


def test_two_clones_are_equal_in_every_byte(run_here, reproduced):
    """One with a worker in one process, the other with two, a process per stage, and a store of its own."""
    one, other = run_here.hashes, hashes(reproduced)
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_unchanged_rerun_does_nothing(reproduced):
    before = hashes(reproduced)
    times = {path: path.stat().st_mtime_ns for path in (reproduced / "reports").rglob("*.csv")}
    assert ran(repro(reproduced)) == ["own_files"]  # which asks for the state of the user's own files
    assert hashes(reproduced) == before
    assert times == {path: path.stat().st_mtime_ns for path in times}


def test_a_changed_method_trains_only_its_runs(reproduced):
    """Taking it back changes all bytes back, and trains nothing."""
    text, before, stored = (reproduced / "params.yaml").read_text(), hashes(reproduced), methods_stored(reproduced)
    values = yaml.safe_load(text)
    values["methods"]["nnaqc"]["alpha"] = 0.6
    (reproduced / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    assert ran(repro(reproduced, "train")) == ["own_files", "noise@digits", "train@digits"]
    now = methods_stored(reproduced)
    assert [method for name, method in now.items() if name not in stored] == ["nnaqc"] * 5  # seeds of two cells
    (reproduced / "params.yaml").write_text(text)
    repro(reproduced, "train")
    assert hashes(reproduced) == before and methods_stored(reproduced) == now


def test_a_new_rate_trains_only_its_runs(run_here, monkeypatch):
    monkeypatch.chdir(run_here.folder)
    stored = methods_stored(Path())
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["datasets"]["digits"]["noises"]["symmetric"] = [0.4, 0.2]
    Path("params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    for stage in ("noise", "train"):
        stage_script.run(stage, "digits")
    trained = Counter(method for name, method in methods_stored(Path()).items() if name not in stored)
    # of two seeds each method of the grid, and two folds
    assert trained == {"cross_entropy": 2 + 2 * 2, "mae": 2, "forward": 2, "nnaqc": 2, "joint_optimization": 2}


def test_a_clone_pulls_what_was_pushed_and_trains_nothing(reproduced, tmp_path):
    """Git has the code and small files, DVC's remote the rest; of the run store neither has anything."""
    preset.commit(reproduced, "Reproduce the study")
    clone = tmp_path / "clone"
    miniature.run("git", "clone", "--quiet", str(reproduced), str(clone), folder=tmp_path)
    remote = f"[core]\n    remote = elsewhere\n['remote \"elsewhere\"']\n    url = {tmp_path / 'remote'}\n"
    for folder in (reproduced, clone):
        (folder / ".dvc" / "config.local").write_text(remote)  # as `dvc remote add --local --default` writes it
    miniature.run(*DVC, "push", folder=reproduced)
    miniature.run(*DVC, "pull", folder=clone)
    assert hashes(clone) == hashes(reproduced)
    assert ran(repro(clone)) == ["own_files"] and methods_stored(clone) == {}
    assert hashes(clone) == hashes(reproduced)
