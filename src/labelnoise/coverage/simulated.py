"""How often the study's kinds of interval hold the truth where it is made up: numbers like those of seeds.

Seeded and small, a few hundred samples each: enough to see an interval that falls short, not to rank good ones.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from labelnoise.statistics import means, proportions

SAMPLES, SEEDS = 2000, 10
COLLAPSE, DEEP = 0.1, 5.0  # one run in ten, by five times the spread of the others
PURITY, ALIKE = 0.97, 0.02  # share that is counted; intraclass correlation of a seed's labels
LABELS = 50  # counted in a seed, on average


class Held(NamedTuple):
    """Of intervals of one kind, drawn again and again."""

    quantity: str
    kind: str
    held: int
    n: int
    width: float  # median


def all_kinds(level: float) -> Iterator[Held]:
    """Means and differences by t and by two standard errors, shares by the jackknife and as if labels were
    independent."""
    rng = np.random.default_rng(0)
    sides = rng.normal(size=(2, SAMPLES, SEEDS))
    yield from of_means("mean over seeds", sides[0], 0.0, level)
    lost = DEEP * (rng.random(sides.shape) < COLLAPSE)
    for name, fewer in (("one side", sides - [[[1.0]], [[0.0]]] * lost), ("both sides", sides - lost)):
        truth = -DEEP * COLLAPSE * (name == "one side")
        yield from of_means(f"difference, one run in ten of {name} collapsed", fewer[0] - fewer[1], truth, level)
    yield from _of_shares(rng, level)


def of_means(quantity: str, values: np.ndarray, truth: float, level: float) -> Iterator[Held]:
    """From samples `values` [D, S] of seeds: t intervals, and beside them mean ± 2 standard errors."""
    of = means.moments(values)
    for kind, half in (("t over seeds", None), ("mean ± 2 standard errors", 2 * of.error)):
        low, high = means.around(of, level)[1:] if half is None else (of.mean - half, of.mean + half)
        inside = (low <= truth) & (truth <= high)
        yield Held(quantity, kind, int(inside.sum()), len(inside), float(np.median(high - low)))


def _of_shares(rng: np.random.Generator, level: float) -> Iterator[Held]:
    """Seeds have shares of their own: beta, so that two labels of a seed have the correlation ALIKE."""
    spread = 1 / ALIKE - 1
    counts = rng.integers(LABELS // 2, 3 * LABELS // 2, (SAMPLES, SEEDS))
    hits = rng.binomial(counts, rng.beta(PURITY * spread, (1 - PURITY) * spread, counts.shape))
    kinds = {
        "jackknife over seeds": lambda hit, count: proportions.share(hit, count, level)[1:3],
        "Wilson, labels taken as independent": lambda hit, count: proportions.wilson(
            int(hit.sum()), int(count.sum()), level
        ),
    }
    for kind, interval in kinds.items():
        low, high = np.array([interval(*of) for of in zip(hits, counts, strict=True)]).T
        inside = (low <= PURITY) & (high >= PURITY)
        yield Held("share, seeds differ", kind, int(inside.sum()), len(inside), float(np.median(high - low)))
