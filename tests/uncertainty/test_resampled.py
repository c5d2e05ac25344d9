"""Resamples of test images: weights, blocks, and what they are of."""

import numpy as np
from scipy import stats

from labelnoise.uncertainty import resampled


def mean(weights, items):
    return (weights @ items / weights.sum(1))[:, None]


def weights_of(rows, size, rng):
    return np.concatenate(list(resampled.item_weights(rows, size, rng)))


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
    blocks = list(resampled.item_weights(40, 9000, np.random.default_rng(0)))
    assert all(block.size <= resampled.BLOCK for block in blocks) and len(blocks) > 2
    weights = np.concatenate(blocks)
    assert (weights.sum(1) == 9000).all()
    assert len(np.unique(weights, axis=0)) == 40


def test_resamples_follow_the_definition_seed_by_seed():
    rng = np.random.default_rng(1)
    items = [rng.normal(size=size) for size in (5, 8)]
    values, drawn = resampled.images(mean, items, [5, 8], 30, np.random.default_rng(2))
    np.testing.assert_allclose(values[:, 0], [of.mean() for of in items])
    rng = np.random.default_rng(2)
    for seed, of in enumerate(items):
        times = weights_of(30, len(of), rng).astype(int)
        np.testing.assert_allclose(drawn[:, seed, 0], [np.repeat(of, row).mean() for row in times])


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

    def metric(weights, of):
        return (weights @ np.asarray(of) / 3)[:, None]

    values, drawn = resampled.images(metric, made(), [3] * 4, 10, np.random.default_rng(0))
    assert drawn.shape == (10, 4, 1) and values.shape == (4, 1)


def test_same_generator_state_same_resamples():
    items = [np.arange(5.0), np.arange(6.0)]
    one, two, other = (resampled.images(mean, items, [5, 6], 20, np.random.default_rng(k))[1] for k in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()
