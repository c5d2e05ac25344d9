"""Near copies: an image that was cropped, turned or saved anew, frames of a burst.

Not by a distance, which is another for every encoder and every data set, but by a gap: what lies much nearer than
the neighbours behind it is a copy, where it also looks the same in 16 x 16 grey pixels.

Measured: a tenth of 10,000 images of CIFAR-10 copied with crops of 1 to 6%, turns of up to 2 degrees, brightness
+-8% and JPEG 50 to 85. Found by efficientnet_lite0 alone 81% (32 pixels scaled up), by patches 99.8%, by either
99.8%; of the other images 2.3% were joined, nearly all of them copies in truth.

Shape letters: n examples, D features, E pairs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from labelnoise.detect import neighbours
from labelnoise.features import pictures
from labelnoise.features.pictures import Pictures

LIMIT = 0.65  # of the ratio of a copy's distance to the mean distance of the BEYOND neighbours behind it
BEYOND = 5
CHANCE = 0.002  # share of examples that may pass though nothing is copied: the limit falls with the dimension
NEAR, FAR = 10, 20  # neighbours whose distances tell the dimension: behind all copies that are looked for
FEW, MANY = 3, 9  # copies that an image may have; more than FEW must be close, as a small class lies together too
CLOSE = 0.5  # of the limit
LEAST = 0.05  # a limit below is none: in 4 dimensions or fewer what is dense looks like copies
LIKE, ALIKE = 0.7, 0.8  # correlation of the grey pictures: of copies, of close copies
SIZE = 16  # pixels of a grey picture's side
ROUNDING = 1e-5  # a distance below is 0
BLOCK = 1000  # pictures at a time

Likeness = Callable[[np.ndarray], np.ndarray]  # pairs int [E, 2] -> correlation [E]


class Pairs(NamedTuple):
    """Near copies, each pair at least once."""

    pairs: np.ndarray  # int64 [E, 2] positions
    close: np.ndarray  # bool [E] so near that two labels of a pair contradict each other


def find(features: np.ndarray, likeness: Likeness | None) -> Pairs:
    """Near copies among rows of `features` [n, D], as predictors.scaled makes them. likeness None: there are no
    pictures, and more than FEW copies are not looked for. None are found among FAR examples or fewer."""
    if len(features) <= FAR:
        return Pairs(np.empty((0, 2), np.int64), np.empty(0, bool))
    index, cosine = neighbours.nearest(features, FAR)
    distance = np.maximum(1 - cosine, 0)
    distance[distance < ROUNDING] = 0
    limit = limit_of(distance)
    few = _pairs(index, gaps(distance, limit, FEW))
    if likeness is None:
        return Pairs(few, np.zeros(len(few), bool))
    many = _pairs(index, gaps(distance, CLOSE * limit, MANY))
    found, close = np.concatenate([few, many]), np.repeat([False, True], [len(few), len(many)])
    same = likeness(found)
    kept = same > np.where(close, ALIKE, LIKE)
    return Pairs(found[kept], close[kept])


def limit_of(distance: np.ndarray) -> float:
    """The limit of the ratio, LIMIT or less, from distances [n, FAR] to neighbours; 0 where no copy can be told.

    In m dimensions the number of neighbours within a distance d (1 - cosine, which is half a squared one) grows as
    d ** (m / 2): the nearest is by chance at less than r times the next one's distance in a share r ** (m / 2) of
    cases. m follows from how distances grow from the NEAR-th to the FAR-th neighbour (as Facco et al. 2017 do from
    the first and second, which copies would spoil). Images have 28 to 31 dimensions in features of encoders, where
    LIMIT rules; handwritten digits about 7 in their pixels, where copies must be far nearer.
    """
    near, far = distance[:, NEAR - 1], distance[:, FAR - 1]
    tell = (near > 0) & np.isfinite(far)  # some may have fewer neighbours that were found
    if np.median(near) == 0 or not tell.any():
        return 0.0
    growth = np.median(np.log(far[tell] / near[tell]))
    limit = CHANCE ** (growth / np.log(FAR / NEAR))
    return float(min(LIMIT, limit)) if limit >= LEAST else 0.0


def gaps(distance: np.ndarray, limit: float, most: int) -> np.ndarray:
    """How many of its neighbours are copies of each example, int [n], 0 to `most`: all up to the last one whose
    distance is below `limit` times the mean of the BEYOND behind it. distance [n, FAR], ascending."""
    count = np.zeros(len(distance), int)
    for at in range(1, most + 1):
        count[distance[:, at - 1] < limit * distance[:, at : at + BEYOND].mean(1)] = at
    return count


def _pairs(index: np.ndarray, count: np.ndarray) -> np.ndarray:
    """int64 [E, 2]: every example with the first `count` [n] of its neighbours `index` [n, FAR]."""
    example, place = np.nonzero(np.arange(index.shape[1]) < count[:, None])
    return np.stack([example, index[example, place].astype(np.int64)], axis=1)


def likeness(of: Pictures, rows: np.ndarray) -> Likeness:
    """Correlations of the grey pictures of the examples `rows` [n] of `of`; files are read where asked for."""

    def correlation(pairs: np.ndarray) -> np.ndarray:
        asked, place = np.unique(pairs, return_inverse=True)
        place = place.reshape(pairs.shape)
        grey = np.concatenate(
            [_grey(of, rows[asked[at : at + BLOCK]]) for at in range(0, max(len(asked), 1), BLOCK)]
        )
        return (grey[place[:, 0]] * grey[place[:, 1]]).sum(1)

    return correlation


def _grey(of: Pictures, rows: np.ndarray) -> np.ndarray:
    """float32 [B, SIZE * SIZE] with mean 0 and length 1, 0 of a picture of one grey."""
    if not len(rows):
        return np.empty((0, SIZE * SIZE), np.float32)
    grey = pictures.at(of, rows, SIZE).mean(1).flatten(1).numpy()
    grey = grey - grey.mean(1, keepdims=True)
    return grey / np.maximum(np.linalg.norm(grey, axis=1, keepdims=True), 1e-6)
