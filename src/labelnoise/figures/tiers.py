"""Tiers of suspicion: how many of their labels are wrong, and how many of the wrong labels they hold."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import cells, style
from labelnoise.statistics import proportions

CAPTIONS = {
    "tiers": (
        "Tiers of suspicion",
        "After the gate, checked seeds pooled. Left: wrong labels among those flagged, with 95% intervals "
        "(logit of the pooled share, jackknife over seeds), or, dashed, the range of fewer than five seeds; the "
        "numbers are labels flagged, 0 where the gate withholds the tier. Right: how many of all wrong labels a "
        "tier holds. Obvious: so many that the model expects at most {obvious:.1%} of them to be right after "
        "all; possible: P(wrong) above {possible:.0%} and not obvious; sure: obvious, and every single "
        "predictor contradicts the label.",
    ),
}
# tier: place beside the row, marker, colour
TIERS = {
    "sure": (-0.24, "^", style.GREEN), "obvious": (0.0, "o", style.BLUE), "possible": (0.24, "s", style.VERMILION),
}  # fmt: skip
PROMISED = 95  # % of the labels in the tier `obvious` that should be wrong, at least
LEVEL = 0.95  # of the intervals, as the caption has it
KEYS = ["network", "noise", "noise_rate", "tier"]


def draw(tiers: pd.DataFrame) -> Figure:
    """Share of wrong labels per tier and share of all errors found [%], a row per noise cell, seeds pooled.

    `tiers` is the table of that name. Bars: 95% intervals over seeds; dashed: the range of few seeds.
    """
    table = pooled(tiers)
    items = cells.places(table)
    with style.context():
        fig = Figure(figsize=(9.2, 1.3 + 0.46 * len(items)), layout="constrained")
        left, right = fig.subplots(1, 2, sharey=True)
        for place, (network, cell) in enumerate(items):
            part = cells.at(table[table["network"] == network], *cell)
            for tier, (shift, marker, color) in TIERS.items():
                row = part[part["tier"] == tier]
                if len(row):
                    _row(left, right, row.iloc[0], place + shift, (marker, color))
        left.axvline(PROMISED, color=style.BLACK, linestyle="--", linewidth=1)
        left.set_yticks(range(len(items)), [cells.panel_title(table, *item) for item in items])
        left.set_ylim(len(items) - 0.5, -0.5)
        left.set_xlabel("share of wrong labels [%], 95% interval")
        left.annotate("labels", (1.0, 1.0), xycoords="axes fraction", ha="right", va="bottom", xytext=(32, 2),
                      textcoords="offset points", fontsize=8, color=style.GRAY)  # fmt: skip
        right.set_xlabel("share of all wrong labels that are found [%]")
        right.set_xlim(-3, 103)
        _bands([left, right], len(items))
        fig.legend(handles=_key(left), loc="outside upper center", ncols=3)
    return fig


def pooled(tiers: pd.DataFrame) -> pd.DataFrame:
    """One row per network, noise cell and tier over all seeds, with the columns of `tiers`.

    Shares are weighted by what they are shares of: labels flagged, or (errors_found_share) seeds alike.
    """
    rows = []
    for values, part in tiers.groupby(KEYS, dropna=False):
        count = part["count"].sum()
        known = part[part["share_wrong"].notna()]
        wrong = (known["share_wrong"] * known["count"]).round().to_numpy()
        of = proportions.share(wrong, known["count"].to_numpy(), LEVEL)
        rows.append({
            **dict(zip(KEYS, values)), "count": count, "seeds": len(part), "share_wrong": of.share, "low": of.low,
            "high": of.high, "smallest": of.smallest, "largest": of.largest,
            "errors_found_share": part["errors_found_share"].mean(), "stated": _weighted(part, "stated"),
            "suggestion_right": _weighted(part, "suggestion_right"),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _weighted(part: pd.DataFrame, column: str) -> float:
    known = part[part[column].notna() & (part["count"] > 0)]
    return (known[column] * known["count"]).sum() / known["count"].sum() if len(known) else float("nan")


def _row(left: Axes, right: Axes, row: pd.Series, place: float, look: tuple[str, str]) -> None:
    marker, color = look
    if pd.notna(row["share_wrong"]):
        ends, line = (("smallest", "largest"), ":") if pd.isna(row["low"]) else (("low", "high"), "-")
        left.plot([100 * row[end] for end in ends], [place, place], line, color=color, linewidth=1.3)
        left.plot(100 * row["share_wrong"], place, marker, color=color, markersize=5)
    left.annotate(
        f"{row['count']:,.0f}", (1.0, place), xycoords=("axes fraction", "data"), ha="right", va="center",
        xytext=(32, 0), textcoords="offset points", fontsize=7.5, color=color, annotation_clip=False,
    )  # fmt: skip
    right.plot(100 * row["errors_found_share"], place, marker, color=color, markersize=5.5)


def _bands(axes: list[Axes], count: int) -> None:
    for axis in axes:
        axis.grid(axis="y", visible=False)
        for place in range(1, count):
            axis.axhline(place - 0.5, color="#E4E4E4", linewidth=0.8)


def _key(axis: Axes) -> list:
    looks = {"sure": "sure (within obvious)", "obvious": "obvious", "possible": "possible (not obvious)"}
    return [axis.plot([], [], m, color=color, label=looks[tier])[0] for tier, (_, m, color) in TIERS.items()]
