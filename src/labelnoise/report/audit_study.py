"""Audits drawn again and again where the truth is known: whether limits hold, and what answers do to P(wrong).

A look is a number of answers after which limits are told.
"""

import pandas as pd

from labelnoise import words
from labelnoise.report import gate, numbers
from labelnoise.report.layout import GROUP, ROW, Table

LOOK = 100  # answers that tables and sentences are about; where there is no such look, the nearest
TWICE = 20  # labels with a blind second answer, as labelnoise.audit.slips.FEWEST
HOLD, WIDTH = "limits hold [%]", "width [% of labels]"  # headings over columns
ECE, OFF = "ECE after", "share off by [points] after"


def tables(of: dict[str, pd.DataFrame]) -> list[Table | None]:
    """`of` has no table without rows."""
    found = [holds(of["audit_coverage"]), slips(of["audit_coverage"])] if "audit_coverage" in of else []
    return found + ([recalibrated(of["recalibrated"])] if "recalibrated" in of else [])


def holds(table: pd.DataFrame) -> Table | None:
    """How often limits hold and how wide they are, beside the textbook's and the model's; a row per noise cell."""
    rows = _of_look(table, 0.0)
    if rows.empty:
        return None
    frame = pd.DataFrame([{ROW: name} | _holds(part) for name, part in gate.each_cell(rows)])
    note = (
        f"{rows['draws'].max():,.0f} audits of each run, drawn where the truth is known; {_look(table)} answers, "
        "all of them right. Share of audits whose limits hold the number of wrong labels, mean over seeds "
        "(lowest seed); median width. Textbook: estimate ± standard errors of stratified sampling. Range: between "
        "two models of the noise; seeds in which it holds that number."
    )
    return Table("audit-holds", "Do the audit's limits hold?", note, frame, _spanners(frame, HOLD, WIDTH), False)


def _holds(part: pd.DataFrame) -> dict[str, str]:
    """Without wrong answers, what people would call wrong is wrong: one column for both."""
    ranged = part["model_covered"].dropna()
    return {
        f"{HOLD} audit": numbers.with_lowest(part["answers_covered"]),
        f"{HOLD} textbook": numbers.with_lowest(part["textbook_covered"]),
        f"{HOLD} range": numbers.k_of_n(ranged) if len(ranged) else "–",
        f"{WIDTH} audit": numbers.percent(part["width"].mean()),
        f"{WIDTH} textbook": numbers.percent(part["textbook_width"].mean()),
        f"{WIDTH} range": numbers.percent(part["model_width"].mean()),
    }


