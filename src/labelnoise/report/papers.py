"""Published values beside the study's, as the report shows them: by paper, and those that do not agree."""

import pandas as pd

from labelnoise import words
from labelnoise.report import numbers
from labelnoise.report.layout import GROUP, ROW, Table

AGREE, NOT = "yes", "no"  # of the column `agrees`
PERCENT = ("accuracy", "noise_rate", "detection")  # metrics that are shown in %, by how they begin or end
GROUPS = {
    ("published", "yes"): "Published, read at the source",
    ("published", "no"): "Published, not verified: no source with an address was read",
    ("recomputed", "yes"): "Recomputed from files that the authors released",
    ("measured", "yes"): "Counted in released labels",
}  # (kind, verified): heading
REGULARIZERS = {"none": "no regulariser", "augmentation_weight_decay": "augmentation and weight decay"}


def by_paper(counts: pd.DataFrame) -> Table:
    """How many of the values of a paper agree; `counts`: the table papers_agreement."""
    rows = [
        {GROUP: heading, ROW: row.paper, "data set": row.dataset, "values": f"{row.values:,}",
         "with one of ours beside them": str(row.here), "agree": _of(row, row.agree),
         "do not agree": _of(row, row.disagree), "undecided": _of(row, row.undecided)}
        for key, heading in GROUPS.items()
        for row in counts[(counts["kind"] == key[0]) & (counts["verified"] == key[1])].itertuples()
    ]  # fmt: skip
    note = (
        "Same data set, noise, rate, method, epoch and metric. Ours agrees where its interval, widened by the "
        "published standard deviation, lies within the published value ± a tolerance that was fixed before; it "
        "does not where that lies outside; else it is undecided. One value may have several of ours beside it, of "
        "several networks."
    )
    return Table("papers", "Values that agree, by paper", note, pd.DataFrame(rows), {}, False)


def _of(row: tuple, count: int) -> str:
    pairs = row.agree + row.disagree + row.undecided
    return f"{count} of {pairs}" if pairs else "–"


def apart(found: pd.DataFrame) -> Table | None:
    """The values that do not agree, with what differs in the protocols; None where there is none."""
    rows = [
        {GROUP: GROUPS[row.kind, row.verified], ROW: f"{row.paper}, {row.table}",
         "method there": _text(row.their_method), "where": _where(row), "metric": words.name(row.metric),
         "published": _with_spread(row), "ours": _with_interval(row), "difference": _difference(row),
         "protocol": _text(row.protocol)}
        for row in found[found["agrees"] == NOT].itertuples()
    ]  # fmt: skip
    if not rows:
        return None
    note = (
        "Shares in %. Published: ± standard deviation over runs, where there is one. What a source does not tell "
        "of its protocol is not listed."
    )
    frame = pd.DataFrame(rows)
    order = {heading: place for place, heading in enumerate(GROUPS.values())}
    frame = frame.sort_values(GROUP, key=lambda names: names.map(order), kind="stable", ignore_index=True)
    return Table("papers-apart", "Values that do not agree", note, frame, {}, True)


def sentences(counts: pd.DataFrame) -> list[str]:
    """What came of the comparison, in short; `counts`: the table papers_agreement."""
    if counts.empty:
        return ["No published value of these images is known."]
    told = []
    for (dataset, stands_in), rows in counts.groupby(["dataset", "stand_in"]):
        images = f"The images stand in for {dataset}. " if stands_in else ""
        told.append(f"{images}{_counted(dataset, rows)}")
    return told


def _counted(dataset: str, rows: pd.DataFrame) -> str:
    total = f"{rows['values'].sum():,} published values of {dataset}"
    if not rows["here"].sum():
        return f"None of {total} is of a noise setting, method and epoch of this study."
    parts = {
        "read at the source": rows[(rows["kind"] == "published") & (rows["verified"] == "yes")],
        "not verified": rows[rows["verified"] == "no"],
        "recomputed from released files": rows[rows["kind"] == "recomputed"],
        "counted in released labels": rows[rows["kind"] == "measured"],
    }
    said = [f"{name}, {_agree(part)}" for name, part in parts.items() if part["here"].sum()]
    return f"Of {total}, {rows['here'].sum():,} have one of ours beside them: {'; '.join(said)}."


def _agree(rows: pd.DataFrame) -> str:
    agree, apart_, undecided = (int(rows[name].sum()) for name in ("agree", "disagree", "undecided"))
    return f"{agree} of {agree + apart_ + undecided} agree, {apart_} do not, {undecided} are undecided"


def _text(value: object) -> str:
    return "–" if pd.isna(value) else str(value)


def _where(row: tuple) -> str:
    """Noise setting, epoch and network of ours."""
    sparse = "" if pd.isna(row.sparsity) else f", sparsity {row.sparsity:g}"
    regularizer = (
        "" if pd.isna(row.regularizer) else REGULARIZERS.get(row.regularizer, words.name(row.regularizer))
    )
    epoch = words.SELECTIONS.get(row.selection, "")
    cell = f"{words.cell_name(row.noise, row.noise_rate)}{sparse}"
    network = "" if pd.isna(row.network) else words.name(row.network)
    return ", ".join(part for part in (cell, network, regularizer, epoch) if part)


def _show(row: tuple, value: float) -> str:
    percent = row.metric.startswith(PERCENT) or row.metric.endswith(PERCENT)
    return numbers.percent(value) if percent else f"{value:.3f}"


def _with_spread(row: tuple) -> str:
    spread = "" if pd.isna(row.std) else f" ± {_show(row, row.std)}"
    return f"{_show(row, row.published)}{spread}"


def _with_interval(row: tuple) -> str:
    return f"{_show(row, row.mean)}{numbers.bounds(row.low, row.high, lambda value: _show(row, value))}"


def _difference(row: tuple) -> str:
    sign = "+" if row.difference > 0 else "−"
    return f"{sign}{_show(row, abs(row.difference))}"
