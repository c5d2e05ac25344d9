"""Suspicion scores of one run's examples: high = the label is suspect. None of them sees a clean label.

Shape letters: n examples of the run's pool, C classes, W windows of snapshots, P full runs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.mixture import GaussianMixture

LAST = -1  # slot of Evidence.oob


class Evidence(NamedTuple):
    """All that a score may look at, of one run."""

    labels: np.ndarray  # int [n] given labels
    classes: int  # C
    oob: np.ndarray  # [W + 1, n, C] out-of-bag probabilities: W windows, then the last snapshot; NaN: never out
    window: int  # the window whose posterior fits the given labels best
    oob_entropy: np.ndarray  # [n] nats, last snapshot
    oob_mutual_information: np.ndarray  # [n] nats, last snapshot
    folds: np.ndarray  # [n, C] out-of-sample probabilities by folds
    full: dict[str, np.ndarray]  # training dynamics by name, [P, n] of the label that the full run trained on
    planted: np.ndarray  # bool [P, n] that label was planted, not the given one


Score = Callable[[Evidence], np.ndarray]


def all_scores(evidence: Evidence) -> dict[str, np.ndarray]:
    """Every score [n] of SCORES by name.

    An example that no bag left out gets the median of the others: nothing is known of it, so it shall be
    neither suspect nor trusted. A score that is finite nowhere (its runs diverged) stays NaN.
    """
    return {name: filled(score(evidence)) for name, score in SCORES.items()}


def filled(values: np.ndarray) -> np.ndarray:
    """`values` [n] with the median of the finite ones in place of those that are not; NaN where none is."""
    finite = np.isfinite(values)
    return np.where(finite, values, np.median(values[finite]) if finite.any() else np.nan)


def dynamics(evidence: Evidence, name: str) -> np.ndarray:
    """The statistic [n], mean over the full runs that trained on the example's given label.

    Planted sets are disjoint, so that with two full runs every example has one.
    """
    return mean_where(evidence.full[name], ~evidence.planted)


def mean_where(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Mean [n] of `values` [P, n] over the runs where `of` [P, n], NaN values left out; NaN where none is left."""
    use = of & np.isfinite(values)
    count, total = use.sum(axis=0), np.where(use, values, 0).sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def early_disagreement(evidence: Evidence) -> np.ndarray:
    """Share of the first sixth of the epochs in which the prediction is not the label: patterns come first,
    memorisation later (Arpit et al. 2017, arXiv 1706.05394). Of few epochs it has few values: ties stay ties."""
    return dynamics(evidence, "early_disagreement")


def early_probability(evidence: Evidence) -> np.ndarray:
    """1 - mean probability of the label in the first sixth of the epochs (as above, Liu et al. 2020, ELR)."""
    return 1 - dynamics(evidence, "early_prob")


def loss_last(evidence: Evidence) -> np.ndarray:
    """Loss of the label after the last epoch, in nats: the small-loss rule (Han et al. 2018, arXiv 1804.06872)."""
    return dynamics(evidence, "loss_last")


def loss_mean(evidence: Evidence) -> np.ndarray:
    """Mean loss of the label over all epochs, in nats (Huang et al. 2019, O2U-Net, without its cyclic rate)."""
    return dynamics(evidence, "loss_mean")


def loss_gmm(evidence: Evidence) -> np.ndarray:
    """P(large-loss component) of two Gaussians on the mean loss scaled to 0..1 (Li et al. 2020, DivideMix,
    arXiv 2002.07394, from whose code the constants are; Arazo et al. 2019 take two betas)."""
    loss = filled(loss_mean(evidence))
    if not np.isfinite(loss).all():
        return loss
    scaled = (loss - loss.min()) / max(np.ptp(loss), np.finfo(float).tiny)  # equal losses: all 0
    model = GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=0).fit(scaled[:, None])
    return model.predict_proba(scaled[:, None])[:, model.means_[:, 0].argmax()]


def aum(evidence: Evidence) -> np.ndarray:
    """- area under the margin: mean over epochs of the label's logit minus the largest other one
    (Pleiss et al. 2020, arXiv 2001.10528)."""
    return -dynamics(evidence, "margin_mean")


def forgetting(evidence: Evidence) -> np.ndarray:
    """How often a learned label was forgotten (Toneva et al. 2019, arXiv 1812.05159), mean over runs. A label
    never learned counts as more often than any other of its run: infinity there, which has no mean."""
    counts, never = evidence.full["forgetting"], evidence.full["first_learned"] < 0
    most = np.nan_to_num(counts).max(axis=1, keepdims=True) + 1
    return mean_where(np.where(never, most, counts), ~evidence.planted)


