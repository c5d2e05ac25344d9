"""What runs train on, and, kept apart, the truth that judges them.

`TrainingData` goes into programs; it holds no clean label. `Reference` goes into opaque monitors and into tables.

Shape letters: K columns of labels, N examples, C classes.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from labelnoise.noise.noisy_labels import LEFT_OUT, NoisyLabels
from labelnoise.params import Params, network
from labelnoise.train.program import Images
from labelnoise.types import Dataset

MAIN = "study"  # the data set itself with the columns of the noise stage
CLEAN, GIVEN = "clean_labels", "given_labels"  # what test images are judged by
BLOCK = 1024  # images whose pixels are numbers of eight bytes at a time
ENOUGH = 50  # clean labels of a test part: with fewer, an accuracy has a standard error above seven points
Column = tuple[str, float, int, str]  # noise, nominal rate, seed, what was done to the labels after the draw


class TrainingData(NamedTuple):
    """Images and given labels, and how networks are trained on them."""

    images: Images
    labels: np.ndarray  # int16 [K, N] given labels, -1 where a seed tests on the image
    columns: dict[Column, int]  # where the labels of a run are
    num_classes: int
    smallest_pool: int  # labels, before answers, that a seed does not test on, for the seed with the fewest
    validation_fraction: float
    training: dict[str, Any]  # `training` of the data set's section
    networks: dict[str, dict[str, Any]]  # whole rows of `networks`
    device: str

    def column(self, noise: str, noise_rate: float, seed: int, change: str = "") -> np.ndarray:
        """int64 [N]: the given labels of a run."""
        return self.labels[self.columns[noise, noise_rate, seed, change]].astype(np.int64)


class Reference(NamedTuple):
    """The labels by which images are judged, and what they are."""

    name: str  # CLEAN or GIVEN
    labels: np.ndarray  # int64 [N], -1 where an image is not judged


class Data(NamedTuple):
    """What runs train on, and the truth about it."""

    training: TrainingData
    reference: Reference
    clean_labels: np.ndarray  # int64 [N], -1 where the truth is not known
    designed: np.ndarray | None  # float64 [K, C, C] P(noisy = j | clean = i); None where nothing was drawn
    test_fold: np.ndarray  # int [N]
    folds: int

    def tested(self, seed: int) -> np.ndarray:
        """bool [N]: images that `seed` tests on. Others may lack a label too: none given, or left out."""
        return self.test_fold == seed % self.folds


def of_columns(
    params: Params, name: str, dataset: Dataset, drawn: NoisyLabels, device: str, **training: Any
) -> Data:
    """The data set `name` with drawn columns of labels. training: settings that differ from its section's."""
    section = params.datasets[name]
    # labels before answers: what these leave out shall not train everything again
    labelled = dataset.human_labels.get("given", np.zeros_like(dataset.test_fold)) >= 0
    folds = section.data.folds
    pools = [int((labelled & (dataset.test_fold != fold)).sum()) for fold in range(folds)]
    keys = zip(drawn.noise.tolist(), drawn.noise_rate.tolist(), drawn.seed.tolist(), strict=True)
    own = TrainingData(
        standardized(dataset, section.data.standardise),
        drawn.labels,
        {(*key, ""): at for at, key in enumerate(keys)},
        len(dataset.class_names),
        min(pools),
        section.validation_fraction,
        section.training.model_dump() | training,
        {row: network(params.networks, row) for row in params.networks},
        device,
    )
    return Data(own, reference(dataset), dataset.clean_labels, drawn.designed, dataset.test_fold, folds)


def standardized(dataset: Dataset, by: str = "all") -> Images:
    """Images with the mean and standard deviation of all pixels of images that are ever trained on; by = channel:
    of each channel by itself; by = image: of each image (`per_image`)."""
    if by == "image":
        return Images(dataset.images, *per_image(dataset.images))
    pixels, trained = dataset.images, dataset.test_fold < 0
    chosen = pixels[trained] if trained.any() else pixels
    if by == "channel":
        return Images(pixels, *per_channel(chosen))
    return Images(pixels, float(chosen.mean()), float(chosen.std()))


def per_channel(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each channel of images, float32 [1, channels, 1, 1]; the latter is 1 where a
    channel is of one value."""
    channels = range(pixels.shape[1])
    mean = np.array([pixels[:, channel].mean() for channel in channels])
    std = np.array([pixels[:, channel].std() for channel in channels])
    found = np.stack([mean, np.where(std > 0, std, 1)]).astype(np.float32)
    return tuple(found[:, None, :, None, None])


def per_image(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the values of each image, float32 [N, 1, 1, 1]; the latter at least
    1 / sqrt(number of values), so that an image of one colour becomes 0 (TensorFlow's per_image_standardization,
    which is the whitening of Zhang et al. 2017)."""
    least = 1 / math.sqrt(pixels[0].size)
    found = np.empty((2, len(pixels), 1, 1, 1), np.float32)
    for start in range(0, len(pixels), BLOCK):
        block = pixels[start : start + BLOCK].astype(np.float64)
        found[0, start : start + BLOCK] = block.mean((1, 2, 3), keepdims=True)
        found[1, start : start + BLOCK] = block.std((1, 2, 3), keepdims=True).clip(least)
    return found[0], found[1]


def reference(dataset: Dataset) -> Reference:
    """Clean labels where every test part has ENOUGH; else the labels as given, which are noisy: they can tell
    which of two methods is better, but not how good it is. Data that have no labels as given have clean ones."""
    known = dataset.clean_labels >= 0
    parts = np.unique(dataset.test_fold[dataset.test_fold >= 0])
    enough = known.any() and all(known[dataset.test_fold == part].sum() >= ENOUGH for part in parts)
    if enough or "given" not in dataset.human_labels:
        return Reference(CLEAN, dataset.clean_labels)
    return Reference(GIVEN, dataset.human_labels["given"].astype(np.int64))


def answered(of: Reference, columns: NoisyLabels) -> Reference:
    """With the answers of a rechecker in place of labels as given, and nothing where an image is left out.

    The monitor keeps the labels as given. They are part of each run's key, so using the answers would train
    everything again.
    """
    if of.name == CLEAN:
        return of
    answers = columns.answers.max(0)  # the same in every column that has any
    left_out = (columns.answers == LEFT_OUT).any(0)
    return of._replace(labels=np.where(left_out, -1, np.where(answers >= 0, answers, of.labels)))
