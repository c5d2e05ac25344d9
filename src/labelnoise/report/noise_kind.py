"""How noisy the labels are, and of which kind: the report's tables and sentences."""

import numpy as np
import pandas as pd

from labelnoise.figures import cells, noise_matrix, noise_rate, scores
from labelnoise.report import numbers
from labelnoise.report.layout import ROW, Group, Table, by_cell

OTHER = "noise_model_confident_joint"  # the same model with another T: what tells whether T is identified
GAP = 0.05  # share of the labels: two estimates further apart than this tell a reader different things
NAMED = 3  # confusions in a sentence
LISTED = 12  # confusions in a table


def rates(table: pd.DataFrame) -> Table:
    """Every estimate of the share of wrong labels, and the share itself where it is known."""
    groups = [Group("estimate", table, "estimator", _estimate)]
    known = table[table["realised_rate"].notna()].assign(estimator="truth")
    if len(known):
        groups.append(Group("share that is wrong", known, "estimator", _truth))
    names = {scores.name(name).lower(): name for name in [*noise_rate.estimators(table), "truth"]}
    frame, spanners = by_cell(groups, list(names.values()))
    note = (
        "Share of wrong labels in %: mean over seeds of the estimate, and of the ends of its 95% interval "
        "(bootstrap over examples). Estimators see the given labels only."
    )
    return Table("noise-rate", "Share of wrong labels", note, worded(frame), spanners, False)


