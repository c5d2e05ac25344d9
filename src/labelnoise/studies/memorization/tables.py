"""Tables of the memorisation study, from what its runs left. Epochs count from 1."""

import math
from typing import Any

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.runs.results import Arrays, Selection
from labelnoise.studies.memorization import runs
from labelnoise.studies.setting import Setting

NAMES = ("fit", "fit_curves", "complexity", "first_epoch")


def tables(of: Setting, done: Selection) -> dict[str, pd.DataFrame]:
    """All tables by name; without rows where the study is left out."""
    if not runs.possible(of):
        print(f"{of.name}: no memorization, which needs memorization.seeds, and images with known true labels")
        return {name: results.empty(name) for name in NAMES}
    fitting = done.select(data=[name for name in done.keys["data"].unique() if name.startswith(runs.FITTING)])
    first = done.select(data=[name for name in done.keys["data"].unique() if name.startswith(runs.STARTS)])
    plan, batch = of.params.memorization, of.params.datasets[of.name].training.batch_size
    return {
        "fit": fit(fitting, plan.fitted, batch),
        "fit_curves": fit_curves(fitting),
        "complexity": complexity(fitting, plan.probe),
        "first_epoch": first_epoch(first),
    }


def _key(key: Any) -> dict:
    """What names a run in the tables."""
    own = {"network": key.network, "condition": key.noise, "corruption": key.noise_rate}
    return own | {"regularizer": key.name, "seed": key.seed}


def fit(runs: Selection, threshold: float, batch: int) -> pd.DataFrame:
    """A row per run: when it had fitted the share `threshold` of its given labels, and how it ended."""
    parts = runs.each("history_*", "index")
    return pd.DataFrame([_key(key) | _fit(run, threshold, batch) for key, run in parts])


def _fit(run: Arrays, threshold: float, batch: int) -> dict:
    fitted = run["history_fitted"]
    reached = np.flatnonzero(fitted >= threshold)  # never with NaN, where the run had diverged
    epochs = int(reached[0]) + 1 if len(reached) else np.nan
    return {
        "epochs_to_fit": epochs,
        "steps_to_fit": epochs * math.ceil(len(run["index"]) / batch),
        "censored": not len(reached),
        "train_accuracy": fitted[-1],
        "train_loss": run["history_train_loss"][-1],
        "test_accuracy": run["history_test_accuracy"][-1],
    }


def fit_curves(runs: Selection) -> pd.DataFrame:
    """A row per epoch of every run of Zhang's figure 1a: no regulariser, no partly corrupted labels."""
    shown = runs.select(name="none")
    shown = shown.only(shown.keys["noise"] != "corrupted_labels")
    return pd.concat([_curve(*each) for each in shown.each("history_*")], ignore_index=True)


def _curve(key: Any, run: Arrays) -> pd.DataFrame:
    names = {"train_loss": "train_loss", "train_accuracy": "fitted", "test_accuracy": "test_accuracy"}
    columns = {name: run[f"history_{source}"] for name, source in names.items()}
    epochs = {"epoch": np.arange(1, len(columns["train_loss"]) + 1)}
    return pd.DataFrame(epochs | columns).assign(**_key(key))


def complexity(runs: Selection, probe: Any) -> pd.DataFrame:
    """A row per probed run, epoch and radius: critical sample ratio, Gini coefficient of the loss sensitivity."""
    rows = []
    for key, run in runs.select(probe=True).each("probe_*"):
        name = {"network": key.network, "condition": key.noise, "seed": key.seed}
        epochs = probe.epochs[: len(run["probe_sensitivity"])]
        found = zip(epochs, run["probe_sensitivity"], run["probe_critical"], strict=True)
        for epoch, sensitivity, critical in found:
            share = {"epoch": epoch, "sensitivity_gini": gini(sensitivity)}
            ratios = zip(probe.radii, critical.mean(-1), strict=True)
            rows += [name | share | {"radius": r, "critical_sample_ratio": ratio} for r, ratio in ratios]
    return pd.DataFrame(rows)


def gini(values: np.ndarray) -> float:
    """Gini coefficient of values >= 0 [m]: 0 where all are equal, 1 - 1/m where one holds everything."""
    ranked, count = np.sort(values.astype(np.float64)), len(values)
    if not ranked[-1] > 0:
        return math.nan  # nothing to share out, or a run that diverged
    return float(2 * (np.arange(1, count + 1) * ranked).sum() / (count * ranked.sum()) - (count + 1) / count)


def first_epoch(runs: Selection) -> pd.DataFrame:
    """Examples by the share of initial weights from which they are right after one epoch.

    `binomial` is the number of examples to be expected if all were equally hard.
    """
    hits: dict[tuple[str, str], list[np.ndarray]] = {}
    for key, run in runs.each("probs_last", "index", "labels"):
        predicted = run["probs_last"][run["index"]].argmax(-1)
        hits.setdefault((key.network, key.noise), []).append(predicted == run["labels"])
    frames = [_histogram(np.stack(found)).assign(network=n, condition=c) for (n, c), found in hits.items()]
    return pd.concat(frames, ignore_index=True)


def _histogram(hits: np.ndarray) -> pd.DataFrame:
    """hits bool [initialisations, n]."""
    trials, examples = hits.shape
    times = np.bincount(hits.sum(0), minlength=trials + 1)
    mean = hits.mean()
    chances = [math.comb(trials, k) * mean**k * (1 - mean) ** (trials - k) for k in range(trials + 1)]
    shares = np.arange(trials + 1) / trials
    return pd.DataFrame({"correct_share": shares, "examples": times, "binomial": examples * np.array(chances)})
