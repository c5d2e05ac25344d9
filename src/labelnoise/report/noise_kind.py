"""How noisy the labels are, and of which kind: the report's tables and sentences."""

import numpy as np
import pandas as pd

from labelnoise import words
from labelnoise.figures import cells, noise_matrix, noise_rate
from labelnoise.report import gate, numbers
from labelnoise.report.layout import ROW, Group, Table, by_cell

GAP = 0.05  # share of the labels: two models further apart than this tell a reader different things
EVEN, ONE = 0.1, 0.5  # from 0 (errors of a class spread evenly) to 1 (all go to one class)
NAMED = 3  # confusions in a sentence
LISTED = 12  # confusions in a table


def rates(table: pd.DataFrame) -> Table:
    """Every estimate of the share of wrong labels, the share itself where it is known, and how often the range
    between two models holds it."""
    groups = [Group("estimate", table, "estimator", _estimate)]
    known = table[table["realised_rate"].notna()].assign(estimator="truth")
    held = covered(table)
    if len(known):
        groups.append(Group("share that is wrong", known, "estimator", _truth))
        text = "runs whose range holds the share that is wrong"
        groups.append(Group(text, held, "estimator", lambda facts: numbers.k_of_n(facts["held"])))
    frame, spanners = by_cell(groups, [*noise_rate.estimators(table), "truth"])
    clean = zero(held[~held["held"]]) if len(held) else ""
    over = f" It holds the truth in {numbers.runs(held, held['held'])}.{clean}" if len(held) else ""
    note = (
        f"Share of wrong labels in %, mean over {numbers.seeds(table)}. In brackets the range between two models "
        "of the noise, one cautious, one that takes all doubt for noise: no confidence interval."
        f"{over} Estimators see the given labels only."
    )
    return Table("noise-rate", "Share of wrong labels", note, frame, spanners, False)


def covered(table: pd.DataFrame) -> pd.DataFrame:
    """Runs of known truth whose estimate has a range, with the column `held`: whether the truth lies within."""
    rows = table[table["realised_rate"].notna() & table["low"].notna()]
    return rows.assign(held=rows["realised_rate"].between(rows["low"], rows["high"]))


def _estimate(facts: pd.DataFrame) -> str:
    mean = facts[["estimate", "low", "high"]].mean().map(numbers.percent)
    bounds = "" if mean["low"] == numbers.percent(float("nan")) else f"\n[{mean['low']}–{mean['high']}]"
    return mean["estimate"] + bounds


def _truth(facts: pd.DataFrame) -> str:
    return numbers.percent(facts["realised_rate"].mean())


def confusions(matrix: pd.DataFrame, cell: tuple[str, float]) -> Table:
    """The largest entries of T off the diagonal in one noise cell."""
    shown = noise_matrix.confusions(_of_cell(matrix, cell), LISTED)
    rows = [
        {ROW: f"{r.clean} → {r.given}", "estimate": numbers.percent(r.estimate),
         "range": f"[{numbers.percent(r.low)}, {numbers.percent(r.high)}]", "truth": numbers.percent(r.truth)}
        for r in shown.itertuples()
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[ROW, "estimate", "range", "truth"])
    frame = frame if shown["truth"].notna().any() else frame.drop(columns="truth")
    note = (
        f"True class → given label in {words.cell_name(*cell)}: % of the true class, mean over "
        "seeds. The range lies between two models of the noise, and is no confidence interval."
    )
    return Table("confusions", "Most frequent confusions", note, frame, {}, True)


def _of_cell(matrix: pd.DataFrame, cell: tuple[str, float]) -> pd.DataFrame:
    part = cells.at(matrix, *cell)
    part = part[part["network"] == min(part["network"])]
    return part.assign(clean=part["clean"].astype(str), given=part["given"].astype(str))


def coverage(table: pd.DataFrame) -> list[str]:
    """How often the noise model's range holds the truth, and how far off it is elsewhere, over all cells."""
    rows = covered(table[table["estimator"] == words.NOISE_MODEL])
    if rows.empty:
        return []
    off = np.maximum(rows["low"] - rows["realised_rate"], rows["realised_rate"] - rows["high"])
    outside = rows.assign(off=off)[~rows["held"]]
    said = (
        "How many labels are wrong: a range between two models of the noise, no confidence interval, holds the "
        f"true share in {numbers.runs(rows, rows['held'])}."
    )
    if outside.empty:
        return [said]
    most = outside.loc[outside["off"].idxmax()]
    where = words.cell_name(most["noise"], most["noise_rate"])
    return [
        f"{said} Elsewhere the truth lies {100 * outside['off'].mean():.1f} points beyond its nearer end on "
        f"average, {100 * most['off']:.1f} at most ({where}).{zero(outside)}"
    ]


