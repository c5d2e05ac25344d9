"""Noise models on what networks tell of an example: a mixture of dynamics and bootstrap, and planted labels. Both
give P(label wrong).

Shape letters: n examples of the run's training part, P full runs, F features.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from labelnoise.studies.alternatives import scores
from labelnoise.studies.alternatives.scores import Evidence, filled

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


class Full(NamedTuple):
    """Full runs with planted labels."""

    dynamics: dict[str, np.ndarray]  # by name, [P, n] of the label that the run trained on; NaN where it diverged
    planted: np.ndarray  # bool [P, n] that label was planted, not the given one


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


def planted(full: Full) -> np.ndarray:
    """P(wrong) [n] by positive and unlabelled learning on planted labels (Elkan & Noto 2008).

    A planted label is a wrong one for sure (s = 1), any other may be either. g(x) = P(s = 1 | x) is a logistic
    regression on the dynamics of one full run, c = P(s = 1 | wrong) the mean of g over the planted. For what is
    not planted, P(wrong) = (1 - c) / c * g / (1 - g), mean over its runs. Cross-fitted over examples: g of an
    example comes from the others in all runs. Assumed is that a planted label behaves like a wrong one. NaN
    throughout where there are fewer planted examples than folds.
    """
    features, used = _run_features(full)
    chance = np.full(used.shape, np.nan)  # g
    if (full.planted & used).any(axis=0).sum() < FOLDS:
        return chance[0]
    for fold, rest in _folds((full.planted & used).any(axis=0)):
        train, judge = used & _mask(rest, used), used & _mask(fold, used)
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(features[train], full.planted[train])
        chance[judge] = model.predict_proba(features[judge])[:, 1]
    return filled(_elkan_noto(chance, full.planted & used, used & ~full.planted))


def _run_features(full: Full) -> tuple[np.ndarray, np.ndarray]:
    """Dynamics [P, n, F] of single full runs, and where they are finite [P, n]: a run may have diverged."""
    parts = {name: full.dynamics[name].astype(np.float64) for name in DYNAMICS}
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


def _elkan_noto(chance: np.ndarray, positive: np.ndarray, unlabelled: np.ndarray) -> np.ndarray:
    """P(wrong) [n] from g = `chance` [P, n] (Elkan & Noto 2008, eq. 4, c by estimator e1); clipped at 1, which
    the ratio of two estimates may pass."""
    known = chance[positive].mean()  # c
    odds = chance / np.maximum(1 - chance, np.finfo(float).tiny)
    return _mean_where(np.clip((1 - known) / known * odds, 0, 1), unlabelled)


def _mean_where(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Mean [n] of `values` [P, n] over the runs where `of` [P, n], NaN values left out; NaN where none is left."""
    use = of & np.isfinite(values)
    count, total = use.sum(axis=0), np.where(use, values, 0).sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
