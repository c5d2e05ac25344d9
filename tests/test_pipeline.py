"""dvc.yaml lists exactly what its stages import and read; reruns, resumes and changes do what they should."""

import ast
import hashlib
import os
import runpy
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from labelnoise import params, prewarm, quick, study
from labelnoise.methods import METHODS
from labelnoise.train import program

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "labelnoise"
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
# They decide nothing: params.py and *sections.py check values that DVC tracks as params, the table of methods maps
# a name to a file that DVC tracks, __init__.py is empty.
EXEMPT = {
    PACKAGE / name
    for name in ("params.py", "sections.py", "claim_sections.py", "methods/__init__.py", "__init__.py")
}


BASE = yaml.safe_load((ROOT / "params.yaml").read_text())["methods"]
# What the miniature changes of params.yaml.
TINY = {
    "study": {"seeds": 2},
    "run": {"workers": 1, "device": "cpu", "checkpoint_seconds": 0},
    "datasets": {
        "digits": {
            "data": {"subset": 300},
            "noises!": {"symmetric": [0.4], "pair_flip": [0.45]},
            "training": {"epochs": 4},
            "bootstrap": {
                "cells!": {"symmetric": [0.4]},
                "seeds": 1,
                "bags": 3,
                "epochs": 2,
                "full": {"runs": 2, "epochs": 2},
            },
            "detection": {"seeds": 3, "checked": 1},
            "detection_noises!": {"pair_flip": [0.3]},
        }
    },
    "methods!": {
        "cross_entropy": {},
        "mae": {},
        "forward_estimated": {},
        "nnaqc": {"alpha": 0.5, "beta": 0.2, "init": "kappa", "epsilon": 0.05, "warmup_epochs": 1, "lr": 0.05},
        "joint_optimization": BASE["joint_optimization"] | {"update_from": 2, "average_epochs": 2},
    },
    "variants!": {"joint_no_entropy": {"method": "joint_optimization", "beta": 0.0}},
    "estimate": {"folds": 2, "epochs": 2},
    "recheck": {
        "retrain": {"cells!": {"symmetric": [0.4]}, "seeds": 1, "shares": [0.4]},
        "export": 3,
        "gallery": 2,
    },
    "memorization": {
        "seeds": 2,
        "images": 100,
        "epochs": {"small_cnn": 1, "mlp": 2},
        "corruption": [0.4],
        "regularizers": {"weight_decay": None, "small_lr": None, "large_lr": None},
        "probe": {"examples": 10, "steps": 1},
        "first_epoch": {"initialisations": 4, "together": 2},
    },
    "imbalance": {"seeds": 1, "partners": 1, "methods": ["joint_no_entropy"]},
    "claims!": {
        "seeds": 3,
        "level": 0.95,
        "variants": {"symmetric": [0.4]},
        "random_labels": {"threshold": 0.99},
        "entropy_loss": {
            "threshold": 0.01,
            "pairs": [["joint_optimization", "joint_no_entropy"]],
            "cells": {"symmetric": [0.4]},
        },
    },
    "evaluate": {"resamples": 100},
    "figures!": {"accuracy": {"selection": "last"}},
}


def module_file(module: str) -> Path | None:
    path = PACKAGE.parent / module.replace(".", "/")
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.exists()), None)


