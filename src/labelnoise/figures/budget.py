"""What rechecking labels buys: errors found, accuracy after retraining, errors left; by the share rechecked."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, panels, style
from labelnoise.statistics import means

CAPTIONS = {
    "budget": (
        "What rechecking corrects",
        "Wrong labels corrected, against labels rechecked in the order of a score, by a rechecker without errors. "
        "Mean over seeds, band from the lowest to the highest seed.",
    ),
    "budget_rechecker": (
        "What a rechecker who errs corrects",
        "The same in one noise cell, when a share of the answers is wrong: wrong labels corrected, less right "
        "ones made wrong.",
    ),
    "retrained": (
        "What rechecking brings to a network",
        "Test accuracy of cross-entropy, trained anew after the first labels of each order were corrected. Mean "
        "over seeds, bars: 95% t interval over seeds, cut off where seeds are few.",
    ),
    "errors_left": (
        "How many wrong labels are left",
        "Among the labels not yet rechecked, in the noise model's order: estimate from P(label wrong), means "
        "over seeds; and the truth, where it is known. The band covers chance over examples, and that the noise "
        "model's two forms differ; the table below says how often it holds the truth. Answers to an audit "
        "(to_audit.csv) alone say when to stop.",
    ),
}
COLUMNS = 4
LEVEL = 0.95  # of t intervals, as captions have it
# order of rechecking: colour, marker, line style
LOOKS = {
    "noise_model": (style.BLUE, "o", "-"), "ridge_margin": (style.ORANGE, "s", "-"),
    "probe_self_confidence": (style.GREEN, "^", "-."), "neighbours_margin": (style.PURPLE, "v", "-."),
    "random": (style.GRAY, "x", ":"),
    "oracle": (style.BLACK, "D", "--"),
}  # fmt: skip
ORACLE_LABEL = "oracle: wrong labels first"


def draw(budget: pd.DataFrame) -> Figure:
    """Share of the wrong labels found against the share rechecked [%]; a panel per noise cell, no rechecker error.

    `budget` is the table of that name. Lines: means over seeds; bands from the lowest to the highest seed.
    """
    part = budget[budget["rechecker_error"] == budget["rechecker_error"].min()]
    return _found(part, [(cells.panel_title(part, *i), _cell(part, *i)) for i in cells.places(part)])


def rechecker(budget: pd.DataFrame, noise: str, noise_rate: float) -> Figure:
    """The same for one noise cell, a panel per error rate of the rechecker."""
    part = cells.at(budget, noise, noise_rate)
    part = part[part["network"] == min(part["network"])]
    errors = sorted(part["rechecker_error"].unique())
    items = [(f"rechecker wrong in {100 * e:g}%", part[part["rechecker_error"] == e]) for e in errors]
    return _found(part, items)


def _cell(table: pd.DataFrame, network: str, cell: tuple[str, float]) -> pd.DataFrame:
    return cells.at(table[table["network"] == network], *cell)


def _found(table: pd.DataFrame, items: list[tuple[str, pd.DataFrame]]) -> Figure:
    with style.context():
        fig, axes = panels.grid(len(items), COLUMNS, 2.5, 2.2, sharex=True, sharey=True)
        for place, (axis, (title, part)) in enumerate(zip(axes, items)):
            for order in orders(table):
                _band(axis, part[part["order"] == order], order)
            axis.set_title(title)
            axis.set_ylim(-3, 103)
            axis.set_xticks([0, 25, 50, 75, 100])
            axis.set_yticks([0, 25, 50, 75, 100])
            _label(axis, place, len(items), "wrong labels found [%]")
        _legend(fig, axes[0], table, [])
    return fig


def orders(table: pd.DataFrame) -> list[str]:
    """Orders of rechecking that are there, in the order of LOOKS."""
    have = set(table["order"])
    return [order for order in LOOKS if order in have]


def _label(axis: Axes, place: int, count: int, label: str) -> None:
    if place % COLUMNS == 0:
        axis.set_ylabel(label)
    if place >= count - COLUMNS:
        axis.set_xlabel("labels rechecked [%]")


def _legend(fig: Figure, axis: Axes, table: pd.DataFrame, extra: list) -> None:
    handles = [
        axis.plot([], [], color=color, marker=marker, linestyle=line, label=_name(order))[0]
        for order, (color, marker, line) in LOOKS.items() if order in orders(table)
    ]  # fmt: skip
    fig.legend(handles=[*handles, *extra], loc="outside upper center", ncols=3, handlelength=3)


def _name(order: str) -> str:
    return ORACLE_LABEL if order == "oracle" else words.name(order)


def _band(axis: Axes, part: pd.DataFrame, order: str) -> None:
    color, _, line = LOOKS[order]
    found = part.groupby("rechecked_share")["errors_found_share"].agg(["mean", "min", "max"])
    x = 100 * found.index
    axis.fill_between(x, 100 * found["min"], 100 * found["max"], color=color, alpha=0.2, linewidth=0)
    axis.plot(x, 100 * found["mean"], line, color=color)
    marks = found.iloc[:: max(1, len(found) // 6)]
    axis.plot(100 * marks.index, 100 * marks["mean"], LOOKS[order][1], color=color, markersize=3.5)


def retrained(table: pd.DataFrame, selection: str = "last") -> Figure:
    """Test accuracy [%] after correcting the first labels of each order and training anew; bars: t intervals.

    `table` is the table `retrained`. Hollow: the rechecker who follows the noise model errs.
    """
    table = table[table["selection"] == selection]
    items = cells.places(table)
    with style.context():
        fig, axes = panels.grid(len(items), COLUMNS, 2.5, 2.3, sharex=True)
        for place, (axis, item) in enumerate(zip(axes, items)):
            part = _cell(table, *item)
            _points(axis, part)
            axis.set_title(cells.panel_title(table, *item))
            _label(axis, place, len(items), "test accuracy [%]")
        erring = table["rechecker_error"].max()
        extra = [axes[0].plot([], [], "o:", color=style.BLUE, markerfacecolor="white",
                              label=f"noise model, rechecker wrong in {100 * erring:g}%")[0]]  # fmt: skip
        _legend(fig, axes[0], table, extra if erring else [])
    return fig


def t_intervals(part: pd.DataFrame) -> pd.DataFrame:
    """Mean and half width of the 95% t interval over seeds (NaN for one seed), per share rechecked."""
    wide = part.pivot(index="rechecked_share", columns="seed", values="test_accuracy")
    found = means.interval(wide.to_numpy(float), LEVEL)
    return pd.DataFrame({"mean": found.mean, "half": found.high - found.mean}, index=wide.index)


def _points(axis: Axes, part: pd.DataFrame) -> None:
    """Orders side by side, so that bars stay visible; the axis follows the seeds: few of them have long bars."""
    shares = np.sort(part["rechecked_share"].unique())
    step = 100 * np.min(np.diff(shares), initial=shares[-1] or 1) * 0.08
    series = [(error, order) for error in sorted(part["rechecker_error"].unique()) for order in orders(part)]
    for place, (error, order) in enumerate(series):
        rows = part[(part["order"] == order) & (part["rechecker_error"] == error)]
        found = t_intervals(rows)
        color, marker, line = LOOKS[order]
        axis.errorbar(
            100 * found.index + step * (place - (len(series) - 1) / 2), 100 * found["mean"],
            yerr=100 * found["half"].fillna(0), color=color, marker=marker, linestyle=line if not error else ":",
            markerfacecolor="white" if error else color, markersize=4, linewidth=1.2, elinewidth=0.9, capsize=1.5,
        )  # fmt: skip
    low, high = 100 * part["test_accuracy"].min(), 100 * part["test_accuracy"].max()
    margin = 0.2 * max(high - low, 1)
    axis.set_ylim(low - margin, min(high + margin, 100.5))


def errors_left(table: pd.DataFrame) -> Figure:
    """Wrong labels among those not rechecked, as estimated and as it is [labels]; a panel per noise cell.

    `table` is the table `errors_left`; means over seeds of estimate, band and truth.
    """
    items = cells.places(table)
    with style.context():
        fig, axes = panels.grid(len(items), COLUMNS, 2.5, 2.1, sharex=True)
        for place, (axis, item) in enumerate(zip(axes, items)):
            _left(axis, _cell(table, *item))
            axis.set_title(cells.panel_title(table, *item))
            _label(axis, place, len(items), "wrong labels left")
        handles = [
            axes[0].plot([], [], "o-", color=style.BLUE, label="estimate; band: range of models, with chance")[0],
            axes[0].plot([], [], "s--", color=style.VERMILION, markerfacecolor="white", label="truth")[0],
        ]
        known = table["truth"].notna().any()
        fig.legend(handles=handles if known else handles[:1], loc="outside upper center", ncols=2)
    return fig


def _left(axis: Axes, part: pd.DataFrame) -> None:
    found = part.groupby("rechecked_share")[["estimate", "low", "high", "truth"]].mean()
    x = 100 * found.index
    axis.fill_between(x, found["low"], found["high"], color=style.BLUE, alpha=0.2, linewidth=0)
    axis.plot(x, found["estimate"], "o-", color=style.BLUE, markersize=4)
    axis.plot(x, found["truth"], "s--", color=style.VERMILION, markerfacecolor="white", markersize=4.5)
    axis.set_ylim(bottom=0)
