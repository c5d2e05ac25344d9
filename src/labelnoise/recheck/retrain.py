"""Training again after the labels at the top of an order were rechecked: what accuracy a recheck buys.

Labels of the training and of the validation part are set right alike, as a rechecker would do. Orders: the noise
model's, one drawn at random, and an oracle's, which has all wrong labels first. A label that is rechecked becomes
the truth; a rechecker who slips leaves a wrong label as it is, and turns a right one into another class at random.

Shape letters: N examples of the data set, n examples that a seed has labels of.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise import study
from labelnoise.columns import Columns
from labelnoise.methods import METHODS
from labelnoise.params import Params
from labelnoise.recheck import economics
from labelnoise.recheck.detected import Detected
from labelnoise.study import Loaded
from labelnoise.train.engine import Job
from labelnoise.train.runs import Row

SELECTIONS = ("last", "best_noisy_val")
_OTHER_CLASS = 2  # random stream


class Fixed(NamedTuple):
    """One column of labels after a recheck."""

    row: Row  # the run whose labels were rechecked
    order: str
    error: float  # of the rechecker
    share: float  # of the n labels
    labels: np.ndarray  # int16 [N]


class Plan(NamedTuple):
    """Runs to train: those as they are, which the train stage has trained already, and those after a recheck."""

    loaded: Loaded
    rows: list[Row]
    after: Loaded
    fixed: list[Fixed]  # in the order of `after.rows`


def plan(params: Params, loaded: Loaded, found: Detected) -> Plan | None:
    """All runs of the cells of `recheck.retrain`; None where there is none, or the truth is not known."""
    section = params.recheck.retrain
    wanted = {(noise, rate) for noise, rates in section.cells.items() for rate in rates}
    rows = [row for row in loaded.rows if row[1:3] in wanted and row.seed < params.study.seeds]
    runs = {of: at for at, of in enumerate(zip(found.noise, found.noise_rate, found.seed, strict=True))}
    rechecked = [row for row in rows if row[1:4] in runs and row.seed < section.seeds]
    fixed = [one for row in rechecked for one in _fixed(loaded, row, found.p_low[runs[row[1:4]]], section)]
    if not fixed or (loaded.dataset.clean_labels < 0).any():
        return None
    return Plan(loaded, rows, *_assembled(params, loaded, fixed))


def _fixed(loaded: Loaded, row: Row, suspicion: np.ndarray, section: Any) -> list[Fixed]:
    labels, clean = loaded.columns.labels[row.column].astype(np.int64), loaded.dataset.clean_labels
    wrong = (labels != clean)[labels >= 0]
    pool = np.flatnonzero(labels >= 0)
    orders = {
        economics.NOISE_MODEL: economics.order(suspicion[pool], row.seed),
        economics.RANDOM: economics.order(np.zeros(len(pool)), row.seed),
        economics.ORACLE: economics.order(wrong.astype(float), row.seed),
    }
    made = []
    for name, error in [*((name, 0.0) for name in orders), (economics.NOISE_MODEL, section.error)]:
        slipped = economics.slips(len(pool), error, row.seed)
        answers = named(clean[pool], labels[pool], slipped, loaded.study.num_classes, row.seed)
        for share in section.shares:
            top = orders[name][: economics.counts(len(pool), [share])[0]]
            after = labels.astype(np.int16)
            after[pool[top]] = answers[top]
            made.append(Fixed(row, name, error, share, after))
    return made


def named(clean: np.ndarray, labels: np.ndarray, slipped: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """[n] what a rechecker says of examples with these true classes and labels [n]. bool slipped [n]: whose answer
    is wrong."""
    other = np.random.default_rng([_OTHER_CLASS, seed]).integers(1, classes, len(labels))
    return np.where(~slipped, clean, np.where(labels == clean, (clean + other) % classes, labels))


def _assembled(params: Params, loaded: Loaded, fixed: list[Fixed]) -> tuple[Loaded, list[Fixed]]:
    """A study with a column for each of `fixed`, and these in the order of its rows. A recheck is a noise of its
    own, so that its seeds are stacked together."""
    base = [one.row.column for one in fixed]
    noise = np.array([f"{one.row.noise} {one.order} {one.error} {one.share}" for one in fixed])
    columns = Columns(*(part[base] for part in loaded.columns))
    columns = columns._replace(noise=noise, labels=np.stack([one.labels for one in fixed]))
    after = study.assemble(params, loaded.study.section, loaded.dataset, columns)
    rows = [row for row in after.rows if row.network == fixed[row.column].row.network]
    return after._replace(rows=rows), [fixed[row.column] for row in rows]


def jobs(params: Params, made: Plan, given: dict[str, np.ndarray]) -> tuple[list[Job], list[Job]]:
    """Programs of the runs as they are, and after a recheck. `given`: the estimate stage's, from labels before."""
    method = params.recheck.retrain.method
    section = params.methods[method]
    rechecked = [one.row for one in made.fixed]
    used = {name: given[name][study.positions(given, rechecked)] for name in METHODS[method].uses}
    used |= study.keys(made.after.rows)
    before = study.jobs(made.loaded, made.rows, method, section, given)
    return before, study.jobs(made.after, made.after.rows, method, section, used)


def rows(made: Plan, before: list[dict], after: list[dict]) -> pd.DataFrame:
    """Table `retrained`, from the results of both lists of jobs. Every order starts at share 0 with the labels as
    they are."""
    start = dict(zip(made.rows, _accuracies(study.collect(made.rows, before))))
    ends = _accuracies(study.collect(made.after.rows, after))
    first, table = min(one.share for one in made.fixed), []
    for one, accuracies in zip(made.fixed, ends, strict=True):
        table += _rows(made.loaded, one, accuracies)
        if one.share == first:
            table += _rows(made.loaded, one._replace(share=0.0), start[one.row])
    return pd.DataFrame(table)


def _rows(loaded: Loaded, one: Fixed, accuracies: dict[str, float]) -> list[dict]:
    row = one.row
    key = {name: getattr(row, name) for name in Row._fields[:4]}
    key |= {"realised_rate": float(loaded.columns.realised_rate[row.column]), "order": one.order}
    key |= {"rechecker_error": one.error, "rechecked_share": one.share}
    return [key | {"selection": name, "test_accuracy": value} for name, value in accuracies.items()]


def _accuracies(arrays: dict[str, np.ndarray]) -> list[dict[str, float]]:
    """selection -> test accuracy, of every run."""
    test, best = arrays["history_test_accuracy"], arrays["best_noisy_val_epoch"]
    picked = [
        {"last": of[-1], "best_noisy_val": of[at] if at >= 0 else np.nan} for of, at in zip(test, best.tolist())
    ]
    return [{name: float(value) for name, value in one.items()} for one in picked]
