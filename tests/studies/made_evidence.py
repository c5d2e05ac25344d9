"""Evidence as training might leave it, without training: wrong labels are learned late and doubted out of bag."""

import numpy as np

from labelnoise.studies.alternatives.models import Full
from labelnoise.studies.alternatives.scores import Evidence
from labelnoise.uncertainty.entropy import OutOfBag

DYNAMICS = ["prob_mean", "prob_variance", "margin_mean", "loss_mean", "loss_last", "early_prob",
            "early_disagreement", "half_disagreement", "forgetting", "first_learned", "prob_slope", "flips",
            "loss_rank_mean"]  # fmt: skip


def evidence(rng, n=400, classes=4, rate=0.2, runs=2, planted_share=0.05):
    """Evidence, full runs with planted labels, and which given labels [n] are wrong. The first example was in all
    bags."""
    truth = rng.integers(classes, size=n)
    wrong = rng.random(n) < rate
    labels = np.where(wrong, (truth + rng.integers(1, classes, n)) % classes, truth)
    planted, planted_label = _plants(rng, labels, classes, runs, planted_share)
    oob = probabilities(rng, truth, classes, 0.6)
    entropy, information = rng.random((2, n))
    for part in (oob, entropy, information):
        part[0] = np.nan
    full = Full(dynamics(rng, np.where(planted, planted_label, labels) != truth), planted)
    bags, folds = OutOfBag(oob, entropy, information), probabilities(rng, truth, classes, 0.6)
    return Evidence(labels, dynamics(rng, wrong), folds, bags), full, wrong


def _plants(rng, labels, classes, runs, share):
    """Planted sets of the runs are disjoint; a planted label is never the given one."""
    planted = np.zeros((runs, len(labels)), bool)
    for run, part in enumerate(
        np.array_split(rng.permutation(len(labels))[: int(runs * share * len(labels))], runs)
    ):
        planted[run, part] = True
    return planted, (labels + rng.integers(1, classes, planted.shape)) % classes


def probabilities(rng, truth, classes, sure):
    """[n, C], the more of them on the truth [n] the surer."""
    return (1 - sure) * rng.dirichlet(np.ones(classes), len(truth)) + sure * np.eye(classes)[truth]


def dynamics(rng, wrong):
    """Each statistic of runs whose labels are `wrong` [...], in its direction, under noise."""
    high = {"prob_variance", "loss_mean", "loss_last", "early_disagreement", "half_disagreement", "forgetting",
            "first_learned", "flips", "loss_rank_mean"}  # fmt: skip
    values = {}
    for name in DYNAMICS:
        value = rng.normal(0.3 + 0.4 * (wrong == (name in high)), 0.12)
        values[name] = np.clip(value, 0, 1) if name != "margin_mean" else value
    counts = {name: np.round(10 * values[name]) for name in ("forgetting", "first_learned", "flips")}
    return values | counts
