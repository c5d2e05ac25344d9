"""`make quick` and `make own`: the same pipeline in an ignored folder, with parameters of its own.

The project's files are copied to quick/ or own/, a preset is merged into params.yaml there, and the copy is a git
repository, so that DVC's experiments, metrics and plots work in it; nothing of the full study is touched.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from labelnoise import artifacts, params
from labelnoise.data import listing

SOURCES = [
    ".dvc/.gitignore", ".dvc/config", ".dvcignore", ".gitignore", "claims.yaml", "dvc.yaml", "notebooks",
    "registration.yaml", "src", "stages",
]  # fmt: skip
OWN_FILES = {"folder": ("root", "csv"), "arrays": ("file", "root")}  # keys of own data that name files


def merged(base: dict, over: dict) -> dict:
    """`base` with the values of `over`, mapping by mapping."""
    both = [key for key, value in over.items() if isinstance(value, dict) and isinstance(base.get(key), dict)]
    return {**base, **over, **{key: merged(base[key], over[key]) for key in both}}


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
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
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


def own_files(values: dict, source: Path) -> dict:
    """What makes the user's files absolute: they are named relative to `source`, not to the copy."""

    def absolute(section: dict, keys: Iterable[str]) -> dict:
        return {key: str(source.resolve() / Path(section[key]).expanduser()) for key in keys if section.get(key)}

    datasets = {}
    for name, section in values.get("datasets", {}).items():
        kinds = {kind: keys for kind, keys in OWN_FILES.items() if section.get("data", {}).get(kind)}
        datasets[name] = {"data": {kind: absolute(section["data"][kind], keys) for kind, keys in kinds.items()}}
        if section.get("features"):  # a list is replaced whole
            datasets[name]["features"] = [{**of, **absolute(of, ("file",))} for of in section["features"]]
    answers = values.get("recheck", {}).get("answers", {})
    downloads = absolute(values.get("download", {}), ("folder", "cache"))
    released = {name: absolute(section, ("file",)) for name, section in values.get("released", {}).items()}
    answers = {"answers": absolute(answers, answers)}
    return {"datasets": datasets, "recheck": answers, "download": downloads, "released": released}


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
