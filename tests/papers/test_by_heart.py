"""Tables of what networks learn by heart, against rows by hand."""

import pandas as pd

from labelnoise.papers import by_heart


def test_published_values_stand_beside_ours():
    common = {"paper": "Zhang et al. 2017", "noise": "random", "regularizer": "none", "tolerance": 0.01}
    one = common | {"network": "mlp_1x512", "metric": "train_accuracy", "published": 0.9934, "mean": 0.9921}
    rows = [
        one | {"agrees": "yes"},
        one | {"metric": "test_accuracy", "published": 0.1061, "mean": 0.14, "tolerance": 0.02, "agrees": "no"},
        one
        | {"paper": "Zhang et al. 2017, an author's later code", "regularizer": "weight_decay", "agrees": "yes"},
        one | {"paper": "Zhang and Sabuncu 2018", "agrees": "yes"},
        one | {"network": "small_cnn", "agrees": "yes"},
    ]
    assert by_heart.table_1(pd.DataFrame(rows)).splitlines() == [
        "Of 3 values 2 agree: within 1 point in training accuracy, 2 points in test accuracy.",
        "",
        "| labels | network | weight decay | training: published | ours | test: published | ours | agree |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| random | MLP 1x512 | no | 99.34 | 99.21 | 10.61 | 14.00 | 1 of 2 |",
        "| random (an author's later code) | MLP 1x512 | yes | 99.34 | 99.21 |  |  | 1 of 1 |",
    ]


def test_conditions_are_in_the_order_of_the_paper_and_those_without_a_regulariser_first():
    rows = [
        ("random_pixels", 0.0, "none", 9.0, 1.0, 0.1),
        ("corrupted_labels", 0.4, "none", 8.0, 1.0, 0.3),
        ("true_labels", 0.0, "weight_decay", 7.0, 1.0, 0.5),
        ("true_labels", 0.0, "none", 5.0, 0.995, 0.45),
        ("true_labels", 0.0, "none", 6.0, 1.0, 0.55),
        ("random_labels", 1.0, "none", float("nan"), 0.5, 0.1),
    ]
    names = ["condition", "corruption", "regularizer", "epochs_to_fit", "train_accuracy", "test_accuracy"]
    assert by_heart.conditions(pd.DataFrame(rows, columns=names)).splitlines()[2:] == [
        "| true labels | none | 6 | 99.75 | 50.00 |",  # 5.5, rounded to even
        "| corrupted labels, 40% drawn anew | none | 8 | 100.00 | 30.00 |",
        "| random labels | none | never | 50.00 | 10.00 |",
        "| random pixels | none | 9 | 100.00 | 10.00 |",
        "| true labels | weight_decay | 7 | 100.00 | 50.00 |",
    ]


def test_right_labels_are_fitted_before_wrong_ones():
    curve = {
        "epoch": [1, 2, 3], "fitted_clean": [0.4, 0.5, 0.9], "fitted_wrong": [0.1, 0.2, 0.3],
        "test_accuracy": [0.3, 0.45, 0.4],
    }  # fmt: skip
    own = pd.DataFrame(curve).assign(method="cross_entropy", seed=0, noise="symmetric_all", noise_rate=0.4)
    other = own.assign(method="elr", fitted_clean=1.0)
    told = by_heart.order(pd.concat([other, own.iloc[::-1], own.assign(seed=1, fitted_clean=1.0)]))
    assert told.splitlines()[2:] == ["| symmetric all 0.4 | 2 | never | 45.00 (epoch 2) | 40.00 |"]


def test_critical_samples_by_radius_condition_and_epoch():
    rows = [
        (radius, condition, epoch, seed, 0.1 * epoch + radius + 0.02 * seed)
        for radius in (0.1, 0.05)
        for condition in ("random_labels", "true_labels")
        for epoch in (2, 1)
        for seed in (0, 1)
    ]
    names = ["radius", "condition", "epoch", "seed", "critical_sample_ratio"]
    assert by_heart.critical(pd.DataFrame(rows, columns=names)).splitlines() == [
        "| radius | condition | epoch 1 | epoch 2 |",
        "| --- | --- | --- | --- |",
        "| 0.05 | true labels | 0.16 | 0.26 |",
        "| 0.05 | random labels | 0.16 | 0.26 |",
        "| 0.1 | true labels | 0.21 | 0.31 |",
        "| 0.1 | random labels | 0.21 | 0.31 |",
    ]
