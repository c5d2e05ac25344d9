"""What the parameters, a params.Params, plan: noise cells and their seeds, and what the claims compare in them."""

from typing import Any

from labelnoise.claims.statements import Comparison


def contrast_runs(params: Any) -> dict[str, list[tuple[str, float]]]:
    """The noise cells (noise, rate) in which claims need each row of `methods`; those with `grid: false` all run
    in `claims.variants`, also those that no claim compares."""
    everywhere = dict.fromkeys(cells({"cells": params.claims.variants}))
    found = {name: dict(everywhere) for name, row in params.methods.items() if not row.get("grid", True)}
    for comparison in comparisons(params):
        for name in comparison.methods():
            if name in params.methods:
                found.setdefault(name, {}).update(dict.fromkeys(comparison.trained_cells()))
    return {name: list(cells) for name, cells in found.items() if cells}


def comparisons(params: Any) -> list[Comparison]:
    """Those of all claims."""
    return [comparison for statement in params.statements.values() for comparison in statement.compare]


def noise_cells(params: Any, dataset: str) -> dict[tuple[str, float], int]:
    """How many seeds each noise cell (noise, rate) of a data set is drawn with: those that networks are trained
    on, and those that label errors are looked for in, also where no method is studied."""
    section, trained = params.datasets[dataset], trained_cells(params, dataset)
    everywhere = [*cells({"cells": section.detection_noises}), *trained]
    return {cell: max(trained.get(cell, 0), section.detection.seeds) for cell in everywhere}


def trained_cells(params: Any, dataset: str) -> dict[tuple[str, float], int]:
    """How many seeds plain networks are trained on in each noise cell (noise, rate) of a data set: those of the
    study, more where claims compare and where there are bags."""
    section = params.datasets[dataset]
    claims = [cell for cells in contrast_runs(params).values() for cell in cells]
    bags = cells({"cells": section.bootstrap.cells})
    found = dict.fromkeys(cells({"cells": section.noises}), params.study.seeds)
    for asked, seeds in ((claims, params.claims.seeds), (bags, section.bootstrap.seeds)):
        found |= {cell: max(found[cell], seeds) for cell in asked if cell in found}
    return found


def cells(section: dict[str, Any]) -> list[tuple[str, float]]:
    """The noise cells (noise, rate) of a mapping `cells` in a section."""
    return [(noise, rate) for noise, rates in section.get("cells", {}).items() for rate in rates]


def test_share(params: Any, dataset: str) -> float:
    """Test images per training image where seeds test on folds, 0 with a fixed test part."""
    section = params.datasets[dataset]
    share = 1 / section.data.folds
    return share / ((1 - share) * (1 - section.validation_fraction)) if section.data.folds > 1 else 0.0
