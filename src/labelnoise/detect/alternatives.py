"""Other noise models, beside which the two-round posterior is measured: a mixture and planted labels on training
dynamics and bootstrap features, and models that see the sample alone or the class alone. All give P(label wrong).

Shape letters: n examples of the run's pool, C classes, P full runs, F features.
"""

import numpy as np
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from . import scores
from .scores import Evidence, filled

MIXED = (
    scores.early_probability,
    scores.cartography_confidence,
    scores.loss_mean,
    scores.aum,
    scores.oob_self_confidence,
    scores.oob_margin,
    scores.oob_mutual_information,
)
# What a full run tells of the label that it trained on.
DYNAMICS = (
    "prob_mean", "prob_variance", "margin_mean", "loss_mean", "loss_last", "early_prob", "early_disagreement",
    "half_disagreement", "forgetting", "first_learned", "prob_slope", "flips", "loss_rank_mean",
)  # fmt: skip
FOLDS = 5  # of cross-fitting: as many as the folds of the out-of-sample probabilities


def mixture(evidence: Evidence) -> np.ndarray:
    """P(wrong) [n]: the suspicious one of two Gaussians on dynamics and bootstrap features, unsupervised.

    The features are suspicion scores as normal scores of their ranks among all examples. Ranks within the given
    class would look alike for a clean class and for one that is 40% wrong.
    """
    columns = [filled(feature(evidence)) for feature in MIXED]
    features = np.stack([norm.ppf((rankdata(column) - 0.5) / len(column)) for column in columns], axis=1)
    if not np.isfinite(columns).all():
        return np.full(len(features), np.nan)
    # Mean loss and early probability have nearly the same ranks: without the ridge a component may become flat.
    model = GaussianMixture(2, reg_covar=1e-3, random_state=0).fit(features)
    return model.predict_proba(features)[:, model.means_.sum(axis=1).argmax()]


def planted(evidence: Evidence) -> np.ndarray:
    """P(wrong) [n] by positive and unlabelled learning on planted labels (Elkan & Noto 2008).

    A planted label is a wrong one for sure (s = 1), any other may be either. g(x) = P(s = 1 | x) is a logistic
    regression on the dynamics of one full run, c = P(s = 1 | wrong) the mean of g over the planted. For what is
    not planted, P(wrong) = (1 - c) / c * g / (1 - g), mean over its runs. Cross-fitted over examples: g of an
    example comes from the others in all runs. Assumed is that a planted label behaves like a wrong one. NaN
    throughout where there are fewer planted examples than folds.
    """
    features, used = _run_features(evidence)
    chance = np.full(used.shape, np.nan)  # g
    if (evidence.planted & used).any(axis=0).sum() < FOLDS:
        return chance[0]
    for fold, rest in _folds((evidence.planted & used).any(axis=0)):
        train, judge = used & _mask(rest, used), used & _mask(fold, used)
        model = _classifier().fit(features[train], evidence.planted[train])
        chance[judge] = model.predict_proba(features[judge])[:, 1]
    return filled(_elkan_noto(chance, evidence.planted & used, used & ~evidence.planted))


def _run_features(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Dynamics [P, n, F] of single full runs, and where they are finite [P, n]: a run may have diverged."""
    parts = {name: evidence.full[name].astype(np.float64) for name in DYNAMICS}
    first = parts["first_learned"]  # never (-1) is later than any other
    parts["first_learned"] = np.where(first < 0, np.nan_to_num(first).max(axis=1, keepdims=True) + 1, first)
    features = np.stack(list(parts.values()), axis=-1)
    return features, np.isfinite(features).all(axis=-1)


def _folds(stratum: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs (fold, the rest) of positions among the n examples, each with its share of `stratum` bool [n].

    The shuffle is the same in every run: data sets may be sorted by class."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(np.zeros(len(stratum)), stratum)
    return [(fold, rest) for rest, fold in folds]


def _mask(positions: np.ndarray, like: np.ndarray) -> np.ndarray:
    """bool [P, n] as `like`: True in the columns `positions`."""
    mask = np.zeros(like.shape, dtype=bool)
    mask[:, positions] = True
    return mask


def _classifier():
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def _elkan_noto(chance: np.ndarray, positive: np.ndarray, unlabelled: np.ndarray) -> np.ndarray:
    """P(wrong) [n] from g = `chance` [P, n] (Elkan & Noto 2008, eq. 4, c by estimator e1); clipped at 1, which
    the ratio of two estimates may pass."""
    known = chance[positive].mean()  # c
    odds = chance / np.maximum(1 - chance, np.finfo(float).tiny)
    return scores.mean_where(np.clip((1 - known) / known * odds, 0, 1), unlabelled)


def sample_only(evidence: Evidence) -> np.ndarray:
    """P(wrong) [n] that depends on the sample alone, not on its label: a noise rate for every image.

    A logistic regression of 'the out-of-bag prediction is not the label' on what the prediction alone says: its
    entropy, its mutual information, its largest probability, and how far it moved from the chosen window to the
    last snapshot. Cross-fitted, so that an example's own label has no part in its rate. No statistic of a full run
    is among them, not even how often its argmax changed: it has memorised the label. Nor can planted labels teach
    this model: they fall on samples at random.
    """
    probs = evidence.oob[evidence.window].astype(np.float64)
    moved = np.abs(probs - evidence.oob[scores.LAST]).sum(axis=1) / 2  # total variation
    columns = [evidence.oob_entropy, evidence.oob_mutual_information, probs.max(axis=1), moved]
    features = np.stack([filled(column) for column in columns], axis=1)
    seen = np.isfinite(probs).all(axis=1)
    wrong = seen & (np.where(seen[:, None], probs, 0).argmax(axis=1) != evidence.labels)
    if not np.isfinite(features).all():
        return np.full(len(features), np.nan)
    if not FOLDS <= wrong.sum() <= seen.sum() - FOLDS:
        return np.full(len(features), wrong.sum() / seen.sum())  # too few of a kind to learn from: one rate
    rate = np.empty(len(features))
    for fold, rest in _folds(wrong):
        train = rest[seen[rest]]
        rate[fold] = _classifier().fit(features[train], wrong[train]).predict_proba(features[fold])[:, 1]
    return rate


def class_only(transition: np.ndarray, prior: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """P(wrong) [n] that depends on the given label g alone: 1 - prior_g T_gg / sum_y prior_y T_yg.

    transition [C, C], T[i, j] = P(given = j | true = i), and prior [C] of the true classes. A label that the
    estimate says nobody gets is wrong.
    """
    if not (np.isfinite(transition).all() and np.isfinite(prior).all()):
        return np.full(len(labels), np.nan)  # every run diverged
    received = prior @ transition
    right = prior * np.diag(transition)
    share = np.divide(right, received, out=np.zeros(len(prior)), where=received > 0)
    return np.clip(1 - share, 0, 1)[labels]  # rounding may fall below 0
