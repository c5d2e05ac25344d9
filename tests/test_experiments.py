"""Experiments that DVC runs in a copy of the project: their own code, the project's store and the user's files."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from dvc.repo import Repo

from labelnoise import params, places, reproduce

ROOT = Path(__file__).parents[1]
COPY = ".dvc/tmp/exps/tmpx3"
WAIT_SECONDS = 300
STAGE = """import checkout
from labelnoise import places, slow, stage

if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        slow.work(places.project())
"""
CODE = "def work(project):\n    open('out', 'w').write(f'{project} {VALUE}')\n\n\nVALUE = 1\n"
PIPELINE = "stages: {one: {cmd: python stages/one.py, deps: [src/labelnoise], outs: [out: {cache: false}]}}"


@pytest.mark.parametrize("folder", [".dvc/tmp/exps/standalone/tmpx3", COPY, "exps/tmpx3", "."])
def test_they_find_the_runs_of_the_project(tmp_path, monkeypatch, folder):
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / folder)
    stores = {name: places.store(SimpleNamespace(run=SimpleNamespace(store=name))) for name in (".store", "/runs")}
    assert stores == {
        ".store": tmp_path / ".store" if ".dvc" in folder else Path(".store"),
        "/runs": Path("/runs"),
    }


def test_they_read_the_users_files_in_the_project(tmp_path, monkeypatch):
    """Git has no images and no downloads; a copy of the project has neither."""
    read = {}
    for folder in (tmp_path / COPY, tmp_path):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("params.yaml", "claims.yaml"):
            shutil.copy(ROOT / name, folder)
        monkeypatch.chdir(folder)
        read[folder] = params.load()
    there, here = read.values()
    assert (here.download.cache, here.datasets["folder"].data.folder.root) == ("downloads", "images")
    assert there.download.cache == str(tmp_path / "downloads")
    assert there.datasets["folder"].data.folder.root == str(tmp_path / "images")
    assert there.datasets["digits"] == here.datasets["digits"] and there.methods == here.methods


@pytest.fixture
def project(tmp_path) -> Path:
    """A project in git with a stage; another `labelnoise` is installed."""
    Repo.init(str(tmp_path), no_scm=True)
    package = tmp_path / "src" / "labelnoise"
    package.mkdir(parents=True)
    for name in ("__init__", "arithmetic", "places", "stage"):
        shutil.copy(ROOT / "src" / "labelnoise" / f"{name}.py", package)
    (package / "slow.py").write_text(CODE)
    (tmp_path / "stages").mkdir()
    shutil.copy(ROOT / "stages" / "checkout.py", tmp_path / "stages")
    (tmp_path / "stages" / "one.py").write_text(STAGE)
    (tmp_path / "params.yaml").write_text("a: 1\n")
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    site = tmp_path / ".dvc" / "tmp" / "site"
    (tmp_path / ".dvc" / "config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {site}\n")
    for words in ("init -q", "config user.name a", "config user.email a@b", "add -A", "commit -qm one"):
        run(tmp_path, "git", *words.split())
    return tmp_path


def run(folder: Path, *command: str) -> str:
    """What a command prints in `folder`, where its package is found first: an experiment has one of its own."""
    done = subprocess.run(command, cwd=folder, env=reproduce.environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_queued_one_runs_the_code_that_it_was_queued_with(project):
    """In a process of DVC's queue, while the project has other code by then."""
    code = project / "src" / "labelnoise" / "slow.py"
    code.write_text(CODE.replace("VALUE = 1", "VALUE = 2"))
    run(project, sys.executable, "-m", "dvc", "exp", "run", "--queue", "--name", "new")
    code.write_text(CODE)
    run(project, sys.executable, "-m", "dvc", "queue", "start")
    refs, deadline = "", time.monotonic() + WAIT_SECONDS
    while not refs.endswith("/new\n") and time.monotonic() < deadline:
        time.sleep(0.5)
        refs = run(project, "git", "for-each-ref", "--format=%(refname)", "refs/exps/*/*/new")
    worker = json.loads((project / ".dvc/tmp/exps/celery/dvc-exp-worker-1.json").read_text())
    with suppress(ProcessLookupError):  # ten seconds after the last experiment it ends by itself
        os.kill(worker["pid"], signal.SIGTERM)
    assert run(project, "git", "show", f"{refs.strip()}:out") == f"{project} 2"
    assert not (project / "out").exists()
