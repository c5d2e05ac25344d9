"""When a run stops early: at the epoch that runs of other seeds, in the same cell, find best on noisy labels.

The validation part of one run has few labels: the epoch that it finds best is mostly chance, and chosen on the run
that it then speaks for. The seeds are those of development. Labels as given are the same for every seed, and the
study's own seeds take their place: each is trained twice, first to say when, then to stop there.
"""

import numpy as np

from labelnoise.runs.results import Selection
from labelnoise.runs.run import Run
from labelnoise.uncertainty.clock import smoothed


def on(run: Run) -> list[Run]:
    """The runs that say when `run` stops: the same on each seed of `held`."""
    return [run._replace(seed=seed, held=()) for seed in run.held]


def epoch(of: Selection) -> int:
    """The epoch, from 0 in the last round, with the highest agreement with noisy validation labels: the mean over
    runs, smoothed over three epochs. -1 where no run has any."""
    curves = np.stack([last_round(run) for _, run in of.each("history_val_accuracy", "rounds")])
    known = np.isfinite(curves)
    count = known.sum(0)
    mean = np.where(count > 0, np.where(known, curves, 0).sum(0) / np.maximum(count, 1), np.nan)
    return int(np.nanargmax(smoothed(mean))) if known.any() else -1


def last_round(run: dict[str, np.ndarray]) -> np.ndarray:
    """Noisy validation accuracy of a run [epochs], of the last of its rounds."""
    curve = run["history_val_accuracy"]
    return curve[-(len(curve) // int(run["rounds"])) :]
