"""Own files as DVC sees them: a line of text in data/own_files, which changes whenever the files do.

DVC tracks files that it finds by fixed names; the user's are wherever params.yaml says. The stage `own_files` runs
with every `dvc repro`, and stages that read own files depend on what it writes. So it is with pages of reports
that no stage writes (labelnoise.report.elsewhere), which a copy of the project does not have.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from labelnoise import artifacts, files

PAGES = "pages"  # the name of no data set


def write(params, folder: Path) -> None:
    """Files `<data set>/data`, `features` and `answers` in `folder`, for every data set of the study, and `pages`:
    a sha256, or `none` where there are no such files. ValueError names the key of params.yaml whose file or folder
    is not there.
    """
    for name, state in _states(params).items():
        files.write_text(folder / name, state)


def changed(params, folder: Path) -> list[str]:
    """What of own files is not as `write` left it in `folder`, as `digits/data`."""
    states = _states(params)
    return [name for name in states if not (folder / name).exists() or (folder / name).read_text() != states[name]]


def _states(params) -> dict[str, str]:
    """data set/what is read -> the state of these files."""
    found = {f"{name}/{kind}": own for name in params.study.datasets for kind, own in _own(params, name).items()}
    found[PAGES] = [f"{page.as_posix()} {hashlib.sha256(page.read_bytes()).hexdigest()}" for page in _pages()]
    digests = {name: hashlib.sha256("\n".join(own).encode()).hexdigest() for name, own in found.items()}
    return {name: (digests[name] if own else "none") + "\n" for name, own in found.items()}


def _pages() -> list[Path]:
    """Of reports beside the study: each the page of a folder that no stage writes."""
    return sorted(artifacts.REPORTS.glob("*/README.md"))


def _own(params, name: str) -> dict[str, list[str]]:
    """What is read -> the state of each own file or folder of a data set."""
    data, key, found = params.datasets[name].data, f"datasets.{name}.data", []
    if data.folder is not None:
        found.append(_listing(data.folder.root, f"{key}.folder.root"))
        if data.folder.csv is not None:
            found.append(_content(data.folder.csv, f"{key}.folder.csv"))
    if data.arrays is not None:
        found.append(_content(data.arrays.file, f"{key}.arrays.file"))
    encoders = [
        _content(feature.file, f"datasets.{name}.features.{position}.file")
        for position, feature in enumerate(params.datasets[name].features or [])
        if hasattr(feature, "file")
    ]
    answers = [params.recheck.answers[name]] if name in params.recheck.answers else []
    answers = [_content(file, f"recheck.answers.{name}") for file in answers]
    return {"data": found, "features": encoders, "answers": answers}


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