def worded(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of `by_cell`, which writes names with spaces, under the names of scores."""
    known = {cells.name(name): text for name, text in scores.NAMES.items()}
    return frame.assign(**{ROW: frame[ROW].map(lambda name: known.get(name, name))})


def _estimate(facts: pd.DataFrame) -> str:
    mean = facts[["estimate", "low", "high"]].mean().map(numbers.percent)
    bounds = "" if mean["low"] == numbers.percent(np.nan) else f"\n[{mean['low']}, {mean['high']}]"
    return mean["estimate"] + bounds


def _truth(facts: pd.DataFrame) -> str:
    return numbers.percent(facts["realised_rate"].mean())


def confusions(matrix: pd.DataFrame, cell: tuple[str, float]) -> Table:
    """The largest entries of T off the diagonal in one noise cell."""
    shown = noise_matrix.confusions(_of_cell(matrix, cell), LISTED)
    rows = [
        {ROW: f"{r.clean} → {r.given}", "estimate": numbers.percent(r.estimate),
         "interval": f"[{numbers.percent(r.low)}, {numbers.percent(r.high)}]", "truth": numbers.percent(r.truth)}
        for r in shown.itertuples()
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[ROW, "estimate", "interval", "truth"])
    frame = frame if shown["truth"].notna().any() else frame.drop(columns="truth")
    note = f"True class → given label in {cells.cell_name(*cell)}: % of the true class, mean over seeds."
    return Table("confusions", "Most frequent confusions", note, frame, {}, True)


def _of_cell(matrix: pd.DataFrame, cell: tuple[str, float]) -> pd.DataFrame:
    part = cells.at(matrix, *cell)
    part = part[part["network"] == min(part["network"])]
    return part.assign(clean=part["clean"].astype(str), given=part["given"].astype(str))


def sentences(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> list[str]:
    """How much is wrong in the cell that the report dwells on, what is confused, and what cannot be known."""
    rates_, matrix = tables["noise_rate"], tables.get("noise_matrix", pd.DataFrame())
    cell = scores.chosen(rates_, noise, rate)
    said = [_how_much(rates_, cell)]
    if not matrix.empty and cell in cells.cells(matrix):
        said += _kind(_of_cell(matrix, cell))
    return [*said, *_not_identified(rates_)]


def _how_much(table: pd.DataFrame, cell: tuple[str, float]) -> str:
    part = cells.at(table[table["estimator"] == scores.PROPOSED], *cell)
    mean = part[["estimate", "low", "high", "realised_rate"]].mean()
    truth = f" {mean['realised_rate']:.1%} are." if pd.notna(mean["realised_rate"]) else ""
    return (
        f"{cells.cell_name(*cell).capitalize()}: by the noise model's estimate {mean['estimate']:.1%} of the "
        f"labels are wrong (95% interval {mean['low']:.1%} to {mean['high']:.1%}, for chance over examples "
        f"alone).{truth}{_doubt(table, cell) if _overlaps(part) else ''}"
    )


def _doubt(table: pd.DataFrame, cell: tuple[str, float]) -> str:
    other = cells.at(table[table["estimator"] == OTHER], *cell)["estimate"].mean()
    instead = f": with the confident joint for T, the model says {other:.1%}" if pd.notna(other) else ""
    return f" Classes overlap here (see the warning above), and this may be far off{instead}."


def _overlaps(part: pd.DataFrame) -> bool:
    """Whether the clearest images contradict the confident joint in most seeds of a cell."""
    return bool(part["overlapping"].astype(bool).mean() >= 0.5)


def _kind(part: pd.DataFrame) -> list[str]:
    """The largest confusions, and whether errors go to one class or to all."""
    top = noise_matrix.confusions(part, NAMED)
    top = top[top["estimate"] > 0]
    if top.empty:
        return []
    listed = ", ".join(
        f"{r.clean} labelled {r.given} ({r.estimate:.1%}{_interval(r.low, r.high)}{_true_share(r.truth)})"
        for r in top.itertuples()
    )
    return [f"Most frequent confusions, as a share of the true class: {listed}.", *_spread(part)]


def _interval(low: float, high: float) -> str:
    """Nothing where there is none: of very many classes, or where runs diverged."""
    return f", interval {low:.1%} to {high:.1%}" if pd.notna(low) else ""


def _true_share(share: float) -> str:
    return f"; truth {share:.1%}" if pd.notna(share) else ""


def _spread(part: pd.DataFrame) -> list[str]:
    """Only where the whole matrix is there: of many classes, the table keeps the largest entries alone."""
    count = part["clean"].nunique()
    off = part[part["clean"] != part["given"]]
    if count < 3 or len(off) < count * (count - 1) or off["estimate"].sum() == 0:
        return []
    per_class = off.groupby("clean")["estimate"].agg(["max", "sum"])
    share = per_class["max"].sum() / per_class["sum"].sum()
    return [
        f"Of the wrong labels of a class, {share:.0%} name its most frequent wrong class; {1 / (count - 1):.0%} "
        "if they were spread evenly."
    ]


def overlap(table: pd.DataFrame) -> list[str]:
    """A warning where the clearest images have fewer wrong labels than noise by class alone would give them."""
    where = []
    for network, cell in scores.networks(table):
        if _overlaps(cells.at(table[table["network"] == network], *cell)):
            where.append(cells.cell_name(*cell))
    if not where:
        return []
    return [
        f"Warning: in {', '.join(where)}, the clearest images have far fewer wrong labels than networks suspect "
        "in all. Either these networks cannot tell some classes apart, and then the tiers may hold more right "
        "labels than they state; or errors sit on images that are hard to tell, to which the tiers are blind. "
        "Only rechecking tells which: look at some labels of each tier first, or take a better network (for "
        "photographs, features of a pretrained one, as own data of the kind arrays)."
    ]


def _not_identified(table: pd.DataFrame) -> list[str]:
    """A warning where two ways to estimate T, both consistent with the labels, give rates far apart."""
    where = []
    for network, cell in scores.networks(table):
        part = cells.at(table[table["network"] == network], *cell)
        means = part[~part["overlapping"].astype(bool)].groupby("estimator")[["estimate", "low", "high"]].mean()
        if {scores.PROPOSED, OTHER} <= set(means.index):
            own, other = means.loc[scores.PROPOSED], means.loc[OTHER, "estimate"]
            gap = abs(own["estimate"] - other)
            if gap > GAP and not own["low"] <= other <= own["high"]:
                where.append(f"{cells.cell_name(*cell)} ({own['estimate']:.1%} or {other:.1%})")
    if not where:
        return []
    return [
        "Warning: T is not identified in "
        + ", ".join(where)
        + ": two estimates of T that the labels do not tell apart "
        "give shares of wrong labels far from each other. Classes that overlap look like classes that are "
        "confused."
    ]
