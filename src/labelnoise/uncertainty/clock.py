"""The clock E*: how many epochs plain cross-entropy learns patterns, before it memorises wrong labels."""

from typing import NamedTuple

import numpy as np

UNDECIDED = 3  # among so many last epochs, agreement may still have been rising


class Clock(NamedTuple):
    """E* of one column of labels."""

    epochs: float  # a whole number, at least 1; NaN where no epoch was finite
    censored: bool  # whether agreement still rose when the runs by folds ended
    highest: float  # where agreement was highest, in epochs as above but not rounded


def clock(agreement: np.ndarray, count: int, passes: float) -> Clock:
    """E* from runs by folds, that is from noisy labels alone: agreement with them falls when wrong ones are
    memorised.

    agreement [folds, epochs]: accuracy of each fold's run on the noisy labels that it does not train on, epoch by
    epoch, NaN where it diverged; count: of these labels in all folds; passes: over the full training part, per
    epoch.

    The first epoch whose agreement, over all folds and smoothed over three epochs, is within one standard error of
    the highest (the rule of Breiman et al. 1984): where wrong labels are alike within a class, agreement is flat
    while they are memorised, and the highest epoch is chance. In epochs of a run on the full part; where it is
    censored, as many as the runs by folds had.
    """
    smooth = smoothed(agreement.mean(0))
    if not np.isfinite(smooth).any():
        return Clock(np.nan, False, np.nan)
    best, longest = int(np.nanargmax(smooth)), len(smooth)
    error = np.sqrt(smooth[best] * (1 - smooth[best]) / count)
    first = int(np.flatnonzero(smooth >= smooth[best] - error)[0])
    if first >= longest - UNDECIDED:
        return Clock(float(longest), True, (best + 1) * passes)
    return Clock(max(1.0, float(np.round((first + 1) * passes))), False, (best + 1) * passes)


def smoothed(curve: np.ndarray) -> np.ndarray:
    """Mean over an epoch and those beside it [epochs], as far as they are there; NaN where the epoch itself is."""
    padded = np.concatenate([[np.nan], curve, [np.nan]])
    around = np.stack([padded[:-2], curve, padded[2:]])
    count = np.isfinite(around).sum(0)
    total = np.where(np.isfinite(around), around, 0).sum(0)
    return np.where(np.isfinite(curve), total / np.maximum(count, 1), np.nan)
