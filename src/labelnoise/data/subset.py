"""Fewer training images: a random subset, and a long tail over the classes.

With a published test part (test_fold 0), every test image is kept. With folds every image is a training image of
some seeds and a test image of another, so whatever is left out is left out of both.
"""

import numpy as np

from labelnoise.types import Dataset

SUBSET_SEED, LONG_TAIL_SEED = 1, 2  # what is kept belongs to the data set, so it never varies with a run's seed


def reduce(name: str, dataset: Dataset, data) -> Dataset:
    """`dataset` with `data.subset` and then `data.imbalance` applied; the order of the examples stays."""
    if data.subset is not None:
        dataset = random_subset(name, dataset, data.subset)
    if data.imbalance != 1:
        dataset = long_tail(name, dataset, data.imbalance)
    return dataset


def random_subset(name: str, dataset: Dataset, subset: int) -> Dataset:
    """`subset` training images, drawn at random; not stratified, as that would take clean labels.

    With k folds, subset // (k-1) images of each, so that the k-1 folds that a seed trains on have `subset` of them
    (fewer by the remainder). ValueError when there are not as many.
    """
    pool = [np.flatnonzero(dataset.test_fold == fold) for fold in _training_folds(dataset)]
    parts = max(len(pool) - 1, 1)  # folds that one seed trains on
    available = parts * min(map(len, pool))
    if not parts <= subset <= available:
        raise ValueError(f"datasets.{name}.data.subset: {subset} is not in {parts}..{available} (or null for all)")
    rng = np.random.default_rng(SUBSET_SEED)
    return _without_rest(dataset, pool, [rng.permutation(part)[: subset // parts] for part in pool])


def long_tail(name: str, dataset: Dataset, ratio: float) -> Dataset:
    """Exponential class sizes: of class c remain n * ratio^(-c / (C-1)) images, rounded, at least one.

    n is the largest for which every class has enough; the first class has `ratio` times as many as the last. This
    reads the clean labels because it *defines* the data set, as the published long-tail benchmarks do (Cui et al.
    2019, "Class-balanced loss", section 5.1); no method and no split gets to see them. A published test part stays
    whole; with folds, the test folds are long-tailed too.
    """
    labels, classes = dataset.clean_labels, len(dataset.class_names)
    if ratio < 1 or classes < 2 or labels.min() < 0:
        raise ValueError(
            f"datasets.{name}.data.imbalance: {ratio} must be 1 or more, and other than 1 only with two classes "
            "or more and all clean labels known"
        )
    trained = np.isin(dataset.test_fold, _training_folds(dataset))
    pool = [np.flatnonzero(trained & (labels == c)) for c in range(classes)]
    sizes = long_tail_sizes(np.array([len(part) for part in pool]), ratio)
    rng = np.random.default_rng(LONG_TAIL_SEED)
    return _without_rest(dataset, pool, [rng.permutation(part)[:size] for part, size in zip(pool, sizes)])


def long_tail_sizes(counts: np.ndarray, ratio: float) -> np.ndarray:
    """How many images of each class remain, int64 [C], out of `counts` [C]."""
    profile = ratio ** (-np.arange(len(counts)) / (len(counts) - 1))
    largest = (counts / profile).min()
    return np.minimum(np.maximum(np.rint(largest * profile), 1), counts).astype(np.int64)


def _training_folds(dataset: Dataset) -> np.ndarray:
    """[-1] with a published test part; all folds where each is trained on by some seed."""
    folds = np.unique(dataset.test_fold)
    return folds[:1] if folds[0] == -1 else folds


def _without_rest(dataset: Dataset, pool: list[np.ndarray], kept: list[np.ndarray]) -> Dataset:
    """Drop the examples of `pool` that are not in `kept`."""
    keep = np.ones(len(dataset.images), bool)
    keep[np.concatenate(pool)] = False
    keep[np.concatenate(kept)] = True
    return dataset._replace(
        images=dataset.images[keep],
        clean_labels=dataset.clean_labels[keep],
        test_fold=dataset.test_fold[keep],
        human_labels={name: labels[keep] for name, labels in dataset.human_labels.items()},
        files=[file for file, stays in zip(dataset.files, keep) if stays],
        pred_probs=None if dataset.pred_probs is None else dataset.pred_probs[keep],
        contents=tuple(content for content, stays in zip(dataset.contents, keep) if stays),
        groups=None if dataset.groups is None else dataset.groups[keep],
    )