def cartography_confidence(evidence: Evidence) -> np.ndarray:
    """1 - mean probability of the label over all epochs (Swayamdipta et al. 2020, arXiv 2009.10795)."""
    return 1 - dynamics(evidence, "prob_mean")


def cartography_variability(evidence: Evidence) -> np.ndarray:
    """Standard deviation of the label's probability over epochs (as above), mean over runs. High is suspect:
    what is learned late changes more than what is learned at once."""
    return mean_where(np.sqrt(evidence.full["prob_variance"]), ~evidence.planted)


def oob_self_confidence(evidence: Evidence) -> np.ndarray:
    """1 - out-of-bag probability of the label at the last snapshot (Northcutt et al. 2021, self-confidence)."""
    return 1 - given_probability(evidence.oob[LAST], evidence.labels)


def oob_margin(evidence: Evidence) -> np.ndarray:
    """Largest other out-of-bag probability minus the label's, -1..1, last snapshot (as above, their margin)."""
    return margin(evidence.oob[LAST], evidence.labels)


def oob_margin_window(evidence: Evidence) -> np.ndarray:
    """The same, mean over the chosen window of snapshots: before the networks have memorised."""
    return margin(evidence.oob[evidence.window], evidence.labels)


def given_probability(probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`probs` [n, C] of `labels` [n]: [n]."""
    return probs[np.arange(len(labels)), labels]


def margin(probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Largest of `probs` [n, C] but for the label's, minus the label's: [n]."""
    others = probs.astype(np.float64)  # a copy
    others[np.arange(len(labels)), labels] = -np.inf
    return others.max(axis=1) - given_probability(probs, labels)


def oob_entropy(evidence: Evidence) -> np.ndarray:
    """Entropy of the mean out-of-bag prediction, in nats: it does not look at the label."""
    return evidence.oob_entropy


def oob_mutual_information(evidence: Evidence) -> np.ndarray:
    """How much the bags differ, in nats (Houlsby et al. 2011, BALD): it does not look at the label."""
    return evidence.oob_mutual_information


def confident_learning_oob(evidence: Evidence) -> np.ndarray:
    """Confident learning on the out-of-bag probabilities of the last snapshot."""
    return confident_learning(evidence.oob[LAST], evidence.labels)


def confident_learning_window(evidence: Evidence) -> np.ndarray:
    """Confident learning on the out-of-bag probabilities of the chosen window."""
    return confident_learning(evidence.oob[evidence.window], evidence.labels)


def confident_learning_folds(evidence: Evidence) -> np.ndarray:
    """Confident learning on probabilities by folds, as its authors have them."""
    return confident_learning(evidence.folds, evidence.labels)


def confident_learning(probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """1 - cleanlab's normalised margin of `probs` [n, C] less the class thresholds (Northcutt et al. 2021).

    Rows that are not finite would make every threshold NaN; they get NaN. Classes without labels are left out,
    since cleanlab puts 2 for their threshold, which is the largest and shifts all margins. With one class left
    there is no margin: 0.5.
    """
    from cleanlab.rank import get_label_quality_scores  # takes seconds to import

    seen = np.isfinite(probs).all(axis=1)
    present, codes = np.unique(labels[seen], return_inverse=True)
    suspicion = np.where(seen, 0.5, np.nan)
    if len(present) > 1:
        inputs = codes, probs[np.ix_(seen, present)].astype(np.float64)
        suspicion[seen] = 1 - get_label_quality_scores(*inputs, method="normalized_margin", adjust_pred_probs=True)
    return suspicion


SCORES: dict[str, Score] = {
    "early_disagreement": early_disagreement,
    "early_probability": early_probability,
    "loss_last": loss_last,
    "loss_mean": loss_mean,
    "loss_gmm": loss_gmm,
    "aum": aum,
    "forgetting": forgetting,
    "cartography_confidence": cartography_confidence,
    "cartography_variability": cartography_variability,
    "oob_self_confidence": oob_self_confidence,
    "oob_margin": oob_margin,
    "oob_margin_window": oob_margin_window,
    "oob_entropy": oob_entropy,
    "oob_mutual_information": oob_mutual_information,
    "confident_learning_oob": confident_learning_oob,
    "confident_learning_window": confident_learning_window,
    "confident_learning_folds": confident_learning_folds,
}
