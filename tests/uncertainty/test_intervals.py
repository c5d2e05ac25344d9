"""Intervals against scipy, hand-computed values and a small coverage simulation."""

import numpy as np
import pytest
from scipy import stats

from labelnoise.uncertainty import calibration, intervals


def mean(weights, items):
    return weights @ items / weights.sum(1)


def weights_of(rows, size, rng):
    return np.concatenate(list(intervals.item_weights(rows, size, rng)))


def test_weights_are_draws_with_replacement():
    for size in (7, 12, 1):
        weights = weights_of(500, size, np.random.default_rng(0))
        assert weights.shape == (500, size)
        assert (weights.sum(1) == size).all()


def test_item_weights_are_binomial():
    """Each item's weight is Binomial(12, 1/12); the shares below have standard deviations of .001."""
    weights = weights_of(20000, 12, np.random.default_rng(0))
    counts = np.bincount(weights.ravel().astype(int), minlength=4)[:4] / weights.size
    np.testing.assert_allclose(counts, stats.binom.pmf(range(4), 12, 1 / 12), atol=0.005)
    np.testing.assert_allclose(weights.mean(0), 1, atol=0.04)


def test_weights_of_many_items_come_in_blocks():
    blocks = list(intervals.item_weights(40, 9000, np.random.default_rng(0)))
    assert all(block.size <= intervals.BLOCK for block in blocks) and len(blocks) > 2
    weights = np.concatenate(blocks)
    assert (weights.sum(1) == 9000).all()
    assert len(np.unique(weights, axis=0)) == 40


def test_replicates_follow_the_definition_slot_by_slot():
    rng = np.random.default_rng(1)
    items = [rng.normal(size=size) for size in (5, 8, 6)]
    found = intervals.sample(mean, items, [5, 8, 6], 30, np.random.default_rng(2))
    rng = np.random.default_rng(2)  # the seed of every slot is drawn first, then items seed by seed
    drawn = rng.integers(3, size=(30, 3))
    weights = [iter(weights_of((drawn == s).sum(), len(items[s]), rng).astype(int)) for s in range(3)]
    for row, value in enumerate(intervals.replicates(found)):
        slots = [np.repeat(items[seed], next(weights[seed])).mean() for seed in drawn[row]]
        assert value == pytest.approx(np.mean(slots))
    np.testing.assert_allclose(found.seeds, [of.mean() for of in items])


def test_items_of_one_seed_are_made_at_a_time():
    """What a seed's items take is given back before those of the next are made."""
    alive = []

    class Items(np.ndarray):
        def __del__(self):
            alive.pop()

    def made():
        for seed in range(4):
            alive.append(seed)
            assert len(alive) == 1
            yield np.arange(3.0).view(Items)

    found = intervals.sample(lambda w, of: w @ np.asarray(of) / 3, made(), [3] * 4, 10, np.random.default_rng(0))
    assert found.slots.shape == (10, 4) and len(found.seeds) == 4


def test_one_seed_agrees_with_scipy_bootstrap():
    items = np.random.default_rng(2).exponential(size=80)
    ours = intervals.percentile_interval(
        intervals.replicates(intervals.sample(mean, [items], [80], 20000, np.random.default_rng(3))), 0.9
    )
    theirs = stats.bootstrap(
        (items,), np.mean, n_resamples=20000, confidence_level=0.9, method="percentile", rng=4
    ).confidence_interval
    np.testing.assert_allclose(ours, theirs, atol=0.05 * items.std() / np.sqrt(80))


def test_one_item_per_seed_agrees_with_scipy_bootstrap_over_seeds():
    items = np.random.default_rng(5).normal(size=12)
    ours = intervals.percentile_interval(
        intervals.replicates(
            intervals.sample(mean, list(items[:, None]), [1] * 12, 20000, np.random.default_rng(6))
        ),
        0.95,
    )
    theirs = stats.bootstrap((items,), np.mean, n_resamples=20000, method="percentile", rng=7)
    np.testing.assert_allclose(ours, theirs.confidence_interval, atol=0.05 * items.std() / np.sqrt(12))


def test_variance_has_both_levels():
    """n seeds of m items: variance of replicates = between-seed part / n + within part / (n m)."""
    rng = np.random.default_rng(8)
    items = [rng.normal(shift, 1, 50) for shift in (0, 0.5, 1, 1.5)]
    between = np.var([i.mean() for i in items]) / 4
    within = np.mean([i.var() for i in items]) / (4 * 50)
    assert intervals.replicates(intervals.sample(mean, items, [50] * 4, 20000, rng)).var() == pytest.approx(
        between + within, rel=0.05
    )


