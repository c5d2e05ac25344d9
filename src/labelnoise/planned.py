"""What the parameters, a params.Params, plan: noise cells and their seeds, and what the claims compare in them."""

from collections.abc import Mapping, Sequence
from typing import Any


def seeds(params: Any, count: int) -> range:
    """The first `count` seeds of a study. Those before `study.first_seed` are for development: values may have
    been chosen on them."""
    return range(params.study.first_seed, params.study.first_seed + count)


def development(params: Any) -> range:
    """Seeds that say at which epoch methods stop early; no table of results shows them, `ledger` alone does."""
    return range(params.study.development)


def looks(params: Any) -> tuple[range, range]:
    """The seeds of the claims' first look, and those that the second adds."""
    both = seeds(params, params.claims.seeds + params.claims.more)
    return both[: params.claims.seeds], both[params.claims.seeds :]


def contrast_runs(params: Any) -> dict[str, dict[tuple[str, float], list[int]]]:
    """The noise cells (noise, rate), and their seeds, in which claims need each row of `methods`; those with
    `grid: false` all run in `claims.variants`, also those that no claim compares. Look two is of claims that are
    open."""
    first, second = looks(params)
    everywhere = {cell: list(first) for cell in cells(params.claims.variants)}
    found = {name: dict(everywhere) for name, row in params.methods.items() if not row.get("grid", True)}
    for claim, statement in params.statements.items():
        asked = [*first, *(second if claim in (params.registration.open or []) else [])]
        for comparison, name in ((of, name) for of in statement.compare for name in of.methods()):
            for cell in comparison.trained_cells() if name in params.methods else []:
                own = found.setdefault(name, {})
                own[cell] = sorted({*own.get(cell, []), *asked})
    return {name: of for name, of in found.items() if of}


def noise_cells(params: Any, dataset: str) -> dict[tuple[str, float], list[int]]:
    """The seeds that each noise cell (noise, rate) of a data set is drawn with: those that networks are trained
    on, and those that label errors are looked for in, also where no method is studied."""
    section, trained = params.datasets[dataset], trained_cells(params, dataset)
    detected, early = seeds(params, section.detection.seeds), development(params)
    found = {cell: {*detected} for cell in cells(section.detection_noises)}
    found |= {cell: {*own, *detected, *early} for cell, own in trained.items()}
    return {cell: sorted(own) for cell, own in found.items()}


def trained_cells(params: Any, dataset: str) -> dict[tuple[str, float], list[int]]:
    """The seeds that plain networks are trained on in each noise cell (noise, rate) of a data set: those of the
    study, more where claims compare and where there are bags."""
    section = params.datasets[dataset]
    found = {cell: {*seeds(params, params.study.seeds)} for cell in cells(section.noises)}
    bags = {cell: seeds(params, section.bootstrap.seeds) for cell in cells(section.bootstrap.cells)}
    for asked in (bags, *contrast_runs(params).values()):
        for cell in asked.keys() & found.keys():
            found[cell] |= {*asked[cell]}
    return {cell: sorted(own) for cell, own in found.items()}


def cells(noises: Mapping[str, Sequence[float]]) -> list[tuple[str, float]]:
    """The noise cells (noise, rate) of a mapping from noises to rates."""
    return [(noise, rate) for noise, rates in noises.items() for rate in rates]
