"""Metrics over weighted items, so that a bootstrap resample is nothing but a row of integer weights.

Shape letters: S resamples, M items, C classes. A metric is `metric(weights [S, M], items) -> [S]`; weight w
means that the item occurs w times, and all ones gives the plain metric. What does not depend on the weights
is worked out once per run by `prepare` or `prepare_train`. A run with any probability that is not finite
has diverged: all its metrics are NaN.

Of probabilities [M, C] the metrics need four numbers per item, `Judged`: so runs are judged one by one, and no two
of them are ever in memory with all their classes.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import chi2

from labelnoise.statistics import proportions

# Smallest normal float32. A float32 softmax underflows to 0 where logits differ by more than about 104, and
# a single log 0 would make the mean infinite: the clip caps one example's loss at 87.3 nats.
SMALLEST = float(np.finfo(np.float32).tiny)
BLOCK = 2**18  # probabilities judged at a time: 2 MiB as float64


class Judged(NamedTuple):
    """One run's predictions against true labels; the numbers are NaN throughout when the run diverged."""

    correct: np.ndarray  # bool [M] the most probable class is the label; False throughout when the run diverged
    confidence: np.ndarray  # [M] of the type of the probabilities, their largest
    likelihood: np.ndarray  # [M] of the same type, that of the label
    brier: np.ndarray  # float64 [M] squared distance between probabilities and one-hot label, 0..2


class Items(NamedTuple):
    """What the test metrics need of one run's predictions; NaN throughout when the run diverged."""

    correct: np.ndarray  # [M] 1 where the most probable class is the label, else 0
    nll: np.ndarray  # [M] nats
    brier: np.ndarray  # [M] squared distance between probabilities and one-hot label, 0..2
    gap: np.ndarray  # [M] correct - confidence
    bin: np.ndarray  # int [M] of the confidence
    variance: np.ndarray  # [bins] sum of confidence (1 - confidence): of the gaps in a bin, were they calibrated
    order: np.ndarray  # int [M] most confident first
    starts: np.ndarray  # int [G] where, in that order, a group begins that AURC may treat as one


class Binned(NamedTuple):
    """The bins of K runs, which a matrix product sums at once."""

    gap: csr_array  # [K * bins, M] correct - confidence in the row of an item's bin, else 0
    gap_squared: csr_array
    inside: csr_array  # 1 there
    runs: int  # K


class TrainItems(NamedTuple):
    """What the memorisation metrics need of one run's predictions on its training part."""

    clean: np.ndarray  # [M] 1 where the given label is the true one
    wrong: np.ndarray  # [M] 1 where it is not
    fitted: np.ndarray  # [M] 1 where the prediction is the given label; NaN when the run diverged
    recovered: np.ndarray  # [M] 1 where the prediction is the true class; NaN when the run diverged


def predictions(probs: np.ndarray) -> np.ndarray:
    """Most probable class [M] of `probs` [M, C]; -1 everywhere when any probability is not finite."""
    return probs.argmax(axis=1) if np.isfinite(probs).all() else np.full(len(probs), -1)


def bin_index(confidence: np.ndarray, bins: int) -> np.ndarray:
    """Equal-width bin 0..bins-1 of each `confidence` [M] in 0..1.

    Bins are (low, high], as in Guo et al. 2017; the first one includes 0.
    """
    return np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1], right=True)


def prepare(probs: np.ndarray, labels: np.ndarray, bins: int = 15) -> Items:
    """Items of predictions `probs` [M, C] against true `labels` [M]; ValueError where a label is no class."""
    return items(judged(probs, labels), bins)


