"""Where an interval of the study falls short of what it is made for; the table `coverage` as the report shows
it."""

import pandas as pd

from labelnoise import words
from labelnoise.coverage import table as coverage
from labelnoise.report import numbers
from labelnoise.report.layout import GROUP, ROW, Table

LISTED = 4  # noise cells in a sentence


def table(found: pd.DataFrame) -> Table:
    """A row per quantity and kind of interval, over all noise cells; how many single cells fall short beside
    it."""
    short = found[coverage.falls_short(found) & (found["noise"] != coverage.ALL)]
    cells = found[found["noise"] != coverage.ALL]
    rows = [
        {GROUP: row.quantity, ROW: row.kind, "source": row.source, "intervals": f"{row.n:,.0f}",
         "hold [%]": f"{numbers.percent(row.share)}{numbers.bounds(row.low, row.high, numbers.percent)}",
         "noise cells that fall short": _of_cells(_same(short, row), _same(cells, row)),
         "median width": f"{row.width:.3g}", "narrowest honest other": _rival(row)}
        for row in found[found["noise"] == coverage.ALL].itertuples()
    ]  # fmt: skip
    note = (
        "Share of intervals that hold the truth, with its Wilson interval; falls short: that lies below "
        f"{coverage.FALLS_SHORT:.0%}. In the study: runs of injected noise. Resampled: audits drawn from each "
        "run; seeds drawn from the differences of the study's own runs. Simulated: made-up seeds. Widths are in "
        "the unit of the quantity, shares where it is one. Honest: does not fall short. A range between two "
        "models is no confidence interval: it says what data cannot decide, and misses where both models are "
        "wrong. Where a truth is 0, as without noise, a range that begins just above 0 misses it too."
    )
    return Table("coverage", "Do the intervals hold?", note, pd.DataFrame(rows), {}, False)


def _same(rows: pd.DataFrame, row: tuple) -> pd.DataFrame:
    return rows[(rows["quantity"] == row.quantity) & (rows["kind"] == row.kind)]


def _of_cells(short: pd.DataFrame, cells: pd.DataFrame) -> str:
    return f"{len(short)} of {len(cells)}" if len(cells) else "–"


def _rival(row: tuple) -> str:
    return "–" if pd.isna(row.rival_width) else f"{row.rival}: {row.rival_width:.3g}"


def sentences(found: pd.DataFrame) -> list[str]:
    """What falls short over all noise cells, and where; then what holds there but not in single cells."""
    whole, cells = found[found["noise"] == coverage.ALL], found[found["noise"] != coverage.ALL]
    told, alone = [], []
    for row in whole.itertuples():
        own = _same(cells, row)
        where = _where(own[coverage.falls_short(own)])
        if coverage.falls_short(whole.loc[[row.Index]]).any():
            told.append(
                f"Falls short: {row.quantity}, {row.kind} ({row.source}) holds the truth in {row.share:.0%} of "
                f"{row.n:,.0f}{where}."
            )
        elif where:
            alone.append(f"{row.quantity}, {row.kind}{where}")
    if not told and not alone:
        return ["No interval falls short: none holds the truth in clearly less than 90% of the cases."]
    what = ["To fall short is to hold the truth in clearly less than 90% of the cases."]
    single = ["In single noise cells alone fall short: " + "; ".join(alone) + "."]
    return [*what, *told, *(single if alone else [])]


def _where(short: pd.DataFrame) -> str:
    """The cells in which it falls short, the worst first."""
    worst = short.sort_values(["share", "noise", "noise_rate"])
    names = [words.cell_name(*cell) for cell in zip(worst["noise"], worst["noise_rate"], strict=True)]
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f" (in {', '.join(names[:LISTED])}{more})" if names else ""
