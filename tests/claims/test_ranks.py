"""Mean ranks on three cells, worked out by hand; the critical difference against the published quantiles."""

import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.claims import ranks

METHODS = {
    # means in three cells, and whether the difference to early stopping is marked: better, worse, neither
    "cross_entropy": ([0.5, 0.6, 0.7], [-1, -1, -1]),
    "mae": ([0.9, 0.8, 0.9], [1, 0, 0]),
    "elr": ([0.8, 0.9, np.nan], [0, 1, 0]),
    "forward_oracle": ([0.99, 0.99, 0.99], [1, 1, 1]),
}
EARLY = [0.7, 0.7, 0.8]


def intervals() -> pd.DataFrame:
    rows = []
    # three cells of two noises: not every rate is there for every noise
    for at, (noise, rate) in enumerate((("symmetric", 0.2), ("symmetric", 0.4), ("pair_flip", 0.45))):
        cell = {"network": "mlp", "noise": noise, "noise_rate": rate, "realised_rate": rate}
        facts = [(name, "last", means[at], sign[at]) for name, (means, sign) in METHODS.items()]
        for name, selection, mean, sign in [*facts, ("cross_entropy", "best_noisy_val", EARLY[at], 0)]:
            bounds = {"diff": sign or 0.1, "differs": sign != 0}
            for metric in ("test_accuracy", "nll"):
                for baseline in ("last", "best_noisy_val"):
                    shown = mean if metric == "test_accuracy" else 0.1
                    rows.append(
                        {**cell, **bounds, "method": name, "selection": selection, "metric": metric, "mean": shown,
                         "baseline_selection": baseline, "oracle": name.endswith("_oracle")}
                    )  # fmt: skip
    return pd.DataFrame(rows)


def test_ranks():
    table = results.check("ranks", ranks.table(intervals())).set_index("method")
    assert dict(table["mean_rank"].dropna()) == pytest.approx(
        {"mae": 4 / 3, "elr": (2 + 1 + 4) / 3, "cross_entropy_early": (3 + 3 + 2) / 3, "cross_entropy": 11 / 3}
    )
    assert np.isnan(table.loc["forward_oracle", "mean_rank"]) and table.loc["forward_oracle", "oracle"]
    assert list(table.loc["elr", ["cells", "best", "worst"]]) == [2, 1, 4]
    assert table.loc["elr", "mean_accuracy"] == pytest.approx(0.85)
    assert list(table.loc["mae", ["beats_early_stopping", "loses_to_early_stopping"]]) == [1, 0]
    assert list(table.loc["cross_entropy", ["beats_early_stopping", "loses_to_early_stopping"]]) == [0, 3]


def test_critical_difference_is_nemenyis():
    """q = 2.569 for four methods (Demsar 2006, table 5)."""
    table = ranks.table(intervals())
    assert table["critical_difference"].unique() == pytest.approx([2.569 * np.sqrt(4 * 5 / (6 * 3))], rel=1e-3)


def test_one_cell_has_ranks_but_no_critical_difference():
    table = ranks.table(intervals().query("noise_rate == 0.2")).set_index("method")
    assert table.loc["mae", "mean_rank"] == 1
    assert table["critical_difference"].isna().all() and table["friedman_p"].isna().all()
