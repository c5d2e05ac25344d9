"""A line per method, for readers who come from the name of one: reports/methods.md."""

import re
from typing import NamedTuple

import pandas as pd
from markupsafe import escape

from labelnoise import words
from labelnoise.report import numbers
from labelnoise.report.accuracy import judged_by_noise
from labelnoise.report.layout import flat
from labelnoise.report.unknown import EARLY, points

VARIANTS = "Variants: run for the claims only, in the noise cells of claims."
Entries = dict[str, dict[str, dict[str, str]]]  # heading -> method or variant -> column -> text


class Group(NamedTuple):
    """Methods that share an idea, as reports/methods.md has them."""

    heading: str
    table: str  # in Markdown, a row per method


def entries(tables: dict[str, pd.DataFrame], methods: list[str], variants: dict[str, str]) -> Entries:
    """What one data set tells of every method and variant; `variants` maps a name to the method that it is a form
    of. A method that was not run has no text."""
    on = " (held-out noisy labels)" if judged_by_noise(tables["accuracy"]) else ""
    found = tables.get("unknown", pd.DataFrame(columns=["method", "network"]))
    several = found["network"].nunique() > 1
    told: Entries = {}
    for family, names in words.grouped(methods):
        told[f"{family.title}: {family.idea}."] = {name: _gains(found, name, several, on) for name in names}
    only = {name: _variant(tables, name) for name in variants if name not in methods}
    return told | ({VARIANTS: only} if only else {})


def grouped(datasets: dict[str, Entries]) -> list[Group]:
    """The entries of all data sets in one table per heading, a row per method."""
    headings = dict.fromkeys(heading for told in datasets.values() for heading in told)
    return [Group(heading, _table(heading, datasets)) for heading in headings]


def _table(heading: str, datasets: dict[str, Entries]) -> str:
    names = dict.fromkeys(name for told in datasets.values() for name in told.get(heading, {}))
    rows = []
    for name in names:
        row = {"method": f'<a id="{escape(name)}"></a>{escape(name)}', "what it does": words.about(name)}
        for dataset, told in datasets.items():
            prefix = f"{words.name(dataset)}: " if len(datasets) > 1 else ""
            row |= {f"{prefix}{column}": str(escape(text)) for column, text in told[heading].get(name, {}).items()}
        rows.append(row)
    return flat(pd.DataFrame(rows).fillna("–"))


def _gains(found: pd.DataFrame, method: str, several: bool, on: str) -> dict[str, str]:
    """Mean over noise cells less early-stopped cross-entropy, from the table `unknown`; a dash where it was not
    run."""
    own, told = found[found["method"] == method], {}
    for network in sorted(found["network"].unique()):
        prefix = f"{words.name(network)}: " if several else ""
        here = own[own["network"] == network]
        early, last = (_row(here, selection) for selection in (EARLY, "last"))
        cost = "–" if early is None else f"{early['trainings']:.0f}"
        told |= {
            f"{prefix}early stopping{on}": _with_interval(early), f"{prefix}last epoch{on}": _with_interval(last),
            f"{prefix}worst": _worst(early), f"{prefix}trainings": cost,
        }  # fmt: skip
    return told


def _row(rows: pd.DataFrame, selection: str) -> pd.Series | None:
    at = rows[rows["selection"] == selection]
    return at.iloc[0] if len(at) else None


def _with_interval(row: pd.Series | None) -> str:
    """The best, and what may be, are marked."""
    if row is None or pd.isna(row["diff"]):
        return "–"
    if _is_rival(row):
        return "0, by definition"
    low, high = points(row["diff_low"]), points(row["diff_high"])
    within = "" if pd.isna(row["diff_low"]) else f" [{low}, {high}]"
    return f"{'● ' if row['tied'] else ''}{points(row['diff'])}{within}"


def _worst(row: pd.Series | None) -> str:
    if row is None or pd.isna(row["worst_diff"]) or _is_rival(row):
        return "–"
    return f"{points(row['worst_diff'])} ({words.cell_name(row['worst_noise'], row['worst_rate'])})"


def _is_rival(row: pd.Series) -> bool:
    """Whether this is what all others are held against."""
    return row["method"] == words.BASELINE and row["selection"] == EARLY


def _variant(tables: dict[str, pd.DataFrame], name: str) -> dict[str, str]:
    """Mean accuracy where a variant ran, and what came of the comparisons that have it."""
    contrasts = tables.get("contrasts", pd.DataFrame(columns=["method", "metric"]))
    own = contrasts[(contrasts["method"] == name) & (contrasts["metric"] == "test_accuracy")]
    ran = numbers.counted(len(own), "run")
    accuracy = f"{numbers.percent(own['value'].mean())}% ({ran})" if len(own) else "–"
    return {"last epoch": accuracy, "comparisons of claims": _verdicts(tables.get("claims"), name)}


def _verdicts(claims: pd.DataFrame | None, name: str) -> str:
    if claims is None:
        return "–"
    named = re.compile(rf"\b{re.escape(name)}\b")
    counts = claims.loc[claims["contrast"].map(lambda text: bool(named.search(text))), "verdict"].value_counts()
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) or "–"
