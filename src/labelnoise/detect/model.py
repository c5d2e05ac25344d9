"""The noise model of one run, and all suspicion scores beside it. No clean label is seen.

Shape letters: N examples of the data set, n of them in the run's pool, C classes, W windows of snapshots.
"""

from typing import Any, NamedTuple

import numpy as np

from labelnoise.columns import Columns
from labelnoise.detect import alternatives, scores
from labelnoise.detect.scores import Evidence
from labelnoise.noise import human
from labelnoise.types import Dataset
from labelnoise.uncertainty import posterior, transition

Arrays = dict[str, np.ndarray]
FULL = "full_"  # prefix of training dynamics in the uncertainty stage's file


class Labels(NamedTuple):
    """Labels of one run as they were given, and what a rechecker said."""

    given: np.ndarray  # int64 [N] before any answer; -1 where there is none
    known: np.ndarray  # int64 [N] the class that a rechecker named, -1 elsewhere
    pool: np.ndarray  # bool [N] trained on by the bags; other labelled examples were judged by all of them


class Found(NamedTuple):
    """What the model says of one run; NaN where an example has no label."""

    p_wrong: np.ndarray  # [N] P(label wrong); of a rechecked example, whose label is now right, 0
    posterior: np.ndarray  # [N, C] of the true class
    transition: np.ndarray  # [C, C] P(label = j | true = i), from the posterior's counts
    scores: Arrays  # name -> suspicion [N], NaN outside the pool
    rates: dict[str, np.ndarray]  # estimator -> P(wrong) [n] of labelled examples, or a single number [1]
    overlapping: bool  # whether labels of the clearest examples say that classes overlap (posterior.overlapping)


def labels(dataset: Dataset, columns: Columns, column: int, noise: str) -> Labels:
    """Labels of one column; noise: its noise model, or that before answers. Labels given by people are there for
    test examples too: those are judged as well, by bags of which none has seen them."""
    given = columns.given[column].astype(np.int64)
    name = human.column(noise)
    if name in dataset.human_labels:
        given = dataset.human_labels[name].astype(np.int64)
    return Labels(given, columns.answers[column].astype(np.int64), columns.labels[column] >= 0)


def of_run(run: Arrays, own: Labels, section: Any) -> Found:
    """Fit the model to what the uncertainty stage left of one run. section: `detect` of params.yaml."""
    labelled = own.given >= 0
    given, known, pool = own.given[labelled], own.known[labelled], own.pool[labelled]
    oob = run["oob_probs"][:, labelled]
    # as in the uncertainty stage: only what bags were trained on says how the second round is trained
    first = posterior.first_round(oob[:-1, pool], given[pool], known[pool], section.floor)
    ways = [run[f"second_{way}"][labelled] for way in ("drop", "soft", "forward")]
    fixed = first.transition if first.overlapping else None
    second = posterior.second_round(*ways, given, known, section.floor, fixed)
    held = posterior.second_round(*ways, given, known, section.floor, first.confident_joint)
    now = np.where(known >= 0, known, given)  # the labels that were trained on
    evidence = _evidence(run, labelled & own.pool, now[pool], first.window)
    remaining = np.where(known >= 0, 0, second.p_wrong)  # an answer stands in place of what it answers
    beside = {
        "noise_model": remaining[pool],
        "noise_model_first_round": np.where(known[pool] >= 0, 0, posterior.p_wrong(first.posterior, given[pool])),
        "noise_model_confident_joint": np.where(known >= 0, 0, held.p_wrong)[pool],
        "mixture": alternatives.mixture(evidence),
        "planted": alternatives.planted(evidence),
        "sample_only": alternatives.sample_only(evidence),
        "class_only": alternatives.class_only(second.transition, second.posterior.mean(0), now[pool]),
    }
    rates = {
        "noise_model": remaining,
        "noise_model_first_round": beside["noise_model_first_round"],
        "noise_model_confident_joint": beside["noise_model_confident_joint"],
        "oob_disagreement": _disagreement(oob[first.window, pool], now[pool]),
        "confident_joint": _confident_joint(oob[first.window, pool], now[pool]),
        "loss_gmm": scores.loss_gmm(evidence),
        **{name: beside[name] for name in ("mixture", "planted")},
    }
    found = {**beside, **scores.all_scores(evidence)}
    return Found(
        _spread(remaining, labelled),
        _spread(second.posterior, labelled),
        matrix(second.posterior, now),
        {name: _spread(values, labelled & own.pool) for name, values in found.items()},
        rates,
        first.overlapping,
    )


def matrix(posterior: np.ndarray, given: np.ndarray) -> np.ndarray:
    """P(label = j | true = i) [C, C]: `posterior` [n, C] summed by `given` label; a class of nobody is one-hot.

    NaN where the posterior is: every run of the second round diverged.
    """
    classes = posterior.shape[1]
    if not np.isfinite(posterior).all():
        return np.full((classes, classes), np.nan)
    counts = np.stack([np.bincount(given, share, classes) for share in posterior.T])
    totals = counts.sum(1, keepdims=True)
    return np.where(totals > 0, counts / np.where(totals > 0, totals, 1), np.eye(classes))


def _evidence(run: Arrays, pool: np.ndarray, labels: np.ndarray, window: int) -> Evidence:
    return Evidence(
        labels,
        run["oob_probs"].shape[-1],
        run["oob_probs"][:, pool],
        window,
        run["oob_entropy"][pool],
        run["oob_mutual_information"][pool],
        run["fold_probs"][pool],
        {name.removeprefix(FULL): values[:, pool] for name, values in run.items() if name.startswith(FULL)},
        run["planted"][:, pool],
    )


def _disagreement(probs: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Whether the out-of-bag prediction is not the label, 0 or 1 [n]; the mean where an image was never out.

    No estimate of the noise rate: networks err too.
    """
    seen = np.isfinite(probs).all(1)
    against = (np.where(seen[:, None], probs, 0).argmax(1) != given).astype(float)
    return np.where(seen, against, against[seen].mean() if seen.any() else np.nan)


def _confident_joint(probs: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The noise rate [1] that the confident joint of one window says."""
    seen = np.isfinite(probs).all(1)
    if not seen.any():
        return np.array([np.nan])
    return np.array([transition.rate(*transition.confident_joint(probs[seen], given[seen]))])


def _spread(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """`values` [n, ...] at the True places of `where` [N], NaN elsewhere."""
    whole = np.full((len(where), *values.shape[1:]), np.nan)
    whole[where] = values
    return whole
