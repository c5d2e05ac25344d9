"""Sums over bags and windows of snapshots against loops over bags and examples."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from labelnoise.train import out_of_bag
from labelnoise.train.types import evaluated

BAGS, EXAMPLES, CLASSES = 5, 12, 3
TAKEN = [1, 3, 5]


def case(diverged=()):
    rng = np.random.default_rng(1)
    logits = 3 * rng.normal(size=(6, BAGS, EXAMPLES, CLASSES))  # six epochs
    logits[:, list(diverged)] = np.nan
    return logits, rng.random((BAGS, EXAMPLES)) < 0.4


def streamed(logits, left_out, taken):
    state = out_of_bag.init(EXAMPLES, CLASSES, taken, torch.zeros(0, dtype=torch.float64))
    for epoch in taken:
        now = torch.from_numpy(logits[epoch])
        state = out_of_bag.update(state, epoch, taken, now, torch.from_numpy(left_out))
    return {name: value.numpy() for name, value in state.items()}


@pytest.mark.parametrize("diverged", [(), (2,)])
def test_against_brute_force(diverged):
    """Three snapshots: windows of the first, of the first two and of all three, then the last by itself."""
    logits, left_out = case(diverged)
    found = streamed(logits, left_out, TAKEN)
    assert len(found["count"]) == 4
    for example in range(EXAMPLES):
        bags = [b for b in range(BAGS) if left_out[b, example] and b not in diverged]
        for slot, epochs in enumerate(([1], [1, 3], [1, 3, 5], [5])):
            probs = [scipy.special.softmax(logits[epoch, b, example]) for epoch in epochs for b in bags]
            assert found["count"][slot, example] == len(probs)
            np.testing.assert_allclose(found["prob_sum"][slot, example], sum(probs, np.zeros(CLASSES)))
        entropy = sum(scipy.stats.entropy(scipy.special.softmax(logits[5, b, example])) for b in bags)
        np.testing.assert_allclose(found["entropy_sum"][example], entropy, atol=1e-12)


def test_an_example_in_every_bag_has_no_count():
    logits, left_out = case()
    left_out[:, 4] = False
    found = streamed(logits, left_out, [5])
    assert (found["count"][:, 4] == 0).all() and found["prob_sum"][:, 4].sum() == 0


@pytest.mark.parametrize(
    ("snapshots", "expected"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (8, [1, 2, 4, 8]), (20, [1, 2, 4, 8, 20])]
)
def test_windows(snapshots, expected):
    assert out_of_bag.windows(snapshots) == expected


@pytest.mark.parametrize(
    ("epochs", "every", "expected"), [(6, 3, [2, 5]), (7, 3, [2, 5, 6]), (2, 5, [1]), (3, 1, [0, 1, 2])]
)
def test_snapshots(epochs, every, expected):
    assert evaluated(epochs, every) == expected
