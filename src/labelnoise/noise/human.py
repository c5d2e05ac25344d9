"""Labels given by people, as a noise 'model': nothing is drawn, every seed gets the same labels.

A data set's `human_labels` has one column per source: `aggregate`, `random1`, `worse`, ... for CIFAR-10N
(Wei et al. 2022), and `given` for the labels of own data. Column `worse` is the noise `human_worse`, column
`given` the noise `given`. Its nominal rate in params.yaml is ignored: it is only a name for the cell (write the
published rate, as in `human_worse: [0.4021]`, so that the cell joins paper tables); the realised rate counts.

The noise `twin_worse` is the synthetic twin of that column, as Wei et al. compare with: labels redrawn from the
transition matrix that the column has, so that both are wrong as often and alike in each class, and only one of
them depends on the image. It is drawn anew for each seed.
"""

import numpy as np

from labelnoise.noise.ledger import realised_transition
from labelnoise.types import Dataset

PREFIX, TWIN = "human_", "twin_"
GIVEN = "given"  # the labels that own data came with: noise and column have the same name


def labelled(dataset: Dataset) -> np.ndarray:
    """bool [N]: all examples but those of own data that came without a label, which no noise model sees either."""
    given_labels = dataset.human_labels.get(GIVEN)
    return np.ones(len(dataset.test_fold), bool) if given_labels is None else given_labels >= 0


def noise_name(column: str) -> str:
    """The noise that stands for that column of `human_labels`."""
    return GIVEN if column == GIVEN else PREFIX + column


def column(noise: str) -> str:
    """The column of `human_labels` that the noise name `noise` stands for."""
    return noise.removeprefix(PREFIX)


def given(labels: np.ndarray, clean_labels: np.ndarray, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """`labels` [N] as they are, and their realised transition [C, C]: nobody designed one."""
    return labels.astype(np.int64), realised_transition(clean_labels, labels, num_classes)
