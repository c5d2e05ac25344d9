"""What was registered before the verdicts were known, and which claims get a second look at more seeds."""

import hashlib
import json
from typing import Any

import pandas as pd

from labelnoise.statistics.conjunction import OPEN


def hash_of(params: Any) -> str:
    """sha256 of what decides verdicts: the claims, their thresholds and rows, their seeds and their level."""
    said = {name: statement.model_dump(mode="json") for name, statement in params.statements.items()}
    seeds = {"claims": params.claims.model_dump(mode="json"), "first_seed": params.study.first_seed}
    return hashlib.sha256(json.dumps([said, seeds], sort_keys=True).encode()).hexdigest()


def registered(params: Any) -> bool:
    """Whether the claims are those that were registered, and so have two looks."""
    return params.claims.more > 0 and params.registration.hash == hash_of(params)


def left_open(params: Any, statements: pd.DataFrame) -> list[str]:
    """The names of claims that look one left open and for which look two trains seeds: those that compare methods.
    statements: the table, with the verdict of look one."""
    undecided = set(statements.loc[statements["look_one"] == OPEN, "id"])
    of = {name: said for name, said in params.statements.items() if said.id in undecided}
    return [name for name, said in of.items() if any(_trained(params, one) for one in said.compare)]


def _trained(params: Any, comparison: Any) -> bool:
    return any(name in params.methods for name in comparison.methods()) and bool(comparison.trained_cells())


def check(params: Any, statements: pd.DataFrame) -> None:
    """ValueError where registration.yaml names other open claims than look one leaves."""
    said = params.registration.open
    if registered(params) and said is not None and said != (found := left_open(params, statements)):
        differ = sorted(set(said) ^ set(found))
        raise ValueError(
            f"registration.yaml: open has {len(said)} claims, look one leaves {len(found)} open "
            f"(they differ in {', '.join(differ)}); allowed: what `labelnoise register --open` writes"
        )
