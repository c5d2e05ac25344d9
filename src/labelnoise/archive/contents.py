"""What is archived of a study: code at the commit, what its stages wrote for readers, label sets, the environment.

Images, and what shows them, are left out unless asked for where they are the user's own.
"""

import io
import json
import os
import platform
import subprocess
import tarfile
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import yaml

from labelnoise import artifacts
from labelnoise.archive import citation, dictionary, labels
from labelnoise.archive.citation import Citation
from labelnoise.archive.piece import Piece
from labelnoise.data import npz
from labelnoise.noise import noisy_labels
from labelnoise.params import Params

ENVIRONMENT = "environment.json"
# below reports/<data set>/: pages, lists and figures that show images
SHOWING = ("list.html", "review.html", "label_studio.json", "figures/gallery_*")


class Contents(NamedTuple):
    pieces: list[Piece]  # sorted by path
    commit: str
    date: str  # of the commit, ISO 8601: two archives of the same state are the same bytes
    cite: Citation
    stages: dict[str, str]  # path of what a stage wrote -> the stage
    left_out: list[str]  # data sets whose images are left out because they are the user's own


def of_study(project: Path, p: Params, runs: bool, images: bool) -> Contents:
    """Everything of the finished study in `project`. runs: with what was trained; images: with images."""
    committed, stages = {piece.path: piece for piece in _at_commit(project)}, _outs(project)
    cite = citation.read(committed[citation.FILE].read() if citation.FILE in committed else None)
    own = [name for name in p.study.datasets if p.datasets[name].data.source and not images]
    hidden = [str(artifacts.of(name).reports / pattern) for name in own for pattern in SHOWING]
    wanted = [artifacts.REPORTS, *_beside(p, runs, images)]
    commit, date = git(project, "log", "-1", "--format=%H %cs").decode().split()
    outs = [path for path in stages if any(Path(path).is_relative_to(of) for of in wanted)]
    found = {piece.path: piece for path in outs for piece in _below(project, path)}
    kept = [
        piece
        for piece in (found | committed).values()
        if not any(fnmatchcase(piece.path, name) for name in hidden)
    ]
    kept += [piece for name in p.study.datasets for piece in _labels(project, name, cite, date)]
    kept += [*dictionary.of_tables(kept), Piece(ENVIRONMENT, _environment())]
    return Contents(sorted(kept), commit, date, cite, stages, own)


def git(project: Path, *words: str) -> bytes:
    """What git prints; without variables of a hook that this runs in, which would name another repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *words], cwd=project, env=environment, capture_output=True)
    if done.returncode:
        raise ValueError(f"git {words[0]}: {done.stderr.decode().strip().splitlines()[-1]}")
    return done.stdout


def _beside(p: Params, runs: bool, images: bool) -> list[Path]:
    """What is archived beside the reports when it is asked for."""
    found: list[Path] = []
    for at in map(artifacts.of, p.study.datasets):
        found += [at.noise, at.detect, at.trained] if runs else []
        found += [at.images, at.features] if images else []
    return found


def _outs(project: Path) -> dict[str, str]:
    """What every stage wrote, by dvc.lock."""
    stages = yaml.safe_load((project / "dvc.lock").read_text("utf-8"))["stages"]
    return {out["path"]: stage for stage, said in stages.items() for out in said.get("outs", [])}


def _below(project: Path, path: str) -> list[Piece]:
    """The file, or the files of the folder, `path`."""
    top = project / path
    files = sorted(each for each in top.rglob("*") if each.is_file()) if top.is_dir() else [top]
    return [Piece(each.relative_to(project).as_posix(), each) for each in files]


def _at_commit(project: Path) -> list[Piece]:
    with tarfile.open(fileobj=io.BytesIO(git(project, "archive", "--format=tar", "HEAD"))) as tar:
        members = [member for member in tar if member.isfile()]
        return [Piece(each.name, tar.extractfile(each).read(), bool(each.mode & 0o100)) for each in members]


def _labels(project: Path, name: str, cite: Citation, date: str) -> list[Piece]:
    at = artifacts.of(name)
    return labels.pieces(name, npz.read(project / at.images), noisy_labels.load(project / at.noise), cite, date)


def _environment() -> bytes:
    """Of the machine that writes the archive: versions, and no name or place."""
    installed = {of.metadata["Name"]: of.version for of in metadata.distributions()}
    facts = {
        "python": platform.python_version(), "implementation": platform.python_implementation(),
        "system": platform.system(), "machine": platform.machine(),
        "packages": dict(sorted(installed.items(), key=lambda each: each[0].lower())),
    }  # fmt: skip
    return (json.dumps(facts, indent=1) + "\n").encode()
