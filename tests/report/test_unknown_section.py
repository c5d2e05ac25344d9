"""What the report tells whoever does not know the noise, against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.report import unknown

# method: mean, worst, trainings, tied; regrets are .06 at early stopping, .02 at the last epoch, less the mean
EARLY = {"cross_entropy": (0.0, 0.0, 1, False), "elr": (0.04, -0.01, 1, True), "cascade": (0.05, 0.0, 9, True),
         "gce": (0.03, -0.02, 1, True), "mae": (-0.2, -0.5, 1, False)}  # fmt: skip
LAST = {"cross_entropy": (-0.1, -0.3, 1, False), "elr": (0.02, -0.04, 1, True)}
ORACLE = ("forward_oracle", (0.09, 0.01, 1, False))


def made(networks=("mlp",)):
    rows = []
    for network in networks:
        for selection, gain, methods in (("best_noisy_val", 0.06, EARLY), ("last", 0.02, LAST)):
            for method, (mean, worst, trainings, tied) in [*methods.items(), ORACLE]:
                told = method == ORACLE[0]
                rows.append({
                    "network": network, "method": method, "selection": selection, "oracle": told, "n_seeds": 10,
                    "diff": mean, "diff_low": mean - 0.01, "diff_high": mean + 0.02, "worst_noise": "pair_flip",
                    "worst_rate": 0.45, "worst_diff": worst, "regret": np.nan if told else gain - mean,
                    "trainings": trainings, "tied": tied,
                })  # fmt: skip
    return results.check("unknown", pd.DataFrame(rows))


def test_two_sentences_by_hand():
    """Of elr and gce, one training each, elr has the higher mean."""
    gained, best = unknown.sentences(made(), 0.95)
    assert "by +6.0 points with early stopping and by +2.0 points at the last epoch" in gained
    assert (
        "with early stopping 3 of 5 methods, cross-entropy not among them; of the cheapest the best is "
        "ELR (1 training; +4.0 "
        "points on average, −1.0 with pair flip 0.45, its worst)" in best
    )
    assert "at the last epoch 1 of 2 methods" in best and "forward" not in best


def test_what_all_are_held_against_has_no_interval():
    frame = unknown.table(made(), 0.95).frame.set_index("row")
    own = frame.loc["cross entropy"]
    early, last = (own[own["group"] == name].iloc[0] for name in ("early stopping", "last epoch"))
    assert list(early[["mean", "interval", "worst", "with"]]) == ["+0.0", "–", "–", "–"]
    assert last["interval"] == "[−11.0, −8.0]"


def test_of_cross_entropy_alone_there_is_nothing_to_choose():
    table = made()
    assert unknown.sentences(table[table["method"] == "cross_entropy"], 0.95) == []


def test_a_method_that_lost_a_seed_is_not_told_of():
    table = made()
    table.loc[table["method"] == "elr", "n_seeds"] = 9
    table.loc[table["method"] == "elr", "tied"] = False
    _, best = unknown.sentences(table, 0.95)
    assert "2 of 4 methods" in best and "of the cheapest the best is GCE" in best and "ELR" not in best
    frame = unknown.table(table, 0.95).frame
    assert frame.set_index("row").loc["ELR (n=9)", "may be the best"].tolist() == ["–", "–"]
    assert "n: seeds" in unknown.table(table, 0.95).note and "n: seeds" not in unknown.table(made(), 0.95).note


def test_where_early_stopping_beats_all_none_may_be_the_best():
    table = made()
    table.loc[table["selection"] == "last", "tied"] = False
    _, best = unknown.sentences(table, 0.95)
    assert best.endswith("at the last epoch none of 2 methods, since early-stopped cross-entropy beats them.")


def test_one_seed_gains_nothing_that_is_known():
    (best,) = unknown.sentences(made().assign(regret=np.nan), 0.95)
    assert best.startswith("These may be the best")
    frame = unknown.table(made().assign(diff_low=np.nan, diff_high=np.nan), 0.95).frame
    assert set(frame["interval"]) == {"–"}


def test_rows_are_by_mean_and_oracles_apart():
    frame = unknown.table(made(), 0.95).frame
    early = frame[frame["group"] == "early stopping"]
    assert list(early["row"]) == ["cascade", "ELR", "GCE", "cross entropy", "MAE"]
    assert list(early["mean"]) == ["+5.0", "+4.0", "+3.0", "+0.0", "−20.0"]
    assert list(early["regret"]) == ["1.0", "2.0", "3.0", "6.0", "26.0"]
    row = early.iloc[0]
    assert (row["interval"], row["worst"], row["with"]) == ("[+4.0, +7.0]", "+0.0", "pair flip 0.45")
    assert (row["trainings"], row["may be the best"]) == ("9", "yes")
    (told,) = frame[frame["group"] == "early stopping: oracles, given the truth"].to_dict("records")
    assert (told["row"], told["regret"], told["may be the best"]) == ("forward oracle", "–", "–")


@pytest.mark.parametrize("networks", [("mlp", "small_cnn")])
def test_networks_are_apart(networks):
    said = unknown.sentences(made(networks), 0.95)
    assert [text.split(":")[0] for text in said] == ["mlp", "mlp", "small cnn", "small cnn"]
    assert {name.split(":")[0] for name in unknown.table(made(networks), 0.95).frame["group"]} == {
        "mlp",
        "small cnn",
    }
