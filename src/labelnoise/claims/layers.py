"""Claims 12, 16: learned noise layers."""

from labelnoise.claims.compare import Cell, Contrast, Section, Tables, cells, metric, minus, pairs, row, source

NONLINEAR, LINEAR, PLAIN = (f"gradient_disagreeing_{name}" for name in ("nonlinear", "linear", "cross_entropy"))


def nonlinear_layer(tables: Tables, section: Section) -> list[Contrast]:
    """12: accuracy against the linear layer, and how much less gradient there is where p and label disagree."""
    methods = dict.fromkeys(left for left, _ in section["pairs"])
    found = pairs(tables, section)
    for method in methods:
        for cell in cells(tables, section):
            found += _damped(tables, cell, method, LINEAR, section["smaller"])
            found += _damped(tables, cell, method, PLAIN, section["most"])
    return found


def _damped(tables: Tables, cell: Cell, method: str, other: str, threshold: float) -> list[Contrast]:
    """1 - |nonlinear| / |other|, both closed forms at the same prediction and with the same learned layer.

    The table `gradients` has the closed forms over a grid of confidences.
    """
    nonlinear, whole = (metric(tables, cell, method, name) for name in (NONLINEAR, other))
    contrast = f"{method}: 1 - nonlinear / {other.removeprefix('gradient_disagreeing_')}"
    effects = minus(whole, nonlinear) / whole
    return row(
        contrast, cell, "share of gradient", effects, threshold, source(cell, NONLINEAR, other) + "; gradients"
    )


def instance_layer(tables: Tables, section: Section) -> list[Contrast]:
    """16: a transition that depends on the image against one per class."""
    return pairs(tables, section)
