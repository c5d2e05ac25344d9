"""The report's tables of test accuracy: means, differences to cross-entropy, every seed, diverged runs."""

from functools import partial

import pandas as pd

from labelnoise.figures import cells, survivors
from labelnoise.figures.survivors import BASELINE
from labelnoise.report import numbers
from labelnoise.report.layout import GROUP, ROW, Group, Table, by_cell

HONEST = ["last", "best_noisy_val"]  # selections that need no clean label
# (selection of the method, selection of cross-entropy)
COMPARISONS = [("last", "last"), ("last", "best_noisy_val"), ("best_noisy_val", "best_noisy_val")]


def split(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """(heading, rows) per network, methods without an oracle first: an oracle is not to be ranked with them."""
    several = table["network"].nunique() > 1
    parts = []
    for network, rows in table.groupby("network"):
        told = rows["oracle"].astype(bool)
        prefix = f"{cells.name(network)}: " if several else ""
        parts += [(prefix, rows[~told]), (f"{prefix}oracles, told the truth: ", rows[told])]
    return [(heading, rows) for heading, rows in parts if not rows.empty]


def means(intervals: pd.DataFrame, methods: list[str], level: float) -> list[Table]:
    """Mean test accuracy with the bootstrap interval, and folded the same with the t interval."""
    kinds = {
        "accuracy": ("Test accuracy", "low", "high", False, "hierarchical bootstrap (seeds, then test images)"),
        "accuracy-t": (
            "Test accuracy, t intervals", "t_low", "t_high", True,
            "t interval over seeds, corrected for overlapping training folds (Nadeau and Bengio 2003)",
        ),
    }  # fmt: skip
    tables = []
    for key, (title, low, high, folded, how) in kinds.items():
        text = partial(numbers.interval, low=low, high=high)
        groups = [
            Group(heading + cells.SELECTIONS[selection], rows, "method", text)
            for selection in HONEST
            for heading, rows in split(cells.means(intervals, "test_accuracy", selection))
        ]
        note = f"Mean over seeds in %, and its {level:.0%} interval: {how}.{_missing(groups, 'incomplete')}"
        tables.append(Table(key, title, note, *by_cell(groups, methods), folded))
    return tables


def differences(intervals: pd.DataFrame, methods: list[str], level: float) -> list[Table]:
    """Paired differences to both forms of cross-entropy, with the bootstrap and (folded) the t interval."""
    kinds = {
        "differences": ("Difference to cross-entropy", "diff_low", "diff_high", False, "hierarchical bootstrap"),
        "differences-t": (
            "Difference to cross-entropy, t intervals", "diff_t_low", "diff_t_high", True,
            "Nadeau–Bengio t interval over seeds",
        ),
    }  # fmt: skip
    tables = []
    for key, (title, low, high, folded, how) in kinds.items():
        text = partial(numbers.difference, low=low, high=high)
        groups = [
            Group(f"{heading}{_versus(*pair)}", rows, "method", text)
            for pair in COMPARISONS
            for heading, rows in split(compared(intervals, *pair))
        ]
        note = (
            f"Percentage points, same seeds, splits and noise on both sides; {level:.0%} interval: {how}. "
            "▲ better and ▼ worse where the interval leaves out 0, each cell on its own: many comparisons, "
            f"no correction for their number.{_missing(groups, 'pair_incomplete')}"
        )
        if groups:
            tables.append(Table(key, title, note, *by_cell(groups, methods), folded))
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


def counts(outcomes: pd.Series) -> str:
    """How many rows have which outcome; incomplete ones are told when there are any."""
    words = ["better", "worse", "undecided"]
    if (outcomes == "incomplete").any():
        words.append("incomplete")
    return ", ".join(f"{(outcomes == word).sum()} {word}" for word in words)


def _missing(groups: list[Group], column: str) -> str:
    """What `n=1 of 2` means, where a table has it."""
    if not any(group.facts[column].any() for group in groups):
        return ""
    return " n=1 of 2: the other seeds diverged and are left out, which flatters what is left."


def score(intervals: pd.DataFrame, methods: list[str]) -> Table | None:
    """Number of noise cells in which a method is clearly better or worse than cross-entropy."""
    columns = {pair: compared(intervals, *pair) for pair in COMPARISONS}
    rows = [
        {GROUP: heading.removesuffix(": ") or "methods", ROW: cells.name(method)}
        | {_versus(*pair): _wins(facts[facts["method"] == method], part) for pair, facts in columns.items()}
        for heading, part in split(pd.concat(columns.values()))
        for method in methods
        if method != BASELINE and (part["method"] == method).any()
    ]
    if not rows:
        return None
    note = (
        "Noise cells in which the interval of the paired difference in test accuracy lies above 0, below 0, "
        "or contains it. Each cell on its own, no correction for the number of comparisons."
    )
    if any(facts["pair_incomplete"].any() for facts in columns.values()):
        note += " Incomplete: seeds diverged on either side; counted as nothing else."
    return Table("score", "Better or worse than cross-entropy", note, pd.DataFrame(rows), {}, False)


def _wins(facts: pd.DataFrame, part: pd.DataFrame) -> str:
    return counts(outcome(facts[facts["network"].isin(part["network"])]))


def _versus(selection: str, baseline: str) -> str:
    return f"{cells.SELECTIONS[selection]}, against cross-entropy at {cells.SELECTIONS[baseline]}"


def seeds(accuracy: pd.DataFrame, methods: list[str]) -> Table:
    """Test accuracy of every single run."""
    groups = [
        Group(heading + cells.SELECTIONS[selection], rows, "method", numbers.raw)
        for selection in HONEST
        for heading, rows in split(accuracy[accuracy["selection"] == selection])
    ]
    note = "Test accuracy in % of every seed, in the order of the seeds."
    return Table("seeds", "Every seed", note, *by_cell(groups, methods), True)


def diverged(accuracy: pd.DataFrame) -> Table | None:
    """Runs whose loss stopped being finite; None when there were none."""
    runs = accuracy[accuracy["diverged_epoch"] >= 0].drop_duplicates(
        ["network", "noise", "noise_rate", "seed", "method"]
    )
    rows = [
        {ROW: cells.name(r.method), "network": r.network, "noise": cells.cell_name(r.noise, r.noise_rate),
         "seed": str(r.seed), "epoch": str(int(r.diverged_epoch))}
        for r in runs.itertuples()
    ]  # fmt: skip
    if not rows:
        return None
    return Table("diverged", "Diverged runs", "First epoch without a finite loss.", pd.DataFrame(rows), {}, False)
