"""Values of the study that may stand beside published ones, from its tables: a row per value, in one form."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise.statistics import means

# ours: the table that it is from. known_as: the method as published.csv has it. images, epochs, augmentation and
# inputs (features that networks see in place of images): of training; NaN and "" where nothing was trained
COLUMNS = ["ours", "network", "noise", "noise_rate", "sparsity", "regularizer", "method", "known_as", "selection",
           "metric", "mean", "low", "high", "n_seeds", "images", "epochs", "augmentation", "inputs"]  # fmt: skip
TEXT = ["network", "regularizer", "method", "known_as", "selection", "augmentation", "inputs"]  # "" for nothing
NEEDED = ("accuracy", "curves", "detection_intervals", "fit", "intervals", "ledger", "transition")  # tables
CELL = ["network", "noise", "noise_rate"]
CONDITIONS = {"true_labels": "none", "corrupted_labels": "symmetric_all", "random_labels": "random"}  # of `fit`
BASELINE = "cross_entropy"
AUGMENTATIONS = ("shift", "crop", "flip", "cutout")  # keys of training
TRAINING_ALONE = {"method", "training", "grid"}  # keys of a row of `methods`


class Facts(NamedTuple):
    """What tables do not tell of a data set's study."""

    training: dict[str, Any]  # section `training`
    inputs: str | None  # features that networks are trained on in place of images
    methods: dict[str, dict[str, Any]]  # rows of `methods`
    sparsity: float  # of class-dependent noise
    fitting: dict[str, int]  # epochs of the study of memorisation, by network
    images: int  # of that study, at most, test images included
    level: float  # of intervals


def rows(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    """All of them; `tables`: NEEDED, by name."""
    makers = (_accuracy, _best_test, _train_accuracy, _detection, _transition, _fit, _noise_rate)
    parts = [make(tables, facts) for make in makers]
    found = pd.concat([part.reindex(columns=COLUMNS) for part in parts])
    found["sparsity"] = np.where(found["noise"] == "class_dependent", facts.sparsity, np.nan)
    found = found.dropna(subset="mean").reset_index(drop=True)
    found["known_as"] = found["known_as"].fillna(found["method"])
    return found.assign(**{name: found[name].astype(object).fillna("") for name in TEXT})


def augmentation(training: dict[str, Any]) -> str:
    """What is done to images in training, in words."""
    shifts = [f"shifts of {training['shift']} pixels"] if training["shift"] else []
    return ", ".join([*shifts, *(name for name in AUGMENTATIONS[1:] if training.get(name))]) or "none"


def regularizer(training: dict[str, Any]) -> str:
    """What explicit regularisers there are, as Zhang et al. 2017 vary them."""
    augmented = any(training.get(name) for name in AUGMENTATIONS)
    used = {"augmentation": augmented, "weight_decay": training["weight_decay"]}
    return "_".join(name for name, value in used.items() if value) or "none"


def _accuracy(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    table = tables["intervals"]
    table = table[table["metric"] == "test_accuracy"].drop_duplicates([*CELL, "method", "selection"])
    return _trained(table, tables["ledger"], facts).assign(ours="intervals")


def _best_test(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    """At the best test epoch, which is compared with papers only: `intervals` leaves it out."""
    table = tables["accuracy"]
    chosen = table[(table["selection"] == "best_test") & (table["judged_by"] != "given_labels")]
    made = _means(chosen, [*CELL, "method", "selection"], "test_accuracy", facts.level)
    return _trained(made, tables["ledger"], facts).assign(metric="test_accuracy", ours="accuracy")


def _train_accuracy(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    """Share of the given labels that are predicted in the end."""
    table = tables["curves"]
    last = table.loc[table.groupby([*CELL, "seed", "method"])["epoch"].idxmax()]
    made = _means(last, [*CELL, "method"], "train_accuracy", facts.level)
    made = made.assign(metric="train_accuracy", selection="last", ours="curves")
    return _trained(made, tables["ledger"], facts)


def _trained(table: pd.DataFrame, ledger: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """With what is known of training: `ledger` has how many images. A row of `methods` that changes training alone
    is known as its method."""
    counts = ledger.groupby(["noise", "noise_rate"], as_index=False)["examples"].max()
    counts = counts.rename(columns={"examples": "images"})
    rows = [facts.methods.get(name, {}) for name in table["method"]]
    own = [facts.training | row.get("training", {}) for row in rows]
    same = [row["method"] if {"method"} <= {*row} <= TRAINING_ALONE else None for row in rows]
    known = {
        "epochs": [of["epochs"] for of in own],
        "augmentation": [*map(augmentation, own)],
        "regularizer": [*map(regularizer, own)],
        "known_as": pd.Series(same, table.index, dtype=object),
        "inputs": facts.inputs or "",
    }
    return table.assign(**known).merge(counts, "left", ["noise", "noise_rate"])


def _detection(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    table = tables["detection_intervals"]
    table = table[table["metric"].isin(["auroc", "auprc"])].rename(columns={"score": "method"})
    return table.assign(metric="detection_" + table["metric"].astype(str), ours="detection_intervals")


def _transition(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    made = _means(tables["transition"], [*CELL, "estimator"], "relative_l1", facts.level)
    return made.rename(columns={"estimator": "method"}).assign(metric="relative_l1", ours="transition")


def _fit(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    """What networks fit and how they then do on test images, as Zhang et al. 2017 ask; images without a pattern
    are no noise of labels, and are left out."""
    table = tables["fit"]
    table = table[table["condition"].isin(CONDITIONS)]
    table = table.assign(noise=table["condition"].map(CONDITIONS), noise_rate=table["corruption"])
    own = {"method": BASELINE, "selection": "last", "images": facts.images, "ours": "fit"}
    parts = [
        _means(table, [*CELL, "regularizer"], metric, facts.level).assign(metric=metric, **own)
        for metric in ("train_accuracy", "test_accuracy")
    ]
    found = pd.concat(parts)
    return found.assign(epochs=found["network"].map(facts.fitting))


def _noise_rate(tables: dict[str, pd.DataFrame], facts: Facts) -> pd.DataFrame:
    """The share of wrong labels, of labels that are given: no network, nothing drawn."""
    table = tables["ledger"]
    given = table[table["convention"] == "given"].drop_duplicates(["noise", "noise_rate"])
    given = given.rename(columns={"realised_rate": "mean"})
    return given.assign(metric="noise_rate", network="", n_seeds=1, low=np.nan, high=np.nan, ours="ledger")


def _means(table: pd.DataFrame, keys: list[str], value: str, level: float) -> pd.DataFrame:
    """Mean over seeds and its t interval, per group of `keys`."""
    made = []
    for key, part in table.groupby(keys, sort=False):
        values = part[value].to_numpy(np.float64)
        of = means.interval(values, level)
        count = int(np.isfinite(values).sum())
        made.append([*key, float(of.mean), float(of.low), float(of.high), count])
    return pd.DataFrame(made, columns=[*keys, "mean", "low", "high", "n_seeds"])
