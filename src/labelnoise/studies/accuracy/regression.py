"""Does a method beat plain regression that ignores the noise, where networks see frozen features?

The regression is NI-ERM (Zhu et al., Label noise: ignorance is bliss, NeurIPS 2024): multinomial logistic
regression on the features with the given labels as they are, its l2 penalty chosen by cross-validation on these
labels. As theirs it is scikit-learn's; the strengths and the number of folds are ours. It has all labels that a
seed does not test on: those that methods train on, and those that tell them when to stop.

Shape letters: n training images of a seed, D features, S seeds.
"""

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from labelnoise import results
from labelnoise.runs.data import CLEAN
from labelnoise.statistics import differences
from labelnoise.studies.setting import Setting
from labelnoise.uncertainty.cells import CELL
from labelnoise.words import HONEST

STRENGTHS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)  # scikit-learn's C
FOLDS = 3
STEPS = 200  # of L-BFGS, at most; 40 are usual


def possible(of: Setting) -> bool:
    """Networks see frozen features, and the truth is there to judge by."""
    return of.params.datasets[of.name].inputs is not None and of.main.reference.name == CLEAN


def table(of: Setting, accuracy: pd.DataFrame) -> pd.DataFrame:
    """Table `regression`: every method less the regression, paired by seed. From the table `accuracy`; without
    rows where `possible` says no. Marked together: methods x noise cells of a network and selection."""
    if not possible(of):
        return results.empty("regression")
    rows = accuracy[accuracy["selection"].isin(HONEST)]
    seeds = rows[["noise", "noise_rate", "seed"]].drop_duplicates().itertuples(index=False)
    known = {(noise, rate, seed): judged(of, noise, rate, seed) for noise, rate, seed in seeds}
    found = pd.DataFrame(_compared(rows, known))
    whole = found["pair_seeds"] == found.groupby([*CELL])["pair_seeds"].transform("max")
    return differences.marked(found, ["network", "selection"], whole, of.params.evaluate.level)


def _compared(rows: pd.DataFrame, known: dict[tuple, tuple[float, float]]) -> Iterator[dict]:
    """A row per cell, method and selection, to be marked. known: (noise, rate, seed) -> accuracy and strength."""
    for keys, part in rows.groupby([*CELL, "method", "selection"]):
        plain = np.array([known[key] for key in zip(part["noise"], part["noise_rate"], part["seed"], strict=True)])
        facts = {"realised_rate": part["realised_rate"].mean(), "oracle": bool(part["oracle"].iloc[0])}
        facts |= {"regression": plain[:, 0].mean(), "strength": float(np.median(plain[:, 1]))}
        paired = differences.unmarked(part["test_accuracy"].to_numpy(), plain[:, 0])
        yield dict(zip([*CELL, "method", "selection"], keys, strict=True)) | facts | paired


def judged(of: Setting, noise: str, noise_rate: float, seed: int) -> tuple[float, float]:
    """Test accuracy of the regression on a column's labels, and the strength that was chosen."""
    features = of.main.training.images.pixels[:, 0, 0]
    labels, truth = of.main.training.column(noise, noise_rate, seed), of.main.reference.labels
    trained, tested = labels >= 0, of.main.tested(seed) & (truth >= 0)
    model = fitted(features[trained], labels[trained])
    right = model.predict(features[tested]) == truth[tested]
    return float(right.mean()), float(model.best_params_["C"])


def fitted(features: np.ndarray, labels: np.ndarray) -> GridSearchCV:
    """features [n, D], labels [n]; of the strengths, that with the highest agreement over folds of consecutive
    images, stratified by given label."""
    model = LogisticRegression(max_iter=STEPS, tol=1e-3)
    search = GridSearchCV(model, {"C": STRENGTHS}, scoring="accuracy", cv=StratifiedKFold(FOLDS))
    with warnings.catch_warnings():  # strengths that are far too high for these labels: they are not chosen
        warnings.simplefilter("ignore", ConvergenceWarning)
        return search.fit(features, labels)
