"""What methods are told of the noise, and from which runs that is estimated.

A source is named by the runs that need it. It says which runs must be finished before, and what these tell; an
oracle is told the truth instead.

Shape letters: N examples, n of a run's training part, C classes.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from labelnoise import planned
from labelnoise.methods import METHODS
from labelnoise.noise import human
from labelnoise.params import Params, resolved
from labelnoise.runs.data import MAIN, Data, TrainingData
from labelnoise.runs.results import Selection
from labelnoise.runs.run import FOLD, Examples, Run, settings
from labelnoise.train.program import DYNAMICS
from labelnoise.train.types import HELD_OUT
from labelnoise.uncertainty import clock as by_folds
from labelnoise.uncertainty import estimated
from labelnoise.uncertainty.clock import Clock

ORACLE, FOLDS = "oracle", "folds"
FIRST = "cross_entropy"  # the method of first runs, whose training dynamics are kept
Arrays = dict[str, np.ndarray]


class Source(NamedTuple):
    """Where estimates come from."""

    requires: Callable[[Params, Run], list[Run]]  # runs that must be finished before
    # from these: fields of Estimates, without the axis of runs; the same for runs on one column of labels
    estimate: Callable[[Params, Any, Run, Selection], Arrays]
    oracle: bool = False  # whether `estimate` is given `Data`, with the truth, in place of `TrainingData`


def first(params: Params, run: Run) -> Run:
    """Plain cross-entropy on the labels of `run`, before a recheck."""
    section = settings(resolved(params, FIRST)[1])
    made = Run(*_before(run), name=FIRST, method=FIRST, section=section, watch=DYNAMICS)
    return made._replace(held=held(params, made))


def held(params: Params, run: Run) -> tuple[int, ...]:
    """The seeds that say when a run of the main study stops early: those of development, in every cell of the
    grid. Labels as given have one draw, which all seeds share: without development these are the study's own, each
    with a validation part of its own."""
    in_grid = params.methods[run.name].get("grid", True) and (run.data, run.change) == (MAIN, "")
    early, studied = planned.development(params), planned.seeds(params, params.study.seeds)
    if early or run.noise != human.GIVEN:
        return tuple(early) if in_grid and run.seed >= params.study.first_seed else ()
    return tuple(studied) if in_grid and run.seed in studied and len(studied) > 1 else ()


def _before(run: Any) -> tuple:
    """The first fields of a run, on the labels before a recheck."""
    return (MAIN if run.change else run.data, run.network, run.noise, run.noise_rate, run.seed)


def folds(params: Params, run: Run) -> list[Run]:
    """Cross-entropy on the training part of `run`, each less one fold: the first epochs of its own schedule."""
    plan = params.estimate
    own = settings({"epochs": plan.epochs, "sampler": "shuffle", "evaluate": HELD_OUT})
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


def clock(index: np.ndarray, out: Selection) -> Clock:
    """E* of the examples index [n] by the runs that left a fold of them out. out: all folds of one column."""
    passes = np.mean([len(arrays["index"]) for _, arrays in out.each("index")]) / len(index)
    return by_folds.clock(out["history_val_accuracy"], len(index), passes)


def of_folds(run: Any, done: Selection) -> Selection:
    """The runs by folds on the column of labels of a run, or of a row of keys."""
    return _on_column(run, done).select(name=FIRST, examples=FOLD)


def _on_column(run: Any, done: Selection) -> Selection:
    column = zip(("data", "network", "noise", "noise_rate", "seed"), _before(run), strict=True)
    return done.select(**dict(column), change="")


def of_cell(params: Params, data: TrainingData, run: Any, done: Selection) -> Arrays:
    """Every field of Estimates that is not known beforehand, by name, for a run or a row of keys."""
    begun, folds = _on_column(run, done).select(name=FIRST, examples="split"), of_folds(run, done)
    index, labels = begun["index"][0], data.column(run.noise, run.noise_rate, run.seed)
    out, plan = pred_probs(index, folds)[None], params.estimate.anchor_percentile
    known = estimated.estimate(begun["probs_best_noisy_val"], labels[None], out, index[None], plan)
    if data.training["sampler"] == "oversample":
        known = estimated.oversampled(known, out)
    told = {name: values[0] for name, values in (known | {"pred_probs": out}).items()}
    return told | {"clock": np.array(clock(index, folds).epochs)}


def _truth(params: Params, data: Data, run: Run, done: Selection) -> Arrays:
    """What an oracle is told in place of the estimates: the designed transition matrix, the class shares."""
    column = data.training.columns[run.noise, run.noise_rate, run.seed, run.change]
    designed, trained = data.designed[column], data.clean_labels[data.training.labels[column] >= 0]
    return {"transition": designed, "prior": np.bincount(trained, minlength=len(designed)) / len(trained)}


SOURCES = {
    FOLDS: Source(lambda params, run: [first(params, run), *folds(params, run)], of_cell),
    ORACLE: Source(lambda params, run: [], _truth, oracle=True),
}


def method_run(params: Params, name: str, cell: Run, **other: object) -> Run:
    """The row `name` of `methods:` on the labels of `cell`, with what it needs from FOLDS, or from the truth."""
    method, section = resolved(params, name)
    made = METHODS[method](**section)
    source = (ORACLE if made.oracle else FOLDS) if made.uses else ""
    watch = DYNAMICS if method == FIRST else ""
    own = {"name": name, "method": method, "section": settings(section), "needs": tuple(made.uses)}
    own |= {"settings": settings(params.methods[name].get("training", {}))}
    run = cell._replace(**own | {"source": source, "oracle": made.oracle, "watch": watch} | other)
    return run._replace(held=held(params, run))
