"""Result tables written by hand: runs of ten seeds around a given mean."""

from typing import Any

import numpy as np
import pandas as pd

from labelnoise.claims import kinds
from labelnoise.claims.compare import Contrast
from labelnoise.claims.statements import Statement
from labelnoise.results import columns
from labelnoise.statistics import conjunction

HERE = {"symmetric": [0.4]}
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


def compared(tables: dict[str, pd.DataFrame], kind: str, threshold: float = 0.01, **keys: Any) -> list[Contrast]:
    """The contrasts of one comparison as claims.yaml would have it; `cells`: symmetric 0.4."""
    values = {"kind": kind, "threshold": threshold, **keys}
    if kind not in ("fit", "imbalance"):
        values = {"cells": HERE, **values}
    return kinds.run(tables, {"made": statement(compare=[values])})["made"]


def statement(**keys: Any) -> Statement:
    """A statement with what the test does not look at filled in."""
    values = {"id": 1, "family": "made", "said": "said", "claim": "claimed", "source": "a page"}
    compared = [{"kind": "tier", "tier": "obvious", "threshold": 0.95, "cells": HERE}]
    return Statement.model_validate({**values, "compare": compared, **keys})


def verdicts(rows: list[Contrast]) -> dict[str, str]:
    """Verdict by contrast (and noise, where a contrast has several), each row with 5% on either side."""
    found = {}
    for row in rows:
        name = row.contrast if row.contrast not in found else f"{row.contrast}, {row.cell.noise}"
        alpha = conjunction.shared(0.05, claims=1)
        ((*_, found[name]),) = conjunction.rows([row.evidenced()], [row.threshold], alpha)
    return found
