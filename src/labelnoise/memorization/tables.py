"""Tables of the memorisation study, from what its runs left. Epochs count from 1."""

import math

import numpy as np
import pandas as pd

from labelnoise.memorization.programs import Arrays, Key, Setup, Task
from labelnoise.train.program import Program

Found = tuple[list[Task], list[Arrays]]  # programs and their results

NAMES = ("fit", "fit_curves", "complexity", "first_epoch")


def everything(made: Setup, fitting: Found, first: Found) -> dict[str, pd.DataFrame]:
    """All tables by name."""
    return {
        "fit": fit(*fitting, made.plan.fitted),
        "fit_curves": fit_curves(*fitting),
        "complexity": complexity(*fitting, made.plan.probe.radii),
        "first_epoch": first_epoch(*first),
    }


def fit(tasks: list[Task], results: list[Arrays], threshold: float) -> pd.DataFrame:
    """A row per run: when it had fitted the share `threshold` of its given labels, and how it ended."""
    parts = zip(tasks, results, strict=True)
    return pd.DataFrame(
        [
            key._asdict() | _fit(task.job.program, arrays, at, threshold)
            for task, arrays in parts
            for at, key in enumerate(task.keys)
        ]
    )


def _fit(program: Program, arrays: Arrays, at: int, threshold: float) -> dict:
    fitted = arrays["history_fitted"][at]
    reached = np.flatnonzero(fitted >= threshold)  # never with NaN, where the run had diverged
    epochs = int(reached[0]) + 1 if len(reached) else np.nan
    steps = math.ceil(program.arrays["index"].shape[1] / program.spec["settings"]["batch_size"])
    return {
        "epochs_to_fit": epochs,
        "steps_to_fit": epochs * steps,
        "censored": not len(reached),
        "train_accuracy": fitted[-1],
        "train_loss": arrays["history_train_loss"][at, -1],
        "test_accuracy": arrays["history_test_accuracy"][at, -1],
    }


def fit_curves(tasks: list[Task], results: list[Arrays]) -> pd.DataFrame:
    """A row per epoch of every run of Zhang's figure 1a: no regulariser, no partly corrupted labels."""
    parts = zip(tasks, results, strict=True)
    runs = [(key, arrays, at) for task, arrays in parts for at, key in enumerate(task.keys)]
    shown = [run for run in runs if run[0].regularizer == "none" and run[0].condition != "corrupted_labels"]
    return pd.concat([_curve(*run) for run in shown], ignore_index=True)


def _curve(key: Key, arrays: Arrays, at: int) -> pd.DataFrame:
    names = {"train_loss": "train_loss", "train_accuracy": "fitted", "test_accuracy": "test_accuracy"}
    columns = {name: arrays[f"history_{source}"][at] for name, source in names.items()}
    epochs = {"epoch": np.arange(1, len(columns["train_loss"]) + 1)}
    return pd.DataFrame(epochs | columns).assign(**key._asdict())


def complexity(tasks: list[Task], results: list[Arrays], radii: list[float]) -> pd.DataFrame:
    """A row per probed run, epoch and radius: critical sample ratio, Gini coefficient of the loss sensitivity."""
    rows = []
    for task, arrays in zip(tasks, results, strict=True):
        for at, key in enumerate(task.keys if task.job.program.spec["probe"] else []):
            name = {"network": key.network, "condition": key.condition, "seed": key.seed}
            for k, epoch in enumerate(task.job.program.spec["probe"]["epochs"]):
                share = {"epoch": epoch + 1, "sensitivity_gini": gini(arrays["probe_sensitivity"][at, k])}
                ratios = arrays["probe_critical"][at, k].mean(-1)
                rows += [
                    name | share | {"radius": r, "critical_sample_ratio": c}
                    for r, c in zip(radii, ratios, strict=True)
                ]
    return pd.DataFrame(rows)


def gini(values: np.ndarray) -> float:
    """Gini coefficient of values >= 0 [m]: 0 where all are equal, 1 - 1/m where one holds everything."""
    ranked, count = np.sort(values.astype(np.float64)), len(values)
    if not ranked[-1] > 0:
        return math.nan  # nothing to share out, or a run that diverged
    return float(2 * (np.arange(1, count + 1) * ranked).sum() / (count * ranked.sum()) - (count + 1) / count)


def first_epoch(tasks: list[Task], results: list[Arrays]) -> pd.DataFrame:
    """Examples by the share of initial weights from which they are right after one epoch.

    `binomial` is the number of examples to be expected if all were equally hard.
    """
    hits: dict[tuple[str, str], list[np.ndarray]] = {}
    for task, arrays in zip(tasks, results, strict=True):
        rows = task.job.program.arrays
        predicted = np.take_along_axis(arrays["probs_last"], rows["index"][..., None], 1).argmax(-1)
        hits.setdefault(task.keys[0][:2], []).append(predicted == rows["labels"])
    frames = [_histogram(np.concatenate(found)).assign(network=n, condition=c) for (n, c), found in hits.items()]
    return pd.concat(frames, ignore_index=True)


def _histogram(hits: np.ndarray) -> pd.DataFrame:
    """hits bool [initialisations, n]."""
    trials, examples = hits.shape
    times = np.bincount(hits.sum(0), minlength=trials + 1)
    mean = hits.mean()
    chances = [math.comb(trials, k) * mean**k * (1 - mean) ** (trials - k) for k in range(trials + 1)]
    shares = np.arange(trials + 1) / trials
    return pd.DataFrame({"correct_share": shares, "examples": times, "binomial": examples * np.array(chances)})
