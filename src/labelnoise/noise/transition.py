"""Designed noise that depends on the class alone: T[i, j] = P(noisy = j | clean = i), rows sum to one.

The builders are pure; `sample` draws each label independently from its row, so the realised rate scatters
around the nominal one. (Tanaka's and the APL authors' code flips an exact count instead.)
"""

import numpy as np

REED = (7, 9, 0, 4, 2, 1, 3, 5, 6, 8)  # as in the code of Goldberger and Ben-Reuven 2017; none stays as it is


def none(num_classes: int) -> np.ndarray:
    """No noise: the identity [C, C]."""
    return np.eye(num_classes)


def random(num_classes: int) -> np.ndarray:
    """Labels without any information: uniform over all classes [C, C] (Zhang et al. 2017, p = 1)."""
    return symmetric_all(num_classes, 1.0)


def symmetric(num_classes: int, rate: float) -> np.ndarray:
    """A share `rate` flips, uniformly, to one of the other classes [C, C] (Patrini et al. 2017)."""
    off_diagonal = 1.0 - np.eye(num_classes)
    return (1.0 - rate) * np.eye(num_classes) + rate / (num_classes - 1) * off_diagonal


def symmetric_all(num_classes: int, rate: float) -> np.ndarray:
    """A share `rate` is redrawn from all classes [C, C]; only rate * (C - 1) / C of the labels change.

    Zhang et al. 2017; the code of Tanaka et al. 2018, DivideMix and ELR. symmetric_all(C, r) is
    symmetric(C, r * (C - 1) / C): convert before comparing papers.
    """
    return (1.0 - rate) * np.eye(num_classes) + rate / num_classes


def pair_flip(num_classes: int, rate: float) -> np.ndarray:
    """A share `rate` of each class i flips to the class i + 1 mod C [C, C] (Han et al. 2018)."""
    return (1.0 - rate) * np.eye(num_classes) + rate * np.roll(np.eye(num_classes), 1, axis=1)


def asymmetric(num_classes: int, rate: float, mapping: dict[int, int]) -> np.ndarray:
    """A share `rate` of each class i in `mapping` flips to mapping[i]; other classes stay clean [C, C].

    The rate is per affected class (Patrini et al. 2017): with half of the classes in the map, half as many
    labels are wrong overall.
    """
    matrix = np.eye(num_classes)
    for source, confused_with in mapping.items():
        matrix[source, source] -= rate
        matrix[source, confused_with] += rate
    return matrix


def fixed_permutation(rate: float) -> np.ndarray:
    """A share `rate` of each of ten classes i flips to REED[i] [10, 10] (Reed et al. 2015, section 4.1)."""
    return asymmetric(len(REED), rate, dict(enumerate(REED)))


def class_dependent(num_classes: int, rate: float, sparsity: float, rng: np.random.Generator) -> np.ndarray:
    """A random matrix [C, C]: mean diagonal 1 - rate, a share `sparsity` of its off-diagonals zero.

    In the manner of Northcutt et al. 2021 (confident learning). Flip rates per class lie between 0 and
    2 * rate (never beyond 1), and a class's errors are spread uniformly on the simplex of its non-zero
    entries. Rows need not be diagonally dominant. At least one entry per class stays non-zero, so a
    sparsity above (C - 2) / (C - 1) counts as that value.
    """
    spread = rng.uniform(size=num_classes)
    flip_rates = rate + min(rate, 1.0 - rate) * (spread - spread.mean())
    weights = rng.exponential(size=(num_classes, num_classes)) * confusable(num_classes, sparsity, rng)
    return np.diag(1.0 - flip_rates) + flip_rates[:, None] * weights / weights.sum(1, keepdims=True)


def confusable(num_classes: int, sparsity: float, rng: np.random.Generator) -> np.ndarray:
    """bool [C, C]: the off-diagonal entries that are not zero, at least one in every row."""
    priority = rng.uniform(size=(num_classes, num_classes))
    np.fill_diagonal(priority, -1.0)
    priority[np.arange(num_classes), priority.argmax(1)] = 2.0  # one per row is kept before all others
    pairs = num_classes * (num_classes - 1)
    kept = max(num_classes, pairs - round(sparsity * pairs))
    return priority >= np.sort(priority, axis=None)[-kept]


def sample(labels: np.ndarray, transition: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noisy labels int64 [N], each drawn from its clean label's row of `transition` [C, C]."""
    return sample_rows(transition[labels], rng)


def sample_rows(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One class int64 [N] from each of the distributions `rows` [N, C], by inverting the cumulative sum."""
    cumulative = rows.cumsum(1)
    cumulative /= cumulative[:, -1:]  # ends at exactly one, so that rounding never draws an impossible class
    return (rng.uniform(size=(len(rows), 1)) >= cumulative).sum(1)
