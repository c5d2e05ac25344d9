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


def differing(params: Any, statements: pd.DataFrame) -> list[str]:
    """The names of claims that look one leaves open although they are not registered as left open, or the other
    way round: a processor that rounds otherwise may move a claim over its threshold. What was registered holds:
    it says which seeds were trained before anybody saw them."""
    said = params.registration.open
    if not registered(params) or said is None:
        return []
    return sorted(set(said) ^ set(left_open(params, statements)))
