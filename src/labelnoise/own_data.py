"""Own files as DVC sees them: a line per data set in own_data.lock, which changes whenever the files do.

DVC tracks files that it finds by fixed names; the user's are wherever params.yaml says. `python -m
labelnoise.params`, which `make` runs first, refreshes the lock, and stages that read own files depend on it.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from labelnoise import files

HEADER = "# The state of own files: data set, sha256. Written by `python -m labelnoise.params`, read by DVC.\n"


def refresh(params, path: Path) -> None:
    """Bring the lock at `path` up to date; it is written only when it differs.

    A line `<data set> <sha256>` for every data set of the study that is the user's own, has answers of recheckers
    or an encoder in a file. ValueError names the key of params.yaml whose file or folder is not there.
    """
    states = {name: _state(params, name) for name in params.study.datasets}
    text = HEADER + "".join(f"{name} {state}\n" for name, state in states.items() if state)
    if not path.exists() or path.read_text("utf-8") != text:
        files.write_text(path, text)


def _state(params, name: str) -> str:
    """sha256 of all own files of a data set; empty where it has none."""
    data, key = params.datasets[name].data, f"datasets.{name}.data"
    found = []
    if data.folder is not None:
        found.append(_listing(data.folder.root, f"{key}.folder.root"))
        if data.folder.csv is not None:
            found.append(_content(data.folder.csv, f"{key}.folder.csv"))
    if data.arrays is not None:
        found.append(_content(data.arrays.file, f"{key}.arrays.file"))
    for position, feature in enumerate(params.datasets[name].features or []):
        if hasattr(feature, "file"):
            found.append(_content(feature.file, f"datasets.{name}.features.{position}.file"))
    if name in params.recheck.answers:
        found.append(_content(params.recheck.answers[name], f"recheck.answers.{name}"))
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""


def _content(file: str, key: str) -> str:
    path = Path(file).expanduser()
    if not path.is_file():
        raise ValueError(f"{key}: {path}: no such file; allowed: a file that is there")
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _listing(root: str, key: str) -> str:
    """Names, sizes and times of all files below `root` that are not hidden: fast, and enough to see a change."""
    top = Path(root).expanduser()
    if not top.is_dir():
        raise ValueError(f"{key}: {top}: no such folder; allowed: a folder of images")
    digest = hashlib.sha256()
    for line in _lines(os.fspath(top), ""):
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _lines(folder: str, below: str) -> Iterator[str]:
    """Files of `folder` first, then those of its folders; links are not followed."""
    with os.scandir(folder) as found:
        there = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    folders = [entry for entry in there if entry.is_dir(follow_symlinks=False)]
    for entry in there:
        if not entry.is_dir(follow_symlinks=False):
            stat = entry.stat(follow_symlinks=False)
            yield f"{below}{entry.name}\0{stat.st_size}\0{stat.st_mtime_ns}\n"
    for entry in folders:
        yield from _lines(entry.path, f"{below}{entry.name}/")
