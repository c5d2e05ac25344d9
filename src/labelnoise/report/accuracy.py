"""The report's tables of test accuracy: means, and differences to cross-entropy."""

from functools import partial
from itertools import product

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells, survivors
from labelnoise.report import numbers
from labelnoise.report.layout import Group, Table, by_cell

# (selection of the method, selection of cross-entropy); the first is the headline, shown unfolded
COMPARISONS = [("last", "best_noisy_val"), ("last", "last"), ("best_noisy_val", "best_noisy_val")]
BEST, TIED = "● ", "○ "


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


def means(intervals: pd.DataFrame, methods: list[str], level: float) -> list[Table]:
    """Mean test accuracy with the bootstrap interval, and folded at early stopping and with the t interval."""
    title, how = "Test accuracy", "hierarchical bootstrap (seeds, then test images)"
    t_how = "t interval over seeds, corrected for overlapping training folds (Nadeau and Bengio 2003)"
    kinds = [
        ("accuracy", title, "last", "low", "high", how),
        ("accuracy-early", f"{title}, early stopping", "best_noisy_val", "low", "high", how),
        ("accuracy-t", f"{title}, t intervals", "last", "t_low", "t_high", t_how),
        ("accuracy-early-t", f"{title}, early stopping, t intervals", "best_noisy_val", "t_low", "t_high", t_how),
    ]
    tables = []
    for key, heading, selection, low, high, how in kinds:
        groups = _mean_groups(intervals, selection, partial(numbers.interval, low=low, high=high), high)
        note = (
            f"{words.SELECTIONS[selection].capitalize()}. Mean over seeds in %, and its {level:.0%} interval: "
            f"{how}. {BEST}highest mean of the column without oracles, {TIED}its own interval reaches "
            f"that mean (no test of the paired difference).{_missing(groups, 'incomplete')}"
        )
        tables.append(Table(key, heading, note, *by_cell(groups, words.ordered(methods)), key != "accuracy"))
    return tables


def _mean_groups(intervals: pd.DataFrame, selection: str, text, high: str) -> list[Group]:
    """Families at `selection`, headed by cross-entropy with early stopping where that is another selection."""
    rows = cells.means(intervals, "test_accuracy", selection)
    early = cells.means(intervals, "test_accuracy", "best_noisy_val")
    early = early[early["method"] == words.BASELINE] if selection != "best_noisy_val" else early[:0]
    marked = _marked(pd.concat([rows, early]), high)
    own, other = marked[marked["selection"] == selection], marked[marked["selection"] != selection]
    groups = [Group(heading, part, "method", text) for heading, part in split(own)]
    if other.empty:
        return groups
    return [Group("For comparison: cross-entropy with early stopping", other, "method", text), *groups]


def _marked(rows: pd.DataFrame, high: str) -> pd.DataFrame:
    """`rows` with a column `mark`: the best of each cell and what ties with it, among complete honest means."""
    fair = ~rows["oracle"].astype(bool) & ~rows["incomplete"]
    top = rows["mean"].where(fair).groupby([rows[name] for name in ("network", "noise", "noise_rate")])
    best = top.transform("max")
    mark = (
        pd.Series("", rows.index).mask(fair & (rows[high] >= best), TIED).mask(fair & (rows["mean"] == best), BEST)
    )
    return rows.assign(mark=mark)


def differences(intervals: pd.DataFrame, methods: list[str], level: float) -> list[Table]:
    """Paired differences to both forms of cross-entropy, with the bootstrap and (folded) the t interval."""
    kinds = {
        "": ("", "diff_low", "diff_high", "hierarchical bootstrap"),
        "-t": (", t intervals", "diff_t_low", "diff_t_high", "Nadeau–Bengio t interval over seeds"),
    }
    tables = []
    for (suffix, (ending, low, high, how)), pair in product(kinds.items(), COMPARISONS):
        text = partial(numbers.difference, low=low, high=high)
        rows = compared(intervals, *pair)
        groups = [Group(heading, part, "method", text) for heading, part in split(rows)]
        note = (
            f"Percentage points, same seeds, splits and noise on both sides; {level:.0%} interval: {how}. "
            "▲ better and ▼ worse where the interval leaves out 0, each cell on its own: many comparisons, "
            f"no correction for their number.{_missing(groups, 'pair_incomplete')}"
        )
        if groups:
            key, folded = "-".join(["differences", *pair]) + suffix, pair != COMPARISONS[0] or bool(suffix)
            frame = by_cell(groups, words.ordered(methods))
            tables.append(Table(key.replace("_", "-"), f"{versus(*pair)}{ending}", note, *frame, folded))
    return tables


def compared(intervals: pd.DataFrame, selection: str, baseline: str) -> pd.DataFrame:
    """Test accuracy of methods at `selection` against cross-entropy at `baseline`, without itself."""
    rows = survivors.compared(intervals, "test_accuracy", selection)
    return rows[rows["baseline_selection"] == baseline]


def outcome(rows: pd.DataFrame) -> pd.Series:
    """better, worse, undecided or incomplete, for every row of `compared`."""
    text = pd.Series("undecided", rows.index)
    text[rows["diff_low"] > 0], text[rows["diff_high"] < 0] = "better", "worse"
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
