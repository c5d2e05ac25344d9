"""The report's tables of test accuracy: means, and differences to cross-entropy."""

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells, survivors
from labelnoise.report import numbers
from labelnoise.report.layout import Group, Table, by_cell

# (selection of the method, selection of cross-entropy); the first is the headline, shown unfolded
COMPARISONS = [("last", "best_noisy_val"), ("last", "last"), ("best_noisy_val", "best_noisy_val")]
BEST, TIED = "● ", "○ "
PLACE = ["network", "noise", "noise_rate"]


def judged_by_noise(accuracy: pd.DataFrame) -> bool:
    """Whether test images are judged by held-out noisy labels, since no clean label is known."""
    return bool((accuracy["judged_by"] == "given_labels").any())


def split(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """(heading, rows) per network, family by family; oracles last: they are not to be ranked with the others."""
    several = table["network"].nunique() > 1
    parts = []
    for network, rows in table.groupby("network"):
        told = rows["oracle"].astype(bool)
        prefix = f"{words.name(network)}: " if several else ""
        groups = words.grouped(list(rows.loc[~told, "method"].unique()))
        parts += [
            (f"{prefix}{family.title}", rows[~told & rows["method"].isin(names)]) for family, names in groups
        ]
        parts.append((f"{prefix}{words.ORACLES}", rows[told]))
    return [(heading, rows) for heading, rows in parts if not rows.empty]


def means(intervals: pd.DataFrame, best: pd.DataFrame, methods: list[str], level: float) -> list[Table]:
    """Mean test accuracy with its interval, and folded at early stopping; `best`: the table of that name."""
    tables = []
    for key, selection in (("accuracy", "last"), ("accuracy-early", "best_noisy_val")):
        groups = _mean_groups(intervals, best[best["contest"] == selection], selection)
        note = (
            f"{words.SELECTIONS[selection].capitalize()}. Mean over seeds in %, and its {level:.0%} t interval "
            f"over seeds. {BEST}highest mean of the column without oracles, {TIED}tied with the best: by "
            "comparisons with the best (Hsu) those marked hold the best method of their column with probability "
            f"{level:.0%}.{_missing(groups, 'incomplete')}"
        )
        title = "Test accuracy" + (", early stopping" if selection == "best_noisy_val" else "")
        tables.append(Table(key, title, note, *by_cell(groups, words.ordered(methods)), key != "accuracy"))
    return tables


def _mean_groups(intervals: pd.DataFrame, best: pd.DataFrame, selection: str) -> list[Group]:
    """Families at `selection`, headed by cross-entropy with early stopping where that is another selection."""
    rows = cells.means(intervals, "test_accuracy", selection)
    early = cells.means(intervals, "test_accuracy", "best_noisy_val")
    early = early[early["method"] == words.BASELINE] if selection != "best_noisy_val" else early[:0]
    marked = _marked(pd.concat([rows, early]), best)
    own, other = marked[marked["selection"] == selection], marked[marked["selection"] != selection]
    groups = [Group(heading, part, "method", numbers.interval) for heading, part in split(own)]
    if other.empty:
        return groups
    compared_with = Group("For comparison: cross-entropy with early stopping", other, "method", numbers.interval)
    return [compared_with, *groups]


def _marked(rows: pd.DataFrame, best: pd.DataFrame) -> pd.DataFrame:
    """`rows` with a column `mark`: the best of each cell and what ties with it, among those that compete."""
    keys = [*PLACE, "method", "selection"]
    found = rows.merge(best[[*keys, "ahead", "tied"]], on=keys, how="left")
    top = found["ahead"] >= 0
    tied = found["tied"].fillna(0).astype(bool)
    return found.assign(mark=pd.Series("", found.index).mask(tied, TIED).mask(top, BEST))


def differences(intervals: pd.DataFrame, methods: list[str], level: float) -> list[Table]:
    """Paired differences to both forms of cross-entropy."""
    tables = []
    for pair in COMPARISONS:
        rows = compared(intervals, *pair)
        groups = [Group(heading, part, "method", numbers.difference) for heading, part in split(rows)]
        note = (
            "Percentage points, same seeds, splits and noise on both sides. ▲ better and ▼ worse: "
            f"{words.MARKED}{_levels(rows, level)}{_missing(groups, 'pair_incomplete')}"
        )
        if groups:
            key, frame = "-".join(["differences", *pair]), by_cell(groups, words.ordered(methods))
            tables.append(Table(key.replace("_", "-"), versus(*pair), note, *frame, pair != COMPARISONS[0]))
    return tables


def _levels(rows: pd.DataFrame, level: float) -> str:
    """At which level intervals are: those of marked rows at one of their own."""
    marked = rows.loc[rows["differs"].astype(bool), "diff_level"]
    picked = f", of marked differences {marked.iloc[0]:.1%} (Benjamini and Yekutieli)" if len(marked) else ""
    return f" t intervals over seeds, {level:.0%}{picked}."


def compared(intervals: pd.DataFrame, selection: str, baseline: str) -> pd.DataFrame:
    """Test accuracy of methods at `selection` against cross-entropy at `baseline`, without itself."""
    rows = survivors.compared(intervals, "test_accuracy", selection)
    return rows[rows["baseline_selection"] == baseline]


def outcome(rows: pd.DataFrame) -> pd.Series:
    """better, worse, undecided or incomplete, for every row of `compared`."""
    text = pd.Series("undecided", rows.index)
    differs = rows["differs"].astype(bool)
    text[differs & (rows["diff"] > 0)], text[differs & (rows["diff"] < 0)] = "better", "worse"
    text[rows["pair_incomplete"]] = "incomplete"  # survivors are not to be ranked
    return text


def versus(selection: str, baseline: str) -> str:
    """What is compared, as a heading."""
    return f"Method at {words.SELECTIONS[selection]} against cross-entropy at {words.SELECTIONS[baseline]}"


def _missing(groups: list[Group], column: str) -> str:
    """What `n=1 of 2` means, where a table has it."""
    if not any(group.facts[column].any() for group in groups):
        return ""
    return " n=1 of 2: the other seeds diverged and are left out, which flatters what is left."
