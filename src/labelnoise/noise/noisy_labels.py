"""Columns of noisy labels: what the noise stage stores and the training stages read.

Shape letters: K columns, N examples of the data set (training and test), C classes.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from labelnoise import files

NOT_TRAINED_ON = -1  # stands in a column where the image is in that seed's test part
# What stands in `answers` where people named no class: below 0, so that `answers >= 0` means answered with one.
UNANSWERED, UNSURE, LEFT_OUT = -1, -2, -3  # nothing; cannot tell: the label stays; the image is to be left out


class NoisyLabels(NamedTuple):
    """One column for each (noise, nominal rate, seed): an array each in the npz file."""

    noise: np.ndarray  # unicode [K]
    noise_rate: np.ndarray  # float64 [K] nominal, as in params.yaml
    seed: np.ndarray  # int64 [K]
    labels: np.ndarray  # int16 [K, N] to train on, -1 where seed tests on the example
    designed: np.ndarray  # float64 [K, C, C] transition[i, j] = P(noisy = j | clean = i)
    realised: np.ndarray  # float64 [K, C, C], of the training examples
    realised_rate: np.ndarray  # float64 [K]; NaN where no clean label is known
    given: np.ndarray  # int16 [K, N] labels before a rechecker's answers were put in their place
    answers: np.ndarray  # int16 [K, N] the class that recheckers named, or UNANSWERED, UNSURE, LEFT_OUT


def save(columns: NoisyLabels, path: Path) -> None:
    """Write the npz file `path`; the same columns give the same bytes."""
    files.save_arrays(path, columns._asdict())


def load(path: Path) -> NoisyLabels:
    """Read what `save` wrote."""
    return NoisyLabels(**files.load_arrays(path))
