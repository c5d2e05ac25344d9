"""What the summary has beside the answers: a line on what was run, and one figure."""

from typing import Any

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells
from labelnoise.report import numbers
from labelnoise.report.accuracy import judged_by_noise

# what figures show; the first of which that was drawn into git is the one
SHOWN = {
    "leading_best_noisy_val": "Points of test accuracy against early-stopped cross-entropy, the best methods",
    "unknown": "Points of test accuracy against early-stopped cross-entropy, every method",
    "overview": "Test accuracy of every method in every noise cell",
}


def run(tables: dict[str, pd.DataFrame]) -> str:
    """As in: 39 methods, mlp, 12 noise cells, 10 seeds; judged by clean test labels."""
    table = tables["accuracy"]
    networks = ", ".join(words.name(name) for name in sorted(table["network"].unique()))
    counts = [
        numbers.counted(table["method"].nunique(), "method"), networks,
        numbers.counted(len(cells.cells(table)), "noise cell"), numbers.counted(table["seed"].nunique(), "seed"),
    ]  # fmt: skip
    judged = "held-out noisy labels, since no clean label is known" if judged_by_noise(table) else "clean labels"
    lost = (table["diverged_epoch"] >= 0) & (table["selection"] == "last")
    diverged = f"; {numbers.counted(int(lost.sum()), 'run')} diverged" if lost.any() else ""
    return f"{', '.join(counts)}; tested on {judged}{diverged}."


def commit(name: str, data: dict[str, Any], copied: bool) -> str:
    """The command that tells the commit of what is reported on a data set; empty where the project's git has no
    such report: of the user's own data, and of a preset. data: its section `data` of params.yaml."""
    own = data.get("folder") or data.get("arrays")
    return "" if own or copied else f"Commit: `git log -1 -- reports/{name}`."


def figure(drawn: dict[str, str]) -> tuple[str, str] | None:
    """What the one figure shows, and its address; None where git has none. drawn: where figures are, by name."""
    kept = [name for name in SHOWN if not drawn.get(name, "figures/").startswith("figures/")]
    return (SHOWN[kept[0]], drawn[kept[0]]) if kept else None
