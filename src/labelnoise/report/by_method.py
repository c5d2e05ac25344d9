"""Results by method, for readers who come from the name of one: reports/methods.md."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells
from labelnoise.report import numbers
from labelnoise.report.accuracy import compared, judged_by_noise
from labelnoise.report.layout import ROW, flat

EARLY = "best_noisy_val"
Column = tuple[str, pd.DataFrame, Callable[[pd.DataFrame], str]]  # heading, facts of all methods, text of one


class Entry(NamedTuple):
    """What reports/methods.md tells of one method: its name is the heading, and so the anchor."""

    name: str
    about: str  # what it does, in Markdown; empty for what has no entry in labelnoise.words
    texts: list[tuple[str, str]]  # data set, Markdown


def entries(
    tables: dict[str, pd.DataFrame], methods: list[str], variants: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Heading -> method or variant -> Markdown; `variants` maps a name to the method that it is a form of."""
    noisy = judged_by_noise(tables["accuracy"])
    on = "On held-out noisy labels: no clean label is known.\n\n" if noisy else ""
    intervals = tables["intervals"]
    columns = _columns(intervals)
    found = {
        f"{family.title}: {family.idea}.": {name: on + _table(intervals, columns, name) for name in names}
        for family, names in words.grouped(methods)
    }
    only = {name: _variant(tables, name, method) for name, method in variants.items() if name not in methods}
    return found | ({"Variants: run for the claims only, in the noise cells of claims.": only} if only else {})


def grouped(datasets: dict[str, dict[str, dict[str, str]]]) -> list[tuple[str, list[Entry]]]:
    """The entries of all data sets, with one heading per method."""
    merged: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for dataset, headings in datasets.items():
        for heading, texts in headings.items():
            for name, text in texts.items():
                merged.setdefault(heading, {}).setdefault(name, []).append((words.name(dataset), text))
    return [
        (heading, [Entry(name, words.about(name), texts) for name, texts in names.items()])
        for heading, names in merged.items()
    ]


def _columns(intervals: pd.DataFrame) -> list[Column]:
    """Accuracy, and difference to early-stopped cross-entropy."""
    means = [(words.SELECTIONS[s], cells.means(intervals, "test_accuracy", s)) for s in words.HONEST]
    pairs = [(f"{words.SELECTIONS[s]}, difference", compared(intervals, s, EARLY)) for s in words.HONEST]
    return [(*of, numbers.interval) for of in means] + [(*of, numbers.difference) for of in pairs]


def _table(intervals: pd.DataFrame, columns: list[Column], method: str) -> str:
    """A row per network and noise cell."""
    own = intervals[intervals["method"] == method]
    rows = [
        {ROW: _place(intervals, network, cell)}
        | {heading: _text(facts, method, network, cell, show) for heading, facts, show in columns}
        for network in sorted(own["network"].unique())
        for cell in cells.cells(own)
    ]
    return flat(pd.DataFrame(rows)) if rows else "No runs."


def _place(table: pd.DataFrame, network: str, cell: tuple[str, float]) -> str:
    prefix = f"{words.name(network)}: " if table["network"].nunique() > 1 else ""
    return prefix + words.cell_name(*cell)


def _text(facts: pd.DataFrame, method: str, network: str, cell: tuple[str, float], show) -> str:
    here = (facts["method"] == method) & (facts["network"] == network)
    rows = facts[here & (facts["noise"] == cell[0]) & (facts["noise_rate"] == cell[1])]
    return "–" if rows.empty else show(rows)


def _variant(tables: dict[str, pd.DataFrame], name: str, method: str) -> str:
    """Accuracy of a variant where it ran, and the claims that compare it."""
    parts = [f"A form of `{method}`."] if method != name else []
    if "contrasts" in tables:
        parts.append(_runs(tables["contrasts"], name))
    if "claims" in tables:
        parts.append(_claims(tables["claims"], name))
    return "\n\n".join(part for part in parts if part) or "No runs."


def _runs(contrasts: pd.DataFrame, name: str) -> str:
    """Test accuracy at the last epoch: mean, and lowest to highest seed."""
    own = contrasts[(contrasts["method"] == name) & (contrasts["metric"] == "test_accuracy")]
    rows = [
        {ROW: _place(own, network, (noise, rate)), "last epoch (lowest–highest seed)":
         numbers.spread(part["value"], numbers.percent), "seeds": f"{part['value'].count()}"}
        for (network, noise, rate), part in own.groupby(["network", "noise", "noise_rate"])
    ]  # fmt: skip
    return flat(pd.DataFrame(rows)) if rows else ""


def _claims(table: pd.DataFrame, name: str) -> str:
    """Which claims compare a variant, and with which verdicts."""
    rows = table[table["contrast"].map(lambda text: bool(re.search(rf"\b{re.escape(name)}\b", text)))]
    if rows.empty:
        return "No comparison of a claim has it."
    shown = pd.DataFrame({
        ROW: rows["id"].map(lambda number: f"claim {number}"), "comparison": rows["contrast"],
        "noise": [words.cell_name(noise, rate) for noise, rate in zip(rows["noise"], rows["noise_rate"])],
        "verdict": rows["verdict"],
    })  # fmt: skip
    return flat(shown)
