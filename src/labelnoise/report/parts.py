"""The parts of a data set's report: which figures and tables stand where. A part without any is left out."""

import base64
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from labelnoise.figures import calibration, survivors
from labelnoise.report import accuracy, beaten, claims, evidence, runs, studies
from labelnoise.report.captions import CAPTIONS
from labelnoise.report.layout import Table

Tables = dict[str, pd.DataFrame]
# key: heading
HEADINGS = {
    "accuracy": "Accuracy",
    "claims": "Claims",
    "memorization": "Memorisation",
    "gradients": "Gradients",
    "imbalance": "Imbalance",
    "calibration": "Calibration",
    "uncertainty": "Finding wrong labels",
    "noise": "Noise",
}
# table: part, and what makes the report's table of it
OPTIONAL = {
    "ranks": ("accuracy", beaten.ranks),
    "claims": ("claims", claims.table),
    "fit": ("memorization", studies.fit),
    "complexity": ("memorization", studies.complexity),
    "first_epoch": ("memorization", studies.first_epoch),
    "gradients": ("gradients", studies.gradients),
    "imbalance": ("imbalance", studies.imbalance),
    "uncertainty": ("uncertainty", evidence.uncertainty),
    "detection": ("uncertainty", evidence.detection),
    "transition": ("noise", evidence.transition),
}


class Figure(NamedTuple):
    """An image with what stands below it."""

    name: str
    title: str
    caption: str
    address: str  # the SVG itself
    png: str  # path from the folder of the data set


class Part(NamedTuple):
    """A heading with its figures and tables."""

    key: str
    heading: str
    statements: list[claims.Statement]
    wrong: list[claims.Statement]
    figures: list[Figure]
    tables: list[Table]


def make(tables: Tables, methods: list[str], level: float, folder: Path) -> list[Part]:
    """Parts in order; `folder` is that of the data set, with its figures in figures/."""
    told = claims.statements(tables)
    notes = _crosses(tables["intervals"])
    parts = []
    for key, heading in HEADINGS.items():
        statements = told if key == "claims" else []
        shown = [table for table in _tables(key, tables, methods, level) if table is not None]
        figures = _figures(folder, CAPTIONS.get(key, {}), notes)
        parts.append(Part(key, heading, statements, claims.wrong(statements), figures, shown))
    return [part for part in parts if part.statements or part.figures or part.tables]


def _tables(key: str, tables: Tables, methods: list[str], level: float) -> list[Table | None]:
    intervals = tables["intervals"]
    found: list[Table | None] = []
    if key == "accuracy":
        found += [beaten.winners(intervals, methods), beaten.score(intervals, methods)]
        found += [*accuracy.means(intervals, methods, level), *accuracy.differences(intervals, methods, level)]
        found += runs.seeds(tables["accuracy"], methods)
    if key == "calibration":
        found += evidence.calibration(intervals, methods, level)
    found += [table(tables[name]) for name, (part, table) in OPTIONAL.items() if part == key and name in tables]
    if key == "noise":
        found += [evidence.ledger(tables["ledger"]), runs.diverged(tables["accuracy"])]
    return found


def _crosses(intervals: pd.DataFrame) -> dict[str, str]:
    """What crosses in a figure mean, for the figures that have them."""
    table = survivors.counted(intervals)
    means = " Crosses: seeds diverged, the mean is over the others; no point where all did."
    pairs = " Crosses: seeds diverged on either side, neither better nor worse; no point where all did."
    last = table[table["incomplete"] & (table["selection"] == "last")]
    short = set(last["metric"])
    early = table[table["incomplete"] & (table["selection"] == "best_noisy_val")]
    found = {name: means for name in calibration.METRICS if name in short}
    if "test_accuracy" in short:
        found |= {"accuracy": means, "overview": means}
    if "test_accuracy" in set(early["metric"]):
        found["overview_early"] = means
    if survivors.compared(intervals, "test_accuracy", "last")["pair_incomplete"].any():
        found["differences"] = pairs
    return found


def _figures(folder: Path, captions: dict[str, tuple[str, str]], notes: dict[str, str]) -> list[Figure]:
    """The figures that were made; an image by address keeps the ids of several SVGs apart."""
    found = []
    for name, (title, caption) in captions.items():
        for svg in sorted((folder / "figures").rglob(f"{name}.svg"))[:1]:
            address = "data:image/svg+xml;base64," + base64.b64encode(svg.read_bytes()).decode()
            png = svg.with_suffix(".png").relative_to(folder).as_posix()
            found.append(Figure(name, title, caption + notes.get(name, ""), address, png))
    return found
