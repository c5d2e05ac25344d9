"""Suspicion scores and orders of rechecking: their names as people write them."""

import textwrap

import pandas as pd

from labelnoise.figures import cells

PROPOSED = "noise_model"
NAMES = {
    "noise_model": "noise model",
    "noise_model_high": "noise model, all doubt is noise",
    "noise_model_mean": "noise model, mean of both",
    "noise_model_on_bags": "noise model on bags of networks",
    "noise_model_with_bags": "noise model with bags of networks",
    "ridge_self_confidence": "ridge: self-confidence",
    "ridge_margin": "ridge: margin",
    "probe_self_confidence": "logistic probe: self-confidence",
    "probe_margin": "logistic probe: margin",
    "neighbours_self_confidence": "neighbours: self-confidence",
    "neighbours_margin": "neighbours: margin",
    "pred_probs_self_confidence": "probabilities as given: self-confidence",
    "pred_probs_margin": "probabilities as given: margin",
    "loss_last": "loss, last epoch",
    "loss_mean": "loss, mean over epochs",
    "loss_gmm": "loss, mixture of two Gaussians",
    "aum": "area under the margin",
    "cartography_confidence": "cartography: confidence",
    "cartography_variability": "cartography: variability",
    "confident_learning_folds": "confident learning, networks by folds",
    "mixture": "mixture on dynamics and bags",
    "planted": "planted flips, logistic regression",
    "disagreement": "disagreement with labels",
    "sample_only": "example alone",
    "class_only": "class alone",
}


def name(score: str) -> str:
    """A score, an estimator or an order of rechecking in words."""
    return NAMES.get(score, cells.name(score))


def by_mean(table: pd.DataFrame, column: str = "mean") -> list[str]:
    """Scores of `table`, the highest mean over its rows first; equal ones by name."""
    means = table.groupby("score")[column].mean().dropna()
    return sorted(means.index, key=lambda score: (-means[score], score))


def networks(table: pd.DataFrame) -> list[tuple[str, tuple[str, float]]]:
    """(network, noise cell) of every panel, network by network."""
    return [(n, cell) for n in sorted(table["network"].unique()) for cell in cells.cells(table)]


def panel_title(table: pd.DataFrame, network: str, cell: tuple[str, float]) -> str:
    """Name of a noise cell, with the network in front where there are several; long ones on two lines."""
    prefix = f"{network}: " if table["network"].nunique() > 1 else ""
    return textwrap.fill(prefix + cells.cell_name(*cell), 24)


def chosen(table: pd.DataFrame, noise: str, noise_rate: float) -> tuple[str, float]:
    """The cell (noise, noise_rate) where `table` has it, else labels as given or of people, else the noisiest.

    ValueError when the table has no rows.
    """
    if table.empty:
        raise ValueError("no noise cell to choose from: the table has no rows")
    have = cells.cells(table)
    if (noise, noise_rate) in have:
        return noise, noise_rate
    own = [cell for cell in have if cell[0] == "given" or cell[0].startswith("human_")]
    return own[0] if own else max(have, key=lambda cell: cell[1])
