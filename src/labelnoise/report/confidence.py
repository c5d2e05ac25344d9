"""The report on confidence that was calibrated on noisy labels: prediction sets, and one temperature."""

import numpy as np
import pandas as pd

from labelnoise import words
from labelnoise.report import numbers
from labelnoise.report.layout import Group, Table, by_cell
from labelnoise.statistics import means

EARLY = "best_noisy_val"
SMALL = "least_ambiguous"  # the score that sentences tell of
AS_THEY_ARE, THROUGH = "noisy_labels", "confident_joint"
ORDER = ["none", AS_THEY_ARE, THROUGH, "designed", "clean_labels"]
WITH = (
    "Rows: what calibrates. Noisy labels: of the validation part, as they are; confident joint: the same labels, "
    "through the T that is estimated from noisy labels; designed, clean labels: oracles, the true T (a mean over "
    "images where the noise depends on these) and the true classes of the same images."
)


def sets(table: pd.DataFrame) -> Table:
    """Coverage and size of prediction sets at early stopping."""
    rows = table[table["selection"] == EARLY]
    groups = [
        Group(f"{words.name(method)}: {words.name(score)}", part, "calibration", _covered)
        for (method, score), part in rows.groupby(["method", "score"])
    ]
    note = (
        f"Share of test images whose set holds the true class in %, where {_asked(rows)} are asked for: mean over "
        "seeds, and lowest to highest seed; below it the mean number of classes in a set. With early stopping. "
        f"{WITH} Least ambiguous: all classes above one probability; adaptive: the most probable classes up to a "
        "summed probability."
    )
    return Table("prediction-sets", "Prediction sets from noisy labels", note, *by_cell(groups, ORDER), False)


def _covered(facts: pd.DataFrame) -> str:
    size = numbers.plain(facts["set_size"].mean())
    return f"{numbers.spread(facts['coverage'], numbers.percent)}\n{size} classes"


def temperatures(table: pd.DataFrame) -> Table:
    """What one temperature makes of NLL and ECE at early stopping."""
    rows, shown = table[table["selection"] == EARLY], {"nll": numbers.plain, "ece": numbers.percent}
    groups = [
        Group(f"{words.name(method)}: {name}", part, "calibration", _mean(metric, shown[metric]))
        for method, part in rows.groupby("method")
        for metric, name in (("nll", "NLL [nats]"), ("ece", "ECE [%]"))
    ]
    note = f"On test images, mean over seeds (lowest–highest seed), with early stopping. {WITH} None: as it is."
    return Table("temperature", "One temperature from noisy labels", note, *by_cell(groups, ORDER), False)


def _mean(column: str, show):
    return lambda facts: numbers.spread(facts[column], show)


def sentences(tables: dict[str, pd.DataFrame], level: float) -> list[str]:
    """What came out over all cells with wrong labels, and what is doubtful about it. `tables` has none without
    rows."""
    said = []
    for name, told in (("conformal", _of_sets), ("temperature", _of_temperature), ("conformal", _doubt)):
        rows = tables.get(name, pd.DataFrame(columns=["selection", "method", "noise", "score", "network"]))
        rows = rows[(rows["selection"] == EARLY) & (rows["method"] == words.BASELINE) & (rows["noise"] != "none")]
        rows = rows[rows["score"] == SMALL] if "score" in rows else rows
        several = rows["network"].nunique() > 1
        for network, part in rows.groupby("network"):
            said.append((f"{words.name(network)}: " if several else "") + told(part, level))
    return said


def _of_sets(rows: pd.DataFrame, level: float) -> str:
    found = {
        name: f"{_share(rows, name, level)} of the test images and have {_size(rows, name)}"
        for name in (AS_THEY_ARE, THROUGH)
    }
    return (
        "Prediction sets of early-stopped cross-entropy (least ambiguous ones) that are to hold the true class of "
        f"{_asked(rows)} of the images: calibrated on noisy labels as they are, they hold it for "
        f"{found[AS_THEY_ARE]}; through the T that is estimated from noisy labels, for {found[THROUGH]} "
        f"({_over(rows, level)})."
    )


def _of_temperature(rows: pd.DataFrame, level: float) -> str:
    found = {name: _nats(rows, name, level) for name in ORDER[:3]}
    return (
        f"One temperature: the NLL of early-stopped cross-entropy is {found['none']} as it is, "
        f"{found[AS_THEY_ARE]} with a temperature from noisy labels as they are, and {found[THROUGH]} with one "
        f"through the estimated T ({_over(rows, level)})."
    )


def _doubt(rows: pd.DataFrame, level: float) -> str:
    """How much single runs differ, with what is estimated and with the truth."""
    ranges = {name: part["coverage"].dropna() for name, part in rows.groupby("calibration")}
    spans = {name: numbers.between(of.min(), of.max()) for name, of in ranges.items() if len(of)}
    how = {THROUGH: "through the estimated T", "designed": "through the true T",
           "clean_labels": "from as many clean labels"}  # fmt: skip
    told = "; ".join(f"{spans[name]} {text}" for name, text in how.items() if name in spans)
    labels = numbers.span(rows["examples"], "{:.0f}".format)
    return (
        f"What is doubtful: a threshold rests on {labels} labels, which also chose the epoch. In single runs sets "
        f"hold the true class of so many test images: {told}."
    )


def _by_seed(rows: pd.DataFrame, calibration: str, column: str) -> np.ndarray:
    """Mean over noise cells of every seed [S]; NaN where a run of the seed diverged."""
    own = rows[rows["calibration"] == calibration]
    return own.groupby("seed")[column].agg(lambda values: values.mean(skipna=False)).to_numpy()


def _share(rows: pd.DataFrame, calibration: str, level: float) -> str:
    of = means.interval(_by_seed(rows, calibration, "coverage"), level)
    return f"{of.mean:.1%}{_bounds(100 * of.low, 100 * of.high, 1)}"


def _size(rows: pd.DataFrame, calibration: str) -> str:
    return f"{means.mean(_by_seed(rows, calibration, 'set_size')):.1f} classes"


def _nats(rows: pd.DataFrame, calibration: str, level: float) -> str:
    of = means.interval(_by_seed(rows, calibration, "nll"), level)
    return f"{of.mean:.2f}{_bounds(of.low, of.high, 2)} nats"


def _bounds(low: float, high: float, digits: int) -> str:
    """One seed has no interval."""
    return "" if np.isnan(low) else f" [{low:.{digits}f}, {high:.{digits}f}]"


def _asked(rows: pd.DataFrame) -> str:
    return f"{rows['level'].iloc[0]:.0%}"


def _over(rows: pd.DataFrame, level: float) -> str:
    cells, seeds = len(rows[["noise", "noise_rate"]].drop_duplicates()), rows["seed"].nunique()
    interval = f"{level:.0%} t interval over {seeds} seeds" if seeds > 1 else "one seed, no interval"
    return f"mean over {numbers.counted(cells, 'noise cell')}, {interval}"