def judged(probs: np.ndarray, labels: np.ndarray) -> Judged:
    """What the metrics need of `probs` [M, C], against true `labels` [M]; ValueError where a label is no class."""
    if len(labels) != len(probs) or labels.min() < 0 or labels.max() >= probs.shape[1]:
        raise ValueError(f"test labels: need {len(probs)} classes in 0..{probs.shape[1] - 1}, all known")
    step = max(1, BLOCK // probs.shape[1])
    rows = [slice(start, start + step) for start in range(0, len(probs), step)]
    of = Judged(*map(np.concatenate, zip(*(_judged(probs[part], labels[part]) for part in rows))))
    if np.isfinite(of.brier).all():  # a sum over all classes, which float32 probabilities cannot make infinite
        return of
    return Judged(np.zeros_like(of.correct), *(np.full_like(part, np.nan) for part in of[1:]))


def _judged(probs: np.ndarray, labels: np.ndarray) -> Judged:
    at, own = (np.arange(len(labels)), labels), probs.astype(np.float64)  # a copy
    own[at] -= 1
    brier = np.square(own, out=own).sum(axis=1)
    return Judged(probs.argmax(axis=1) == labels, probs.max(axis=1), probs[at], brier)


def items(of: Judged, bins: int = 15) -> Items:
    """Items of what was judged."""
    confidence = of.confidence.astype(np.float64)
    correct = np.where(np.isfinite(confidence), of.correct, np.nan)
    order, index = np.argsort(-confidence, kind="stable"), bin_index(confidence, bins)
    return Items(
        correct=correct,
        nll=-np.log(np.maximum(of.likelihood, SMALLEST, dtype=np.float64)),
        brier=of.brier,
        gap=correct - confidence,
        bin=index,
        variance=np.bincount(index, confidence * (1 - confidence), minlength=bins),
        order=order,
        starts=_group_starts(confidence[order], correct[order]),
    )


def _group_starts(confidence: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """First positions of groups within which order does not matter, both arguments sorted by confidence.

    Items of equal confidence are a group; neighbouring groups that are all right, or all wrong, are one.
    """
    tie = np.append(0, np.cumsum(np.diff(confidence) != 0))
    share = (np.bincount(tie, correct) / np.bincount(tie))[tie]
    mixed = (share[1:] > 0) & (share[1:] < 1)
    return np.flatnonzero(np.append(True, (np.diff(share) != 0) | (mixed & (np.diff(tie) != 0))))


def prepare_train(predicted: np.ndarray, given: np.ndarray, truth: np.ndarray) -> TrainItems:
    """Items of `predicted` classes [M] (-1: diverged) for labels `given` [M] whose `truth` [M] may be -1.

    Examples of unknown truth (-1) count neither as correctly nor as wrongly labelled.
    """
    known, finite = truth >= 0, predicted >= 0
    return TrainItems(
        clean=(known & (given == truth)).astype(np.float64),
        wrong=(known & (given != truth)).astype(np.float64),
        fitted=np.where(finite, predicted == given, np.nan),
        recovered=np.where(finite, predicted == truth, np.nan),
    )


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where the whole is empty."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def accuracy(weights: np.ndarray, items: Items) -> np.ndarray:
    """Share of items whose most probable class is the label: [S]."""
    return _share(weights @ items.correct, weights.sum(axis=1))


def nll(weights: np.ndarray, items: Items) -> np.ndarray:
    """Mean negative log-likelihood of the label, in nats: [S]."""
    return _share(weights @ items.nll, weights.sum(axis=1))


def brier(weights: np.ndarray, items: Items) -> np.ndarray:
    """Mean Brier score over all classes, 0..2: [S]."""
    return _share(weights @ items.brier, weights.sum(axis=1))


def ece(weights: np.ndarray, items: Items) -> np.ndarray:
    """Expected calibration error of the top-1 confidence, debiased: the root of `squared_ece`, 0 below 0: [S]."""
    return np.sqrt(np.maximum(squared_ece(weights, items), 0))


def squared_ece(weights: np.ndarray, items: Items) -> np.ndarray:
    """sum_b n_b/n (mean gap of bin b)² over equal-width bins, an unbiased estimate that may lie below 0: [S].

    The l2 form of Kumar et al. 2019 ("Verified uncertainty calibration"), debiased: the square of a bin's mean
    gap has the variance of that mean on top, which makes the usual ECE of a calibrated network of 360 test images
    4 points and more. Here it is a mean over pairs of different items, so that nothing has to be subtracted; in
    theirs the confidences within a bin are one number. A weight says how often a resample drew an item: pairs of
    an item with itself stay out, and so a resample adds no bias. Bins with a single item say nothing. A smooth
    kernel calibration error (Blasiok and Nakkiran 2023) needs no bins, but is biased in the same way.
    """
    return squared_eces(weights, side_by_side([items]))[:, 0]


def side_by_side(runs: list[Items]) -> Binned:
    """The bins of runs that are judged by the same items."""
    bins, items = len(runs[0].variance), len(runs[0].gap)
    at = np.concatenate([of.bin + run * bins for run, of in enumerate(runs)]), np.tile(np.arange(items), len(runs))
    gap = np.concatenate([of.gap for of in runs])
    parts = (csr_array((part, at), shape=(len(runs) * bins, items)) for part in (gap, gap**2, np.ones(len(gap))))
    return Binned(*parts, len(runs))


def squared_eces(weights: np.ndarray, of: Binned) -> np.ndarray:
    """`squared_ece` of each of the runs: [S, K]."""
    items, shape = np.ascontiguousarray(weights.T), (of.runs, -1, len(weights))  # [M, S], [K, bins, S]
    squares = items**2
    total, square = ((part @ own).reshape(shape) for part, own in ((of.gap, items), (of.gap_squared, squares)))
    count, same = ((of.inside @ own).reshape(shape) for own in (items, squares))
    pairs = count**2 - same
    mean = np.divide(total**2 - square, pairs, out=np.zeros(pairs.shape), where=(pairs > 0) | np.isnan(total))
    return _share((count * mean).sum(axis=1).T, weights.sum(axis=1, keepdims=True))


def null_spread(items: Items) -> np.ndarray:
    """a [bins]: were the run calibrated, its squared ECE would be about sum_b a_b (chi²_1 - 1)."""
    count = np.bincount(items.bin, minlength=len(items.variance))
    return np.divide(items.variance, (count - 1) * count.sum(), out=np.zeros(len(count)), where=count > 1)


def ece_floor(spreads: list[np.ndarray], level: float) -> float:
    """What the ECE of calibrated networks stays below with probability `level`: the root of the mean of their
    squared ECE, from the `null_spread` [bins] of each.

    The sum is taken for a multiple of chi² with the same first three moments (Pearson 1959).
    """
    a = np.concatenate(spreads) / len(spreads)
    if not a.any():
        return 0.0
    scale, freedom = (a**3).sum() / (a**2).sum(), (a**2).sum() ** 3 / (a**3).sum() ** 2
    return float(np.sqrt(max(scale * (chi2.ppf(level, freedom) - freedom), 0)))


def aurc(weights: np.ndarray, items: Items) -> np.ndarray:
    """Area under the risk-coverage curve, for integer weights: [S].

    Mean over k = 1..n of the error rate among the k most confident items (Geifman & El-Yaniv 2017). Swapping
    the sums, an error at position p adds (H(n) - H(p - 1)) / n, with H the harmonic numbers. Equal
    confidences have no order: their errors get the mean over the group's positions.
    """
    ordered = weights[:, items.order]
    count = np.add.reduceat(ordered, items.starts, axis=1)
    errors = np.add.reduceat(ordered * (1 - items.correct[items.order]), items.starts, axis=1)
    rate = np.divide(errors, count, out=np.zeros(count.shape), where=count > 0)
    last = np.cumsum(count, axis=1).astype(np.intp)
    harmonic = np.append(0, np.cumsum(1 / np.arange(1, last.max(initial=0) + 1)))
    below = np.append(0, np.cumsum(harmonic))  # below[m] = sum of H(p - 1) over positions p = 1..m
    area = errors.sum(axis=1) * harmonic[last[:, -1]]
    area -= (rate * np.diff(below[last], axis=1, prepend=0)).sum(axis=1)
    return _share(area, last[:, -1])


def labels_fitted(items: TrainItems) -> dict[str, tuple[float, float]]:
    """By the name of a metric below: how many labels it counts, and of how many; NaN where the run diverged."""
    parts = {"fitted_clean": (items.clean, items.fitted), "fitted_wrong": (items.wrong, items.fitted),
             "recovered": (items.wrong, items.recovered)}  # fmt: skip
    return {name: (float(of @ hit), float(of.sum())) for name, (of, hit) in parts.items()}


def fitted_clean(weights: np.ndarray, items: TrainItems) -> np.ndarray:
    """Share of correctly labelled examples predicted as their label: [S], NaN where there is none."""
    return _share(weights @ (items.clean * items.fitted), weights @ items.clean)


def fitted_wrong(weights: np.ndarray, items: TrainItems) -> np.ndarray:
    """Memorisation, the share of wrong labels that are predicted: [S], NaN where no label is wrong."""
    return _share(weights @ (items.wrong * items.fitted), weights @ items.wrong)


def recovered(weights: np.ndarray, items: TrainItems) -> np.ndarray:
    """Share of wrongly labelled examples predicted as their true class: [S], NaN where no label is wrong."""
    return _share(weights @ (items.wrong * items.recovered), weights @ items.wrong)


class Reliability(NamedTuple):
    """One entry per bin of confidence; NaN in empty bins."""

    count: np.ndarray  # int [bins]
    confidence: np.ndarray  # [bins] mean
    accuracy: np.ndarray  # [bins]
    low: np.ndarray  # [bins] Wilson interval of the accuracy
    high: np.ndarray  # [bins]


def binned(confidence: np.ndarray, hit: np.ndarray, bins: int, level: float) -> Reliability:
    """Reliability diagram of any stated probability, `confidence` [M], of the event `hit` [M] (bool).

    The interval is Wilson's; it takes the items as independent.
    """
    index = bin_index(confidence, bins)
    count = np.bincount(index, minlength=bins)
    hits = np.bincount(index, hit, minlength=bins)
    bounds = np.array([proportions.wilson(int(k), int(n), level) for k, n in zip(hits, count)])
    mean_confidence = _share(np.bincount(index, confidence, minlength=bins), count)
    return Reliability(count, mean_confidence, _share(hits, count), bounds[:, 0], bounds[:, 1])
