"""The table `best`: who competes, and what comparisons with the best say of them."""

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.statistics import winners
from labelnoise.studies.accuracy import best

MEANS = {"cross_entropy": 0.6, "gce": 0.9, "elr": 0.895, "mae": 0.5, "forward_oracle": 0.99}


def accuracy(seeds: int = 8) -> pd.DataFrame:
    """One cell; cross-entropy with early stopping has .85."""
    rng = np.random.default_rng(0)
    rows = [
        {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.39, "seed": seed,
         "method": method, "selection": selection, "oracle": method.endswith("_oracle"),
         "test_accuracy": (0.85 if (method, selection) == ("cross_entropy", "best_noisy_val") else mean)
         + 0.01 * rng.normal()}
        for method, mean in MEANS.items() for selection in ("last", "best_noisy_val", "best_test")
        for seed in range(seeds)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def of(frame: pd.DataFrame, contest: str = "last") -> pd.DataFrame:
    found = results.check("best", best.table(frame, 0.95))
    return found[found["contest"] == contest].set_index(["method", "selection"])


def test_who_competes():
    """No oracle, nothing that looks at the answers; early-stopped cross-entropy at both."""
    names = [("cross_entropy", "last"), ("gce", "last"), ("elr", "last"), ("mae", "last")]
    assert set(of(accuracy()).index) == {*names, ("cross_entropy", "best_noisy_val")}
    early = of(accuracy(), "best_noisy_val")
    assert set(early.index) == {(name, "best_noisy_val") for name in ("cross_entropy", "gce", "elr", "mae")}


def test_numbers_are_those_of_the_comparisons():
    frame = accuracy()
    found = of(frame)
    wide = frame.pivot(index=["method", "selection"], columns="seed", values="test_accuracy").loc[found.index]
    expected = winners.best(wide.to_numpy(), 0.95)
    np.testing.assert_allclose(found[["ahead", "low", "high"]].T, expected[:3])
    assert found["tied"].tolist() == expected.tied.tolist()
    assert set(found.index[found["tied"]]) == {("gce", "last"), ("elr", "last")}


def test_what_lost_a_seed_does_not_compete():
    frame = accuracy()
    frame.loc[(frame["method"] == "gce") & (frame["seed"] == 3), "test_accuracy"] = np.nan
    found = of(frame)
    assert ("gce", "last") not in found.index
    assert set(found.index[found["tied"]]) == {("elr", "last")}


def test_one_seed_rules_nothing_out_and_oracles_alone_leave_no_rows():
    assert of(accuracy(seeds=1))["tied"].all()
    assert best.table(accuracy().query("oracle"), 0.95).empty
