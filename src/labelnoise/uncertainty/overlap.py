"""Whether classes overlap: noise by class hits the clearest images as often as all others, doubt does not."""

import math

import numpy as np
from scipy.stats import binomtest

CLEAREST = 0.25  # share of the examples predicted as a class, whose labels tell overlap from noise
SPARED = 0.95  # of what T says: noise alone comes out down to there, since the confident joint is a little high
CHANCE = 0.01  # of taking noise for overlap


def overlapping(transition: np.ndarray, probs: np.ndarray, labels: np.ndarray) -> bool:
    """Whether the clearest examples have fewer wrong labels than `transition` [C, C] says of all.

    Noise that depends on the class alone hits the clearest examples of a class as often as all others (they are
    anchor points: Liu and Tao 2016). Where their `labels` [n] disagree less often than T says with the prediction
    of `probs` [n, C], which are out-of-bag and know nothing of them, T has taken doubt for noise. Binomial test of
    whether they do so clearly less often; some hundred examples are needed to tell.
    """
    finite = np.isfinite(probs).all(1)
    probs, labels = probs[finite], labels[finite]
    predicted, top = probs.argmax(1), np.partition(probs, -2, axis=1)[:, -2:]
    order = np.argsort(top[:, 0] - top[:, 1], kind="stable")  # largest margin first
    members = [order[predicted[order] == k] for k in np.unique(predicted)]
    clearest = np.concatenate([np.zeros(0, int), *(one[: math.ceil(CLEAREST * len(one))] for one in members)])
    if not len(clearest):
        return False
    expected = 1 - transition.diagonal()[predicted[clearest]].mean()
    found = int((labels[clearest] != predicted[clearest]).sum())
    return bool(binomtest(found, len(clearest), SPARED * expected, "less").pvalue < CHANCE)
