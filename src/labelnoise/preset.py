"""`make quick` and `make own`: the same pipeline in an ignored folder, with parameters of its own.

The project's files are copied to quick/ or own/, a preset is merged into params.yaml there, and the copy is a git
repository, so that DVC's experiments, metrics and plots work in it; nothing of the full study is touched.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import yaml

from labelnoise import artifacts, params
from labelnoise.data import listing
from labelnoise.places import own_files
from labelnoise.sections.file import merged

SOURCES = [
    ".dvc/.gitignore", ".dvc/config", ".dvcignore", ".gitignore", "claims.yaml", "dvc.yaml", "notebooks",
    "registration.yaml", "reports/.gitignore", "src", "stages",
]  # fmt: skip
# what Python and numba are writing at the moment; what they have compiled is as good for the copy
UNFINISHED = shutil.ignore_patterns("*.egg-info", "*.pyc.*", "*.tmp.*")


def prepare(source: Path, target: Path, over: dict) -> None:
    """Make `target` a copy of the project at `source` with the parameters of the preset `over`.

    It must be new, or an earlier copy: code there is replaced.
    """
    mark, there = target / artifacts.COPY, {path.name for path in target.iterdir()} if target.exists() else set()
    if there - {".dvc"} and not mark.exists():
        sys.exit(
            f"error: {target}: is no copy of the project; allowed: a new folder, or one that a preset has made"
        )
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    for name in SOURCES:
        _copy(source / name, target / name)
    (target / "params.yaml").write_text(yaml.safe_dump(values(source, over), sort_keys=False), "utf-8")
    commit(target, "Copy the project")


def values(source: Path, over: dict) -> dict:
    """The parameters of the project at `source` with the preset `over`, for a copy elsewhere."""
    found = merged(params.read(source / "params.yaml"), over)
    found = merged(found, own_files(found, source))
    return merged(found, own_folds(found))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=UNFINISHED)
    else:
        shutil.copy(source, target)


def commit(folder: Path, subject: str) -> None:
    """Commit everything in `folder`, in a repository of its own: the base of experiments. Nothing without git."""
    if shutil.which("git") is None:
        return
    _git(folder, "init", "--quiet")
    _git(folder, "config", "user.name", "labelnoise")
    _git(folder, "config", "user.email", "labelnoise@localhost")
    (folder / ".git" / "index.lock").unlink(missing_ok=True)  # of a killed run: this one holds the folder
    _git(folder, "add", "--all")
    if _git(folder, "status", "--porcelain"):
        _git(folder, "-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "-m", subject)


def _git(folder: Path, *words: str) -> str:
    """What git prints; without variables of a hook that this runs in, which would name another repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {folder}: git {words[0]}: {' '.join(done.stderr.split())}")
    return done.stdout


def own_folds(values: dict) -> dict:
    """What sets `folds: 1` for own data that have a test part: its owner need not know that key."""
    sections, chosen = values.get("datasets", {}), values.get("study", {}).get("datasets", [])
    folds = {name: sections.get(name, {}).get("data", {}).get("folds") for name in chosen}
    parted = [name for name in chosen if folds[name] not in (None, 1) and _has_test_part(sections[name]["data"])]
    for name in parted:
        print(f"datasets.{name}: the data have a test part, so data.folds is 1 in place of {folds[name]}")
    return {"datasets": {name: {"data": {"folds": 1}} for name in parted}}


def _has_test_part(data: dict) -> bool:
    """What cannot be read is left to the stages, which tell it better."""
    folder, file = data.get("folder") or {}, (data.get("arrays") or {}).get("file")
    try:
        if folder.get("csv"):
            return bool((folder.get("columns") or {}).get("split"))
        if folder.get("root"):
            return listing.has_test_part(Path(folder["root"]))
        return file is not None and "split.npy" in zipfile.ZipFile(file).namelist()
    except (OSError, TypeError, AttributeError, zipfile.BadZipFile):
        return False
