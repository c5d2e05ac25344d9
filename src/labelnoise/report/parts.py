"""The parts of a data set's report: which figures and tables stand where. A part without any is left out."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from labelnoise import results
from labelnoise.figures import calibration, cells, survivors
from labelnoise.figures import table as figures_table
from labelnoise.report import (
    accuracy,
    audit,
    audit_study,
    beaten,
    claims,
    confidence,
    coverage,
    detection,
    evidence,
    gate,
    inputs,
    noise_kind,
    papers,
    recheck,
    runs,
    studies,
    tally,
    unknown,
    values,
)
from labelnoise.report.layout import Table

Tables = dict[str, pd.DataFrame]
Cell = tuple[str, float]  # noise, noise_rate
# key: heading
HEADINGS = {
    "input": "The input",
    "noisy": "How noisy is it, and of which kind",
    "trust": "How far the list can be trusted",
    "errors": "Label errors",
    "recheck": "Recheck",
    "accuracy": "Accuracy",
    "claims": "Claims",
    "papers": "Published beside ours",
    "memorization": "Memorisation",
    "gradients": "Gradients",
    "imbalance": "Imbalance",
    "calibration": "Calibration",
    "uncertainty": "Finding wrong labels with networks",
    "coverage": "Do the intervals hold?",
    "noise": "Noise",
}
LISTED = ("errors", "recheck")  # parts about the list, to which they link
TESTED = ("accuracy", "memorization", "calibration")  # parts about test images
# table: part, and what makes the report's table of it
OPTIONAL = {
    "input_faults": ("input", inputs.faults),
    "ranks": ("accuracy", beaten.ranks),
    "claims": ("claims", claims.table),
    "papers_agreement": ("papers", papers.by_paper),
    "papers": ("papers", papers.apart),
    "fit": ("memorization", studies.fit),
    "complexity": ("memorization", studies.complexity),
    "first_epoch": ("memorization", studies.first_epoch),
    "gradients": ("gradients", studies.gradients),
    "imbalance": ("imbalance", studies.imbalance),
    "conformal": ("calibration", confidence.sets),
    "temperature": ("calibration", confidence.temperatures),
    "uncertainty": ("uncertainty", evidence.uncertainty),
    "alternatives": ("uncertainty", detection.bootstrap),
    "coverage": ("coverage", coverage.table),
    "transition": ("noise", evidence.transition),
    "clock": ("noise", evidence.clock),
    "left_out": ("noise", evidence.left_out),
}

# tables of the input, of detection and of rechecking, which make several tables of the report, or sentences
DETECTION = [
    "copies", "noise_rate", "noise_matrix", "gate", "tiers", "detection", "detection_intervals",
    "detection_reliability", "alternatives_intervals", "budget_needed", "audit", "audit_coverage", "recalibrated",
    "retrained", "errors_left",
]  # fmt: skip

TELL = ("noise_rate", "noise_matrix", "errors_left")  # tables, and figures, that tell how many labels are wrong
RECHECK = {"retrained": recheck.retrained, "errors_left": recheck.errors_left}


class Figure(NamedTuple):
    """An image with what stands below it."""

    name: str
    title: str
    caption: str
    address: str  # from the folder of the data set

    @property
    def in_git(self) -> bool:
        return not self.address.startswith("figures/")


class Part(NamedTuple):
    """A heading with its figures and tables."""

    key: str
    heading: str
    statements: list[claims.Statement]
    wrong: list[list[claims.Statement]]  # statement by statement
    figures: list[Figure]
    tables: list[Table]
    sentences: list[str]
    links: list[tuple[str, str]]  # path from the folder of the data set, and what it is


class Wanted(NamedTuple):
    """What the report is to dwell on."""

    cell: Cell  # of all noise cells
    source: Cell  # that people recheck, where labels are not from people
    limits: dict[str, float]  # of the tiers: section `detect` of params.yaml
    drawn: dict[str, str]  # name of a figure: its address from the folder of the data set


def make(tables: Tables, methods: list[str], level: float, folder: Path, wanted: Wanted) -> list[Part]:
    """Parts in order; `folder` is that of the data set."""
    told = claims.statements(tables)
    notes = _crosses(tables["intervals"])
    filled = shown_by_gate({name: table for name, table in tables.items() if not table.empty})
    untold = [name for name in TELL if _has(tables, name) and name not in filled]
    parts = []
    for key, heading in HEADINGS.items():
        statements = told if key == "claims" else []
        shown = [*_detection(key, filled, level, wanted), *_tables(key, tables, methods, level)]
        shown = [table for table in shown if table is not None]
        captions = {name: text for name, text in figures_table.captions(key).items() if name not in untold}
        figures = _figures(wanted.drawn, captions, notes, wanted.limits)
        said = _said(key, filled, level, wanted)
        if key == "papers" and "papers_agreement" in tables:
            said = papers.sentences(tables["papers_agreement"])
        links = recheck.links(folder) if key in LISTED else []
        if key in TESTED:
            shown = [table._replace(note=table.note + noisy_note(tables)) for table in shown]
            figures = [figure._replace(caption=figure.caption + noisy_note(tables)) for figure in figures]
        parts.append(Part(key, heading, statements, claims.wrong(statements), figures, shown, said, links))
    return [part for part in parts if any(part[2:])]  # all but key and heading


def shown_by_gate(tables: Tables) -> Tables:
    """`tables` without those that tell how many labels are wrong where the gate lets nobody tell it."""
    rates = tables.get("noise_rate")
    if rates is None or gate.tells_rate(tables.get("gate"), rates):
        return tables
    return {name: table for name, table in tables.items() if name not in TELL}


def _said(key: str, tables: Tables, level: float, wanted: Wanted) -> list[str]:
    """Sentences on top of a part; `tables` has none without rows."""
    if key == "input" and "copies" in tables:
        return inputs.copies(tables["copies"])
    if key == "noisy" and "noise_rate" in tables:
        return noise_kind.sentences(tables, *wanted.cell)
    if key == "accuracy" and "unknown" in tables:
        return unknown.sentences(tables["unknown"], level)
    if key == "calibration":
        return confidence.sentences(tables, level)
    if key == "claims":
        return tally.told(tables)
    if key == "coverage" and "coverage" in tables:
        return coverage.sentences(tables["coverage"])
    return gate.sentences(tables["gate"]) if key == "trust" and "gate" in tables else []


def _tables(key: str, tables: Tables, methods: list[str], level: float) -> list[Table | None]:
    intervals = tables["intervals"]
    found: list[Table | None] = []
    if key == "accuracy":
        found += [unknown.table(tables["unknown"], level)] if _has(tables, "unknown") else []
        found += [beaten.winners(intervals), beaten.score(intervals, methods)]
        found += accuracy.means(intervals, tables.get("best", results.empty("best")), methods, level)
        found += accuracy.differences(intervals, methods, level)
        found += values.tables(tables["contrasts"]) if _has(tables, "contrasts") else []
        found += runs.seeds(tables["accuracy"], methods)
    if key == "calibration":
        found += evidence.calibration(intervals, methods, level)
    found += [
        table(tables[name]) for name, (part, table) in OPTIONAL.items() if part == key and _has(tables, name)
    ]
    if key == "noise":
        found += [evidence.ledger(tables["ledger"]), runs.diverged(tables["accuracy"])]
    return found


def _detection(key: str, tables: Tables, level: float, wanted: Wanted) -> list[Table | None]:
    """Tables of label errors and of rechecking; `tables` has none without rows."""
    found: list[Table | None] = []
    if key == "noisy" and "noise_rate" in tables:
        found.append(noise_kind.rates(tables["noise_rate"]))
    if key == "noisy" and "noise_matrix" in tables:
        matrix = tables["noise_matrix"]
        found.append(noise_kind.confusions(matrix, cells.chosen(matrix, *wanted.cell)))
    if key == "trust" and "gate" in tables:
        found += [gate.table(tables["gate"]), gate.by_seed(tables["gate"])]
    if key == "errors":
        found += [detection.tiers(tables["tiers"], tables.get("gate"))] if "tiers" in tables else []
        found += [detection.p_wrong(tables["detection_reliability"])] if "detection_reliability" in tables else []
        found += detection.ranking(tables["detection_intervals"]) if "detection_intervals" in tables else []
        found += [detection.top(tables["detection"])] if "detection" in tables else []
    if key == "uncertainty" and "alternatives_intervals" in tables:
        found += detection.alternatives(tables["alternatives_intervals"])
    if key == "recheck":
        found += recheck.needed(tables["budget_needed"]) if "budget_needed" in tables else []
        found += [audit.answers(tables["audit"], level)] if "audit" in tables else []
        found += audit_study.tables(tables)
        found += [table(tables[name]) for name, table in RECHECK.items() if name in tables]
        found.append(recheck.answers(tables, *wanted.source))
    return found


def _has(tables: Tables, name: str) -> bool:
    """Whether there is anything to tell: what needs a truth that nobody knows has no rows."""
    return name in tables and not tables[name].empty


def noisy_note(tables: Tables) -> str:
    """What stands below figures and tables of test images: nothing where clean labels judge them."""
    noisy = accuracy.judged_by_noise(tables["accuracy"])
    return " Measured on held-out noisy labels: no clean label is known." if noisy else ""


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


def _figures(
    drawn: dict[str, str], captions: dict[str, tuple[str, str]], notes: dict[str, str], limits: dict[str, float]
) -> list[Figure]:
    """The figures that were drawn, with their captions."""
    return [
        Figure(name, title, caption.format_map(limits) + notes.get(name, ""), drawn[name])
        for name, (title, caption) in captions.items()
        if name in drawn
    ]
