"""What methods are told of the noise, and from which runs that is estimated.

A source is named by the runs that need it. It says which runs must be finished before, and what these tell; an
oracle is told the truth instead.

Shape letters: R runs of a stack, N examples, n of a run's training part, C classes.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from labelnoise.methods import METHODS
from labelnoise.params import Params, resolved
from labelnoise.runs.data import MAIN, Data, TrainingData
from labelnoise.runs.results import Selection
from labelnoise.runs.run import FOLD, Examples, Run, settings
from labelnoise.train.program import DYNAMICS
from labelnoise.types import Estimates
from labelnoise.uncertainty import estimated

ORACLE, FOLDS = "oracle", "folds"
FIRST = "cross_entropy"  # the method of first runs, whose training dynamics are kept
Arrays = dict[str, np.ndarray]


class Source(NamedTuple):
    """Where estimates come from."""

    requires: Callable[[Params, Run], list[Run]]  # runs that must be finished before
    estimate: Callable[[Params, Any, list[Run], Selection], Arrays]  # from these: fields of Estimates [R, ...]
    oracle: bool = False  # whether `estimate` is given `Data`, with the truth, in place of `TrainingData`


def first(params: Params, run: Run) -> Run:
    """Plain cross-entropy on the labels of `run`, before a recheck."""
    section = settings(resolved(params, FIRST)[1])
    return Run(*_before(run), name=FIRST, method=FIRST, section=section, watch=DYNAMICS)


def _before(run: Any) -> tuple:
    """The first fields of a run, on the labels before a recheck."""
    return (MAIN if run.change else run.data, run.network, run.noise, run.noise_rate, run.seed)


def folds(params: Params, run: Run) -> list[Run]:
    """Cross-entropy on the training part of `run`, each less one fold."""
    plan = params.estimate
    own = settings({"epochs": plan.epochs, "sampler": "shuffle"})
    plain = Run(*_before(run), name=FIRST, method=FIRST, settings=own)
    return [plain._replace(examples=Examples(FOLD, k, plan.folds)) for k in range(plan.folds)]


def pred_probs(index: np.ndarray, out: Selection) -> np.ndarray:
    """[n, C] of the examples index [n] by the fold run that left each out. out: all folds of one column.

    Each run stopped at its best epoch on the noisy labels of the fold it left out: a network that has memorised
    its labels is sure of everything, and that epoch is chosen without a clean label.
    """
    found = None
    for _, arrays in out.each("probs_best_noisy_val", "val_index", "val_labels"):
        left_out = arrays["val_index"][arrays["val_labels"] >= 0]
        probs = arrays["probs_best_noisy_val"]
        found = np.full((len(index), probs.shape[1]), np.nan, probs.dtype) if found is None else found
        found[np.searchsorted(index, left_out)] = probs[left_out]
    return found


def _of_folds(params: Params, data: TrainingData, stack: list[Run], done: Selection) -> Arrays:
    """From a first run and its folds: every field of Estimates, by name."""
    parts = [of_cell(params, data, run, done) for run in stack]
    return {name: np.stack([part[name] for part in parts]) for name in Estimates._fields}


def of_cell(params: Params, data: TrainingData, run: Any, done: Selection) -> Arrays:
    """Every field of Estimates, by name, for a run or a row of keys."""
    column = zip(("data", "network", "noise", "noise_rate", "seed"), _before(run), strict=True)
    own = done.select(**dict(column), change="")
    begun = own.select(name=FIRST, examples="split")
    index, labels = begun["index"][0], data.column(run.noise, run.noise_rate, run.seed)
    out = pred_probs(index, own.select(examples=FOLD))[None]
    plan = params.estimate.anchor_percentile
    known = estimated.estimate(begun["probs_best_noisy_val"], labels[None], out, index[None], plan)
    if data.training["sampler"] == "oversample":
        known = estimated.oversampled(known, out)
    return {name: values[0] for name, values in (known | {"pred_probs": out}).items()}


def _truth(params: Params, data: Data, stack: list[Run], done: Selection) -> Arrays:
    """What an oracle is told in place of the estimates: the designed transition matrix, the class shares."""
    columns = [data.training.columns[run.noise, run.noise_rate, run.seed, run.change] for run in stack]
    designed, labels = data.designed[columns], data.training.labels[columns]
    trained = [data.clean_labels[column >= 0] for column in labels]
    shares = [np.bincount(part, minlength=designed.shape[1]) / len(part) for part in trained]
    return {"transition": designed, "prior": np.stack(shares)}


SOURCES = {
    FOLDS: Source(lambda params, run: [first(params, run), *folds(params, run)], _of_folds),
    ORACLE: Source(lambda params, run: [], _truth, oracle=True),
}


def method_run(params: Params, name: str, cell: Run, **other: object) -> Run:
    """The row `name` of `methods:` on the labels of `cell`, with what it needs from FOLDS, or from the truth."""
    method, section = resolved(params, name)
    made = METHODS[method](**section)
    source = (ORACLE if made.oracle else FOLDS) if made.uses else ""
    watch = DYNAMICS if method == FIRST else ""
    own = {"name": name, "method": method, "section": settings(section), "needs": tuple(made.uses)}
    return cell._replace(**own | {"source": source, "oracle": made.oracle, "watch": watch} | other)
