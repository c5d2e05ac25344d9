"""The report's tables of rechecking: what to look at, what it brings, what answers changed."""

from pathlib import Path

import pandas as pd

from labelnoise.figures import budget, cells, scores
from labelnoise.report import numbers
from labelnoise.report.layout import ROW, Group, Table, by_cell
from labelnoise.report.noise_kind import worded

ANSWERED = "rechecked"  # the noise cell with the answers in place of its labels
FILES = {
    "to_recheck.csv": "all labels, the most suspect first",
    "label_studio.json": "the top of that list as tasks for Label Studio",
    "label_studio.xml": "the labelling interface for Label Studio",
}


def links(folder: Path) -> list[tuple[str, str]]:
    """Files for people who recheck, as far as they are there: path from `folder`, and what it is."""
    found = [(path, told) for name, told in FILES.items() for path in sorted(folder.rglob(name))[:1]]
    return [(path.relative_to(folder).as_posix(), told) for path, told in found]


def needed(table: pd.DataFrame) -> list[Table]:
    """Share of the labels to recheck until half, four fifths and 95% of the wrong ones are found."""
    tables = []
    for error in sorted(table["rechecker_error"].unique()):
        rows = table[table["rechecker_error"] == error]
        groups = [
            Group(f"to find {share:.0%} of the wrong labels", part, "order",
                  lambda facts: numbers.spread(facts["rechecked_share"], numbers.percent))
            for share, part in rows.groupby("found_share")
        ]  # fmt: skip
        who = f", rechecker wrong in {100 * error:g}%" if error else ""
        note = (
            "Labels to recheck in %, mean over seeds (lowest–highest seed); a dash: not reached. Random and "
            "oracle (wrong labels first) are what any order lies between."
        )
        frame, spanners = by_cell(groups, budget.orders(rows))
        tables.append(
            Table(f"needed-{100 * error:g}", f"Labels to recheck{who}", note, worded(frame), spanners, error > 0)
        )
    return tables


def retrained(table: pd.DataFrame) -> Table:
    """Test accuracy after the labels at the top of each order were set right, at the last epoch."""
    rows = table[(table["selection"] == "last") & (table["rechecker_error"] == table["rechecker_error"].min())]
    groups = [
        Group(f"{share:.0%} of the labels rechecked", part, "order",
              lambda facts: numbers.spread(facts["test_accuracy"], numbers.percent))
        for share, part in rows.groupby("rechecked_share")
    ]  # fmt: skip
    note = "Test accuracy in % at the last epoch of cross-entropy, mean over seeds (lowest–highest seed)."
    frame, spanners = by_cell(groups, budget.orders(rows))
    return Table("retrained", "Accuracy after rechecking and training anew", note, worded(frame), spanners, True)


def errors_left(table: pd.DataFrame) -> Table:
    """Wrong labels among those that nobody has rechecked: estimate, interval and truth."""
    rows = table.assign(share=[f"{100 * share:g}%" for share in table["rechecked_share"]])
    groups = [Group("estimate", rows, "share", _estimate)]
    if rows["truth"].notna().any():
        groups.append(
            Group("truth", rows[rows["truth"].notna()], "share", lambda facts: f"{facts['truth'].mean():.0f}")
        )
    order = list(rows.sort_values("rechecked_share")["share"].unique())
    note = (
        "Wrong labels left after that share was rechecked in the noise model's order: mean over seeds of the "
        "estimate and of its 95% interval, from the lowest to the highest of the noise model, the same with the "
        "confident joint for T, and its first round; of each, P(label wrong) of examples taken as independent."
    )
    return Table("errors-left", "Wrong labels left", note, *by_cell(groups, order), True)


def _estimate(facts: pd.DataFrame) -> str:
    mean = facts[["estimate", "low", "high"]].mean()
    return f"{mean['estimate']:.0f}\n[{mean['low']:.0f}, {mean['high']:.0f}]"


def answers(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> Table | None:
    """What the answers changed: the cell (noise, rate) before, and the cell `rechecked`; None without answers."""
    rates = tables.get("noise_rate", pd.DataFrame(columns=["noise"]))
    if ANSWERED not in set(rates["noise"]):
        return None
    noise, rate = scores.chosen(rates[rates["noise"] != ANSWERED], noise, rate)
    seeds = set(rates.loc[rates["noise"] == ANSWERED, "seed"])
    rows = []
    for label, name in (("labels as they were", noise), ("with the answers", ANSWERED)):
        own = {
            key: table[(table["noise"] == name) & table["seed"].isin(seeds)]
            for key, table in tables.items() if {"noise", "seed"} <= set(table)
        }  # fmt: skip
        if name == noise:
            own = {key: part[part["noise_rate"] == rate] for key, part in own.items()}
        rows.append({ROW: label, **_facts(own)})
    note = (
        f"{cells.cell_name(noise, rate).capitalize()}, the same seeds before and after. Share of wrong labels as "
        "the noise model estimates it; labels flagged; test accuracy of cross-entropy. Mean over seeds."
    )
    return Table("answers", "What the answers changed", note, pd.DataFrame(rows), {}, False)


def _facts(own: dict[str, pd.DataFrame]) -> dict[str, str]:
    rate = own["noise_rate"][own["noise_rate"]["estimator"] == scores.PROPOSED]
    shown = {"wrong labels [%]": numbers.percent(rate["estimate"].mean())}
    for tier in ("obvious", "possible"):
        count = (
            own["tiers"].loc[own["tiers"]["tier"] == tier, "count"] if "tiers" in own else pd.Series(dtype=float)
        )
        shown[f"{tier} errors"] = "–" if count.empty else f"{count.mean():,.0f}"
    base = own["accuracy"][own["accuracy"]["method"] == "cross_entropy"]
    for selection in ("last", "best_noisy_val"):
        accuracy = base.loc[base["selection"] == selection, "test_accuracy"]
        shown[f"accuracy, {cells.SELECTIONS[selection]} [%]"] = numbers.percent(accuracy.mean())
    return shown


def sentences(tables: dict[str, pd.DataFrame]) -> list[str]:
    """How much of the labels must be looked at, by the noise model's order and at random."""
    table = tables.get("budget_needed", pd.DataFrame())
    if table.empty:
        return []
    part = table[(table["found_share"] == 0.8) & (table["noise"] != "none")]
    rows = part[part["rechecker_error"] == part["rechecker_error"].min()]
    mean = rows.groupby("order")["rechecked_share"].mean()
    if scores.PROPOSED not in mean or "random" not in mean or mean[[scores.PROPOSED, "random"]].isna().any():
        return []
    ideal = f"; the fewest possible are {mean['oracle']:.0%}" if "oracle" in mean else ""
    return [
        f"Rechecking: to find 80% of the wrong labels, {mean[scores.PROPOSED]:.0%} of the labels must be looked "
        f"at in the noise model's order and {mean['random']:.0%} at random{ideal} (mean over noise cells and "
        f"seeds, rechecked without errors).{_by_people_who_err(part)}"
    ]


def _by_people_who_err(table: pd.DataFrame) -> str:
    """What careless rechecking of right labels costs, which may undo more than is found."""
    own = table[(table["order"] == scores.PROPOSED) & (table["rechecker_error"] > 0)]
    told = []
    for error, shares in own.groupby("rechecker_error")["rechecked_share"]:
        never = shares.isna().sum()
        cost = f"never reached in {never} of {numbers.counted(len(shares), 'run')}"
        told.append(f"in {100 * error:g}%: {cost if never else f'{shares.mean():.0%}'}")
    return f" When people err {'; '.join(told)}." if told else ""
