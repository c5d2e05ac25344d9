"""Detection that keeps few of many classes: where it keeps all it is detection as it is, else near it."""

import numpy as np
import pytest
from made_features import SECTION, clouds, encoded, symmetric
from sklearn.metrics import average_precision_score

from labelnoise.detect import clearest, detector, gate, many, pool, pool_top, predictors, topk
from labelnoise.detect.predictors import PRED_PROBS, Features
from labelnoise.uncertainty.transition import smoothed_confident_joint

CLASSES, FLOOR = 6, 0.003


@pytest.fixture(scope="module")
def data():
    """The last twenty examples are copies; some labels are rechecked."""
    values, truth = clouds(400, CLASSES, gap=3.0)
    group = np.append(np.arange(380), np.arange(20))
    known = np.where(np.arange(400) % 37 == 0, truth, -1)
    own = detector.Labels(symmetric(truth, 0.2, CLASSES), known, CLASSES)
    sets = detector.prepare(encoded(values), group)
    return sets, own, [predictors.strength(sets.prepared[0], own.now(), CLASSES, sets.group)]


def said(data, monkeypatch, kept):
    sets, own, strengths = data
    monkeypatch.setattr(many, "KEPT", kept)
    monkeypatch.setattr(many, "VALUES", 300)  # blocks of fifty examples
    forced = np.stack([own.given, own.now()])
    return many.evidence(sets.prepared, own.now(), forced, CLASSES, sets.group, strengths)


def test_where_all_classes_are_kept_predictions_are_what_they_are(data, monkeypatch):
    sets, own, strengths = data
    names, found = said(data, monkeypatch, CLASSES)
    expected = predictors.predictions(sets.prepared[0], own.now(), CLASSES, sets.group, strengths[0])
    assert names == [one.name for one in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(topk.dense(one), other.probs, atol=1e-5)


def test_where_few_are_kept_they_are_the_largest_and_the_labels(data, monkeypatch):
    _, own, _ = data
    _, whole = said(data, monkeypatch, CLASSES)
    _, found = said(data, monkeypatch, 3)
    mean = np.mean([topk.dense(one) for one in whole], axis=0)
    for at in range(0, 400, 7):
        forced = list(dict.fromkeys([own.given[at], own.now()[at]]))
        likely = [k for k in np.argsort(-mean[at]) if k not in forced]
        assert set(found[0].at[at]) == set(forced + likely[: 3 - len(forced)])
    for one, other in zip(found, whole, strict=True):
        own_probs = np.take_along_axis(topk.dense(other), one.at.astype(int), 1)
        np.testing.assert_allclose(one.probs, own_probs, atol=1e-6)
        np.testing.assert_allclose(one.probs.sum(1) + one.rest, 1, atol=1e-5)


def test_where_all_classes_are_kept_the_pool_and_both_t_are_what_they_are(data, monkeypatch):
    _, own, _ = data
    _, found = said(data, monkeypatch, CLASSES)
    probs = [topk.dense(one).astype(np.float64) for one in found]
    low = clearest.transition(probs[0], own.given)
    np.testing.assert_allclose(clearest.transition(found[0], own.given), low, atol=1e-9)
    expected = smoothed_confident_joint(probs[0], own.given, own.known)
    np.testing.assert_allclose(many.high(found[0], own.given, own.known), expected, atol=1e-9)
    monkeypatch.setattr(pool_top, "BLOCK", 50)
    whole = pool.fit(probs, own.given, low, FLOOR, own.known)
    kept = pool_top.fit(found, own.given, low, FLOOR, own.known, np.arange(400))
    np.testing.assert_allclose(topk.dense(kept.posterior), whole.posterior, atol=1e-5)
    np.testing.assert_allclose(topk.dense(kept.q), whole.q, atol=1e-5)
    assert kept.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-6)


