"""Claims 1, 2, 3, 20, 21 on hand-made tables."""

import pytest
from hand_made import contrasts, fit, verdicts

from labelnoise.claims import memorisation

RANDOM = ("random_labels", 1.0)


@pytest.mark.parametrize(("reached", "expected"), [(1.0, "supported"), (0.6, "refuted")])
def test_random_labels(reached, expected):
    tables = fit(train_accuracy={(*RANDOM, "none"): reached, ("true_labels", 0.0, "none"): 0.0})
    (found,) = memorisation.random_labels(tables, {"threshold": 0.99})
    assert (found.cell.noise, found.cell.noise_rate) == RANDOM
    assert found.evidence == "fit: train_accuracy; mlp, random_labels 1"
    assert list(verdicts([found]).values()) == [expected]


@pytest.mark.parametrize(
    ("lead", "early", "expected"),
    [(20.0, 0.93, ["supported", "supported"]), (0.0, 0.69, ["refuted", "refuted"])],
)
def test_patterns_first(lead, early, expected):
    where = ("symmetric", 0.4)
    metrics = {"patterns_first": lead, "test_accuracy_early": early, "test_accuracy": 0.69}
    tables = contrasts({("cross_entropy", metric, *where): value for metric, value in metrics.items()})
    section = {"threshold": 0.01, "epochs": 1.0, "methods": ["cross_entropy"], "cells": {"symmetric": [0.4]}}
    tested = memorisation.patterns_first(tables, section)
    assert [row.unit for row in tested] == ["epochs", "accuracy"]
    assert list(verdicts(tested).values()) == expected


def test_regularisers_is_judged_one_by_one():
    means = {(*RANDOM, "none"): 1.0, (*RANDOM, "dropout"): 0.999, (*RANDOM, "augmentation"): 0.4}
    tested = memorisation.regularisers(fit(train_accuracy=means), {"threshold": -0.01})
    assert verdicts(tested) == {"dropout - none": "supported", "augmentation - none": "refuted"}


@pytest.mark.parametrize(("gain", "expected"), [(0.05, "supported"), (-0.05, "refuted")])
def test_augmentation(gain, expected):
    means = {("true_labels", 0.0, "augmentation"): 0.9 + gain}
    means |= {("true_labels", 0.0, name): 0.9 for name in ("none", "weight_decay", "dropout")}
    tested = memorisation.augmentation(fit(test_accuracy=means), {"threshold": 0.01})
    assert verdicts(tested) == {"augmentation - weight_decay": expected, "augmentation - dropout": expected}


@pytest.mark.parametrize(("random", "true", "expected"), [(0.2, 0.9, "supported"), (0.999, 0.5, "refuted")])
def test_large_learning_rate(random, true, expected):
    train = {(*RANDOM, "none"): 1.0, (*RANDOM, "large_lr"): random}
    test = {("true_labels", 0.0, "none"): 0.92, ("true_labels", 0.0, "large_lr"): true}
    tested = memorisation.large_learning_rate(
        fit(train_accuracy=train, test_accuracy=test), {"threshold": 0.1, "patterns": -0.05}
    )
    assert verdicts(tested) == {"none - large_lr": expected, "large_lr - none": expected}


def test_without_the_table_nothing_is_tested():
    section = {"threshold": 0.5, "patterns": 0.0}
    for claim in ("random_labels", "regularisers", "augmentation", "large_learning_rate"):
        assert getattr(memorisation, claim)({}, section) == []
