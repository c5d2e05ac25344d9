"""Result tables written by hand: runs of ten seeds around a given mean."""

import numpy as np
import pandas as pd

from labelnoise.claims import verdict
from labelnoise.claims.compare import Contrast
from labelnoise.results import columns
from labelnoise.uncertainty.intervals import t_interval

SPREAD = np.linspace(-0.001, 0.001, 10)  # sums to nothing, far below every threshold


def contrasts(means: dict[tuple, float], network: str = "mlp") -> dict[str, pd.DataFrame]:
    """Table `contrasts` from (method, metric, noise, rate) -> mean over ten seeds."""
    rows = [
        {"network": network, "noise": noise, "noise_rate": rate, "realised_rate": rate, "seed": seed,
         "method": method, "metric": metric, "value": mean + SPREAD[seed]}
        for (method, metric, noise, rate), mean in means.items()
        for seed in range(10)
    ]  # fmt: skip
    return {"contrasts": pd.DataFrame(rows)}


def accuracies(noise: str = "symmetric", **means: float) -> dict[str, pd.DataFrame]:
    """Table `contrasts` with the test accuracy of some methods at rate 0.4."""
    return contrasts({(method, "test_accuracy", noise, 0.4): mean for method, mean in means.items()})


def fit(**values: dict[tuple, float]) -> dict[str, pd.DataFrame]:
    """Table `fit`: per value column, (condition, corruption, regularizer) -> mean."""
    rows = [
        {"network": "mlp", "condition": condition, "corruption": corruption, "regularizer": regularizer,
         "seed": seed, value: mean + SPREAD[seed]}
        for value, means in values.items()
        for (condition, corruption, regularizer), mean in means.items()
        for seed in range(10)
    ]  # fmt: skip
    return {"fit": pd.DataFrame(rows)}


def imbalance(means: dict[tuple, tuple[float, float]]) -> dict[str, pd.DataFrame]:
    """Table `imbalance` from (setting, method) -> share of classes predicted, mean recall."""
    rows = [
        {"setting": setting, "method": method, "seed": seed, "classes_predicted": classes + SPREAD[seed],
         "mean_recall": recall + SPREAD[seed]}
        for (setting, method), (classes, recall) in means.items()
        for seed in range(10)
    ]  # fmt: skip
    return {"imbalance": pd.DataFrame(rows)}


def alternatives(seeds: int = 4, **means: tuple[float, float]) -> dict[str, pd.DataFrame]:
    """Table `alternatives` from score -> mean (AUROC, AUPRC), at symmetric noise 0.4. What is not read is NaN."""
    rows = [
        {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4, "seed": seed,
         "score": score, "auroc": auroc + SPREAD[seed], "auprc": auprc + SPREAD[seed]}
        for score, (auroc, auprc) in means.items()
        for seed in range(seeds)
    ]  # fmt: skip
    return {"alternatives": pd.DataFrame(rows).reindex(columns=columns("alternatives"))}


def tiers(*shares: float, tier: str = "obvious") -> dict[str, pd.DataFrame]:
    """Table `tiers` from the share of wrong labels in one tier, seed by seed."""
    rows = [
        {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4, "seed": seed,
         "tier": tier, "count": 100, "share_wrong": share}
        for seed, share in enumerate(shares)
    ]  # fmt: skip
    return {"tiers": pd.DataFrame(rows).reindex(columns=columns("tiers"))}


def section(pairs: list, threshold: float = 0.01, noise: str = "symmetric", **more: float) -> dict:
    """A claim's section of params.yaml that compares pairs."""
    return {"threshold": threshold, "pairs": pairs, "cells": {noise: [0.4]}, **more}


def verdicts(tested: list[Contrast]) -> dict[str, str]:
    """Verdict by contrast (and noise, where a contrast has several), each row at the level 95%."""
    found = {}
    for row in tested:
        name = row.contrast if row.contrast not in found else f"{row.contrast}, {row.cell.noise}"
        found[name] = verdict.decide(*t_interval(row.effects, 0.95, 0.25), row.threshold)
    return found
