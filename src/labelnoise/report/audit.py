"""What the answers to an audit say: the report's table, by part of the labels, and a sentence.

Words of parts and strata are those of labelnoise.audit. A look is a number of answers after which limits are told.
"""

from typing import Any

import pandas as pd

from labelnoise.report import gate, numbers
from labelnoise.report.layout import GROUP, ROW, Table

LONG = 40  # rows; a longer table is folded
CLASS, LEFT = "class", "left"
# column `what` of the table: heading of its rows; in order
PARTS = {
    "rate": "all labels", "tier": "by tier at the draw", "stratum": "by P(wrong) at the draw",
    CLASS: "by given label", LEFT: "labels that nobody looked at, when more of the list is rechecked",
}  # fmt: skip
ORDER = ("all", "obvious", "suspect", "possible", "doubtful", "rest", "known")  # of tiers and strata


def answers(table: pd.DataFrame, level: float) -> Table | None:
    """What the answers say, by part of the labels; None before the first look. level: of all looks together."""
    rows = sorted(table[table["look"] > 0].itertuples(), key=_place)
    if not rows:
        return None
    frame = pd.DataFrame([
        {GROUP: PARTS[r.what], ROW: _part(r), "answers": f"{r.answered:,.0f} of {r.labels:,.0f}",
         "wrong": "" if r.what == LEFT else f"{r.wrong:,.0f}", "limits": _limits(r)}
        for r in rows
    ])  # fmt: skip
    note = (
        f"{_run(rows[0]).capitalize()}. Answers that count, of all labels of the part; how many say wrong; "
        f"least and most wrong labels of the part: {level:.0%} limits, at all looks together, whatever the noise "
        "model believes. A label of which nobody can tell counts once as right and once as wrong. Where none of "
        "those drawn was wrong, labels that were not drawn may be: the fewer were drawn, the higher the limit. "
        "Errors found so far are none of the labels that nobody looked at."
    )
    return Table("audit", "The audit", note, frame, {}, len(rows) > LONG)


def _place(row: Any) -> tuple[int, float]:
    """Of a row in the table; classes keep their order."""
    within = float(row.of) if row.what == LEFT else 0 if row.what == CLASS else ORDER.index(row.of)
    return list(PARTS).index(row.what), within


def _part(row: Any) -> str:
    if row.what != LEFT:
        return row.of
    return f"its first {100 * float(row.of):g}%" if float(row.of) else "no more of it"


def _limits(row: Any) -> str:
    return f"{row.low:,.0f} to {row.high:,.0f}"


def _run(row: Any) -> str:
    """Whose labels, and after how many answers."""
    return f"{gate.run_name(pd.Series(row._asdict()))}, after {numbers.counted(int(row.look), 'answer')}"


def sentences(tables: dict[str, pd.DataFrame], level: float) -> list[str]:
    """How many labels are wrong by the audit; nothing before the first look."""
    table = tables.get("audit", pd.DataFrame(columns=["what", "look"]))
    rows = table[(table["what"] == "rate") & (table["look"] > 0)]
    return [
        f"Audit ({_run(r)}): {_limits(r)} of {r.labels:,.0f} labels were wrong as given ({level:.0%} limits, "
        f"whatever the noise model believes); {r.wrong:,.0f} of the {r.answered:,.0f} answers that count say so"
        f"{f', and {r.unsure:,.0f} cannot tell' if r.unsure else ''}."
        for r in rows.itertuples()
    ]
