"""What the summary has beside the answers: a line on what was run, and one figure."""

from typing import Any

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells
from labelnoise.report import numbers
from labelnoise.report.accuracy import judged_by_noise
from labelnoise.report.recheck import ANSWERED

# what figures show; the first of which that was drawn into git is the one
SHOWN = {
    "leading_best_noisy_val": "Points of test accuracy against early-stopped cross-entropy, the best methods",
    "unknown": "Points of test accuracy against early-stopped cross-entropy, every method",
    "overview": "Test accuracy of every method in every noise cell",
}


def run(tables: dict[str, pd.DataFrame]) -> str:
    """As in: 41 methods (2 are told the noise), mlp, 9 noise cells (12 for the list), 10 seeds; tested on clean
    labels."""
    table = tables["accuracy"]
    networks = ", ".join(words.name(name) for name in sorted(table["network"].unique()))
    counts = [
        f"{numbers.counted(table['method'].nunique(), 'method')}{_told(table)}", networks,
        f"{numbers.counted(len(cells.cells(table)), 'noise cell')}{_of_list(tables)}",
        numbers.counted(table["seed"].nunique(), "seed"),
    ]  # fmt: skip
    judged = "held-out noisy labels, since no clean label is known" if judged_by_noise(table) else "clean labels"
    lost = (table["diverged_epoch"] >= 0) & (table["selection"] == "last")
    diverged = f"; {numbers.counted(int(lost.sum()), 'run')} diverged" if lost.any() else ""
    return f"{', '.join(counts)}; tested on {judged}{diverged}."


def _told(table: pd.DataFrame) -> str:
    """How many methods are oracles, which comparisons leave out."""
    count = table.loc[table["oracle"].astype(bool), "method"].nunique()
    return f" ({count} {'is' if count == 1 else 'are'} told the noise)" if count else ""


def _of_list(tables: dict[str, pd.DataFrame]) -> str:
    """In how many noise cells wrong labels are looked for, where these are not those that networks train on."""
    listed = tables.get("tiers", pd.DataFrame({"noise": []}))
    listed = listed[listed["noise"] != ANSWERED]
    count = len(cells.cells(listed)) if len(listed) else 0
    return f" ({count} for the list)" if count and count != len(cells.cells(tables["accuracy"])) else ""


def commit(name: str, data: dict[str, Any], copied: bool) -> str:
    """The command that tells the commit of what is reported on a data set; empty where the project's git has no
    such report: of the user's own data, and of a preset. data: its section `data` of params.yaml."""
    own = data.get("folder") or data.get("arrays")
    return "" if own or copied else f"Commit: `git log -1 -- reports/{name}`."


def figure(drawn: dict[str, str]) -> tuple[str, str] | None:
    """What the one figure shows, and its address; None where git has none. drawn: where figures are, by name."""
    kept = [name for name in SHOWN if not drawn.get(name, "figures/").startswith("figures/")]
    return (SHOWN[kept[0]], drawn[kept[0]]) if kept else None
