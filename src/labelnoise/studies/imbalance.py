"""Joint optimisation where its prior term is under strain: many classes, a long tail, an oversampling sampler.

L_p = KL(prior || batch mean of p) compares a prior with the mean of one batch. With many classes or rare ones a
batch misses most of them. Settings: the data set as it is; pairs of its images (100 classes); a long tail; as many
examples as the long tail has, but of all classes alike (a control: is it the tail or the number of examples?); the
long tail with batches in which every given label is equally frequent. Each has its own images and one noise cell.
"""

from typing import Any

import numpy as np
import pandas as pd

from labelnoise import planned, results
from labelnoise.data import pairs, subset
from labelnoise.noise import grid
from labelnoise.params import Params
from labelnoise.runs import data as of_data
from labelnoise.runs import estimates
from labelnoise.runs.data import Data
from labelnoise.runs.results import Arrays, Selection
from labelnoise.runs.run import SPLIT, Run
from labelnoise.studies.setting import Setting
from labelnoise.types import Dataset

FLOOR = 1e-4  # joint optimisation's clamp
BATCHES = 200  # over which the batch estimate of L_p is averaged
TAIL, OVERSAMPLED = "long_tail", "long_tail_oversampled"
SAMPLERS = dict.fromkeys(("ten_classes", "hundred_classes", "fewer_examples", TAIL), "shuffle")
SAMPLERS[OVERSAMPLED] = "oversample"


def possible(of: Setting) -> bool:
    """Noise can be drawn only where every clean label is known; no seeds: it is not asked for."""
    return of.params.imbalance.seeds > 0 and bool((of.dataset.clean_labels >= 0).all())


def settings(name: str, dataset: Dataset, section: Any) -> dict[str, Dataset]:
    """The five settings. section: `imbalance` of params.yaml."""
    tail = subset.long_tail(name, dataset, section.ratio)
    trained = min(int((tail.test_fold != fold).sum()) for fold in np.unique(tail.test_fold[tail.test_fold >= 0]))
    many, fewer = pairs.pairs(dataset, section.partners), subset.random_subset(name, dataset, trained)
    return dict(zip(SAMPLERS, (dataset, many, fewer, tail, tail), strict=True))


def data(of: Setting) -> dict[str, Data]:
    """Every setting with columns of the noise cell of `imbalance`."""
    if not possible(of):
        return {}
    section, folds = of.params.imbalance, of.params.datasets[of.name].data.folds
    cells, made = {(section.noise, section.noise_rate): planned.seeds(of.params, section.seeds)}, {}
    for name, dataset in settings(of.name, of.dataset, section).items():
        drawn, _ = grid.draw_all(of.name, dataset, cells, folds, of.params.noise)
        own = of_data.of_columns(of.params, of.name, dataset, drawn, of.device, sampler=SAMPLERS[name])
        made[_data(name)] = own
    return made


def runs(of: Setting) -> list[Run]:
    """Cross-entropy, and forms of joint optimisation, in every setting."""
    section, network = of.params.imbalance, of.params.datasets[of.name].networks[0]
    cells = [
        Run(_data(name), network, section.noise, section.noise_rate, seed, name="", method="")
        for name in (SAMPLERS if possible(of) else ())
        for seed in planned.seeds(of.params, section.seeds)
    ]
    return [run for cell in cells for run in _of_cell(of.params, cell)]


def _of_cell(params: Params, cell: Run) -> list[Run]:
    rows = [name for name in params.imbalance.methods if name in params.methods]
    return [estimates.first(params, cell), *(estimates.method_run(params, name, cell) for name in rows)]


def _data(setting: str) -> str:
    return f"imbalance {setting}"


def tables(of: Setting, done: Selection) -> dict[str, pd.DataFrame]:
    """Table `imbalance`; without rows where the study is left out."""
    if not possible(of):
        print(f"{of.name}: no imbalance, which needs imbalance.seeds, and every clean label to draw noise")
        return {"imbalance": results.empty("imbalance")}
    sets, batch = data(of), of.params.datasets[of.name].training.batch_size
    rows = []
    for setting in SAMPLERS:
        own = sets[_data(setting)]
        for key, run in done.select(data=_data(setting), examples=SPLIT).each("probs_last", "index"):
            facts = {"setting": setting, "method": key.name, "seed": key.seed}
            rows.append(facts | _facts(own, own.tested(key.seed), run, batch, key.seed))
    return {"imbalance": pd.DataFrame(rows)}


def _facts(data: Data, tested: np.ndarray, run: Arrays, batch: int, seed: int) -> dict[str, float]:
    """Share of classes it still predicts, accuracy, recall, and the sampling cost of L_p."""
    probs, clean = run["probs_last"], data.clean_labels[tested]
    predicted = probs[tested].argmax(1)
    recall = _recalls(predicted, clean, data.training.num_classes)
    return {
        "classes_predicted": float(np.isin(np.unique(clean), predicted).mean()),
        "test_accuracy": float((predicted == clean).mean()),
        "mean_recall": float(recall.mean()),
        "smallest_recall": float(recall.min()),
        "prior_loss": _prior_loss(probs[run["index"]], batch, seed),
    }


def _recalls(predicted: np.ndarray, clean: np.ndarray, classes: int) -> np.ndarray:
    """Recall of every class that occurs in `clean`."""
    counts = np.bincount(clean, minlength=classes)
    hits = np.bincount(clean[predicted == clean], minlength=classes)
    return hits[counts > 0] / counts[counts > 0]


def _prior_loss(probs: np.ndarray, batch: int, seed: int) -> float:
    """Mean KL(mean of all p || batch mean of p) over batches drawn at random, nats: what a batch estimate charges
    the final network, even if the shares of its predictions are right."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(probs), size=(BATCHES, batch))
    share, means = probs.mean(0), probs[drawn].mean(1).clip(min=FLOOR)
    ratio = np.where(share > 0, np.log(np.maximum(share, 1e-30)) - np.log(means), 0)
    return float((share * ratio).sum(1).mean())
