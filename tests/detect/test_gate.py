"""The gate: each of its three tests on data of known truth, and what follows from them."""

from types import SimpleNamespace

import numpy as np
import pytest
from made_features import SECTION, clouds, encoded, symmetric
from scipy.stats import binomtest, norm

from labelnoise.detect import detector, gate
from labelnoise.detect.predictors import PRED_PROBS, Features
from labelnoise.detect.types import ALL, CAUTIOUS, CUT, NO_TIER, NOTHING, ORDER, RULE_A


def plain(labels, classes=4):
    return detector.plain(labels, classes)


def detected(sets, labels):
    return detector.detect(sets, plain(labels), 0.003)


@pytest.fixture(scope="module")
def data():
    values, truth = clouds(400)
    return detector.prepare(encoded(values)), symmetric(truth, 0.2), truth


def test_signal_is_large_with_features_that_see_the_classes(data):
    sets, labels, truth = data
    assert gate.signal(sets, plain(truth)) > gate.signal(sets, plain(labels)) > 20


@pytest.mark.parametrize("seed", range(5))
def test_signal_is_small_on_shuffled_labels_and_on_features_of_noise(data, seed):
    sets, labels, _ = data
    rng = np.random.default_rng(seed)
    assert abs(gate.signal(sets, plain(rng.permutation(labels)))) < 4
    noise = detector.prepare(encoded(rng.standard_normal((200, 5)).astype(np.float32)))
    assert abs(gate.signal(noise, plain(labels[:200]))) < 4


def test_signal_sees_a_rare_class():
    """Three in a hundred: always predicting the other class agrees as often with shuffled labels."""
    values, truth = clouds(600, 2, gap=3.0)
    rows = np.concatenate([np.flatnonzero(truth == 0)[:291], np.flatnonzero(truth == 1)[:9]])
    sets, labels = detector.prepare(encoded(values[rows])), truth[rows]
    assert gate.signal(sets, plain(labels, 2)) > 5
    assert abs(gate.signal(sets, plain(np.random.default_rng(0).permutation(labels), 2))) < 4


def test_signal_of_the_owner_s_probabilities_by_hand(data):
    """Errors of the matrix as it is against labels in the drawn orders; the best set counts."""
    _, labels, truth = data
    probs = 0.5 * np.eye(4)[truth] + 0.125
    sets = detector.prepare([Features(PRED_PROBS, probs)])
    rng = np.random.default_rng(3)
    errors = [((np.eye(4)[labels[rng.permutation(400)]] - probs) ** 2).mean() for _ in range(19)]
    expected = (np.mean(errors) - ((np.eye(4)[labels] - probs) ** 2).mean()) / np.std(errors, ddof=1)
    assert gate.signal(sets, plain(labels), seed=3) == pytest.approx(expected)
    useless = Features("noise", np.random.default_rng(0).standard_normal((400, 5)).astype(np.float32))
    both = detector.prepare([useless, *sets.raw])
    assert gate.signal(both, plain(labels), seed=3) == pytest.approx(expected)
    flat = detector.prepare([Features(PRED_PROBS, np.full((400, 4), 0.25))])
    assert gate.signal(flat, plain(labels)) == 0  # all shuffles alike


def test_shuffles_move_groups_whole():
    """Laid out group by group, the labels are whole groups one behind the other, whatever their sizes."""
    group = np.random.default_rng(0).permutation(np.repeat(np.arange(12), np.arange(1, 13)))
    order = gate._shuffled(group, np.random.default_rng(1))
    assert sorted(order) == list(range(len(group)))
    came_from = group[order[np.argsort(group, kind="stable")]]
    starts = np.flatnonzero(np.append(True, np.diff(came_from) != 0))
    assert len(starts) == 12 and not (came_from == np.sort(group)).all()


def test_groups_of_unequal_sizes_show_their_signal():
    """As of patients and videos: no two are of one size."""
    rng, sizes = np.random.default_rng(0), np.arange(5, 30)
    labels = rng.integers(0, 3, sizes.sum())
    values = (3 * np.eye(3)[labels] + rng.normal(size=(len(labels), 3))).astype(np.float32)
    sets = detector.prepare([Features("encoded", values)], np.repeat(np.arange(25), sizes))
    assert gate.signal(sets, plain(labels, 3)) > 10


def test_halving_is_near_zero_on_easy_data_and_positive_where_little_is_known(data):
    sets, labels, _ = data
    assert abs(gate.halving(sets, plain(labels), detected(sets, labels), 0.003)) < 0.025
    values, truth = clouds(160, 8, gap=2.0, dimensions=20)
    sets = detector.prepare(encoded(values))
    weak = gate.halving(sets, plain(truth, 8), detector.detect(sets, plain(truth, 8), 0.003), 0.003)
    assert weak > 0.05