def test_the_pool_s_gradient_is_that_of_its_value(data, monkeypatch):
    _, own, _ = data
    _, found = said(data, monkeypatch, 3)
    matrix = clearest.transition(found[0], own.given)
    parts = list(pool_top._parts(found, own.given, matrix, own.known, np.arange(0, 400, 3)))
    theta = np.random.default_rng(0).uniform(0.1, 0.5, len(found) + CLASSES)
    _, gradient = pool_top._objective(theta, parts, FLOOR)
    for at in range(len(theta)):
        step = np.where(np.arange(len(theta)) == at, 1e-5, 0)
        ends = [pool_top._objective(theta + sign * step, parts, FLOOR)[0] for sign in (1, -1)]
        assert gradient[at] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-6)


def test_few_of_many_classes_find_what_all_find():
    values, truth = clouds(1500, 40, gap=5.0, dimensions=16)
    own = detector.plain(symmetric(truth, 0.2, 40), 40)
    sets, wrong = detector.prepare(encoded(values)), own.given != truth
    found = detector.detect(sets, own, FLOOR, [np.nan], True)
    whole = detector.detect(sets, own, FLOOR, [0.1], False)
    p, expected = detector.p_wrong(found.lead, own), detector.p_wrong(whole.lead, own)
    assert found.lead.posterior.at.shape == (1500, many.KEPT) and found.many and not whole.many
    assert average_precision_score(wrong, p) > average_precision_score(wrong, expected) - 0.01
    assert p.mean() == pytest.approx(wrong.mean(), abs=0.02)
    assert (topk.likeliest(found.lead.posterior) == truth).mean() > 0.9


def test_the_gate_judges_what_was_found_with_few_classes_kept(monkeypatch):
    values, truth = clouds(1000, 8, gap=6.0, dimensions=16)
    monkeypatch.setattr(many, "MOST_CLASSES", 5)
    monkeypatch.setattr(many, "KEPT", 4)
    sets = detector.prepare(encoded(values))
    own = detector.plain(symmetric(truth, 0.2, 8), 8)
    found = detector.detect(sets, own, FLOOR)
    judged = gate.judge(sets, own, found, SECTION)
    assert found.many and judged.verdict == "all" and judged.rate_low == pytest.approx(0.2, abs=0.03)
    order = np.random.default_rng(0).permutation(1000)
    shuffled = own._replace(given=own.given[order])
    assert gate.judge(sets, shuffled, detector.detect(sets, shuffled, FLOOR), SECTION).verdict == "nothing"


def test_the_signal_is_the_same_block_by_block(data, monkeypatch):
    sets, own, _ = data
    expected = gate._error(sets.prepared[0], own.now(), CLASSES, sets.group)
    monkeypatch.setattr(many, "VALUES", 300)
    found = gate._error_by_block(sets.prepared[0], own.now(), CLASSES, sets.group)
    assert found == pytest.approx(expected, rel=1e-5)
    probs = np.random.default_rng(0).dirichlet(np.ones(CLASSES), 400).astype(np.float32)
    (given,) = detector.prepare([Features(PRED_PROBS, probs)]).prepared
    expected = gate._error(given, own.now(), CLASSES, np.arange(400))
    assert gate._error_by_block(given, own.now(), CLASSES, np.arange(400)) == pytest.approx(expected, rel=1e-5)


def test_when_classes_are_many():
    assert not many.are_many(2**25 // 100, 100) and many.are_many(2**25 // 100 + 1, 100)
    assert many.are_many(1000, 101) and not many.are_many(1000, 100)


def test_blocks_are_of_whole_groups(monkeypatch):
    monkeypatch.setattr(many, "VALUES", 40)  # ten examples of four classes
    group = np.unique(np.append(np.arange(25), [3, 3, 24, 7]), return_inverse=True)[1]
    made = list(many.blocks(group, 4))
    several = [tuple(of) for of in predictors.members(group)]
    assert sorted(np.concatenate([block.rows for block in made]).tolist()) == list(range(29))
    for block in made:
        assert len(block.rows) <= 12
        inside = {of for of in several if set(of) <= set(block.rows.tolist())}
        assert {*several[block.groups]} == inside == {of for of in several if set(of) & set(block.rows.tolist())}
