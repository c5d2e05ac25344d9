"""The report's tables of rechecking: what to look at, what it brings, what answers changed."""

from pathlib import Path

import pandas as pd

from labelnoise import words
from labelnoise.figures import budget, cells
from labelnoise.figures.looks import covered
from labelnoise.report import noise_kind, numbers
from labelnoise.report.layout import ROW, Group, Table, by_cell

FOUND = 0.8  # share of the wrong labels that the sentence is about
ANSWERED = "rechecked"  # the noise cell with the answers in place of its labels
FILES = {
    "list.html": "which labels to recheck, with pictures, and how far the list can be trusted",
    "review.html": "one file to look at labels and answer in, with a key for each answer",
    "to_audit.csv": "what to look at next: suspects, and labels drawn at random for the audit, unmarked",
    "to_recheck.csv": "all labels, the most suspect first",
    "label_studio.json": "the top of that list as tasks for Label Studio; not in git: make writes it",
    "label_studio.xml": "the labelling interface for Label Studio",
}


def links(folder: Path) -> list[tuple[str, str]]:
    """Files for people who recheck, as far as they are there: path from `folder`, and what it is."""
    return [(name, told) for name, told in FILES.items() if (folder / name).exists()]


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
            "Labels to recheck in %, mean over seeds (lowest–highest seed); a dash: not reached. No order "
            "can beat the oracle (wrong labels first); random is what you get for nothing."
        )
        frame, spanners = by_cell(groups, budget.orders(rows))
        tables.append(
            Table(f"needed-{100 * error:g}", f"Labels to recheck{who}", note, frame, spanners, error > 0)
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
    return Table("retrained", "Accuracy after rechecking and training anew", note, frame, spanners, True)


def errors_left(table: pd.DataFrame) -> Table:
    """Wrong labels among those that nobody has rechecked: estimate, band, truth, and how often it lies within."""
    rows = table.assign(share=[f"{100 * share:g}%" for share in table["rechecked_share"]])
    groups = [Group("estimate", rows, "share", _estimate)]
    if rows["truth"].notna().any():
        groups.append(
            Group("truth", rows[rows["truth"].notna()], "share", lambda facts: f"{facts['truth'].mean():.0f}")
        )
    held = covered(rows)
    if len(held):
        groups.append(Group("runs whose band holds the truth", held, "share", lambda f: numbers.k_of_n(f["held"])))
    order = list(rows.sort_values("rechecked_share")["share"].unique())
    note = (
        "Wrong labels left after that share was rechecked in the noise model's order: mean over seeds of the "
        "estimate and of its band, from the lowest to the highest of the noise model's two forms, with chance "
        f"over examples. {' '.join(_held(held))} It says what models expect. Answers to an audit "
        "(to_audit.csv) say when to stop."
    )
    return Table("errors-left", "Wrong labels left", note, *by_cell(groups, order), True)


def _held(held: pd.DataFrame) -> list[str]:
    """How far the band can be trusted; held: from `covered`."""
    if held.empty:
        return []
    start = held[held["rechecked_share"] == held["rechecked_share"].min()]
    return [
        f"The band holds the truth in {held['held'].mean():.0%} of {len(held):,} runs × budgets, at the start in "
        f"{numbers.runs(start, start['held'])}; in {held['more'].mean():.0%} more are left than it says."
    ]


def _estimate(facts: pd.DataFrame) -> str:
    mean = facts[["estimate", "low", "high"]].mean()
    return f"{mean['estimate']:.0f}\n[{mean['low']:.0f}–{mean['high']:.0f}]"


def answers(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> Table | None:
    """What the answers changed: the cell (noise, rate) before, and the cell `rechecked`; None without answers."""
    rates = tables.get("noise_rate", pd.DataFrame(columns=["noise"]))
    if ANSWERED not in set(rates["noise"]):
        return None
    noise, rate = cells.chosen(rates[rates["noise"] != ANSWERED], noise, rate)
    rows: list[dict[str, str]] = []
    for label, name in (("labels as they were", noise), ("with the answers", ANSWERED)):
        own = {
            key: table[(table["noise"] == name) & table["seed"].isin(_seeds(table))]
            for key, table in tables.items() if {"noise", "seed"} <= set(table)
        }  # fmt: skip
        if name == noise:
            own = {key: part[part["noise_rate"] == rate] for key, part in own.items()}
        rows.append({ROW: label, **_facts(own)})
    note = (
        f"{words.cell_name(noise, rate).capitalize()}, the same seeds before and after. Share of wrong labels as "
        "a range between two models of the noise; labels flagged, after the gate; test accuracy of cross-entropy. "
        "Mean over seeds."
    )
    return Table("answers", "What the answers changed", note, pd.DataFrame(rows), {}, False)


def _seeds(table: pd.DataFrame) -> set[int]:
    """Of the labels with the answers: label errors are looked for in fewer than networks are trained with."""
    return set(table.loc[table["noise"] == ANSWERED, "seed"])


def _facts(own: dict[str, pd.DataFrame]) -> dict[str, str]:
    rates = own["noise_rate"]
    shown = {"wrong labels": noise_kind.how_much(rates, own.get("gate"), cells.cells(rates)[0])}
    for tier in ("obvious", "possible"):
        count = (
            own["tiers"].loc[own["tiers"]["tier"] == tier, "count"] if "tiers" in own else pd.Series(dtype=float)
        )
        shown[f"{tier} errors"] = "–" if count.empty else f"{count.mean():,.0f}"
    base = own["accuracy"][own["accuracy"]["method"] == "cross_entropy"]
    for selection in ("last", "best_noisy_val"):
        accuracy = base.loc[base["selection"] == selection, "test_accuracy"]
        shown[f"accuracy, {words.SELECTIONS[selection]} [%]"] = numbers.percent(accuracy.mean())
    return shown


def sentences(tables: dict[str, pd.DataFrame]) -> list[str]:
    """How much of the labels must be looked at, by the noise model's order and at random; and when to stop."""
    said = []
    if "budget_needed" in tables and len(tables["budget_needed"]):
        said += _budget(tables["budget_needed"])
    if "errors_left" in tables and len(tables["errors_left"]):
        said += _stop(covered(tables["errors_left"]))
    return said


def _budget(table: pd.DataFrame) -> list[str]:
    part = table[(table["found_share"] == FOUND) & (table["noise"] != "none")]
    rows = part[part["rechecker_error"] == part["rechecker_error"].min()]
    mean = rows.groupby("order")["rechecked_share"].mean()
    if words.NOISE_MODEL not in mean or "random" not in mean or mean[[words.NOISE_MODEL, "random"]].isna().any():
        return []
    ideal = f"; the fewest possible are {mean['oracle']:.0%}" if "oracle" in mean else ""
    return [
        f"Rechecking: to find {FOUND:.0%} of the wrong labels, {mean[words.NOISE_MODEL]:.0%} of the labels must "
        f"be looked at in the noise model's order and {mean['random']:.0%} at random{ideal} (mean over noise "
        f"cells and seeds, rechecked without errors).{_by_people_who_err(part)}"
    ]


def _by_people_who_err(table: pd.DataFrame) -> str:
    """What careless rechecking of right labels costs, which may undo more than is found."""
    own = table[(table["order"] == words.NOISE_MODEL) & (table["rechecker_error"] > 0)]
    told = []
    for error, rows in own.groupby("rechecker_error"):
        found = rows["rechecked_share"].dropna()
        after = f", after {found.mean():.0%} of the labels" if len(found) else ""
        told.append(
            f" If {100 * error:g}% of answers are wrong, {FOUND:.0%} are still found in "
            f"{numbers.runs(rows, rows['rechecked_share'].notna())}{after}."
        )
    return "".join(told)


def _stop(held: pd.DataFrame) -> list[str]:
    return [
        f"Errors left: {said[0].lower()}{said[1:]} So do not stop by it: answers to an audit "
        "(to_audit.csv) say when."
        for said in _held(held)
    ]