def test_labels_of_the_same_examples_share_halves_and_not_what_they_say(data, monkeypatch):
    """Of kept parts each is prepared once; the whole is not looked at again."""
    sets, labels, truth = data
    apart = [gate.halving(sets, plain(of), detected(sets, of), 0.003) for of in (labels, truth)]
    keeping, made, prepare = sets._replace(parts={}), [], detector.prepare
    monkeypatch.setattr(detector, "prepare", lambda *of: made.append(of) or prepare(*of))
    together = [gate.halving(keeping, plain(of), detected(keeping, of), 0.003) for of in (labels, truth)]
    assert together == apart and apart[0] != apart[1]
    assert len(made) == len(keeping.parts) == 2 * gate.SPLITS
    other = detected(sets, truth)  # what is said of the whole is what is handed on, and not found anew
    assert gate._rate(sets, plain(labels), np.arange(400), other, 0.003) == pytest.approx(
        detector.p_wrong(other.low, plain(labels)).mean()
    )


def test_halving_by_hand(data, monkeypatch):
    """Rates .3 and .5, .2 and .4, .1 and .3 of the halves, .25 of the whole; halves are of whole groups."""
    sets = detector.prepare(data[0].raw, np.arange(400) // 4)
    seen = []

    def rate(of, labels, rows, detection, floor):
        assert of is sets and floor == 0.01 and detection is None
        seen.append(rows)
        return [0.3, 0.5, 0.2, 0.4, 0.1, 0.3, 0.25][len(seen) - 1]

    monkeypatch.setattr(gate, "_rate", rate)
    assert gate.halving(sets, plain(data[1]), None, 0.01) == pytest.approx(0.05)
    *halves, whole = seen
    one, other = halves[:2]
    assert set(one) != set(halves[2])  # another split
    np.testing.assert_array_equal(np.sort(np.append(one, other)), whole)
    assert not set(one // 4) & set(other // 4) and len(one) == len(other) == 200


def test_of_many_examples_each_class_is_drawn_by_its_share():
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    rows = gate.drawn(labels, 100, 0)
    assert (np.diff(rows) > 0).all() and np.bincount(labels[rows]) == pytest.approx([60, 30, 10], abs=1)
    assert not np.array_equal(rows, gate.drawn(labels, 100, 1))
    np.testing.assert_array_equal(gate.drawn(labels, 1000, 0), np.arange(1000))


def test_a_subset_is_prepared_anew(data):
    sets = detector.prepare(data[0].raw, np.arange(400) // 2)
    assert gate.subset(sets, np.arange(400)) is sets
    part = gate.subset(sets, np.array([0, 1, 6, 9]))
    np.testing.assert_array_equal(part.raw[0].values, sets.raw[0].values[[0, 1, 6, 9]])
    np.testing.assert_array_equal(part.group, [0, 0, 1, 2])
    assert part.prepared[0].ridges[0].phi.shape == (4, 4)


def wilson_lower(wrong, count):
    """One-sided 90%: the lower end of the two-sided 80% interval."""
    return binomtest(int(wrong), int(count)).proportion_ci(0.8, method="wilson").low


@pytest.mark.parametrize("least", [0.0, 0.9])
@pytest.mark.parametrize("seed", range(6))
def test_the_cut_by_brute_force(seed, least):
    rng = np.random.default_rng(seed)
    stated = rng.beta(3, 0.3, 120).round(2 if seed % 2 else 9)  # with ties, and without
    wrong = rng.random(120) < stated ** [0.2, 1, 1, 3, 3, 8][seed]
    passing = [one for one in stated if wilson_lower(wrong[stated >= one].sum(), (stated >= one).sum()) >= 0.96]
    expected = min((p for p in passing if p >= least), default=np.nan)
    found = gate._cut(stated, wrong, SimpleNamespace(purity=0.96, least=least))
    np.testing.assert_allclose(found, expected)


def test_both_ends_of_the_cut_s_cases_occur():
    """A head that is all wrong needs 40 to be trusted: 39 / (39 + z^2) is below .96 for z = 1.2816."""
    assert norm.ppf(0.9) == pytest.approx(gate.Z_ONE_SIDED_90, abs=1e-4)
    section = SimpleNamespace(purity=0.96, least=0.9)
    stated = np.linspace(1, 0.91, 40)
    assert np.isnan(gate._cut(stated[:39], np.ones(39, bool), section))
    assert gate._cut(stated, np.ones(40, bool), section) == pytest.approx(0.91)


def made_worlds(data, monkeypatch, stated):
    """Worlds in which the detector says `stated(given, truth)`; the truth is known since the posterior is sure."""
    sets, _, truth = data
    matrix = 0.6 * np.eye(4) + 0.4 * np.roll(np.eye(4), 1, axis=1)
    low = SimpleNamespace(posterior=np.eye(4)[truth], transition=matrix)
    monkeypatch.setattr(detector, "detect", lambda of, own, *_: SimpleNamespace(low=own, high=own))
    monkeypatch.setattr(detector, "p_wrong", lambda fit, own: stated(own.given, truth))
    return gate.worlds(sets, plain(truth), SimpleNamespace(low=low, strengths=[np.nan, 1.0], many=False), SECTION)


def test_worlds_draw_labels_from_the_model(data, monkeypatch):
    drawn = []

    def stated(given, truth):
        drawn.append((given, truth))
        return (given != truth).astype(float)

    flagged, right, rule, cut = made_worlds(data, monkeypatch, stated)
    assert len(drawn) == 6 and not np.array_equal(drawn[0][0], drawn[2][0])  # T low and T high of each world
    for given, truth in drawn[::2]:
        assert set((given - truth) % 4) == {0, 1}
        assert ((given - truth) % 4).mean() == pytest.approx(0.4, abs=0.08)
    wrong = np.array([(given != truth).sum() for given, truth in drawn[::2]])
    # mean P(right) may be .025, but none of the right labels, P(wrong) 0, may be called obvious
    assert flagged == wrong.sum() and right == 1
    assert (rule, np.isnan(cut)) == (RULE_A, True)


def test_worlds_cut_where_rule_a_is_too_sure(data, monkeypatch):
    """Every tenth right label is called wrong, a little less surely than the wrong ones are."""

    def stated(given, truth):
        return np.where(given != truth, 0.99, np.where(np.arange(400) % 10 == 0, 0.98, 0.0))

    flagged, right, rule, cut = made_worlds(data, monkeypatch, stated)
    assert flagged >= 60 and right < 0.95
    assert (rule, cut) == (CUT, 0.99)


def test_worlds_without_a_cut_have_no_tier(data, monkeypatch):
    flagged, right, rule, cut = made_worlds(data, monkeypatch, lambda given, truth: np.full(400, 0.99))
    assert (flagged, rule, np.isnan(cut)) == (1200, NO_TIER, True) and right == pytest.approx(0.4, abs=0.05)


def test_few_flagged_do_not_keep_rule_a(data, monkeypatch):
    """Ten in each world, all wrong, are less than sixty; Wilson's bound of 30 is below .95."""

    def stated(given, truth):
        wrong = given != truth
        return np.where(wrong & (np.cumsum(wrong) <= 10), 0.99, 0.0)

    flagged, right, rule, cut = made_worlds(data, monkeypatch, stated)
    assert (flagged, right, rule) == (30, 1.0, NO_TIER) and np.isnan(cut)


def test_sampled_classes_have_the_stated_shares():
    rows = np.tile([0.5, 0.0, 0.3, 0.2], (20_000, 1))
    found = np.bincount(gate._sampled(rows, np.random.default_rng(0)), minlength=4) / 20_000
    np.testing.assert_allclose(found, rows[0], atol=0.012)
    np.testing.assert_array_equal(gate._sampled(np.eye(4), np.random.default_rng(0)), np.arange(4))


@pytest.fixture(scope="module")
def found(data):
    sets, labels, _ = data
    return detector.detect(sets, plain(labels), SECTION.floor)


def judged(data, found, monkeypatch, z=9.0, d=0.0, world=(99, 0.97, RULE_A, np.nan), against=-1.0):
    """The verdict where the three tests say this; what is not to be asked fails the test."""

    def answer(value):
        return (lambda *_, **__: value) if value is not None else (lambda *_, **__: pytest.fail("asked"))

    monkeypatch.setattr(gate, "signal", answer(z))
    monkeypatch.setattr(gate, "halving", answer(d))
    monkeypatch.setattr(gate, "worlds", answer(world))
    monkeypatch.setattr(detector, "against_low", answer(against))
    return gate.judge(data[0], plain(data[1]), found, SECTION)


@pytest.mark.parametrize(
    ("tests", "verdict", "rule"),
    [
        ({"z": 4.9, "d": None, "world": None}, NOTHING, NO_TIER),
        ({"z": 5.0}, ALL, RULE_A),
        ({"against": 0.1, "d": None, "world": None}, ORDER, NO_TIER),
        ({"d": 0.051, "world": None}, ORDER, NO_TIER),
        ({"d": 0.05}, CAUTIOUS, NO_TIER),
        ({"d": 0.026}, CAUTIOUS, NO_TIER),
        ({"d": 0.025}, ALL, RULE_A),
        ({"d": -0.2}, ALL, RULE_A),
        ({"world": (99, 0.9, CUT, 0.95)}, ALL, CUT),
        ({"world": (99, 0.9, CUT, 1.1)}, ALL, NO_TIER),  # fewer than ten are above that
        ({"world": (99, 0.6, NO_TIER, np.nan)}, ALL, NO_TIER),
    ],
)
def test_verdicts(data, found, monkeypatch, tests, verdict, rule):
    made = judged(data, found, monkeypatch, **tests)
    assert (made.verdict, made.rule) == (verdict, rule)
    asked = tests.get("d", 0.0), tests.get("world", ())
    assert (np.isnan(made.d), np.isnan(made.worlds_flagged)) == tuple(of is None for of in asked)
    assert np.isnan(made.cut) == (rule != CUT)
    own = plain(data[1])
    assert made.rate_low == pytest.approx(detector.p_wrong(found.low, own).mean())
    assert made.rate_high == pytest.approx(detector.p_wrong(found.high, own).mean())
    assert made.smallest_kept == min(found.low.transition[k, k] for k in range(4))


def test_a_tier_of_nine_is_none(data, found, monkeypatch):
    p = np.sort(detector.p_wrong(found.low, plain(data[1])))[::-1]
    for count, rule in ((9, NO_TIER), (10, CUT)):
        assert judged(data, found, monkeypatch, world=(99, 0.9, CUT, p[count - 1])).rule == rule


@pytest.mark.parametrize(("kept", "rule", "left"), [(0.49, CUT, NO_TIER), (0.5, CUT, CUT), (0.49, RULE_A, RULE_A)])
def test_no_cut_where_a_class_seems_to_keep_the_minority_of_its_labels(data, found, monkeypatch, kept, rule, left):
    matrix = found.low.transition.copy()
    matrix[1, 1] = kept
    low = found.low._replace(transition=matrix)
    world = (99, 0.9, rule, 0.95 if rule == CUT else np.nan)
    assert judged(data, found._replace(low=low), monkeypatch, world=world).rule == left


def test_easy_data_get_everything_and_shuffled_labels_nothing(data, found):
    sets, labels, truth = data
    made = gate.judge(sets, plain(labels), found, SECTION)
    assert (made.verdict, made.rule) == (ALL, RULE_A)
    assert made.z > 20 and abs(made.d) < 0.025 and made.worlds_flagged >= 60 and made.worlds_right >= 0.95
    assert made.rate_low == pytest.approx((labels != truth).mean(), abs=0.03) and made.against_low < 0
    np.testing.assert_equal(made, gate.judge(sets, plain(labels), found, SECTION))  # by the same draws
    shuffled = np.random.default_rng(0).permutation(labels)
    none = gate.judge(sets, plain(shuffled), detector.detect(sets, plain(shuffled), 0.003), SECTION)
    assert (none.verdict, none.rule) == (NOTHING, NO_TIER) and none.rate_low > 0.3  # which would be told


def test_the_owner_s_probabilities_alone_give_the_order(data):
    _, labels, truth = data
    given = Features(
        PRED_PROBS, 0.7 * np.eye(4)[truth] + 0.3 * np.random.default_rng(0).dirichlet(np.ones(4), 400)
    )
    sets = detector.prepare([given])
    made = gate.judge(sets, plain(labels), detector.detect(sets, plain(labels), 0.003), SECTION)
    assert (made.verdict, made.rule) == (ORDER, NO_TIER) and made.z > 20 and np.isnan(made.d)


def test_beside_features_the_owner_s_probabilities_allow_no_more(data):
    """Else a column of noise beside them would open the gate: halves and worlds cannot make them again."""
    sets, _, truth = data
    owner, noise = Features(PRED_PROBS, np.eye(4)[truth]), np.random.default_rng(0).normal(size=(400, 6))
    for beside in (sets.raw[0], Features("encoded", noise)):
        both = detector.prepare([owner, beside])
        found = detector.detect(both, plain(truth), SECTION.floor)
        assert gate.judge(both, plain(truth), found, SECTION).verdict == ORDER


def test_where_predictors_err_often_no_tier_is_given(data, monkeypatch):
    """All else passes; two thirds of what is contradicted are the limit."""
    sets, labels, _ = data
    own = plain(labels)
    detection = detector.detect(sets, own, 0.003)
    rate = detector.p_wrong(detection.low, own).mean()
    contradicted = (detection.low.q.argmax(1) != labels).mean()
    monkeypatch.setattr(gate, "worlds", lambda *_: (90, 1.0, RULE_A, np.nan))
    monkeypatch.setattr(gate, "halving", lambda *_: 0.0)
    found = gate.judge(sets, own, detection, SECTION)
    assert found.rule == RULE_A and (found.rate_low, found.contradicted) == pytest.approx((rate, contradicted))
    for share, expected in ((1.52, NO_TIER), (1.48, RULE_A)):
        q = np.eye(4)[np.where(np.arange(400) < round(share * rate * 400), (labels + 1) % 4, labels)]
        doubted = detection._replace(low=detection.low._replace(q=q))
        assert gate.judge(sets, own, doubted, SECTION).rule == expected
