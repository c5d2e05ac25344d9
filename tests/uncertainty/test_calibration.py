"""Metrics against scikit-learn, hand-computed values and brute-force loops."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error

from labelnoise.uncertainty import calibration

LINEAR = [calibration.accuracy, calibration.nll, calibration.brier, calibration.aurc]  # in repetitions
METRICS = [*LINEAR, calibration.ece]


@pytest.fixture
def run():
    """Predictions of 40 examples in 4 classes, with tied confidences, and integer weights."""
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.full(4, 0.5), 40)
    probs[10:20] = probs[:10]  # ties
    probs[20:26] = [1, 0, 0, 0]  # saturated
    return probs, rng.integers(4, size=40), rng.multinomial(40, np.full(40, 1 / 40), size=3)


def value(metric, probs, labels, bins=15):
    return metric(np.ones((1, len(labels))), calibration.prepare(probs, labels, bins))[0]


def random_order_aurc(probs, labels, rng, orders=4000):
    """Mean area over random orders of equal confidences, by loops."""
    wrong, confidence = probs.argmax(1) != labels, probs.max(1)
    total = 0.0
    for _ in range(orders):
        order = np.lexsort((rng.random(len(labels)), -confidence))
        total += np.mean(np.cumsum(wrong[order]) / np.arange(1, len(labels) + 1))
    return total / orders


def test_linear_metrics_agree_with_scikit_learn(run):
    probs, labels, weights = run
    probs = np.clip(probs, 1e-9, None)
    probs /= probs.sum(1, keepdims=True)
    items = calibration.prepare(probs, labels)
    for row, weight in enumerate(weights):
        expected = accuracy_score(labels, probs.argmax(1), sample_weight=weight)
        assert calibration.accuracy(weights, items)[row] == pytest.approx(expected)
        expected = log_loss(labels, probs, sample_weight=weight, labels=range(4))
        assert calibration.nll(weights, items)[row] == pytest.approx(expected)
        expected = 4 * mean_squared_error(np.eye(4)[labels], probs, sample_weight=weight)
        assert calibration.brier(weights, items)[row] == pytest.approx(expected)


def test_brier_by_hand():
    probs = np.array([[0.5, 0.3, 0.2], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    one = 0.25 + 0.09 + 0.04
    assert value(calibration.brier, probs, np.array([0, 1, 2])) == pytest.approx((one + 0 + 2) / 3)


@pytest.mark.parametrize("metric", LINEAR)
def test_weights_are_repetitions(run, metric):
    probs, labels, weights = run
    weighted = metric(weights, calibration.prepare(probs, labels))
    for row, weight in enumerate(weights):
        times = np.repeat(np.arange(len(labels)), weight)
        assert weighted[row] == pytest.approx(value(metric, probs[times], labels[times]), abs=1e-12)


def squared(probs, labels, bins=15, weights=None):
    weights = np.ones((1, len(labels))) if weights is None else weights
    return calibration.squared_ece(weights, calibration.prepare(probs, labels, bins))


def by_pairs(gap, index, weights):
    """sum_b n_b/n times the mean of g_i g_j over pairs of different items of bin b, by loops."""
    total = 0.0
    for b in set(index):
        own = np.flatnonzero(index == b)
        pairs = [(weights[i] * weights[j], gap[i] * gap[j]) for i in own for j in own if i != j]
        times = sum(of for of, _ in pairs)
        total += weights[own].sum() * (sum(of * product for of, product in pairs) / times if times else 0)
    return total / weights.sum()


def test_squared_ece_is_the_mean_over_pairs_of_different_items(run):
    probs, labels, weights = run
    gap = (probs.argmax(1) == labels) - probs.max(1)
    index = np.ceil(probs.max(1) * 5).astype(int)
    expected = [by_pairs(gap, index, row) for row in weights]
    np.testing.assert_allclose(squared(probs, labels, 5, weights), expected, atol=1e-12)


def test_squared_eces_are_those_of_each_run_alone(run):
    """Also beside a run that diverged, which is NaN throughout."""
    probs, labels, weights = run
    runs = [calibration.prepare(of, labels, 5) for of in (probs, np.full_like(probs, np.nan), probs[::-1])]
    found = calibration.squared_eces(weights, calibration.side_by_side(runs))
    expected = np.stack([calibration.squared_ece(weights, of) for of in runs], 1)
    np.testing.assert_array_equal(found, expected)
    assert np.isnan(found[:, 1]).all() and np.isfinite(found[:, [0, 2]]).all()
    assert (found[:, 0] != found[:, 2]).all()


def test_squared_ece_of_a_constant_confidence_by_hand():
    """Of Kumar et al. 2019: gap of the means squared, less acc (1 - acc) / (n - 1)."""
    probs, labels = np.tile([0.7, 0.3], (10, 1)), np.array([0] * 5 + [1] * 5)
    assert squared(probs, labels)[0] == pytest.approx(0.2**2 - 0.25 / 9)
    assert value(calibration.ece, probs, labels) == pytest.approx((0.2**2 - 0.25 / 9) ** 0.5)


def test_ece_is_never_below_zero_though_its_square_may_be():
    probs, labels = np.tile([0.7, 0.3], (10, 1)), np.array([0] * 7 + [1] * 3)
    assert squared(probs, labels)[0] < 0
    assert value(calibration.ece, probs, labels) == 0


def test_ece_keeps_bins_apart():
    """Over- and under-confidence in two bins add up (0.2 and 0.1, both beyond doubt), but cancel within one."""
    probs = np.repeat([[0.7, 0.3], [0.9, 0.1]], 10_000, axis=0)
    labels = np.array([0, 1] * 5_000 + [0] * 10_000)
    assert value(calibration.ece, probs, labels, bins=15) == pytest.approx((0.04 / 2 + 0.01 / 2) ** 0.5, abs=1e-3)
    assert value(calibration.ece, probs, labels, bins=1) == pytest.approx(0.8 - 0.75, abs=2e-3)


def calibrated(rng, count=360, off=0.0):
    """Items whose accuracy is their confidence, less `off`."""
    confidence = 0.1 + 0.9 * rng.beta(6, 1.5, count)
    hit = rng.random(count) < confidence - off
    return calibration.items(calibration.Judged(hit, confidence, confidence, confidence))


def plain(items):
    """The usual ECE, sum_b n_b/n |acc_b - conf_b| (Guo et al. 2017)."""
    return np.abs(np.bincount(items.bin, items.gap)).sum() / len(items.gap)


def test_squared_ece_is_unbiased_and_the_usual_ece_is_not():
    rng, ones = np.random.default_rng(0), np.ones((1, 360))
    runs = [calibrated(rng) for _ in range(400)]
    values = [calibration.squared_ece(ones, of)[0] for of in runs]
    assert abs(np.mean(values)) < 3 * np.std(values) / 20
    assert np.mean([plain(of) for of in runs]) > 0.04


def test_floor_is_what_calibrated_networks_stay_below():
    """Of a mean over three runs: one in twenty of calibrated ones lies above; hardly one of .05 off lies below."""
    rng, ones = np.random.default_rng(1), np.ones((1, 360))

    def above(off):
        seen = []
        for _ in range(400):
            runs = [calibrated(rng, off=off) for _ in range(3)]
            mean = np.mean([calibration.squared_ece(ones, of)[0] for of in runs])
            floor = calibration.ece_floor([calibration.null_spread(of) for of in runs], 0.95)
            seen.append(max(mean, 0) ** 0.5 > floor)
        return np.mean(seen)

    assert 0.02 < above(0.0) < 0.08
    assert above(0.1) > 0.95


def test_bins_of_one_item_say_nothing():
    probs, labels = np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1])
    assert squared(probs, labels)[0] == 0
    assert calibration.ece_floor([calibration.null_spread(calibration.prepare(probs, labels))], 0.95) == 0


def test_aurc_without_ties_by_hand():
    """Confidence .9 right, .8 wrong, .7 right: risks 0, 1/2, 1/3."""
    probs = np.array([[0.8, 0.2], [0.9, 0.1], [0.7, 0.3]])
    assert value(calibration.aurc, probs, np.array([1, 0, 0])) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_aurc_with_ties_is_the_mean_over_orders(run):
    probs, labels, _ = run
    expected = random_order_aurc(probs, labels, np.random.default_rng(1))
    # one order's area has a standard deviation below 0.03, so 4,000 orders give 0.0005
    assert value(calibration.aurc, probs, labels) == pytest.approx(expected, abs=0.003)


def test_aurc_of_constant_confidence_is_the_error_rate():
    probs = np.tile([0.6, 0.4], (10, 1))
    assert value(calibration.aurc, probs, np.array([0] * 7 + [1] * 3)) == pytest.approx(0.3)


def test_nll_of_an_underflown_probability_is_finite():
    probs = np.array([[1, 0], [1, 0]], np.float32)
    assert value(calibration.nll, probs, np.array([0, 1])) == pytest.approx(126 * np.log(2) / 2)


@pytest.mark.parametrize("metric", METRICS)
def test_diverged_run_is_nan(run, metric):
    probs, labels, weights = run
    probs[3, 1] = np.nan
    assert np.isnan(metric(weights, calibration.prepare(probs, labels))).all()


def test_judged_by_hand_and_block_by_block(monkeypatch):
    """Float32, as runs store them; a block of one example and a block of all say the same."""
    probs = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.25, 0.25, 0.5]], np.float32)
    labels = np.array([0, 2, 2])
    whole = calibration.judged(probs, labels)
    assert whole.correct.tolist() == [True, False, True]
    assert whole.confidence.tolist() == [0.5, 0.75, 0.5] and whole.confidence.dtype == np.float32
    assert whole.likelihood.tolist() == [0.5, 0.125, 0.5]
    assert whole.brier.tolist() == [0.375, 1 / 64 + 9 / 16 + 49 / 64, 0.375]
    monkeypatch.setattr(calibration, "BLOCK", 3)
    for one, part in zip(whole, calibration.judged(probs, labels)):
        np.testing.assert_array_equal(one, part)


def test_one_infinite_probability_in_any_block_is_divergence(run, monkeypatch):
    probs, labels, _ = run
    monkeypatch.setattr(calibration, "BLOCK", 8)
    probs[39, 2] = -np.inf
    found = calibration.judged(probs, labels)
    assert np.isnan(found.confidence).all() and np.isnan(found.brier).all() and not found.correct.any()


def test_unknown_test_label_is_refused():
    with pytest.raises(ValueError, match=r"0\.\.1"):
        calibration.prepare(np.full((2, 2), 0.5), np.array([0, -1]))


def test_memorization_by_hand():
    """Labels 0-3 right, 4-7 wrong, 8 of unknown truth; with weights as repetitions."""
    truth = np.array([0, 0, 1, 1, 0, 0, 1, 1, -1])
    given = np.array([0, 0, 1, 1, 1, 2, 2, 0, 1])
    predicted = np.array([0, 0, 1, 2, 1, 2, 1, 2, 1])
    weights = np.array([np.ones(9), [1, 1, 1, 2, 3, 0, 1, 0, 5]])
    items = calibration.prepare_train(predicted, given, truth)
    np.testing.assert_allclose(calibration.fitted_clean(weights, items), [3 / 4, 3 / 5])
    np.testing.assert_allclose(calibration.fitted_wrong(weights, items), [2 / 4, 3 / 4])
    np.testing.assert_allclose(calibration.recovered(weights, items), [1 / 4, 1 / 4])


def test_labels_fitted_are_counts_of_the_shares():
    truth, given = np.array([0, 0, 1, 1, -1]), np.array([0, 1, 1, 0, 1])
    items = calibration.prepare_train(np.array([0, 1, 0, 1, 1]), given, truth)
    counts = calibration.labels_fitted(items)
    assert counts == {"fitted_clean": (1, 2), "fitted_wrong": (1, 2), "recovered": (1, 2)}
    for name, (hits, count) in counts.items():
        assert getattr(calibration, name)(np.ones((1, 5)), items)[0] == hits / count


def test_memorization_without_wrong_labels_or_without_predictions_is_nan():
    labels, ones = np.array([0, 1, 1]), np.ones((1, 3))
    clean = calibration.prepare_train(labels, labels, labels)
    assert calibration.fitted_clean(ones, clean) == 1
    assert np.isnan(calibration.fitted_wrong(ones, clean)).all()
    assert np.isnan(calibration.recovered(ones, clean)).all()
    diverged = calibration.predictions(np.full((3, 2), np.nan))
    assert np.isnan(calibration.fitted_clean(ones, calibration.prepare_train(diverged, labels, labels))).all()


def test_reliability_by_hand():
    """Two bins of (0, 1]: 4 items at .5 with 1 hit, 10 items at .8 with 9 hits."""
    probs = np.vstack([np.tile([0.5, 0.3, 0.2], (4, 1)), np.tile([0.8, 0.1, 0.1], (10, 1))])
    labels = np.array([0, 1, 1, 1] + [0] * 9 + [2])
    of = calibration.judged(probs, labels)
    table = calibration.binned(of.confidence, of.correct, 2, 0.95)
    np.testing.assert_array_equal(table.count, [4, 10])
    np.testing.assert_allclose(table.confidence, [0.5, 0.8])
    np.testing.assert_allclose(table.accuracy, [0.25, 0.9])
    z, p, n = 1.959963984540054, table.accuracy, table.count
    center, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    np.testing.assert_allclose(table.low, (center - half) / (1 + z**2 / n))
    np.testing.assert_allclose(table.high, (center + half) / (1 + z**2 / n))


def test_empty_bin_is_nan():
    table = calibration.binned(np.array([0.9]), np.array([True]), 4, 0.95)
    np.testing.assert_array_equal(table.count, [0, 0, 0, 1])
    assert np.isnan([table.confidence[0], table.accuracy[0], table.low[0], table.high[0]]).all()