def imports(path: Path) -> set[Path]:
    """Files of this project that `path` imports, at its top or within functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {module_file(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(PACKAGE.parent).parts[: -node.level]) if node.level else ""
            module = ".".join(part for part in (package, node.module) if part)
            found |= {module_file(f"{module}.{alias.name}") or module_file(module) for alias in node.names}
    return found - {None}


TRAINED = {stage: ["cross_entropy"] for stage in ("estimate", "train", "uncertainty", "memorization")}
TRAINED |= {"imbalance": ["cross_entropy", "joint_optimization"]}


def roots(stage: str) -> list[Path]:
    """What a stage runs: its script, notebooks, and the methods that it trains by their names."""
    trained = [PACKAGE / "methods" / f"{name}.py" for name in TRAINED.get(stage, [])]
    notebooks = list((ROOT / "notebooks").glob("*.py")) if stage == "figures" else []
    compared = list((PACKAGE / "methods").glob("[a-z]*.py")) if stage in ("contrasts", "recheck") else []
    return [ROOT / "stages" / f"{stage}.py", *trained, *compared, *notebooks]


def closure(paths: list[Path]) -> set[Path]:
    """All files of this project that running `paths` needs."""
    seen, todo = set(), list(paths)
    while todo:
        here = todo.pop()
        if here not in seen and here not in EXEMPT:
            seen.add(here)
            todo += imports(here)
    return seen


@pytest.mark.parametrize("stage", STAGES)
def test_deps_are_the_imports(stage):
    needed = {path for path in closure(roots(stage)) if ROOT / "notebooks" not in path.parents}
    deps = [dep.replace("${item.method}", "cross_entropy") for dep in STAGES[stage]["deps"]]
    code = [ROOT / dep for dep in deps if dep.startswith(("src/", "stages/"))]
    missing = [f for f in needed if not any(dep == f or dep in f.parents for dep in code)]
    assert not missing, f"dvc.yaml: {stage}: deps lack {[str(f.relative_to(ROOT)) for f in missing]}"
    unused = [d for d in code if not any(d == f or d in f.parents for f in needed)]
    assert not unused, f"dvc.yaml: {stage}: deps need not list {[str(d.relative_to(ROOT)) for d in unused]}"
    assert (stage == "train") == ("src/labelnoise/methods/${item.method}.py" in STAGES[stage]["deps"])


@pytest.mark.parametrize("path", sorted((PACKAGE / "methods").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_a_method_imports_only_what_every_train_stage_depends_on(path):
    """Else DVC and the run store would not see a change of what it imports."""
    allowed = {PACKAGE / "losses.py", PACKAGE / "types.py", PACKAGE / "methods" / "base.py"}
    assert imports(path) <= allowed


class Recorder:
    """Parameters that note which keys are read."""

    def __init__(self, value, path: tuple[str, ...], seen: set[str]):
        self._value, self._path, self._seen = value, path, seen

    def _wrap(self, name, value):
        path = (*self._path, str(name))
        whole = path[0] in ("methods", "variants", "figures") and len(path) == 2
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


def command(stage: str, **item: str) -> list[str]:
    text = STAGES[stage]["cmd"]
    for name, value in item.items():
        text = text.replace("${item." + name + "}", value)
    return shlex.split(text)[1:]


@pytest.fixture(scope="module")
def keys_read(tmp_path_factory):
    """Run every stage of the miniature in this process; stage -> keys of params.yaml that it read."""
    folder = tmp_path_factory.mktemp("keys")
    quick.prepare(ROOT, folder, TINY)
    read: dict[str, set[str]] = {}
    real, where, argv = params.load, os.getcwd(), sys.argv
    os.chdir(folder)
    try:
        chosen = real()
        for stage in STAGES:
            for item in items(stage, chosen):
                seen = read.setdefault(stage, set())
                params.load = lambda *_, seen=seen, **__: Recorder(real(), (), seen)
                sys.argv = command(stage, **item)
                runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        params.load, sys.argv = real, argv
        os.chdir(where)
    return read


def items(stage: str, chosen) -> list[dict]:
    """The matrix of a stage."""
    names = {"dataset": chosen.study.datasets, "method": list(chosen.methods), "notebook": list(chosen.figures)}
    found = [{}]
    for axis in STAGES[stage].get("matrix", {}):
        found = [{**item, axis: name} for item in found for name in names[axis]]
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_params_are_the_keys_read(stage, keys_read):
    names = {"dataset": "digits", "method": None, "notebook": None}
    touched = {key for key in keys_read[stage] if not key.startswith("run.")}  # how to run changes no result
    read = {key for key in touched if not key.endswith(".")}
    listed = [key.replace("${item.dataset}", names["dataset"]) for key in STAGES[stage].get("params", [])]

    def covers(listed_key: str, key: str) -> bool:
        prefix = listed_key.replace(".${item.method}", "").replace(".${item.notebook}", "")
        return key == prefix or key.startswith(prefix + ".")

    assert not [key for key in read if not any(covers(k, key) for k in listed)], "read, but not in dvc.yaml"
    assert not [k for k in listed if not any(covers(k, key) for key in touched)], "in dvc.yaml, but not read"


def repro(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "repro", *words],
        cwd=folder,
        env=quick.environment(folder),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of everything that the stages wrote."""
    files = [p for top in ("data", "runs", "reports") for p in (folder / top).rglob("*") if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def entries(folder: Path) -> set[str]:
    return {path.name for path in (folder / ".store").glob("*.npz")}


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory) -> Path:
    """The miniature, reproduced by DVC with one worker."""
    folder = tmp_path_factory.mktemp("first")
    quick.prepare(ROOT, folder, TINY)
    repro(folder)
    return folder


