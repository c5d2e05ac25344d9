"""Evidence as training might leave it, without training: wrong labels are learned late and doubted out of bag."""

import numpy as np

from labelnoise.detect.scores import Evidence

DYNAMICS = ["prob_mean", "prob_variance", "margin_mean", "loss_mean", "loss_last", "early_prob",
            "early_disagreement", "half_disagreement", "forgetting", "first_learned", "prob_slope", "flips",
            "loss_rank_mean"]  # fmt: skip


def evidence(rng, n=400, classes=4, rate=0.2, runs=3, planted_share=0.05):
    """Evidence, and which given labels [n] are wrong. The first example was in every bag."""
    truth = rng.integers(classes, size=n)
    wrong = rng.random(n) < rate
    labels = np.where(wrong, (truth + rng.integers(1, classes, n)) % classes, truth)
    planted, planted_label = _plants(rng, labels, classes, runs, planted_share)
    oob = np.stack([_probs(rng, truth, classes, sure) for sure in (0.8, 0.7, 0.6)])
    oob[:, 0] = np.nan
    full = _dynamics(rng, np.where(planted, planted_label, labels) != truth)
    entropy, information = rng.random((2, n))
    folds = _probs(rng, truth, classes, 0.6)
    return Evidence(labels, classes, oob, 1, entropy, information, folds, full, planted), wrong


def _plants(rng, labels, classes, runs, share):
    """Planted sets of the runs are disjoint; a planted label is never the given one."""
    planted = np.zeros((runs, len(labels)), bool)
    for run, part in enumerate(
        np.array_split(rng.permutation(len(labels))[: int(runs * share * len(labels))], runs)
    ):
        planted[run, part] = True
    return planted, (labels + rng.integers(1, classes, planted.shape)) % classes


def _probs(rng, truth, classes, sure):
    return (1 - sure) * rng.dirichlet(np.ones(classes), len(truth)) + sure * np.eye(classes)[truth]


def _dynamics(rng, wrong):
    """Whether each run's label [P, n] is wrong, in each statistic's direction, under noise."""
    high = {"prob_variance", "loss_mean", "loss_last", "early_disagreement", "half_disagreement", "forgetting",
            "first_learned", "flips", "loss_rank_mean"}  # fmt: skip
    values = {}
    for name in DYNAMICS:
        value = rng.normal(0.3 + 0.4 * (wrong == (name in high)), 0.12)
        values[name] = np.clip(value, 0, 1) if name != "margin_mean" else value
    counts = {name: np.round(10 * values[name]) for name in ("forgetting", "first_learned", "flips")}
    return values | counts
