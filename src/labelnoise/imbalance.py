"""Joint optimisation where its prior term is under strain: many classes, a long tail, an oversampling sampler.

L_p = KL(prior || batch mean of p) compares a prior with the mean of one batch. With many classes or rare ones a
batch misses most of them. Settings: the data set as it is; pairs of its images (100 classes); a long tail; as many
examples as the long tail has, but of all classes alike (a control: is it the tail or the number of examples?); the
long tail with batches in which every given label is equally frequent. Each is a study of its own, with one noise
cell, trained through the same run store.
"""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise import study
from labelnoise.data import pairs, subset
from labelnoise.noise import grid
from labelnoise.params import Params, resolved
from labelnoise.study import Loaded
from labelnoise.train.engine import Job
from labelnoise.types import Dataset
from labelnoise.uncertainty import transition

FIRST = "cross_entropy"
UNIFORM = "joint_uniform_prior"  # joint optimisation that takes the prior for uniform, as its authors' code does
BATCHES = 200  # over which the batch estimate of L_p is averaged


class Setting(NamedTuple):
    """One study: its data, and how batches are drawn."""

    name: str
    dataset: Dataset
    sampler: str
    prior_from: str  # the setting, without oversampling, whose first runs tell of its classes and noise


def settings(name: str, dataset: Dataset, section: Any) -> list[Setting]:
    """The five settings. section: `imbalance` of params.yaml."""
    tail = subset.long_tail(name, dataset, section.ratio)
    trained = min(int((tail.test_fold != fold).sum()) for fold in np.unique(tail.test_fold[tail.test_fold >= 0]))
    return [
        Setting("ten_classes", dataset, "shuffle", "ten_classes"),
        Setting("hundred_classes", pairs.pairs(dataset, section.partners), "shuffle", "hundred_classes"),
        Setting("fewer_examples", subset.random_subset(name, dataset, trained), "shuffle", "fewer_examples"),
        Setting("long_tail", tail, "shuffle", "long_tail"),
        Setting("long_tail_oversampled", tail, "oversample", "long_tail"),
    ]


def assemble(params: Params, name: str, setting: Setting) -> Loaded:
    """The setting as a study of the first network, with the noise cell of `imbalance`."""
    section, own = params.imbalance, params.datasets[name]
    cells = {(section.noise, section.noise_rate): section.seeds}
    drawn, _ = grid.draw_all(name, setting.dataset, cells, own.data.folds, params.noise)
    training = own.training.model_dump() | {"sampler": setting.sampler}
    like = SimpleNamespace(
        data=own.data,
        networks=list(own.networks)[:1],
        validation_fraction=own.validation_fraction,
        training=SimpleNamespace(model_dump=lambda: training),
    )
    return study.assemble(params, like, setting.dataset, drawn)


def first_jobs(params: Params, loaded: Loaded) -> list[Job]:
    """Cross-entropy: a row of the table, and what the prior is estimated from."""
    return study.jobs(loaded, loaded.rows, FIRST, params.methods[FIRST], {})


def later_jobs(params: Params, loaded: Loaded, sampler: str, first: dict[str, np.ndarray]) -> dict[str, list[Job]]:
    """All other rows of the table: name -> programs. `first`: first runs without oversampling on the same labels,
    since a network that oversamples has seen other noise."""
    prior, keys = _priors(loaded, sampler, first["probs_best_noisy_val"]), study.keys(loaded.rows)
    made = {}
    for name in params.imbalance.methods:
        method, section = resolved(params, name)
        made[name] = study.jobs(loaded, loaded.rows, method, section, keys | {"prior": prior})
        if name == "joint_optimization":
            uniform = np.full_like(prior, 1 / prior.shape[1])
            made[UNIFORM] = study.jobs(loaded, loaded.rows, method, section, keys | {"prior": uniform})
    return made


def _priors(loaded: Loaded, sampler: str, probs: np.ndarray) -> np.ndarray:
    """Share of each class among the examples that a run draws [R, C], estimated from the first runs.

    Anchor points are not filtered: a rare class has fewer examples than the filter would drop.
    """
    found = []
    for row, own in zip(loaded.rows, probs, strict=True):
        pool = own[loaded.study.labels[row.column] >= 0]
        share = transition.prior(pool)
        matrix = transition.anchor_points(pool, 100)
        found.append(share if sampler == "shuffle" else transition.oversampled_prior(matrix, share))
    return np.stack(found)


def rows(setting: Setting, loaded: Loaded, method: str, arrays: dict[str, np.ndarray], batch: int) -> pd.DataFrame:
    """A row per run: share of classes it still predicts, accuracy, recall, and the sampling cost of L_p."""
    clean, classes = setting.dataset.clean_labels, loaded.study.num_classes
    found = []
    for at, row in enumerate(loaded.rows):
        tested = study.tested(loaded, row)
        probs = arrays["probs_last"][at]
        predicted = probs[tested].argmax(1)
        recall = _recalls(predicted, clean[tested], classes)
        train = arrays["index"][at]
        found.append(
            {
                "setting": setting.name,
                "method": method,
                "seed": row.seed,
                "classes_predicted": float(np.isin(np.unique(clean[tested]), predicted).mean()),
                "test_accuracy": float((predicted == clean[tested]).mean()),
                "mean_recall": float(recall.mean()),
                "smallest_recall": float(recall.min()),
                "prior_loss": _prior_loss(probs[train], batch, row.seed),
            }
        )
    return pd.DataFrame(found)


def _recalls(predicted: np.ndarray, clean: np.ndarray, classes: int) -> np.ndarray:
    """Recall of every class that occurs in `clean`."""
    counts = np.bincount(clean, minlength=classes)
    hits = np.bincount(clean[predicted == clean], minlength=classes)
    return hits[counts > 0] / counts[counts > 0]


def _prior_loss(probs: np.ndarray, batch: int, seed: int, floor: float = 1e-4) -> float:
    """Mean KL(mean of all p || batch mean of p) over batches drawn at random, nats: what a batch estimate charges
    the final network, even if the shares of its predictions are right. The floor is joint optimisation's clamp."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(probs), size=(BATCHES, batch))
    share, means = probs.mean(0), probs[drawn].mean(1).clip(min=floor)
    ratio = np.where(share > 0, np.log(np.maximum(share, 1e-30)) - np.log(means), 0)
    return float((share * ratio).sum(1).mean())
