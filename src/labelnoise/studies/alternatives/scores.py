"""Suspicion scores of one run's examples that need networks: high = the label is suspect. None sees a clean label.

A score is a function of its name, `Evidence` -> [n], and an entry in the table labelnoise.words.scores.

Shape letters: n examples of the run's training part, C classes.
"""

from typing import NamedTuple

import numpy as np
from sklearn.mixture import GaussianMixture

from labelnoise.detect.baselines import confident_learning, margin
from labelnoise.uncertainty.entropy import OutOfBag
from labelnoise.words.scores import BAGS, DYNAMICS, SCORES


class Evidence(NamedTuple):
    """All that a score may look at, of one run."""

    labels: np.ndarray  # int [n] given labels
    dynamics: dict[str, np.ndarray]  # training dynamics by name, [n]; NaN where the run diverged
    folds: np.ndarray  # [n, C] out-of-sample probabilities by folds
    bags: OutOfBag | None = None  # of the n examples; in few cells


def all_scores(evidence: Evidence) -> dict[str, np.ndarray]:
    """Every score [n] for which there is evidence, by name.

    An example that no bag left out gets the median of the others: nothing is known of it, so it shall be
    neither suspect nor trusted. A score that is finite nowhere (its runs diverged) stays NaN.
    """
    needs = (DYNAMICS,) if evidence.bags is None else (DYNAMICS, BAGS)
    names = [name for name, score in SCORES.items() if score.of in needs]
    return {name: filled(globals()[name](evidence)) for name in names}


def filled(values: np.ndarray) -> np.ndarray:
    """`values` [n] with the median of the finite ones in place of those that are not; NaN where none is."""
    finite = np.isfinite(values)
    return np.where(finite, values, np.median(values[finite]) if finite.any() else np.nan)


def early_disagreement(evidence: Evidence) -> np.ndarray:
    """Share of the first sixth of the epochs in which the prediction is not the label: patterns come first,
    memorisation later (Arpit et al. 2017, arXiv 1706.05394). Of few epochs it has few values: ties stay ties."""
    return evidence.dynamics["early_disagreement"]


def early_probability(evidence: Evidence) -> np.ndarray:
    """1 - mean probability of the label in the first sixth of the epochs (as above, Liu et al. 2020, ELR)."""
    return 1 - evidence.dynamics["early_prob"]


def loss_last(evidence: Evidence) -> np.ndarray:
    """Loss of the label after the last epoch, in nats: the small-loss rule (Han et al. 2018, arXiv 1804.06872)."""
    return evidence.dynamics["loss_last"]


def loss_mean(evidence: Evidence) -> np.ndarray:
    """Mean loss of the label over all epochs, in nats (Huang et al. 2019, O2U-Net, without its cyclic rate)."""
    return evidence.dynamics["loss_mean"]


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
    return -evidence.dynamics["margin_mean"]


def forgetting(evidence: Evidence) -> np.ndarray:
    """How often a learned label was forgotten (Toneva et al. 2019, arXiv 1812.05159). A label never learned counts
    as more often than any other: infinity there."""
    counts, never = evidence.dynamics["forgetting"], evidence.dynamics["first_learned"] < 0
    return np.where(never, counts.max() + 1, counts)


def cartography_confidence(evidence: Evidence) -> np.ndarray:
    """1 - mean probability of the label over all epochs (Swayamdipta et al. 2020, arXiv 2009.10795)."""
    return 1 - evidence.dynamics["prob_mean"]


def cartography_variability(evidence: Evidence) -> np.ndarray:
    """Standard deviation of the label's probability over epochs (as above). High is suspect: what is learned late
    changes more than what is learned at once."""
    return np.sqrt(evidence.dynamics["prob_variance"])


def oob_self_confidence(evidence: Evidence) -> np.ndarray:
    """1 - out-of-bag probability of the label (Northcutt et al. 2021, self-confidence)."""
    return 1 - evidence.bags.probs[np.arange(len(evidence.labels)), evidence.labels]


def oob_margin(evidence: Evidence) -> np.ndarray:
    """Largest other out-of-bag probability minus the label's, -1..1 (as above, their margin)."""
    return margin(evidence.bags.probs, evidence.labels)


def oob_entropy(evidence: Evidence) -> np.ndarray:
    """Entropy of the mean out-of-bag prediction, in nats: it does not look at the label."""
    return evidence.bags.entropy


def oob_mutual_information(evidence: Evidence) -> np.ndarray:
    """How much the bags differ, in nats (Houlsby et al. 2011, BALD): it does not look at the label."""
    return evidence.bags.mutual_information


def confident_learning_folds(evidence: Evidence) -> np.ndarray:
    """Confident learning on probabilities by folds, as its authors have them."""
    return confident_learning(evidence.folds, evidence.labels)
