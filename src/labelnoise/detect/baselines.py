"""Scores beside the noise model, on the same features: single predictors, confident learning, and models that see
the sample alone or the class alone. High = the label is suspect.

Shape letters: n examples, C classes.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression

from labelnoise.detect import probe, topk
from labelnoise.detect.detector import Detection, Labels
from labelnoise.detect.predictors import PRED_PROBS
from labelnoise.detect.topk import Probs, TopK

KINDS = ("ridge", "probe", "neighbours", PRED_PROBS)  # of predictors, as their names have it
FOLDS = 5  # of cross-fitting


def scores(detection: Detection, labels: Labels) -> dict[str, np.ndarray]:
    """Name -> suspicion [n]. Of several predictors of a kind, the one under which the given labels are
    likeliest."""
    now, made = labels.now(), {}
    for kind in KINDS:
        of = [at for at in range(len(detection.likelihoods)) if kind in detection.predictions[at].name]
        if of:
            probs = detection.predictions[max(of, key=lambda at: detection.likelihoods[at])].probs
            made[f"{kind}_self_confidence"] = 1 - topk.of_label(probs, now)
            made[f"{kind}_margin"] = margin(probs, now)
            if kind in ("probe", PRED_PROBS) and not detection.many:
                made["confident_learning"] = confident_learning(probs, now)
    made["sample_only"] = sample_only(detection.low.q, now)
    made["class_only"] = class_only(detection.low.transition, topk.mean(detection.low.q), now)
    return made


def margin(probs: Probs, labels: np.ndarray) -> np.ndarray:
    """Largest of `probs` [n, C] but for the label's, minus the label's: [n], -1 to 1 (Northcutt et al. 2021)."""
    if isinstance(probs, TopK):
        return topk.besides(probs, labels)[1] - topk.of_label(probs, labels)
    others = probs.astype(np.float64)  # a copy
    own = others[np.arange(len(labels)), labels].copy()
    others[np.arange(len(labels)), labels] = -np.inf
    return others.max(axis=1) - own


def confident_learning(probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """1 - cleanlab's normalised margin of out-of-sample `probs` [n, C] less the class thresholds (Northcutt et al.
    2021).

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


def sample_only(q: Probs, labels: np.ndarray) -> np.ndarray:
    """P(wrong) [n] that depends on the sample alone, not on its label: a noise rate for every image.

    A logistic regression of 'the prediction is not the label' on what the prediction `q` [n, C] alone says: its
    entropy, its largest probability, its margin. Cross-fitted, so that an example's own label has no part in its
    rate.
    """
    largest = topk.of_label(q, topk.likeliest(q))
    features = np.stack([topk.entropy(q), largest, topk.margin(q)], axis=1)
    features = (features - features.mean(0)) / np.maximum(features.std(0), 1e-12)
    wrong = topk.likeliest(q) != labels
    if not FOLDS <= wrong.sum() <= len(wrong) - FOLDS:
        return np.full(len(wrong), wrong.mean())  # too few of a kind to learn from: one rate
    rate, fold = np.empty(len(wrong)), probe.folds(np.arange(len(wrong)), FOLDS)
    for k in range(FOLDS):
        rest = fold != k
        if wrong[rest].all() or not wrong[rest].any():
            rate[~rest] = wrong[rest].mean()
        else:
            rate[~rest] = (
                LogisticRegression().fit(features[rest], wrong[rest]).predict_proba(features[~rest])[:, 1]
            )
    return rate


def class_only(transition: np.ndarray, prior: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """P(wrong) [n] that depends on the given label g alone: 1 - prior_g T_gg / sum_y prior_y T_yg.

    transition [C, C], T[i, j] = P(given = j | true = i), and prior [C] of the true classes. A label that the
    estimate says nobody gets is wrong.
    """
    received = prior @ transition
    right = prior * np.diag(transition)
    share = np.divide(right, received, out=np.zeros(len(prior)), where=received > 0)
    return np.clip(1 - share, 0, 1)[labels]  # rounding may fall below 0
