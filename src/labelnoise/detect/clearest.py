"""T low: the noise matrix that the clearest examples show.

Noise that depends on the class alone hits the clearest examples of a class as often as all others, doubt does not
(anchor points: Liu and Tao 2016): so their labels tell what is noise. Taking all doubt for noise instead gives the
confident joint, the other end of the bracket (T high).

Shape letters: n examples, C classes; T[i, j] = P(given = j | true = i), rows sum to one.
"""

import numpy as np
from scipy.special import gammaln

from labelnoise.detect import topk
from labelnoise.detect.topk import Probs

SHARES = (0.5, 0.35, 0.25, 0.175, 0.125)  # of the examples predicted as a class, largest margin first
ERRORS = 1.5  # standard errors that a larger share's disagreement may lie above a smaller one's (Lepski)
CONCENTRATIONS = np.geomspace(0.3, 3000, 30)  # of the priors, of which the marginal likelihood chooses


def transition(probs: Probs, labels: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """T [C, C] from out-of-sample `probs` [n, C] and given `labels` [n]. weight [n]: how much an example counts,
    less than 1 where it has copies: an error that is stored four times is one error."""
    weight = np.ones(len(labels)) if weight is None else weight
    return smoothed(counts(probs, labels, share(probs, labels, weight), weight))


def counts(probs: Probs, labels: np.ndarray, part: float, weight: np.ndarray | None = None) -> np.ndarray:
    """How often (predicted, given) occurs [C, C] among the clearest `part` of each predicted class."""
    weight = np.ones(len(labels)) if weight is None else weight
    predicted, classes = topk.likeliest(probs), topk.classes(probs)
    order = np.argsort(-topk.margin(probs), kind="stable")
    members = order[np.argsort(predicted[order], kind="stable")]  # class by class, the clearest first
    size = np.bincount(predicted, minlength=classes)
    place = np.arange(len(members)) - np.repeat(np.cumsum(size) - size, size)
    clear = members[place < np.repeat(np.ceil(part * size), size)]
    pairs = predicted[clear] * classes + labels[clear]
    return np.bincount(pairs, weight[clear], classes**2).reshape(classes, classes)


def share(probs: Probs, labels: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The largest of SHARES whose labels disagree with the prediction not clearly more often than those of any
    smaller one: below it doubt has no part in the disagreement."""
    rates = []
    for part in SHARES:
        found = counts(probs, labels, part, weight)
        total = found.sum()
        rates.append((max(1 - found.trace() / total, min(1 / total, 1)), total))  # few groups weigh less than 1
    for at, part in enumerate(SHARES):
        if all(rates[at][0] - rate <= ERRORS * _error(rate, total) for rate, total in rates[at + 1 :]):
            return part
    return SHARES[-1]


def _error(rate: float, total: float) -> float:
    return float(np.sqrt(max(rate, 1 / total) * max(1 - rate, 0) / total))


def smoothed(found: np.ndarray) -> np.ndarray:
    """T [C, C] from counts (true, given) [C, C] by empirical Bayes.

    The share of errors of a class has a Beta prior around that of all classes, where errors go a Dirichlet prior
    around evenly; both concentrations maximise the marginal likelihood. So symmetric noise gets a symmetric T, and
    structure survives where the counts show it.
    """
    classes = len(found)
    kept, total = found.diagonal(), found.sum(1)
    lost = total - kept
    rate = (lost.sum() + 0.5) / (total.sum() + 1)
    others = found[~np.eye(classes, dtype=bool)].reshape(classes, classes - 1)
    first = _likeliest(lambda k: _beta_binomial(k, rate, lost, kept))
    second = _likeliest(lambda k: _dirichlet_multinomial(k, others))
    wrong = (first * rate + lost) / (first + total)
    where = (others + second / (classes - 1)) / (others.sum(1, keepdims=True) + second)
    matrix = np.empty((classes, classes))
    matrix[~np.eye(classes, dtype=bool)] = (wrong[:, None] * where).ravel()
    matrix[np.diag_indices(classes)] = 1 - wrong
    return matrix


def _likeliest(log_likelihood) -> float:
    return float(CONCENTRATIONS[np.argmax([log_likelihood(k) for k in CONCENTRATIONS])])


def _beta_binomial(k: float, rate: float, lost: np.ndarray, kept: np.ndarray) -> float:
    a, b = k * rate, k * (1 - rate)
    by_class = (
        gammaln(k) - gammaln(k + lost + kept) + gammaln(a + lost) - gammaln(a) + gammaln(b + kept) - gammaln(b)
    )
    return float(by_class.sum())


def _dirichlet_multinomial(k: float, others: np.ndarray) -> float:
    """What never occurs says nothing, and of many classes that is nearly all."""
    each, found = k / others.shape[1], others[others > 0]
    by_class = gammaln(k) - gammaln(k + others.sum(1))
    return float(by_class.sum() + (gammaln(each + found) - gammaln(each)).sum())