def test_unchanged_rerun_does_nothing(reproduced):
    before = hashes(reproduced)
    times = {path: path.stat().st_mtime_ns for path in (reproduced / "reports").rglob("*.csv")}
    assert "Running stage" not in repro(reproduced)
    assert hashes(reproduced) == before
    assert times == {path: path.stat().st_mtime_ns for path in times}


def test_prewarm_trains_what_stages_ask_for_and_nothing_else(reproduced, monkeypatch):
    monkeypatch.chdir(reproduced)
    p = params.load(methods=METHODS)
    loaded = study.load(p, "digits", Path("data/digits/images.npz"), Path("data/digits/noise.npz"))
    # the code hash of a program is that of the package that runs it: here the one under test
    jobs = prewarm.jobs(p, loaded, Path("runs/digits/given.npz"))
    keys = [f"{program.key(job.program)}.npz" for job in jobs]
    assert set(keys) <= entries(reproduced)
    # five methods in two cells, two names that a claim compares with a third seed; of one seed in one cell, bags
    # and full runs
    assert len(set(keys)) == 5 * 2 + 2 + 2


def test_killed_and_resumed_with_two_workers_gives_the_same_bytes(reproduced, tmp_path):
    """kill -9 of everything in mid-training; the rerun resumes from checkpoints and from the store."""
    over = {**TINY, "run": {**TINY["run"], "workers": 2}}
    quick.prepare(ROOT, tmp_path, over)
    process = subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro"],
        cwd=tmp_path,
        env=quick.environment(tmp_path),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 300
    while not list(tmp_path.glob(".store/*.checkpoint")) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list(tmp_path.glob(".store/*.checkpoint")), "nothing was training when it was killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "reports" / "index.html").exists()
    repro(tmp_path)
    first, second = hashes(reproduced), hashes(tmp_path)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_new_rate_trains_only_the_new_runs(reproduced):
    """And changing it back changes every byte back."""
    text, before, stored = (reproduced / "params.yaml").read_text(), hashes(reproduced), entries(reproduced)
    values = yaml.safe_load(text)
    values["datasets"]["digits"]["noises"]["symmetric"] = [0.4, 0.2]
    (reproduced / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    repro(reproduced, "evaluate")
    # one program per method, and one of folds per seed
    assert len(entries(reproduced) - stored) == len(values["methods"]) + 2
    (reproduced / "params.yaml").write_text(text)
    repro(reproduced)
    assert hashes(reproduced) == before


def test_changed_method_retrains_only_that_method(reproduced):
    text, before, stored = (reproduced / "params.yaml").read_text(), hashes(reproduced), entries(reproduced)
    values = yaml.safe_load(text)
    values["methods"]["joint_optimization"]["alpha"] = 0.5
    (reproduced / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    ran = [line for line in repro(reproduced, "evaluate").splitlines() if line.startswith("Running stage")]
    assert ran == ["Running stage 'train@digits-joint_optimization':", "Running stage 'evaluate@digits':"]
    assert len(entries(reproduced) - stored) == 2  # its two noise cells
    (reproduced / "params.yaml").write_text(text)
    repro(reproduced)
    assert hashes(reproduced) == before
