"""Published values beside ours, against a miniature whose outcome is known."""

import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.papers import beside, ours, published

TOLERANCE = {"test_accuracy": 0.02, "noise_rate": 0.001}


def there(value, std=np.nan, **changed) -> dict:
    """A published value of cross-entropy at the last epoch of symmetric 0.4."""
    row = dict.fromkeys([*published.KEYS, "their_noise", "network", "unit", "augmentation", "protocol"], "")
    row |= dict.fromkeys(published.NUMBERS, np.nan)
    row |= {"dataset": "CIFAR-10", "paper": "A 2020", "table": "Table 1", "source": "arXiv:1", "year": 2020}
    row |= {"noise": "symmetric", "noise_rate": 0.4, "method": "cross_entropy", "their_method": "CE"}
    row |= {"architecture": "ResNet-34", "selection": "last", "metric": "test_accuracy", "kind": "published"}
    return row | {"verified": "yes", "value": value, "std": std} | changed


def here(mean, low=np.nan, high=np.nan, **changed) -> dict:
    row = dict.fromkeys(ours.COLUMNS, "") | dict.fromkeys(["sparsity"], np.nan)
    row |= {"ours": "intervals", "network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "regularizer": "none"}
    row |= {"method": "cross_entropy", "known_as": "cross_entropy", "selection": "last"}
    row |= {"metric": "test_accuracy", "mean": mean, "low": low, "high": high, "n_seeds": 5}
    return row | {"images": 50_000, "epochs": 40, "augmentation": "none"} | changed


def joined(published_rows, our_rows, stands_in=False) -> pd.DataFrame:
    return beside.table(pd.DataFrame(published_rows), pd.DataFrame(our_rows), TOLERANCE, stands_in)


@pytest.mark.parametrize(
    ("published_value", "ours_value", "expected"),
    [
        (there(0.80), here(0.805, 0.79, 0.82), "yes"),  # 0.79 to 0.82 lies within 0.78 to 0.82
        (there(0.80), here(0.805, 0.79, 0.821), "undecided"),
        (there(0.80), here(0.84, 0.821, 0.859), "no"),
        (there(0.80, 0.01), here(0.84, 0.821, 0.859), "undecided"),  # widened: 0.811 to 0.869
        (there(0.80, 0.01), here(0.805, 0.79, 0.82), "undecided"),  # widened: 0.78 to 0.83
        (there(0.80, 0.01), here(0.80, 0.79, 0.81), "yes"),
        (there(0.80), here(0.76, 0.741, 0.779), "no"),
        (there(0.80), here(0.82), "yes"),  # one run: exactly the tolerance
        (there(0.80), here(0.8201), "no"),
    ],
)
def test_agreement(published_value, ours_value, expected):
    found = joined([published_value], [ours_value])
    assert list(found["agrees"]) == [expected]
    assert found["difference"][0] == pytest.approx(ours_value["mean"] - 0.80)
    assert found["tolerance"][0] == 0.02 and found["n_seeds"][0] == 5


def test_what_belongs_together():
    """Another noise, rate, method, epoch or metric is not compared; an epoch that is not said is our last."""
    rows = [
        there(0.8, noise="symmetric_all"), there(0.8, noise_rate=0.2), there(0.8, method="elr"),
        there(0.8, selection="best_test"), there(0.8, metric="noise_rate"), there(0.8, method="not here"),
        there(0.8, selection="best_clean_val"),
    ]  # fmt: skip
    assert joined(rows, [here(0.8)]).empty
    found = joined([there(0.8, selection="not_said")], [here(0.8), here(0.9, selection="best_noisy_val")])
    assert list(found["mean"]) == [0.8] and found["their_selection"][0] == "not_said"
    assert found["selection"][0] == "last" and "epoch not said there, the last here" in found["protocol"][0]


def test_a_sparsity_is_compared_with_the_same_alone():
    row = {"noise": "class_dependent", "sparsity": 0.4}
    assert len(joined([there(0.8, **row)], [here(0.8, **row)])) == 1
    assert joined([there(0.8, **row)], [here(0.8, **row | {"sparsity": 0.2})]).empty


def test_the_rate_of_labels_from_people_is_a_name():
    rows = [here(0.83, noise="human_worse", noise_rate=0.0), here(0.7, noise="human_random1", noise_rate=0.4021)]
    found = joined([there(0.83, noise="human_worse", noise_rate=0.4021)], rows)
    assert list(found["mean"]) == [0.83] and found["noise_rate"][0] == 0.4021


def test_a_paper_that_compares_networks_or_regularisers_is_compared_with_the_same():
    rows = [
        there(0.5, network="mlp_1x512", architecture="MLP 1x512", regularizer="none"),
        there(0.6, network="Small Inception", architecture="Small Inception", regularizer="none"),
        there(0.7, paper="B 2020"),
    ]
    mine = [
        here(0.5, network="mlp_1x512"),
        here(0.51, network="mlp_1x512", ours="fit"),
        here(0.52, network="mlp_1x512", regularizer="weight_decay", method="decayed"),
        here(0.53, network="small_cnn"),
    ]
    found = joined(rows, mine)
    a = found[found["paper"] == "A 2020"]
    assert sorted(a["mean"]) == [0.5, 0.51] and set(a["architecture"]) == {"MLP 1x512"}
    assert not a["protocol"].str.contains("network").any()
    b = found[found["paper"] == "B 2020"]  # fit is for papers that vary regularisers
    assert sorted(b["mean"]) == [0.5, 0.52, 0.53] and b["protocol"].str.contains("ResNet-34 there, ").all()


def test_differences_of_protocols_are_those_that_are_known():
    row = there(0.8, epochs=120, augmentation="crop, flip", protocol="mean of the last 10 epochs")
    told = joined([row], [here(0.8, images=10_000)], stands_in=True)["protocol"][0]
    assert told == (
        "network: ResNet-34 there, mlp here; images that stand in for CIFAR-10 here; 10,000 of 50,000 training "
        "images here; epochs: 120 there, 40 here; augmentation: crop, flip there, none here; there: mean of the "
        "last 10 epochs"
    )
    frozen = joined([there(0.8, network="mlp")], [here(0.8, inputs="patches")])["protocol"][0]
    assert frozen == "frozen features of patches here"
    same = there(0.8, network="mlp", architecture="MLP", epochs=40, augmentation="none")
    assert joined([same], [here(0.8)])["protocol"][0] == ""
    fit = joined([there(0.8, network="mlp", regularizer="none")], [here(0.8, ours="fit", images=2_000)])
    assert fit["protocol"][0] == "2,000 of 60,000 images, training and test together, here"


def test_values_are_counted_by_paper_kind_and_whether_they_were_verified(tmp_path):
    rows = [
        there(0.80), there(0.90, their_method="CE, again"), there(0.8, method="not here", their_method="X"),
        there(0.80, verified="no"), there(0.80, kind="recomputed", paper="C 2021"),
    ]  # fmt: skip
    rows[3]["table"] = "Table 2"
    mine = [here(0.805, 0.79, 0.82), here(0.85, 0.815, 0.885, network="small_cnn")]
    found = joined(rows, mine)
    counts = beside.counted(pd.DataFrame(rows), found, stands_in=True)
    by = counts.set_index(["paper", "kind", "verified"])[["values", "here", "agree", "disagree", "undecided"]]
    assert list(by.loc["A 2020", "published", "yes"]) == [3, 2, 1, 1, 2]
    assert list(by.loc["A 2020", "published", "no"]) == [1, 1, 1, 0, 1]
    assert list(by.loc["C 2021", "recomputed", "yes"]) == [1, 1, 1, 0, 1]
    assert (counts["stand_in"] == 1).all() and counts["values"].sum() == len(rows)
    for name, table in (("papers", found), ("papers_agreement", counts)):
        results.write(name, table, tmp_path)
        assert len(results.read(name, tmp_path)) == len(table)


def test_without_a_published_value_the_tables_are_empty():
    none = pd.DataFrame([there(0.8)])[:0]
    found = beside.table(none, pd.DataFrame([here(0.8)]), TOLERANCE, False)
    assert found.empty and list(found.columns) == results.columns("papers")
    assert beside.counted(none, found, False).empty
    known = pd.DataFrame([there(0.8, method="not here")])
    found = beside.table(known, pd.DataFrame([here(0.8)]), TOLERANCE, False)
    counts = beside.counted(known, found, False)
    assert found.empty and list(counts[["values", "here", "agree"]].iloc[0]) == [1, 0, 0]


def test_a_metric_without_a_tolerance_ends_in_one_line():
    with pytest.raises(ValueError, match=r"papers\.tolerance: has no detection_f1; allowed: a number"):
        joined([there(0.8, metric="detection_f1")], [here(0.8, metric="detection_f1")])
