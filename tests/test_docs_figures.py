"""Figures that docs/own_data.md has of the study are those of the study's tables."""

from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]


def test_how_often_the_range_between_two_models_holds_the_truth():
    path = ROOT / "reports" / "digits" / "tables" / "noise_rate.csv"
    if not path.exists():
        pytest.skip("no study was made")
    table = pd.read_csv(path).query("estimator == 'noise_model'").dropna(subset=["low", "realised_rate"])
    truth = table["realised_rate"]
    outside = (table["low"] - truth).clip(lower=0) + (truth - table["high"]).clip(lower=0)
    missed = 100 * outside[outside > 0]
    said = (
        f"in the study of digits it held the truth in {(outside == 0).sum()} of {len(table)} runs",
        f"the truth lay {missed.mean():.1f} points outside on average, and {missed.max():.1f} at most",
    )
    docs = " ".join((ROOT / "docs" / "own_data.md").read_text("utf-8").split())
    assert all(sentence in docs for sentence in said), said