def zero(outside: pd.DataFrame) -> str:
    """Why a range misses a truth of 0. outside: runs whose range does not hold the truth."""
    clean = outside[(outside["realised_rate"] == 0) & (outside["low"] > 0)]
    if clean.empty:
        return ""
    above = 100 * clean["low"].max()
    near = f"by {above:.1f} points at most" if above >= 0.05 else "by less than 0.1 points"
    return f" Without noise the truth is 0, and ranges that miss it begin above, {near}."


def sentences(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> list[str]:
    """How much is wrong in the cell that the report dwells on, what is confused, and what cannot be known."""
    rates_, matrix = tables["noise_rate"], tables.get("noise_matrix", pd.DataFrame())
    cell = cells.chosen(rates_, noise, rate)
    said = [_how_much(rates_, tables.get("gate"), cell)]
    if not matrix.empty and cell in cells.cells(matrix):
        said += _kind(_of_cell(matrix, cell))
    return [*said, *_not_identified(rates_)]


def how_much(table: pd.DataFrame, judged: pd.DataFrame | None, cell: tuple[str, float]) -> str:
    """The share of wrong labels in a cell, as a range, and the truth; as the gate has it where no truth is known.

    table: `noise_rate`; judged: the table `gate`.
    """
    part = cells.at(table[table["estimator"] == words.NOISE_MODEL], *cell)
    mean = part[["low", "high", "realised_rate"]].mean()
    if pd.isna(mean["realised_rate"]):
        return gate.rate_in_words(judged, cell, mean["low"], mean["high"])
    return f"{numbers.between(mean['low'], mean['high'])}, range between two models"


def _how_much(table: pd.DataFrame, judged: pd.DataFrame | None, cell: tuple[str, float]) -> str:
    part = cells.at(table[table["estimator"] == words.NOISE_MODEL], *cell)
    where = f"{words.cell_name(*cell).capitalize()}: share of wrong labels {how_much(table, judged, cell)}."
    rows = covered(part)
    if rows.empty:
        return f"{where} Such a range is no confidence interval." if "range" in where else where
    injected = not cell[0].startswith(gate.PEOPLE) and cell[0] != gate.ANSWERED
    purpose = " (they were made wrong on purpose)" if injected and rows["realised_rate"].mean() else ""
    return (
        f"{where} In truth {rows['realised_rate'].mean():.1%} are wrong{purpose}. Run by run, the range holds "
        f"the true share in {numbers.k_of_n(rows['held'])}."
    )


def _kind(part: pd.DataFrame) -> list[str]:
    """The largest confusions, and whether errors go to one class or to all."""
    top = noise_matrix.confusions(part, NAMED)
    top = top[top["estimate"] > 0]
    if top.empty:
        return []
    listed = ", ".join(
        f"{r.clean} labelled {r.given} ({r.estimate:.1%}{_range(r.low, r.high)}{_true_share(r.truth)})"
        for r in top.itertuples()
    )
    return [f"Most frequent confusions, as a share of the true class: {listed}.", *_spread(part)]


def _range(low: float, high: float) -> str:
    """Nothing where there is none, or where both models agree."""
    return f", range {numbers.between(low, high)}" if pd.notna(low) and f"{low:.3f}" != f"{high:.3f}" else ""


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
    even = 1 / (count - 1)
    gathered = (share - even) / (1 - even)
    how = "Errors lean to some of the other classes"
    if gathered <= EVEN:
        how = "Errors are spread almost evenly over the other classes"
    if gathered >= ONE:
        how = "Errors of a class go mostly to one other class"
    return [f"{how} ({share:.0%} on the most frequent; {even:.0%} would be even)."]


def _not_identified(table: pd.DataFrame) -> list[str]:
    """A warning where the two models, both consistent with the labels, are far apart."""
    own, where = table[table["estimator"] == words.NOISE_MODEL], []
    for network, cell in cells.places(own):
        mean = cells.at(own[own["network"] == network], *cell)[["low", "high"]].mean()
        if mean["high"] - mean["low"] > GAP:
            where.append(f"{mean['low']:.0%} noise from {mean['high']:.0%} in {words.cell_name(*cell)}")
    return [f"The labels cannot tell {', '.join(where)}: take the rate as a range there."] if where else []
