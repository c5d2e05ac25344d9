"""The report's tables of single runs: the accuracy of every seed, and runs that diverged."""

import pandas as pd

from labelnoise import words
from labelnoise.report import numbers
from labelnoise.report.accuracy import split
from labelnoise.report.layout import ROW, Group, Table, by_cell


def seeds(accuracy: pd.DataFrame, methods: list[str]) -> list[Table]:
    """Test accuracy of every single run, a table per selection."""
    note = "Test accuracy in % of every seed, in the order of the seeds."
    tables = []
    for selection in words.HONEST:
        rows = split(accuracy[accuracy["selection"] == selection])
        groups = [Group(heading, part, "method", numbers.raw) for heading, part in rows]
        frame = by_cell(groups, words.ordered(methods))
        key = f"seeds-{selection}".replace("_", "-")
        tables.append(Table(key, f"Every seed, {words.SELECTIONS[selection]}", note, *frame, True))
    return tables


def diverged(accuracy: pd.DataFrame) -> Table | None:
    """Runs whose loss stopped being finite; None when there were none."""
    runs = accuracy[accuracy["diverged_epoch"] >= 0].drop_duplicates(
        ["network", "noise", "noise_rate", "seed", "method"]
    )
    rows = [
        {ROW: words.name(r.method), "network": r.network, "noise": words.cell_name(r.noise, r.noise_rate),
         "seed": str(r.seed), "epoch": str(int(r.diverged_epoch))}
        for r in runs.itertuples()
    ]  # fmt: skip
    if not rows:
        return None
    return Table("diverged", "Diverged runs", "First epoch without a finite loss.", pd.DataFrame(rows), {}, False)
