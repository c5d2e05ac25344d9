"""What the pipeline tells the methods of the noise, estimated from noisy data alone (types.Estimates)."""

import numpy as np

from labelnoise.uncertainty import transition


def estimate(
    probs: np.ndarray, labels: np.ndarray, pred_probs: np.ndarray, index: np.ndarray, anchor_percentile: float
) -> dict[str, np.ndarray]:
    """Rate [K], three transition matrices [K, C, C] (fields of types.Estimates) and prior [K, C] for K runs.

    probs [K, N, C] are the predictions of first runs of cross-entropy, early-stopped on noisy validation, since
    a network that has memorised its labels says T = I; labels [K, N] are -1 where a seed tests on the image.
    pred_probs [K, n, C] are out-of-sample predictions of the training examples index [K, n].
    A run of which any prediction is not finite (its first run diverged before any epoch was selected) says
    nothing: NaN.

    The rate is the confident joint's, 1 - trace of the joint. Anchor points would be the most certain images of a
    class, which underestimate the noise: they say 14% for labels of which 45% are flipped to the next class.
    """
    rows = zip(probs, labels, pred_probs, index, strict=True)
    parts = [_one(p[y >= 0], y[y >= 0], q, y[at], anchor_percentile) for p, y, q, at in rows]
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def _one(
    probs: np.ndarray,
    labels: np.ndarray,
    pred_probs: np.ndarray,
    pred_labels: np.ndarray,
    anchor_percentile: float,
) -> dict[str, np.ndarray]:
    """One run: probs [m, C] with labels [m] of all images not tested on, pred_probs [n, C] with theirs [n]."""
    classes = probs.shape[1]
    if not (np.isfinite(probs).all() and np.isfinite(pred_probs).all()):
        matrix = np.full((classes, classes), np.nan)
        anchors, confident, dual, prior, rate = matrix, matrix, matrix, matrix[0], np.nan
    else:
        anchors = transition.anchor_points(probs, anchor_percentile)
        confident, confident_prior = transition.confident_joint(pred_probs, pred_labels)
        dual = transition.dual_t(probs, labels, anchor_percentile)
        prior, rate = transition.prior(probs), transition.rate(confident, confident_prior)
    matrices = {"transition": anchors, "transition_confident_joint": confident, "transition_dual_t": dual}
    return {"rate": np.array(rate), **matrices, "prior": prior}


def oversampled(known: dict[str, np.ndarray], pred_probs: np.ndarray) -> dict[str, np.ndarray]:
    """What `estimate` found, with the prior of what an oversampling sampler draws.

    From the runs by folds, pred_probs [K, n, C], which do not oversample: a network that did has seen other noise.
    """
    parts = zip(known["transition_confident_joint"], pred_probs, strict=True)
    priors = [transition.oversampled_prior(matrix, transition.prior(probs)) for matrix, probs in parts]
    return known | {"prior": np.stack(priors)}
