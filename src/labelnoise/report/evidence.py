"""The report's other tables: injected noise, calibration, estimates of T, uncertainty, detection."""

import json
from functools import partial

import numpy as np
import pandas as pd

from labelnoise import words
from labelnoise.figures import calibration as calibration_figure
from labelnoise.figures import cells
from labelnoise.figures import uncertainty as uncertainty_figure
from labelnoise.report import numbers
from labelnoise.report.accuracy import split
from labelnoise.report.layout import ROW, Group, Table, by_cell

SHOWN = 8  # files left out; more are behind a click
LARGEST_HEATMAP = 20  # classes; with more, numbers in cells cannot be read


def ledger(table: pd.DataFrame) -> Table:
    """What noise was injected: definition, convention, nominal and realised rate; without the truth, what
    the labels are and how many."""
    if table["realised_rate"].isna().all():
        return _labels(table)
    rows = []
    for noise, rate in cells.cells(table):
        part = cells.at(table, noise, rate)
        realised = part["realised_rate"]
        rows.append({
            ROW: words.cell_name(noise, rate), "definition": _once(part["definition"]),
            "convention": words.name(_once(part["convention"])), "nominal": numbers.percent(rate),
            "realised mean": numbers.percent(realised.mean()), "min": numbers.percent(realised.min()),
            "max": numbers.percent(realised.max()), "examples": _once(part["examples"].astype(int)),
            "seeds": str(part["seed"].nunique()),
        })  # fmt: skip
    note = "Share of wrong labels in %, as asked for and as drawn; mean, lowest and highest over seeds."
    spanners = {"wrong labels [%]": ["nominal", "realised mean", "min", "max"]}
    return Table("ledger", "Injected noise", note, pd.DataFrame(rows), spanners, False)


def _labels(table: pd.DataFrame) -> Table:
    """Labels of which nobody knows how many are wrong."""
    rows = [
        {ROW: words.cell_name(noise, rate), "definition": _once(part["definition"]),
         "examples": _once(part["examples"].astype(int)), "seeds": str(part["seed"].nunique())}
        for noise, rate in cells.cells(table) for part in [cells.at(table, noise, rate)]
    ]  # fmt: skip
    note = "Examples: those that a seed trains and validates on. No clean label is known."
    return Table("ledger", "Labels", note, pd.DataFrame(rows), {}, False)


def left_out(table: pd.DataFrame) -> Table:
    """Files of own data that are no examples, since they cannot be read."""
    frame = table.rename(columns={"file": ROW})[[ROW, "reason"]]
    note = f"{len(frame)} files that cannot be read: no example of the study, as `unreadable: skip` asks for."
    return Table("left-out", "Files left out", note, frame, {}, len(frame) > SHOWN)


def _once(values: pd.Series) -> str:
    """Distinct values, in order: one where all seeds agree."""
    return " / ".join(str(value) for value in values.dropna().unique())


def matrices(table: pd.DataFrame) -> list[dict]:
    """Designed and realised T per noise cell: means over seeds in %; `None` where there is none or it is large.
    No cell where the truth of none is known."""
    if table["realised_rate"].isna().all():
        return []
    return [
        {
            "name": words.cell_name(noise, rate),
            "designed": _mean_matrix(cells.at(table, noise, rate)["designed_transition"]),
            "realised": _mean_matrix(cells.at(table, noise, rate)["realised_transition"]),
        }
        for noise, rate in cells.cells(table)
    ]


def _mean_matrix(column: pd.Series) -> list[list[float]] | None:
    found = np.array([json.loads(text) for text in column.dropna()], dtype=float)  # null: not known
    if not found.size or np.isnan(found).any() or found.shape[-1] > LARGEST_HEATMAP:
        return None
    return (100 * found.mean(axis=0)).tolist()


def calibration(intervals: pd.DataFrame, methods: list[str], level: float) -> list[Table]:
    """ECE, NLL and Brier score at the last epoch, a table each; the second and third folded."""
    where = "On test images at the last epoch, lower is better"
    seeds = f"{where}; mean over seeds and its {level:.0%} t interval."
    notes = dict.fromkeys(("nll", "brier"), seeds) | {
        "ece": f"{where}: root of the mean squared distance between accuracy and confidence over bins, debiased "
        "(Kumar et al. 2019), so that it is 0 for most calibrated networks. "
        f"Brackets: {level:.0%} interval that resamples test images, for the networks at hand; it is no interval "
        "over seeds. ≤: what calibrated networks with the same confidences stay below as often. ECE depends on "
        "its bins, and is also low for a network that always answers with the class frequencies; NLL and Brier "
        "score are not."
    }
    tables = []
    for metric, (label, scale) in calibration_figure.METRICS.items():
        text = partial(_calibrated, show=numbers.percent if scale == 100 else numbers.plain)
        found = split(cells.means(intervals, metric, "last"))
        groups = [Group(heading, rows, "method", text) for heading, rows in found]
        if groups:
            frame, folded = by_cell(groups, words.ordered(methods)), metric != "ece"
            tables.append(Table(f"calibration-{metric}", f"Calibration: {label}", notes[metric], *frame, folded))
    return tables


