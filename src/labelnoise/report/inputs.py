"""What the input shows by itself, before anything is trained: the report's table and a sentence on copies."""

import pandas as pd

from labelnoise.report import numbers
from labelnoise.report.layout import ROW, Table


def faults(table: pd.DataFrame) -> Table:
    """What its owner should know of: a row per kind and place."""
    rows = [
        {ROW: r.what, "count": f"{r.count:,.0f}", "where": "" if pd.isna(r.where) else r.where}
        for r in table.itertuples()
    ]
    note = "Seen before anything was computed. Nothing of it was merged or mended."
    return Table("input-faults", "What the input shows by itself", note, pd.DataFrame(rows), {}, False)


def copies(table: pd.DataFrame) -> list[str]:
    """How many there are, and where they are listed."""
    two = table.loc[table["two_labels"].astype(bool), "group"].nunique()
    groups = numbers.counted(table["group"].nunique(), "group")
    labels = f", {two:,} of them with two labels" if two else ""
    return [f"{len(table):,} examples are copies of one another, in {groups}{labels}: tables/copies.csv."]
