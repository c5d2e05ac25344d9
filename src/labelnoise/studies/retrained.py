"""Training again after the labels at the top of an order were rechecked: what accuracy a recheck buys.

Labels of the training and of the validation part are set right alike, as a rechecker would do. Orders: the noise
model's, one drawn at random, and an oracle's, which has all wrong labels first. A label that is rechecked becomes
the truth; a rechecker who slips leaves a wrong label as it is, and turns a right one into another class at random.

Shape letters: N examples of the data set, n examples that a seed has labels of.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise import planned, results
from labelnoise.recheck import budget
from labelnoise.runs.data import MAIN, Data
from labelnoise.runs.results import Arrays, Selection
from labelnoise.runs.run import SPLIT, Run
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.uncertainty.cells import CELL

RECHECKED = "rechecked"  # name of the data: the data set's images with labels after a recheck
_OTHER_CLASS = 2  # random stream


class Recheck(NamedTuple):
    """What was done to a column of labels; its text is the `change` of a run."""

    order: str
    error: float  # of the rechecker
    share: float  # of the n labels

    def __str__(self) -> str:
        return f"{self.order} {self.error} {self.share}"


def rechecks(section: Any) -> list[Recheck]:
    """All that is tried in a cell. section: `recheck.retrain` of params.yaml."""
    orders = [(name, 0.0) for name in (budget.NOISE_MODEL, budget.RANDOM, budget.ORACLE)]
    orders.append((budget.NOISE_MODEL, section.error))
    return [Recheck(*order, share) for order in orders for share in section.shares]


def cells(of: Setting) -> list[Run]:
    """The cells of `recheck.retrain` of which the detect stage has found wrong labels; none where the truth is not
    known."""
    section, looked = of.params.recheck.retrain, setting.detected(of)
    seeds = planned.seeds(of.params, min(section.seeds, of.params.study.seeds))
    wanted = [c for c in setting.cells(of) if c.noise_rate in section.cells.get(c.noise, []) and c.seed in seeds]
    return [c for c in wanted if c[2:5] in looked] if (of.dataset.clean_labels >= 0).all() else []


def data(of: Setting) -> dict[str, Data]:
    """The images, beside the columns that there are with one per cell and recheck."""
    where, main = setting.detected(of), of.main.training
    columns, base, labels = dict(main.columns), list(range(len(main.labels))), list(main.labels)
    for cell in {cell[2:5]: cell for cell in cells(of)}.values():
        for each, column in _columns(of, cell, of.detected["p_low"][where[cell[2:5]]].astype(np.float64)):
            columns[(*cell[2:5], str(each))] = len(labels)
            base.append(main.columns[*cell[2:5], ""])
            labels.append(column)
    training = main._replace(labels=np.stack(labels), columns=columns)
    return {RECHECKED: of.main._replace(training=training, designed=of.main.designed[base])}


def _columns(of: Setting, cell: Run, suspicion: np.ndarray) -> Iterator[tuple[Recheck, np.ndarray]]:
    labels, clean = of.main.training.column(*cell[2:5]), of.dataset.clean_labels
    pool = np.flatnonzero(labels >= 0)
    orders = {
        budget.NOISE_MODEL: budget.order(suspicion[pool], cell.seed),
        budget.RANDOM: budget.order(np.zeros(len(pool)), cell.seed),
        budget.ORACLE: budget.order((labels != clean)[pool].astype(float), cell.seed),
    }
    classes = of.main.training.num_classes
    for each in rechecks(of.params.recheck.retrain):
        slipped = budget.slips(len(pool), each.error, cell.seed)
        answers = named(clean[pool], labels[pool], slipped, classes, cell.seed)
        top = orders[each.order][: budget.counts(len(pool), [each.share])[0]]
        after = labels.astype(np.int16)
        after[pool[top]] = answers[top]
        yield each, after


def named(clean: np.ndarray, labels: np.ndarray, slipped: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """[n] what a rechecker says of examples with these true classes and labels [n]. bool slipped [n]: whose answer
    is wrong."""
    other = np.random.default_rng([_OTHER_CLASS, seed]).integers(1, classes, len(labels))
    return np.where(~slipped, clean, np.where(labels == clean, (clean + other) % classes, labels))


def runs(of: Setting) -> list[Run]:
    """The method of `recheck.retrain` on labels as they are, and after every recheck. The latter say themselves
    when they stop early: seeds of development are not rechecked."""
    section, made = of.params.recheck.retrain, []
    if section.method not in of.params.methods:
        return []
    for cell in setting.of_method(of, section.method, cells(of)):
        after = [cell._replace(data=RECHECKED, change=str(each), held=()) for each in rechecks(section)]
        made += [cell, *after]
    return made


def tables(of: Setting, done: Selection) -> dict[str, pd.DataFrame]:
    """Table `retrained`. Every order starts at share 0 with the labels as they are."""
    section, rows = of.params.recheck.retrain, []
    names, wanted = ("history_test_accuracy", "best_noisy_val_epoch"), {run[:5] for run in runs(of)}
    chosen = done.select(data=[MAIN, RECHECKED], name=section.method, examples=SPLIT)
    chosen = chosen.among(wanted, "data", *CELL, "seed")
    places = {str(each): each for each in rechecks(section)}
    starts = [Recheck(*order, 0.0) for order in dict.fromkeys(each[:2] for each in places.values())]
    for key, run in chosen.each(*names):
        for each in [places[key.change]] if key.change else starts:
            rows += _rows(of, key, run, each)
    return {"retrained": pd.DataFrame(rows, columns=results.columns("retrained"))}


def _rows(of: Setting, key: Any, run: Arrays, recheck: Recheck) -> list[dict]:
    """One per selection."""
    test, best = run["history_test_accuracy"], int(run["best_noisy_val_epoch"])
    accuracy = {"last": test[-1], "best_noisy_val": test[best] if best >= 0 else np.nan}
    facts = {"order": recheck.order, "rechecker_error": recheck.error, "rechecked_share": recheck.share}
    own = setting.key(of, key) | facts
    return [own | {"selection": name, "test_accuracy": float(value)} for name, value in accuracy.items()]
