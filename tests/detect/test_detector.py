"""The noise model on made data of known truth."""

import numpy as np
import pytest
from made_features import clouds, encoded, pair_flip, symmetric
from sklearn.metrics import average_precision_score

from labelnoise.detect import detector
from labelnoise.detect.pool import Pooled
from labelnoise.detect.predictors import PRED_PROBS, Features

FLOOR = 0.003


@pytest.fixture(scope="module")
def data():
    values, truth = clouds(400)
    return detector.prepare(encoded(values)), truth


def found_in(sets, labels):
    own = detector.plain(labels, 4)
    found = detector.detect(sets, own, FLOOR)
    return found, detector.p_wrong(found.lead, own)


@pytest.mark.parametrize(("noise", "rate"), [(symmetric, 0.2), (pair_flip, 0.3), (symmetric, 0.0)])
def test_it_finds_the_wrong_labels_and_how_many_there_are(data, noise, rate):
    sets, truth = data
    labels = noise(truth, rate)
    found, p = found_in(sets, labels)
    wrong = labels != truth
    assert p.mean() == pytest.approx(wrong.mean(), abs=0.025)
    if rate:
        assert average_precision_score(wrong, p) > 0.95
        assert (found.low.posterior.argmax(1) == truth).mean() > 0.95
    realised = [[(labels[truth == i] == j).mean() for j in range(4)] for i in range(4)]
    np.testing.assert_allclose(found.low.transition, realised, atol=0.1)
    np.testing.assert_allclose(found.low.transition.sum(1), 1)
    assert len(found.likelihoods) + found.round - 1 == len(found.predictions)


def test_same_input_same_bytes(data):
    sets, truth = data
    labels = symmetric(truth, 0.2)
    fresh = detector.prepare(sets.raw)
    first, again = found_in(fresh, labels), found_in(fresh, labels)
    other = found_in(detector.prepare(sets.raw), labels)
    assert first[1].tobytes() == again[1].tobytes() == other[1].tobytes()
    assert first[0].high.q.tobytes() == other[0].high.q.tobytes()


def test_rechecked_labels_are_right_and_teach_the_others(data):
    sets, truth = data
    labels = symmetric(truth, 0.2)
    known = np.where(np.arange(400) < 80, truth, -1)
    own = detector.Labels(labels, known, 4)
    found = detector.detect(sets, own, FLOOR)
    p = detector.p_wrong(found.low, own)
    assert (p[:80] == 0).all() and average_precision_score((labels != truth)[80:], p[80:]) > 0.95
    np.testing.assert_array_equal(found.low.posterior[:80], np.eye(4)[truth[:80]])
    np.testing.assert_array_equal(own.now()[:80], truth[:80])
    np.testing.assert_array_equal(own.now()[80:], labels[80:])
    taught = detector.detect(sets, detector.plain(own.now(), 4), FLOOR)
    for one, other in zip(found.predictions[:6], taught.predictions):  # predictors learn the answers
        np.testing.assert_array_equal(one.probs, other.probs)


def test_a_labels_view_of_rows():
    own = detector.Labels(np.array([0, 1, 2]), np.array([-1, 2, -1]), 3).of(np.array([2, 1]))
    assert (own.given.tolist(), own.known.tolist(), own.classes) == ([2, 1], [-1, 2], 3)


def pooled(log_likelihood, count=100, classes=3):
    q = np.full((count, classes), 1 / classes)
    return Pooled(q, q, np.eye(classes), log_likelihood, np.ones(1), np.zeros(classes))


@pytest.mark.parametrize(("gain", "expected"), [(0.05, -1.0), (0.06, 0.0), (0.08, 2.0), (-0.1, -16.0)])
def test_against_low_by_hand(gain, expected):
    """100 examples, 3 classes with 6 free entries; 200 that are 100 and their copies are no more."""
    for count in (100, 200):
        both = pooled(-1.0, count), pooled(-1.0 + gain, count)
        assert detector.against_low(*both, 100) == pytest.approx(expected)


@pytest.mark.parametrize(("against", "lead"), [(1.0, "high"), (0.0, "low"), (-5.0, "low")])
def test_what_orders_the_list(data, monkeypatch, against, lead):
    monkeypatch.setattr(detector, "against_low", lambda *_: against)
    found, _ = found_in(data[0], symmetric(data[1], 0.2))
    assert found.lead is getattr(found, lead) and found.low is not found.high


def test_between_is_the_mean_of_logits_by_hand():
    found = detector.between(np.array([0.9, 0.5, 0.2, 1.0]), np.array([0.5, 0.5, 0.8, 0.0]))
    np.testing.assert_allclose(found, [0.75, 0.5, 0.5, 0.5])  # odds 9 and 1: 3


def test_copies_that_are_wrong_together_are_found_when_they_are_told():
    """A tenth of the examples copied twice, with their labels."""
    values, truth = clouds(400, gap=4.0)
    labels, copied = symmetric(truth, 0.2), np.tile(np.arange(40), 2)
    jitter = 0.05 * np.random.default_rng(0).standard_normal((80, values.shape[1]))
    values = np.concatenate([values, values[copied] + jitter.astype(np.float32)])
    group = np.char.add("g", np.append(np.arange(400), copied).astype(str))  # any names
    labels, truth = np.append(labels, labels[copied]), np.append(truth, truth[copied])
    wrong, copies = labels != truth, np.append(np.arange(400) < 40, np.ones(80, bool))
    (_, alone), (_, told) = (found_in(detector.prepare(encoded(values), of), labels) for of in (None, group))
    assert (told > 0.5)[wrong & copies].mean() > 0.9 > 0.5 > (alone > 0.5)[wrong & copies].mean()
    assert (told > 0.5)[wrong & ~copies].mean() > 0.9


def test_two_feature_sets_of_one_name_are_told_apart():
    """The likeliest ridge regression is the second set's, and rounds are made of that one."""
    values, truth = clouds(300)
    useless = np.random.default_rng(0).standard_normal(values.shape).astype(np.float32)
    labels = pair_flip(truth, 0.35)
    parts = [("onnx", "onnx"), ("first", "second")]
    same, other = (
        found_in(detector.prepare([Features(a, useless), Features(b, values)]), labels)[0] for a, b in parts
    )
    assert same.round == other.round > 1
    np.testing.assert_array_equal(same.predictions[-1].probs, other.predictions[-1].probs)
    assert (same.predictions[-1].probs.argmax(1) == truth).mean() > 0.9


def test_features_that_know_nothing_do_little_harm_beside_good_ones(data):
    sets, truth = data
    labels = symmetric(truth, 0.2)
    noise = Features("noise", np.random.default_rng(0).standard_normal((400, 5)).astype(np.float32))
    found, p = found_in(detector.prepare([*sets.raw, noise]), labels)
    assert average_precision_score(labels != truth, p) > 0.95
    weight = {one.name: beta for one, beta in zip(found.predictions, found.low.weights)}
    assert sum(beta for name, beta in weight.items() if name.startswith("noise")) < 0.1 * sum(weight.values())


def test_probabilities_of_the_owner_alone_are_judged_without_rounds():
    truth = np.arange(300) % 3
    labels = symmetric(truth, 0.2, 3)
    probs = np.random.default_rng(0).dirichlet(np.ones(3), 300) * 0.3 + 0.7 * np.eye(3)[truth]
    own = detector.plain(labels, 3)
    found = detector.detect(detector.prepare([Features(PRED_PROBS, probs)]), own, FLOOR)
    assert found.round == 1 and len(found.predictions) == 1
    assert average_precision_score(labels != truth, detector.p_wrong(found.lead, own)) > 0.95
