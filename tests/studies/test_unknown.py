"""The table for whoever does not know the noise, from made-up accuracies, along another path."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import tiny_setting
from scipy import stats

from labelnoise import results
from labelnoise.runs.data import MAIN
from labelnoise.runs.estimates import method_run
from labelnoise.runs.run import Run
from labelnoise.studies.accuracy import unknown

CELLS = [
    ("none", 0.0), ("symmetric", 0.2), ("symmetric", 0.4), ("symmetric", 0.6), ("symmetric", 0.8),
    ("asymmetric", 0.2), ("asymmetric", 0.4), ("pair_flip", 0.45), ("instance_dependent", 0.4),
]  # fmt: skip
KINDS = 4  # of noise
STRENGTH = {"cross_entropy": 0.0, "mae": -0.06, "gce": 0.03, "elr": 0.035, "sop": 0.01, "forward_oracle": 0.09}
SEEDS = range(20, 26)
LEVEL = 0.95


def made(seeds=SEEDS, networks=("mlp",), stopping=0.01):
    """A table `accuracy`: of every method a strength of its own, and chance. stopping: what early stopping gives
    cross-entropy."""
    rng, rows = np.random.default_rng(3), []
    for network, (noise, rate), seed, (method, strength), selection in product(
        networks, CELLS, seeds, STRENGTH.items(), ["last", "best_noisy_val", "best_test"]
    ):
        early = {"last": 0.0, "best_noisy_val": stopping * (method == "cross_entropy"), "best_test": 0.9}
        value = 0.5 + strength * (1 + rate) + early[selection] + rng.normal(0, 0.02)
        rows.append({
            "network": network, "noise": noise, "noise_rate": rate, "realised_rate": rate, "seed": seed,
            "method": method, "selection": selection, "oracle": method == "forward_oracle", "epoch": 1,
            "test_accuracy": value, "diverged_epoch": -1, "judged_by": "clean_labels",
        })  # fmt: skip
    return pd.DataFrame(rows)


def table(accuracy, cost=None, level=LEVEL):
    return results.check("unknown", unknown.table(accuracy, cost or dict.fromkeys(STRENGTH, 1), level))


def row(found, method, selection="last", network="mlp"):
    own = found[(found["method"] == method) & (found["selection"] == selection) & (found["network"] == network)]
    return own.iloc[0]


def by_cell(accuracy, method, selection="last"):
    """Mean over seeds of the difference, cell by cell; and the rows themselves."""
    base = accuracy.query("method == 'cross_entropy' and selection == 'best_noisy_val' and noise != 'none'")
    own = accuracy[(accuracy["method"] == method) & (accuracy["selection"] == selection)]
    both = own.merge(base, on=["network", "noise", "noise_rate", "seed"], suffixes=("", "_base"))
    return both.assign(gap=both["test_accuracy"] - both["test_accuracy_base"])


def per_seed(accuracy, method, selection="last"):
    """The mean of the means of each kind of noise, in the order of the seeds."""
    gaps = by_cell(accuracy, method, selection).groupby(["seed", "noise"])["gap"].mean()
    return gaps.groupby("seed").mean().to_numpy()


@pytest.mark.parametrize("selection", ["last", "best_noisy_val"])
@pytest.mark.parametrize("method", ["mae", "gce", "elr", "sop", "forward_oracle"])
def test_five_effects_and_their_intervals_along_another_path(method, selection):
    accuracy = made()
    found, values = row(table(accuracy), method, selection), per_seed(accuracy, method, selection)
    low, high = stats.t.interval(LEVEL, len(values) - 1, values.mean(), stats.sem(values))
    assert [found["diff"], found["diff_low"], found["diff_high"]] == pytest.approx([values.mean(), low, high])
    assert found["n_seeds"] == 6 and found["oracle"] == (method == "forward_oracle")
    cells = by_cell(accuracy, method, selection).groupby(["noise", "noise_rate"])["gap"].mean()
    assert (found["worst_noise"], found["worst_rate"]) == cells.idxmin()
    assert found["worst_diff"] == pytest.approx(cells.min())


def test_every_kind_of_noise_counts_alike_by_hand():
    """A method that gains .08 in symmetric noise alone, four cells of eight, gains .02 over four kinds."""
    accuracy = made().assign(test_accuracy=0.5)
    gains = (accuracy["method"] == "gce") & (accuracy["noise"] == "symmetric")
    accuracy.loc[gains, "test_accuracy"] += 0.08
    found = row(table(accuracy), "gce")
    assert found["diff"] == pytest.approx(0.08 / KINDS) == found["diff_low"] and found["worst_diff"] == 0
    assert row(table(accuracy), "cross_entropy", "best_noisy_val")["diff"] == 0


def test_regret_is_valued_on_seeds_that_did_not_choose():
    """Of the rivals gce leads on even seeds, elr on odd ones: each is judged by the other half."""
    accuracy = made()
    flip = np.where(accuracy["seed"] % 2 == 0, 0.1, -0.1)
    for method, sign in (("gce", 1), ("elr", -1)):
        accuracy["test_accuracy"] += np.where(accuracy["method"] == method, sign * flip, 0)
    found = table(accuracy)
    even, odd = (lambda m: per_seed(accuracy, m)[::2].mean()), (lambda m: per_seed(accuracy, m)[1::2].mean())
    for method in STRENGTH:
        expected = ((odd("gce") - odd(method)) + (even("elr") - even(method))) / 2
        regret = row(found, method)["regret"]
        assert np.isnan(regret) if method == "forward_oracle" else regret == pytest.approx(expected)
    assert row(found, "sop")["regret"] < 0  # who chooses by so few seeds may lose to what was not chosen
    assert table(made(seeds=[20, 22]))["regret"].isna().all()
    found = table(made(stopping=0.2)).query("not oracle")  # then nothing is gained by a choice
    np.testing.assert_allclose(found["regret"], -found["diff"])
    rivals = table(made(seeds=range(5))).query("selection == 'last' and not oracle")
    gained = rivals["regret"] + rivals["diff"]  # the same for all, also where halves differ in size
    assert gained.min() == pytest.approx(gained.max())


def test_who_may_be_the_best():
    """gce and elr differ by half a point in hundredths of noise; mae does not compete with them. Nor does an
    oracle, however good."""
    found = table(made()).set_index(["selection", "method"])["tied"]["last"].astype(bool)
    assert found["elr"] and found["gce"] and not found["mae"] and not found["forward_oracle"]
    assert not table(made(stopping=0.2)).query("selection == 'last'")["tied"].any()  # early stopping competes too
    alone = made()
    alone.loc[alone["method"] == "elr", "test_accuracy"] += 0.2
    assert list(table(alone).query("selection == 'last' and tied")["method"]) == ["elr"]


def test_a_seed_that_diverged_is_left_out_and_its_method_is_no_rival():
    accuracy = made()
    lost = (accuracy["method"] == "elr") & (accuracy["seed"] == 21) & (accuracy["noise_rate"] == 0.45)
    accuracy.loc[lost, "test_accuracy"] = np.nan
    found = row(table(accuracy), "elr")
    values = per_seed(accuracy, "elr")[[0, 2, 3, 4, 5]]
    assert found["n_seeds"] == 5 and found["diff"] == pytest.approx(values.mean()) and not found["tied"]
    others = table(accuracy).query("selection == 'last' and method != 'elr'")
    assert others["regret"].min() == pytest.approx(0)  # gce is chosen twice, since elr does not compete
    accuracy.loc[(accuracy["method"] == "elr") & (accuracy["noise_rate"] == 0.45), "test_accuracy"] = np.nan
    found = row(table(accuracy), "elr")
    assert found["worst_noise"] == "pair_flip" and np.isnan([found["worst_diff"], found["diff"]]).all()


def test_one_seed_has_no_interval_and_networks_are_apart():
    found = table(made(seeds=[20], networks=("mlp", "small_cnn")))
    assert found[["diff_low", "diff_high", "regret"]].isna().all(axis=None) and found["diff"].notna().all()
    assert len(found) == 2 * 2 * len(STRENGTH)
    for network in ("mlp", "small_cnn"):
        own = made(seeds=[20], networks=("mlp", "small_cnn")).query("network == @network")
        assert row(found, "gce", network=network)["diff"] == pytest.approx(per_seed(own, "gce")[0])


def test_without_noise_there_is_no_row():
    assert table(made().query("noise == 'none'")).empty


def test_trainings_are_rounds_peers_first_runs_and_folds():
    """Two folds and the run that they go with are waited for, where a method is told what is estimated of them."""
    params = tiny_setting.params({"study": {"methods": None}})
    cell = Run(MAIN, "mlp", "symmetric", 0.4, 0, "", "")
    expected = {
        "cross_entropy": 1, "mae": 1, "forward_oracle": 1, "forward_estimated": 1 + 3, "joint_optimization": 2 + 3,
        "cascade": 3 + 3, "co_teaching": 2 + 3,
    }  # fmt: skip
    runs = {name: method_run(params, name, cell) for name in expected}
    assert {name: unknown.trainings(params, run) for name, run in runs.items()} == expected
