"""Images beside which a label is judged: of one class, not suspected, and as much like the image as can be had.

Shape letters: N examples of the data set, M images, D features.
"""

import numpy as np

from labelnoise.detect import tiers
from labelnoise.detect.types import ORDER
from labelnoise.recheck import verdict
from labelnoise.recheck.detected import AsShown

COUNT = 6  # beside an image
NOBODY = -1
POOL, MOST, FEWEST = 36, 600, COUNT  # of a class; of all classes together; of a class whatever that makes (ours)


def pools(shown: AsShown, classes: int) -> list[np.ndarray]:
    """Positions of the images of each class that are shown beside others, evenly from all that nobody suspects.

    Where P(wrong) is not told, they are the less suspect half of a class; without any list, all of it.
    """
    size = max(min(POOL, MOST // classes), FEWEST)
    return [_evenly(_trusted(shown, np.flatnonzero(shown.given == k)), size) for k in range(classes)]


def _trusted(shown: AsShown, of: np.ndarray) -> np.ndarray:
    """Those `of` a class that are as they are labelled, as far as can be told, in the order of the data set."""
    answer = shown.answers[of]
    of = of[(answer == shown.given[of]) | ((answer == -1) & ~shown.two_labels[of] & np.isfinite(shown.order[of]))]
    if shown.gate.verdict in verdict.STATED:
        return of[(shown.tier[of] == tiers.NONE) | (shown.answers[of] >= 0)]
    if shown.gate.verdict == ORDER:
        return np.sort(of[np.argsort(shown.order[of], kind="stable")][: -(-len(of) // 2)])
    return of


def _evenly(of: np.ndarray, most: int) -> np.ndarray:
    return of[np.linspace(0, len(of) - 1, most).round().astype(int)] if len(of) > most else of


def nearest(
    features: dict[str, np.ndarray], at: np.ndarray, beside: np.ndarray, of: list[np.ndarray]
) -> np.ndarray:
    """int [M, COUNT]: of the pool of class `beside` [M] those nearest to the images at positions `at` [M], by the
    angle between features, each encoder counting alike; NOBODY where the pool has fewer. An image is not beside
    itself. features: name -> [N, D]; beside: -1 for no class.
    """
    found, centred = np.full((len(at), COUNT), NOBODY), [(each, each.mean(0)) for each in features.values()]
    for k in np.unique(beside[beside >= 0]):
        rows, pool = np.flatnonzero(beside == k), of[k]
        alike = sum(_cosines(values, centre, at[rows], pool) for values, centre in centred)
        alike = np.where(at[rows][:, None] == pool, -np.inf, alike)
        best = np.argsort(-alike, 1, kind="stable")[:, :COUNT]
        found[rows, : best.shape[1]] = np.where(
            np.isfinite(np.take_along_axis(alike, best, 1)), pool[best], NOBODY
        )
    return found


def _cosines(values: np.ndarray, centre: np.ndarray, at: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """[rows, pool], around the mean of all features."""
    one, other = (_unit(values[of] - centre) for of in (at, pool))
    return one @ other.T


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)