def _calibrated(facts: pd.DataFrame, show) -> str:
    floor = facts["floor"].iloc[0]
    return numbers.interval(facts, show) + ("" if pd.isna(floor) else f"\n≤ {show(floor)}")


def transition(table: pd.DataFrame) -> Table:
    """How well the transition matrix and the noise rate are estimated from noisy labels alone."""
    headings = {
        "relative_l1": "relative L1 error Σ|T−T̂| / Σ|T|",
        "rate_estimate": "estimated share of wrong labels [%]",
        "condition_number": "condition number of T̂",
    }
    shows = {"relative_l1": numbers.plain, "rate_estimate": numbers.percent, "condition_number": numbers.plain}
    known = {column: heading for column, heading in headings.items() if table[column].notna().any()}
    groups = [_spread(table, column, heading, "estimator", shows[column]) for column, heading in known.items()]
    note = "Mean over seeds (lowest–highest seed). The estimators see noisy labels only."
    return Table("transition", "Estimates of T", note, *by_cell(groups, sorted(set(table["estimator"]))), False)


def clock(table: pd.DataFrame) -> Table:
    """The clock E* that methods are told, beside what nobody knows who has no clean labels."""
    headings = {name: words.COLUMNS[name] for name in ("clock", "highest_agreement", "best_test")}
    told = table.assign(method="cross_entropy")
    groups = [_spread(told, column, heading, "method", numbers.plain) for column, heading in headings.items()]
    late = numbers.k_of_n(table["censored"])
    note = (
        "In epochs, mean over seeds (lowest–highest seed). E* is the first epoch at which plain cross-entropy "
        "agrees as well with labels that it has not seen as at any, to one standard error: schedules of methods "
        f"are multiples of it. The runs by folds, which tell it, were too short in {late}; their epochs are "
        "a fifth shorter, so that the highest agreement stands at fractions. The best test epoch takes clean "
        "labels, and no method is told it."
    )
    return Table("clock", "The clock E*", note, *by_cell(groups, ["cross_entropy"]), False)


def _spread(table: pd.DataFrame, column: str, heading: str, by: str, show) -> Group:
    return Group(heading, table, by, lambda facts: numbers.spread(facts[column], show))


def uncertainty(table: pd.DataFrame) -> Table:
    """Median bootstrap uncertainty of examples with right and with wrong labels."""
    groups = [
        _spread(table[table["labels"] == labels], "q50", f"median, {labels} labels", "statistic", numbers.plain)
        for labels in uncertainty_figure.GROUPS
    ]
    note = f"Out-of-bag; {_over(table)} (lowest–highest seed). Entropy and mutual information in nats."
    order = sorted(set(table["statistic"]))
    return Table("uncertainty", "Bootstrap uncertainty", note, *by_cell(groups, order), False)


def _over(table: pd.DataFrame) -> str:
    """How many seeds a mean is over: it need not be all seeds of the study."""
    seeds = table["seed"].nunique()
    return f"mean over {seeds} seeds" if seeds != 1 else "one seed"


def detection(table: pd.DataFrame) -> Table:
    """How well each score ranks wrong labels before right ones."""
    headings = {column: words.COLUMNS[column] for column in ("auroc", "auprc", "precision_at_noise_rate")}
    facts = table[table["noise"] != "none"]  # without a wrong label there is nothing to rank
    groups = [_spread(facts, column, heading, "score", numbers.plain) for column, heading in headings.items()]
    note = (
        f"{_over(facts).capitalize()} (lowest–highest seed). AUROC: chance that a wrong label looks more "
        "suspicious than a right one, 0.5 is a coin toss. A useless score has an AUPRC equal to the noise rate: "
        "compare within a column only."
    )
    return Table("detection", "Finding wrong labels", note, *by_cell(groups, sorted(set(facts["score"]))), False)
