"""Predictors of a feature set: none of them sees the label that it judges."""

import numpy as np
import pytest
from made_features import clouds, encoded

from labelnoise.detect import predictors, probe
from labelnoise.detect.predictors import PRED_PROBS, Features

KINDS = [f"encoded {kind}" for kind in ("ridge 0.1", "ridge 0.1 clipped", "ridge 1", "ridge 1 clipped")]


@pytest.fixture
def data():
    return clouds(90, 3, gap=2.0)


def test_scores_become_probabilities_by_hand():
    scores = np.array([[0.6, 0.4, -0.1]])
    sharp = np.exp([6.0, 4.0, -1.0])
    np.testing.assert_allclose(predictors.sharp(scores)[0], sharp / sharp.sum())
    np.testing.assert_allclose(predictors.clipped(scores)[0], np.array([0.6, 0.4, 0.005]) / 1.005)


def test_members_of_groups_of_two_or_more():
    found = predictors.members(np.array([3, 0, 1, 0, 2, 1, 1]))
    assert [one.tolist() for one in found] == [[1, 3], [2, 5, 6]]
    assert predictors.members(np.arange(5)) == []


def test_every_kind_is_there_and_no_own_label_counts(data):
    values, labels = data
    alone = np.arange(90)
    prepared = predictors.prepare(*encoded(values), alone)
    before = predictors.predictions(prepared, labels, 3, alone, 1.0)
    assert [one.name for one in before] == [*KINDS, "encoded probe", "encoded neighbours"]
    changed = labels.copy()
    changed[7] = (labels[7] + 1) % 3
    after = predictors.predictions(prepared, changed, 3, alone, 1.0)
    for one, other in zip(before, after):
        np.testing.assert_allclose(one.probs.sum(1), 1)
        assert (one.probs.argmax(1) == labels).mean() > 0.6
        np.testing.assert_allclose(other.probs[7], one.probs[7], atol=1e-4)
        assert np.abs(other.probs - one.probs).max() > 1e-3, one.name  # others' predictions do change


def test_a_group_is_left_out_whole(data):
    values, labels = data
    values[45:] = values[:45]  # copies
    labels = np.tile(labels[:45], 2)
    group = np.arange(90) % 45
    prepared = predictors.prepare(*encoded(values), group)
    before = predictors.predictions(prepared, labels, 3, group, 1.0)
    changed = labels.copy()
    changed[[7, 52]] = (labels[7] + 1) % 3
    for one, other in zip(before, predictors.predictions(prepared, changed, 3, group, 1.0)):
        np.testing.assert_allclose(other.probs[[7, 52]], one.probs[[7, 52]], atol=1e-4)


def test_of_which_scale_and_how_long_encoded_features_are_tells_nothing(data):
    """Columns are standardised and rows brought to length 1; pixels are centred only."""
    values, _ = data
    scaled = values * np.array([1, 10, 100, 1, 1, 1], np.float32) + 3
    alone = np.arange(90)
    for name, same in (("encoded", True), ("pixels", False)):
        one, other = (predictors.prepare(Features(name, of), alone).near.index for of in (values, scaled))
        assert np.mean([set(a) == set(b) for a, b in zip(one, other)]) == 1 if same else (one != other).any()
    one, moved = (predictors.prepare(Features("pixels", of), alone).near.index for of in (values, values + 3))
    assert np.mean([set(a) == set(b) for a, b in zip(one, moved)]) > 0.95


def test_the_probe_has_the_strength_that_it_is_told(data):
    prepared = predictors.prepare(*encoded(data[0]), np.arange(90))
    fold = probe.folds(np.arange(90), probe.FOLDS)
    for strength in probe.STRENGTHS:
        found = predictors.predictions(prepared, data[1], 3, np.arange(90), strength)[-2].probs
        np.testing.assert_array_equal(found, probe.probabilities(prepared.parts, data[1], 3, fold, strength))


def test_probabilities_of_the_owner_are_one_predictor_as_they_are():
    given = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    prepared = predictors.prepare(Features(PRED_PROBS, given), np.arange(20))
    (one,) = predictors.predictions(prepared, np.zeros(20, int), 3, np.arange(20), np.nan)
    assert one.name == PRED_PROBS and one.ridge is None
    np.testing.assert_array_equal(one.probs, given)