def slips(table: pd.DataFrame) -> Table | None:
    """The same of people who err: limits of what they answer, and of the truth."""
    rows = [
        {GROUP: f"{100 * error:g}% of answers wrong", ROW: name} | _slips(part)
        for error in _errors(table)
        for name, part in gate.each_cell(_of_look(table, error))
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    note = (
        f"The same audits, answered by people who err, on right labels and on wrong ones; {_look(table)} "
        "answers. Share of audits whose limits hold the number of labels that such people would call wrong, and "
        f"the number that is wrong in truth. Widened: by a blind second look at {TWICE} labels, which tells how "
        "far people err. Mean over seeds (lowest seed)."
    )
    spanners = _spanners(frame, HOLD, WIDTH)
    return Table("audit-slips", "Do they hold for people who err?", note, frame, spanners, True)


def _slips(part: pd.DataFrame) -> dict[str, str]:
    return {
        f"{HOLD} answers": numbers.with_lowest(part["answers_covered"]),
        f"{HOLD} truth": numbers.with_lowest(part["truth_covered"]),
        f"{HOLD} truth, widened": numbers.with_lowest(part["widened_covered"]),
        f"{WIDTH} limits": numbers.percent(part["width"].mean()),
        f"{WIDTH} widened": numbers.percent(part["widened_width"].mean()),
    }


def recalibrated(table: pd.DataFrame) -> Table:
    """What answers do to P(wrong), after each look."""
    frame = pd.DataFrame([{ROW: name} | _recalibrated(part) for name, part in gate.each_cell(table)])
    note = (
        f"P(wrong) set right by so many answers, all of them right; mean over {table['fits'].max():.0f} audits of "
        "each run, and over seeds. ECE: mean distance of stated and true share of wrong labels, over bins. Share: "
        "distance of the mean P(wrong) from the share of labels that are wrong."
    )
    return Table("recalibrated", "P(wrong) after an audit", note, frame, _spanners(frame, ECE, OFF), False)


def _recalibrated(part: pd.DataFrame) -> dict[str, str]:
    mean = part.groupby("look")[["ece", "rate_error"]].mean()
    ece = {f"{ECE} {look:.0f} answers": f"{value:.3f}" for look, value in mean["ece"].items()}
    return ece | {f"{OFF} {look:.0f} answers": numbers.percent(of) for look, of in mean["rate_error"].items()}


def _spanners(frame: pd.DataFrame, *headings: str) -> dict[str, list[str]]:
    return {heading: [name for name in frame if name.startswith(f"{heading} ")] for heading in headings}


def _look(table: pd.DataFrame) -> int:
    return int(min(table["look"].unique(), key=lambda look: (abs(look - LOOK), look)))


def _errors(table: pd.DataFrame) -> list[float]:
    """Shares of answers that are wrong, without 0."""
    return sorted(set(table["rechecker_error"]) - {0.0})


def _of_look(table: pd.DataFrame, error: float) -> pd.DataFrame:
    """Rows of the look that is told, of people who err with probability `error`: a row per run."""
    return table[(table["look"] == _look(table)) & (table["rechecker_error"] == error)]


def sentences(of: dict[str, pd.DataFrame], level: float) -> list[str]:
    """Whether limits hold, and what answers do to P(wrong). level: of all looks together."""
    filled = {name: table for name, table in of.items() if not table.empty}
    said = []
    if "audit_coverage" in filled:
        said += [*_covered(filled["audit_coverage"], level), *_by_people_who_err(filled["audit_coverage"])]
    return said + (_set_right(filled["recalibrated"]) if "recalibrated" in filled else [])


def _covered(table: pd.DataFrame, level: float) -> list[str]:
    """The lowest share of audits whose limits hold, how wide they are, and how other intervals do."""
    own = _of_look(table, 0.0)
    if own.empty:
        return []
    least, ranged = table.loc[table["answers_covered"].idxmin()], own["model_covered"].dropna()
    of_look = 1 - (1 - level) / table["look"].nunique()  # as labelnoise.audit.statements.at_look
    held = numbers.runs(own.loc[ranged.index], ranged)
    ranges = f", the range between two models of the noise in {held}" if len(ranged) else ""
    wide, usual = (f"{own[name].median():.1%}" for name in ("width", "textbook_width"))
    return [
        f"Audit limits, made for {of_look:.1%} at a look, hold the number of labels that people would call wrong "
        f"in at least {least['answers_covered']:.1%} of {table['draws'].max():,.0f} audits, over all noise cells, "
        f"seeds, numbers of answers and shares of wrong ones (least in {_where(least)}). After {_look(table)} "
        f"answers they are {wide} of the labels wide, the textbook interval {usual} (median over "
        f"{numbers.runs(own)}); that holds in {_held(own['textbook_covered'])}{ranges}."
    ]


def _where(row: pd.Series) -> str:
    slip = f", {100 * row['rechecker_error']:g}% of them wrong" if row["rechecker_error"] else ""
    cell = words.cell_name(row["noise"], row["noise_rate"])
    return f"{cell}, seed {row['seed']:.0f}, after {row['look']:.0f} answers{slip}"


def _by_people_who_err(table: pd.DataFrame) -> list[str]:
    """What wrong answers cost where the truth is asked for: limits of answers are none of the truth."""
    told = "; ".join(
        f"if {100 * error:g}% of answers are wrong, limits hold the true number of errors in "
        f"{_held(part['truth_covered'])}; widened by {TWICE} blind second answers, to "
        f"{part['widened_width'].median():.1%} of the labels from {part['width'].median():.1%}, in "
        f"{_held(part['widened_covered'])}"
        for error in _errors(table)
        for part in [_of_look(table, error)]
    )
    return [f"Audit by people who err, after {_look(table)} answers: {told}."] if told else []


def _held(shares: pd.Series) -> str:
    return f"{shares.mean():.1%} of audits ({shares.min():.1%} at worst)"


def _set_right(table: pd.DataFrame) -> list[str]:
    """ECE and the error of the rate by answers; and in how many cells the last look leaves ECE lower than none."""
    mean = table.groupby("look")[["ece", "rate_error"]].mean()
    by_cell = table.groupby(["network", "noise", "noise_rate", "look"])["ece"].mean().unstack()
    lower = by_cell.iloc[:, -1] < by_cell.iloc[:, 0]
    looks, ece = (
        ", ".join(f"{of:{form}}" for of in row) for row, form in ((mean.index, ".0f"), (mean["ece"], ".3f"))
    )
    off = ", ".join(numbers.percent(value) for value in mean["rate_error"])
    return [
        f"P(wrong) set right by the audit, after {looks} answers: mean distance of stated and true share (ECE) "
        f"{ece}; its share of wrong labels is off by {off} points (mean over "
        f"{numbers.runs(table[table['look'] == mean.index[0]])}). After {mean.index[-1]:.0f} answers ECE is lower "
        f"than before in {numbers.k_of_n(lower)} noise cells."
    ]
