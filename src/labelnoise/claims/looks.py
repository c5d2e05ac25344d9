"""Which claims have two looks, and of which look one leaves open the second is."""

from typing import Any

import pandas as pd

from labelnoise.statistics.conjunction import OPEN


def registered(params: Any) -> bool:
    """Whether the claims are those that were registered, and so have two looks: `params.load` forgets a
    registration of others."""
    return params.claims.more > 0 and params.registration.hash is not None


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
