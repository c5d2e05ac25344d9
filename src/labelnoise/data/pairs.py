"""Many classes from few: two images side by side, and the pair of their classes as the class."""

import numpy as np

from labelnoise.types import Dataset

PAIRING_SEED = 3  # the pairs belong to the data set, so they never vary with the seed of a run
CLASSES = 10  # of each half; images of further classes are left out


def pairs(dataset: Dataset, partners: int) -> Dataset:
    """Every image beside `partners` others of the same test fold: up to 100 classes.

    Partners come from the same fold, so that no half of a test image was ever trained on.
    """
    rng = np.random.default_rng(PAIRING_SEED)
    kept = [
        np.flatnonzero((dataset.test_fold == fold) & (dataset.clean_labels < CLASSES))
        for fold in np.unique(dataset.test_fold)
    ]
    left = np.concatenate([part for part in kept for _ in range(partners)])
    right = np.concatenate([rng.permutation(part) for part in kept for _ in range(partners)])
    names = dataset.class_names[:CLASSES]
    return Dataset(
        images=np.concatenate([dataset.images[left], dataset.images[right]], axis=3),
        clean_labels=dataset.clean_labels[left] * len(names) + dataset.clean_labels[right],
        test_fold=dataset.test_fold[left],
        class_names=[f"{one} {other}" for one in names for other in names],
        asymmetric_map={},
        human_labels={},
        files=[],
    )
