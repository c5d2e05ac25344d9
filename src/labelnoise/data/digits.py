"""The 8x8 handwritten digits that come with scikit-learn (UCI Optical Recognition test set): works offline."""

import numpy as np

from labelnoise.types import Dataset

SPLIT_SEED = 0  # the folds belong to the data set, so they never vary with the seed of a run
# Patrini et al. 2017, section 6: 2 -> 7, 3 -> 8, 5 <-> 6, 7 -> 1.
ASYMMETRIC_MAP = {2: 7, 3: 8, 5: 6, 6: 5, 7: 1}


def load(name: str, data, download) -> Dataset:
    """All 1797 images, uint8 [1797, 1, 8, 8] with values 0..16, in `data.folds` test folds.

    Seed s tests on fold s mod folds, so that every image gets tested. `download` is not needed.
    """
    from sklearn.datasets import load_digits  # slow to import, and stages that only read arrays need it not

    digits = load_digits()
    count = len(digits.target)
    if not 2 <= data.folds <= count:
        raise ValueError(
            f"datasets.{name}.data.folds: {data.folds} is not in 2..{count}, as every image is tested"
        )
    return Dataset(
        images=digits.images.astype(np.uint8)[:, None],
        clean_labels=digits.target.astype(np.int64),
        test_fold=random_folds(count, data.folds),
        class_names=[str(digit) for digit in digits.target_names],
        asymmetric_map=ASYMMETRIC_MAP,
        human_labels={},
        files=[],
    )


def random_folds(count: int, folds: int) -> np.ndarray:
    """Fold of each example, int64 [count]; sizes differ by at most one.

    Not stratified: in use, the clean labels that would be needed for it are not known.
    """
    order = np.random.default_rng(SPLIT_SEED).permutation(count)
    fold = np.empty(count, np.int64)
    fold[order] = np.arange(count) % folds
    return fold
