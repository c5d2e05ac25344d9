"""Figures that texts have of tables are those of the tables."""

from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]


def test_how_often_shares_hold_on_other_images():
    """Limits and ranges of benchmarks/obvious.csv, as docs/results.md has them, from the two rates."""
    table = pd.read_csv(ROOT / "benchmarks" / "obvious.csv")
    low, high = table[["rate_low", "rate_high"]].min(axis=1), table[["rate_low", "rate_high"]].max(axis=1)
    limit, span = table["told"] == "at most", table["told"].isin(["about", "between"])
    often = table["rate_low"] < 2 / 3 * table["contradicted"]
    assert (limit == ((table["verdict"] == "cautious") | ((table["verdict"] == "all") & often))).all()
    outside = (low - table["wrong"]).clip(lower=0) + (table["wrong"] - high).clip(lower=0)
    missed = 100 * outside[span & (outside > 0)]
    said = (
        f"within the limit in {(table['wrong'] <= high)[limit].sum()} of {limit.sum()} labellings, and within the "
        f"range in {(outside == 0)[span].sum()} of {span.sum()}.",
        f"the truth lay {missed.mean():.1f} points outside on average, and {missed.max():.1f} at most",
    )
    docs = " ".join((ROOT / "docs" / "results.md").read_text("utf-8").split())
    assert all(sentence in docs for sentence in said), said


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
