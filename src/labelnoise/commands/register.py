"""`labelnoise register`: fix what claims.yaml says before its verdicts are known, and then which claims are open.

First, with claims.yaml committed: its hash and its commit. After look one, with `--open`: the claims for which
look two trains further seeds.
"""

from pathlib import Path
from types import SimpleNamespace

import yaml

from labelnoise import artifacts, files, params, results
from labelnoise.archive.contents import git
from labelnoise.claims import looks
from labelnoise.claims.registration import hash_of
from labelnoise.params import CLAIMS, REGISTRATION

HEAD = """\
# Which claims.yaml was registered before its verdicts were known, and which claims look one left open. Written by
# `labelnoise register`; a claims.yaml that says something else has no verdict by two looks.
"""


def run(args: SimpleNamespace) -> None:
    p = params.load()
    said = _left_open(p) if args.open else _registered(p)
    files.write_text(Path(REGISTRATION), HEAD + yaml.safe_dump(said, sort_keys=False, width=110))
    left = "before look one" if said["open"] is None else f"{len(said['open'])} claims open"
    print(f"{REGISTRATION}: {said['hash'][:12]}, commit {said['commit'][:12]}, {left}; commit it")


def _registered(p: params.Params) -> dict:
    """What is registered before look one; ValueError after it, whose list would be lost."""
    if looks.registered(p) and p.registration.open is not None:
        raise ValueError(
            f"{REGISTRATION}: look one of these claims is known; allowed: with --open, or other claims"
        )
    if git(Path(), "status", "--porcelain", "--", CLAIMS, "params.yaml"):
        raise ValueError(f"{CLAIMS} or params.yaml is changed and not committed; commit it first")
    commit = git(Path(), "log", "-1", "--format=%H", "--", CLAIMS).decode().strip()
    return {"hash": hash_of(p), "commit": commit, "open": None}


def _left_open(p: params.Params) -> dict:
    """The same, with the claims that look one left open."""
    if not looks.registered(p):
        raise ValueError(f"{CLAIMS} does not say what was registered; allowed: `labelnoise register` anew")
    folder = artifacts.of(p.study.datasets[0]).tables
    table = results.read("statements", folder)
    return p.registration.model_dump() | {"open": looks.left_open(p, table)}