def test_differences_are_paired():
    """A method that is better by a constant has a difference of no width, however wide its own interval."""
    rng = np.random.default_rng(9)
    items = [rng.normal(size=20) for _ in range(3)]
    base = intervals.sample(mean, items, [20] * 3, 200, np.random.default_rng(1))
    better = intervals.sample(mean, [i + 0.1 for i in items], [20] * 3, 200, np.random.default_rng(1))
    result = intervals.summary(intervals.difference(better, base), 0.95, 0.25)
    np.testing.assert_allclose(result, 0.1, atol=1e-12)
    own = intervals.summary(base, 0.95, 0.25)
    assert own.high - own.low > 0.2


def test_diverged_seed_is_left_out():
    items = [np.array([1.0, 1.0]), np.array([3.0, 3.0]), np.full(2, np.nan)]
    result = intervals.summary(intervals.sample(mean, items, [2, 2, 2], 500, np.random.default_rng(0)), 0.9, 0)
    assert result.mean == 2
    assert result.low == pytest.approx(1, abs=0.1) and result.high == pytest.approx(3, abs=0.1)
    np.testing.assert_allclose([result.t_low, result.t_high], intervals.t_interval(np.array([1, 3.0]), 0.9, 0))


def test_difference_uses_seeds_finite_on_both_sides():
    """One side lost seed 2: its value 100 on the other side must not enter the difference."""
    left = intervals.sample(
        mean, [np.ones(2), np.full(2, 2.0), np.full(2, np.nan)], [2, 2, 2], 300, np.random.default_rng(0)
    )
    right = intervals.sample(
        mean, [np.zeros(2), np.ones(2), np.full(2, 100.0)], [2, 2, 2], 300, np.random.default_rng(0)
    )
    result = intervals.summary(intervals.difference(left, right), 0.95, 0)
    assert result.mean == 1
    assert (result.low, result.high) == (1, 1)


def test_no_finite_seed_is_nan():
    assert np.isnan(
        intervals.summary(intervals.sample(mean, [np.full(2, np.nan)], [2], 10, np.random.default_rng(0)), 0.95, 0)
    ).all()


def test_t_interval_agrees_with_scipy_for_independent_seeds():
    values = np.array([0.90, 0.93, 0.91, 0.95, 0.92])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    np.testing.assert_allclose(intervals.t_interval(values, 0.9, 0), expected)


def test_nadeau_bengio_by_hand():
    """1, 2, 3: s² = 1, n = 3, n_test/n_train = 1/4: error sqrt(7/12); t(.975, 2) = 4.302653."""
    half = 4.302653 * np.sqrt(7 / 12)
    bounds = intervals.t_interval(np.array([1.0, 2.0, 3.0, np.nan]), 0.95, 0.25)
    np.testing.assert_allclose(bounds, (2 - half, 2 + half), rtol=1e-6)


def test_one_seed_has_no_t_interval():
    assert np.isnan(intervals.t_interval(np.array([0.9]), 0.95, 0)).all()


def test_interval_covers_the_mean_about_as_often_as_it_says():
    """20 seeds of 20 items with both kinds of variation: 90% intervals hold the truth in about 90%."""
    rng = np.random.default_rng(10)
    trials, covered = 300, 0
    for _ in range(trials):
        items = [rng.normal(rng.normal(0, 0.3), 1, 20) for _ in range(20)]
        low, high = intervals.percentile_interval(
            intervals.replicates(intervals.sample(mean, items, [20] * 20, 300, rng)), 0.9
        )
        covered += low <= 0 <= high
    # within-seed noise is already in the seed means, so the hierarchy is a little conservative
    assert 0.86 <= covered / trials <= 0.98


def test_same_generator_state_same_resamples():
    items = [np.arange(5.0), np.arange(6.0)]
    one, two, other = (intervals.sample(mean, items, [5, 6], 20, np.random.default_rng(k)) for k in (1, 1, 2))
    np.testing.assert_array_equal(one.slots, two.slots)
    assert (one.slots != other.slots).any()


def test_interval_of_ece_holds_the_measured_ece():
    """Calibrated predictions: the plain percentile interval lies above the ECE, since resampling inflates it."""
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(3), (4, 120))
    labels = [(p.cumsum(1) > rng.random((120, 1))).argmax(1) for p in probs]
    items = [calibration.prepare(p, y) for p, y in zip(probs, labels)]
    values = intervals.sample(calibration.ece, items, [120] * 4, 400, rng)
    found = intervals.summary(values, 0.8, 0.0)
    plain = intervals.percentile_interval(intervals.finite_mean(values.slots, 1), 0.8)
    assert plain[0] > found.mean
    assert found.low < found.mean < found.high
    assert found.high - found.low == pytest.approx(plain[1] - plain[0])
