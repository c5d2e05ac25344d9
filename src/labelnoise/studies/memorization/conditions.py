"""What a network is asked to fit: images with their own labels, with drawn labels, or images without a pattern.

The conditions of Zhang et al. 2017 (arXiv 1611.03530), section 2. Pixels are changed once and for all seeds, in
training and test images alike; labels are drawn once per seed. Clean labels are read here, to make conditions.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.noise import transition
from labelnoise.noise.noisy_labels import NOT_TRAINED_ON
from labelnoise.types import Dataset

WITHOUT_PATTERN = ("shuffled_pixels", "random_pixels", "gaussian")  # conditions that change images, not labels
STREAM = 11  # of random numbers: apart from those of noise models, which start with a seed alone


class Condition(NamedTuple):
    """A name of the tables, and the share of labels that are drawn anew, uniformly over all classes."""

    name: str
    corruption: float


TRUE_LABELS, RANDOM_LABELS = Condition("true_labels", 0.0), Condition("random_labels", 1.0)
RANDOM_PIXELS = Condition("random_pixels", 0.0)


def with_labels(corruption: list[float]) -> list[Condition]:
    """The conditions on unchanged images: true labels, each share of `corruption`, random labels."""
    partly = [Condition("corrupted_labels", share) for share in corruption]
    return [TRUE_LABELS, *partly, RANDOM_LABELS]


def limited(dataset: Dataset, count: int) -> Dataset:
    """At most `count` images with a known truth, training and test images together, drawn at random."""
    known = np.flatnonzero(dataset.clean_labels >= 0)
    kept = np.sort(np.random.default_rng(STREAM).permutation(known)[:count])
    images, clean_labels, test_fold = (part[kept] for part in dataset[:3])
    return dataset._replace(images=images, clean_labels=clean_labels, test_fold=test_fold)


def labels(dataset: Dataset, folds: int, condition: Condition, seed: int) -> np.ndarray:
    """Given labels int16 [N]: -1 where `seed` tests on the image, and where the true label is not known."""
    rng = np.random.default_rng([STREAM, seed, round(condition.corruption * 1e6)])
    matrix = transition.symmetric_all(len(dataset.class_names), condition.corruption)
    drawn = transition.sample(dataset.clean_labels, matrix, rng)
    left_out = (dataset.test_fold == seed % folds) | (dataset.clean_labels < 0)
    return np.where(left_out, NOT_TRAINED_ON, drawn).astype(np.int16)


def images(pixels: np.ndarray, condition: str) -> np.ndarray:
    """uint8 [N, channels, height, width] as `condition` changes them."""
    if condition not in WITHOUT_PATTERN:
        return pixels
    rng = np.random.default_rng([STREAM, WITHOUT_PATTERN.index(condition)])
    if condition == "gaussian":
        return _gaussian(pixels, rng)
    examples, places = len(pixels), pixels.shape[2] * pixels.shape[3]
    one = condition == "shuffled_pixels"  # one order of the pixels for all images, or an own one for each
    order = np.stack([rng.permutation(places) for _ in range(1 if one else examples)])
    flat = pixels.reshape(examples, -1, places)
    return np.take_along_axis(flat, order[:, None], -1).reshape(pixels.shape)


def _gaussian(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise with the mean and variance of the data's pixels, rounded and clipped to their range."""
    drawn = rng.normal(pixels.mean(), pixels.std(), pixels.shape)
    return drawn.round().clip(pixels.min(), pixels.max()).astype(np.uint8)
