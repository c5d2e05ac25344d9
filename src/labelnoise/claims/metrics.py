"""What a run shows for the claims: one number per metric, with the truth at hand.

Shape letters: N examples of the data set, n that the run trains on, C classes, E epochs. Metrics of a run that
diverged are NaN.

Gradients of the loss with respect to the logits are closed forms, taken at one and the same prediction p, so that
only the loss differs: cross-entropy p - e, a linear layer p - q, a nonlinear one (diag p - p p^t) W^t (p' - e).
They are taken at the epoch that early stopping selects: later, wrong labels are memorised and no gradient is left.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.claims import gradients
from labelnoise.uncertainty import calibration

HALF = 0.5


class Run(NamedTuple):
    """A finished run and the truth about it."""

    last: np.ndarray  # [N, C] probabilities at the last epoch
    early: np.ndarray  # [N, C] at the epoch of the best noisy validation
    tested: np.ndarray  # [E] test accuracy of every epoch
    fitted_clean: np.ndarray  # [E] share of right labels fitted
    fitted_wrong: np.ndarray  # [E] share of wrong labels fitted, NaN where none is wrong
    index: np.ndarray  # int [n] the examples trained on
    given: np.ndarray  # int [N] given labels, -1 on test examples
    clean: np.ndarray  # int [N] true labels, -1 where not known, or neither trained nor tested on
    transition: np.ndarray | None  # [C, C] of an oracle the true one, else what the method learned
    validated: np.ndarray  # int [m] the validation part, whose labels are noisy too


def of_run(run: Run, bins: int) -> dict[str, float]:
    """All metrics of one run. Those that do not apply to it are left out."""
    test = (run.given < 0) & (run.clean >= 0)
    truth, labels = run.clean[run.index], run.given[run.index]
    one_test, one_train = np.ones((1, test.sum())), np.ones((1, len(labels)))
    last, early = (calibration.prepare(probs[test], run.clean[test], bins) for probs in (run.last, run.early))
    train = calibration.prepare_train(calibration.predictions(run.last[run.index]), labels, truth)
    found = {
        "test_accuracy": calibration.accuracy(one_test, last),
        "test_accuracy_early": calibration.accuracy(one_test, early),
        "nll": calibration.nll(one_test, last),
        "brier": calibration.brier(one_test, last),
        "fitted_clean": calibration.fitted_clean(one_train, train),
        "fitted_wrong": calibration.fitted_wrong(one_train, train),
        "recovered": calibration.recovered(one_train, train),
    }
    best = float(np.nanmax(run.tested)) if np.isfinite(run.tested[-1]) else np.nan
    return {name: float(value[0]) for name, value in found.items()} | {
        "test_accuracy_best": best,
        "patterns_first": patterns_first(run.fitted_clean, run.fitted_wrong),
        "overconfidence_agreeing": overconfidence_agreeing(run.last[run.index], labels, truth),
        **classes_kept(run.last[test], run.clean[test]),
        **({} if run.transition is None else _gradients(run.early[run.index], labels, truth, run.transition)),
        **({} if run.transition is None else _validation(run)),
    }


def _validation(run: Run) -> dict[str, float]:
    """Mean -log (p T)_label of the given validation labels, in nats: what they say of the last epoch's network
    together with T, where it is a linear layer's. The prediction p alone would be charged for labels that T
    expects. A label that p and T rule out has the smallest probability that there is."""
    labels = run.given[run.validated]
    through = run.last[run.validated].astype(np.float64) @ run.transition
    stated = np.maximum(through[np.arange(len(labels)), labels], np.finfo(np.float64).tiny)
    return {"validation_nll": float(-np.log(stated).mean())}


def patterns_first(fitted_clean: np.ndarray, fitted_wrong: np.ndarray) -> float:
    """Epochs by which right labels are half fitted before wrong ones are; NaN where one never is fitted. To the
    epoch for runs whose training images are evaluated at every epoch, as cross-entropy's are.

    Half of the share that is fitted in the end: what is compared is when a label is learned, not how many are.
    """
    halves = [_half_fitted(fitted) for fitted in (fitted_clean, fitted_wrong)]
    return halves[1] - halves[0]


def _half_fitted(fitted: np.ndarray) -> float:
    """First epoch at which half of the last epoch's share is fitted."""
    if not fitted[-1] > 0:  # also where it is NaN
        return np.nan
    return float(np.argmax(fitted >= HALF * fitted[-1]) + 1)


def overconfidence_agreeing(probs: np.ndarray, labels: np.ndarray, truth: np.ndarray) -> float:
    """Mean confidence minus share of right labels, over training examples predicted as their given label.

    Examples of unknown truth are left out; NaN where none is left.
    """
    part = (calibration.predictions(probs) == labels) & (truth >= 0)
    if not part.any():
        return np.nan
    return float(probs[part].max(axis=1).mean(dtype=np.float64) - (labels == truth)[part].mean())


def classes_kept(probs: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Share of the test examples' classes that are predicted at all, and the smallest recall of a class."""
    predicted, classes = calibration.predictions(probs), np.unique(truth)
    if (predicted < 0).all():
        return {"classes_predicted": np.nan, "smallest_recall": np.nan}
    recalls = [(predicted[truth == c] == c).mean() for c in classes]
    kept = np.isin(classes, predicted).mean()
    return {"classes_predicted": float(kept), "smallest_recall": float(min(recalls))}


def _gradients(
    probs: np.ndarray, labels: np.ndarray, truth: np.ndarray, transition: np.ndarray
) -> dict[str, float]:
    """Mean norm where argmax p is not the label, per loss; and the share of all norms that wrong labels have.

    The nonlinear layer's W is log T^t: at a corner p = e_i its p' is row i of T, and beyond that W does not
    matter, since a constant added to one of its columns changes nothing. Zeros are cut at the smallest float32.
    """
    p, matrix = (np.maximum(part.astype(np.float64), calibration.SMALLEST) for part in (probs, transition))
    norms = {
        "cross_entropy": gradients.norms("cross_entropy", matrix, p, labels),
        "linear": gradients.norms("linear", matrix, p, labels),
        "nonlinear": gradients.norms("nonlinear", np.log(matrix).T, p, labels),
    }
    disagreeing = calibration.predictions(probs) != labels
    wrong = (labels != truth) & (truth >= 0)
    means = {f"gradient_disagreeing_{name}": _mean(norm[disagreeing]) for name, norm in norms.items()}
    return means | {
        "gradient_share_wrong_cross_entropy": _share(norms["cross_entropy"], wrong),
        "gradient_share_wrong_forward": _share(norms["linear"], wrong),
    }


def _share(norms: np.ndarray, part: np.ndarray) -> float:
    return float(norms[part].sum() / norms.sum())


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan
