"""What `dvc metrics` and `dvc plots` show of a data set: some twenty numbers that matter, the accuracy of each
method (what an experiment with one changes), and two small tables.

What needs a truth that nobody knows is left out: a value is always a number.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from labelnoise import files, results, words
from labelnoise.figures import cells
from labelnoise.report import claims

TABLES = [
    "accuracy", "intervals", "detection", "tiers", "noise_rate", "budget_needed", "audit_coverage", "statements",
    "unknown",
]  # fmt: skip
NEEDED = ("accuracy", "intervals")  # of these, without which there are no numbers
WHEN = {"last": "last", "early": "best_noisy_val"}  # name of a number: selection of the table
FOUND = 0.8  # share of the wrong labels that are to be found by rechecking

Tables = dict[str, pd.DataFrame]  # those of TABLES that have rows


def read(folder: Path) -> Tables:
    """Those of TABLES that are in `folder`, and have rows."""
    found = {name: results.read(name, folder) for name in TABLES if (folder / f"{name}.csv").exists()}
    return {name: table for name, table in found.items() if len(table)}


def write(folder: Path, noise: str, rate: float, numbers: Path, plots: Path) -> None:
    """From the tables in `folder`: the JSON file `numbers`, and tables for plots in the folder `plots`.

    noise, rate: the noise cell that the report dwells on."""
    tables = read(folder)
    files.write_text(numbers, json.dumps(of(tables, noise, rate), indent=1) + "\n")
    for name, table in (("accuracy", by_rate(tables, noise, rate)), ("detection", by_cell(tables))):
        files.write_text(plots / f"{name}.csv", table.to_csv(index=False, float_format="%.6g"))


def of(tables: Tables, noise: str, rate: float) -> dict[str, Any]:
    """The numbers, in groups by what they are about.

    Means over seeds, and, but for the first group, over all noise cells with wrong labels."""
    intervals = tables["intervals"]
    groups = {
        "accuracy_report_cell": _accuracy(cells.at(intervals, *cells.chosen(intervals, noise, rate))),
        "accuracy_noisy_cells": _accuracy(_noisy(intervals)),
        "wrong_labels": _detection(tables),
        "recheck": _recheck(tables),
        "statements": _statements(tables["statements"]) if "statements" in tables else {},
        "runs": _runs(tables["accuracy"]),
    }
    groups |= {f"methods_{name}": _ranked(_noisy(intervals), selection) for name, selection in WHEN.items()}
    return {
        name: {key: round(value, 6) for key, value in group.items() if pd.notna(value)}
        for name, group in groups.items()
    }


def _noisy(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["noise"] != "none"]


def _own(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows of the noise model, which `column` names, in cells with wrong labels."""
    return _noisy(table[table[column] == words.NOISE_MODEL])


def _accuracy(intervals: pd.DataFrame) -> dict[str, float]:
    """Test accuracy of cross-entropy, and of the method with the highest mean; the best of many flatters."""
    found = {}
    for name, selection in WHEN.items():
        ranked = _ranked(intervals, selection)
        found[f"cross_entropy_{name}"] = ranked.get(words.BASELINE, float("nan"))
        found[f"best_method_{name}"] = ranked.max()
    return found


def _ranked(intervals: pd.DataFrame, selection: str) -> pd.Series:
    """Mean accuracy by method: of those that are no oracle and lost no seed in any cell."""
    rows = cells.means(intervals, "test_accuracy", selection)
    means = (
        rows[~rows["oracle"].astype(bool) & ~rows["incomplete"]].groupby("method")["mean"].agg(["mean", "size"])
    )
    return means.loc[means["size"] == means["size"].max(), "mean"]


def _detection(tables: Tables) -> dict[str, float]:
    """How well the noise model finds wrong labels, and what its words are worth."""
    found = {}
    if "detection" in tables:
        found |= _own(tables["detection"], "score")[["auprc", "auroc", "ece"]].mean().to_dict()
    if "tiers" in tables:
        tier = _noisy(tables["tiers"]).query("tier == 'obvious'")
        flagged = tier[tier["share_wrong"].notna() & (tier["count"] > 0)]
        wrong = (flagged["share_wrong"] * flagged["count"]).sum()
        found["obvious_precision"] = wrong / flagged["count"].sum() if len(flagged) else float("nan")
        found["obvious_recall"] = tier["errors_found_share"].mean()
    if "noise_rate" in tables:
        rates = _own(tables["noise_rate"], "estimator")
        found["rate_error"] = (rates["estimate"] - rates["realised_rate"]).abs().mean()
    return found


def _recheck(tables: Tables) -> dict[str, float]:
    """By people without errors: labels to look at, and how often the limits of an audit hold."""
    found = {}
    if "budget_needed" in tables:
        rows = _own(tables["budget_needed"], "order").query("rechecker_error == 0 and found_share == @FOUND")
        found["labels_to_find_four_fifths"] = rows["rechecked_share"].mean()
    if "audit_coverage" in tables:
        rows = _noisy(tables["audit_coverage"]).query("rechecker_error == 0")
        found["audit_coverage"] = rows["truth_covered"].mean()
    return found


def _statements(table: pd.DataFrame) -> dict[str, int]:
    """Claims by verdict, and the note's questions by answer."""
    asked, found = table["kind"] == claims.QUESTION, {}
    for verdict, name, answer in (("supported", "supported", "yes"), ("refuted", "refuted", "no")):
        found |= {name: int((~asked & (table["verdict"] == verdict)).sum())}
        found |= {answer: int((asked & (table["verdict"] == verdict)).sum())}
    found["by_algebra"] = int((table["verdict"] == claims.ALGEBRA).sum())
    counts = {"claims": int((~asked).sum()), "questions": int(asked.sum())}
    left = {"open": counts["claims"] - sum(found[k] for k in ("supported", "refuted", "by_algebra")),
            "questions_open": counts["questions"] - found["yes"] - found["no"]}  # fmt: skip
    return counts | found | left


def _runs(accuracy: pd.DataFrame) -> dict[str, int]:
    runs = accuracy.drop_duplicates(["network", "noise", "noise_rate", "seed", "method"])
    return {"evaluated": len(runs), "diverged": int((runs["diverged_epoch"] >= 0).sum())}


def by_rate(tables: Tables, noise: str, rate: float) -> pd.DataFrame:
    """Test accuracy against the rate of one noise model: cross-entropy, and the best method of each rate."""
    rows, (noise, _) = tables["intervals"], cells.chosen(tables["intervals"], noise, rate)
    rows = rows[rows["noise"].isin(["none", noise])]
    return pd.DataFrame([{"noise_rate": at, **_accuracy(part)} for at, part in rows.groupby("noise_rate")])


def by_cell(tables: Tables) -> pd.DataFrame:
    """How well the noise model finds wrong labels, cell by cell."""
    columns = ["cell", "auprc", "auroc"]
    own = _own(tables["detection"], "score") if "detection" in tables else pd.DataFrame()
    places = cells.cells(own) if len(own) else []
    rows = [(words.cell_name(*place), *cells.at(own, *place)[columns[1:]].mean()) for place in places]
    return pd.DataFrame(rows, columns=columns)
