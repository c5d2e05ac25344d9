"""What the parameters plan: noise cells and their seeds, and what the claims compare in them.

`params` is a params.Params, which checks with these functions that everything named is there.
"""

from typing import Any


def claim_sections(params: Any) -> dict[str, dict[str, Any]]:
    """The section of every claim that is to be tested, by its name."""
    sections = params.claims.model_dump(exclude={"seeds", "level", "variants"})
    return {name: section for name, section in sections.items() if section is not None}


def contrast_runs(params: Any) -> dict[str, list[tuple[str, float]]]:
    """The noise cells (noise, rate) in which claims need each method or variant; of variants, all run in
    `claims.variants`, also those that no claim compares."""
    everywhere = dict.fromkeys(cells({"cells": params.claims.variants}))
    found = {name: dict(everywhere) for name in params.variants}
    for section in claim_sections(params).values():
        for name in compared(section):
            found.setdefault(name, {}).update(dict.fromkeys(cells(section)))
    return {name: list(cells) for name, cells in found.items()}


def claim_cells(params: Any) -> dict[str, list[float]]:
    """Rates per noise model at which some claim compares, whatever the method."""
    found: dict[str, list[float]] = {}
    for noise, rate in dict.fromkeys(cell for cells in contrast_runs(params).values() for cell in cells):
        found.setdefault(noise, []).append(rate)
    return found


def noise_cells(params: Any, dataset: str) -> dict[tuple[str, float], int]:
    """How many seeds each noise cell (noise, rate) of a data set is drawn with: those that networks are trained
    on, and those that label errors are looked for in, also where no method is studied."""
    section, trained = params.datasets[dataset], trained_cells(params, dataset)
    everywhere = [*cells({"cells": section.detection_noises}), *trained]
    return {cell: max(trained.get(cell, 0), section.detection.seeds) for cell in everywhere}


def trained_cells(params: Any, dataset: str) -> dict[tuple[str, float], int]:
    """How many seeds plain networks are trained on in each noise cell (noise, rate) of a data set: those of the
    study, more where claims compare and where there are bags."""
    section, more = params.datasets[dataset], claim_cells(params)
    claims = cells({"cells": more})
    bags = cells({"cells": section.bootstrap.cells})
    found = dict.fromkeys(cells({"cells": section.noises}), params.study.seeds)
    for asked, seeds in ((claims, params.claims.seeds), (bags, section.bootstrap.seeds)):
        found |= {cell: max(found[cell], seeds) for cell in asked if cell in found}
    return found


def compared(section: dict[str, Any]) -> list[str]:
    """Names of methods and variants in a claim's section."""
    return [*section.get("methods", []), *(name for pair in section.get("pairs", []) for name in pair)]


def cells(section: dict[str, Any]) -> list[tuple[str, float]]:
    """The noise cells (noise, rate) of a mapping `cells` in a section."""
    return [(noise, rate) for noise, rates in section.get("cells", {}).items() for rate in rates]


def test_share(params: Any, dataset: str) -> float:
    """Test images per training image where seeds test on folds, 0 with a fixed test part."""
    section = params.datasets[dataset]
    share = 1 / section.data.folds
    return share / ((1 - share) * (1 - section.validation_fraction)) if section.data.folds > 1 else 0.0
