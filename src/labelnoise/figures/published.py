"""Published values beside ours: a point per pair, on the diagonal where they are the same."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise.figures import style

LOOKS = {"yes": (style.BLUE, "o", "agrees"), "undecided": ("white", "o", "undecided"),
         "no": (style.VERMILION, "X", "does not agree")}  # fmt: skip
SIZE = (5.2, 3.2)  # inches
SHARES = ("accuracy", "noise_rate", "detection")  # metrics between 0 and 1, by how they begin or end


def draw(papers: pd.DataFrame) -> dict[str, Figure]:
    """Name -> figure, from the table `papers`, of shares alone; none where no value of ours stands beside one."""
    shares = papers["metric"].map(lambda name: name.startswith(SHARES) or name.endswith(SHARES))
    rows = papers[shares.astype(bool)]
    rows = rows[rows["mean"].notna() & rows["published"].notna()]
    return {"published": _draw(rows)} if len(rows) else {}


def _draw(rows: pd.DataFrame) -> Figure:
    with style.context():
        fig = Figure(figsize=SIZE, layout="constrained")
        axis = fig.subplots()
        low = 100 * min(rows["mean"].min(), rows["published"].min())
        axis.plot([low, 100], [low, 100], "--", color=style.GRAY, linewidth=1)
        for agrees, (face, marker, label) in LOOKS.items():
            part = rows[rows["agrees"].astype(str) == agrees]
            color = style.BLUE if face == "white" else face
            axis.plot(100 * part["published"], 100 * part["mean"], marker, color=color, markerfacecolor=face,
                      linestyle="", label=f"{label} ({len(part)})")  # fmt: skip
        axis.set_xlabel("published [%]")
        axis.set_ylabel("ours [%]")
        axis.legend()
    return fig
