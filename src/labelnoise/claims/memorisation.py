"""Claims 1, 2, 3, 20, 21: what networks fit, in which order, and what keeps them from it."""

from collections.abc import Iterator

import pandas as pd

from labelnoise.claims.compare import Cell, Contrast, Section, Tables, by_seed, cells, metric, minus, row, source

REGULARIZERS = ("weight_decay", "dropout", "augmentation")


def random_labels(tables: Tables, section: Section) -> list[Contrast]:
    """1: share of random labels that a network without regulariser fits in the end."""
    found = []
    for cell in _cells(tables, "random_labels"):
        reached = _fit(tables, cell, "none", "train_accuracy")
        facts = ("train accuracy", cell, "accuracy", reached, section["threshold"])
        found += row(*facts, _source(cell, "train_accuracy"))
    return found


def patterns_first(tables: Tables, section: Section) -> list[Contrast]:
    """2: right labels are fitted epochs before wrong ones, and test accuracy falls after its early peak."""
    found = []
    for method in section["methods"]:
        for cell in cells(tables, section):
            lead = metric(tables, cell, method, "patterns_first")
            contrast = f"{method}: wrong labels - right labels half fitted"
            found += row(contrast, cell, "epochs", lead, section["epochs"], source(cell, "patterns_first"))
            early, last = (metric(tables, cell, method, f"test_accuracy{when}") for when in ("_early", ""))
            facts = (f"{method}: best_noisy_val - last", cell, "accuracy", minus(early, last))
            found += row(*facts, section["threshold"], source(cell, "test_accuracy_early", "test_accuracy"))
    return found


def regularisers(tables: Tables, section: Section) -> list[Contrast]:
    """3: with a regulariser, random labels are fitted as fully as without."""
    found = []
    for cell in _cells(tables, "random_labels"):
        for name in REGULARIZERS:
            found += _difference(tables, cell, name, "none", "train_accuracy", section)
    return found


def augmentation(tables: Tables, section: Section) -> list[Contrast]:
    """20: test accuracy with augmentation against every other regulariser, on true labels as in the paper."""
    found = []
    for cell in _cells(tables, "true_labels"):
        for name in (name for name in REGULARIZERS if name != "augmentation"):
            found += _difference(tables, cell, "augmentation", name, "test_accuracy", section)
    return found


def large_learning_rate(tables: Tables, section: Section) -> list[Contrast]:
    """21: with a large learning rate fewer random labels are fitted, and true labels are still learned."""
    found, patterns = [], section | {"threshold": section["patterns"]}
    for cell in _cells(tables, "random_labels"):
        found += _difference(tables, cell, "none", "large_lr", "train_accuracy", section)
    for cell in _cells(tables, "true_labels"):
        found += _difference(tables, cell, "large_lr", "none", "test_accuracy", patterns)
    return found


def _cells(tables: Tables, condition: str) -> Iterator[Cell]:
    """Networks and corruptions at which the table `fit` has the condition."""
    if "fit" in tables:
        rows = tables["fit"].query("condition == @condition")
        for network, corruption in sorted(set(zip(rows["network"], rows["corruption"]))):
            yield Cell(network, condition, float(corruption))


def _fit(tables: Tables, cell: Cell, regularizer: str, value: str) -> pd.Series:
    where = {"network": cell.network, "condition": cell.noise, "corruption": cell.noise_rate}
    return by_seed(tables["fit"], value, **where, regularizer=regularizer)


def _difference(tables: Tables, cell: Cell, left: str, right: str, value: str, section: Section) -> list[Contrast]:
    effects = minus(*(_fit(tables, cell, name, value) for name in (left, right)))
    evidence = _source(cell, value)
    return row(f"{left} - {right}", cell, value.replace("_", " "), effects, section["threshold"], evidence)


def _source(cell: Cell, value: str) -> str:
    return f"fit: {value}; {cell.network}, {cell.noise} {cell.noise_rate:g}"
