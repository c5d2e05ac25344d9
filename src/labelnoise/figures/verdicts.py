"""What came of the comparisons behind each claim about the note: a bar per claim, by verdict."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise.figures import style

LOOKS = {"supported": style.BLUE, "open": "#E4E4E4", "refuted": style.VERMILION}  # verdict: colour
COLUMNS, WIDTH, ROW = 2, 5.2, 0.15  # figures side by side; inches


def draw(claims: pd.DataFrame) -> dict[str, Figure]:
    """Name -> figure, from the table `claims`; nothing where none was tested."""
    tested = claims[claims["verdict"].isin(LOOKS)]
    ids = sorted(tested["id"].unique())
    half = -(-len(ids) // COLUMNS)
    parts = [ids[place : place + half] for place in range(0, len(ids), half)] if ids else []
    return {f"verdicts_{place}": _draw(tested, part) for place, part in enumerate(parts)}


def _draw(tested: pd.DataFrame, ids: list[int]) -> Figure:
    counts = pd.crosstab(tested["id"], tested["verdict"]).reindex(index=ids, columns=list(LOOKS), fill_value=0)
    shares = 100 * counts.div(counts.sum(axis=1), axis=0)
    with style.context():
        fig = Figure(figsize=(WIDTH, ROW * len(ids) + 1.0), layout="constrained")
        axis = fig.subplots()
        start = shares.iloc[:, 0] * 0
        for verdict, color in LOOKS.items():
            edge = {"edgecolor": style.GRAY, "linewidth": 0.6}
            axis.barh(range(len(ids)), shares[verdict], left=start, color=color, label=verdict, **edge)
            start = start + shares[verdict]
        for place, count in enumerate(counts.sum(axis=1)):
            axis.annotate(str(count), (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
        axis.set_yticks(range(len(ids)), [f"no. {number}" for number in ids], fontsize=8)
        axis.set_ylim(len(ids) - 0.4, -0.6)
        axis.set_xlim(0, 100)
        axis.grid(visible=False)
        axis.set_xlabel("comparisons of the claim [%]; right: how many")
        fig.legend(loc="outside upper center", ncols=len(LOOKS))
    return fig
