"""Sums over bags against loops over bags and examples."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from labelnoise.train import out_of_bag
from labelnoise.train.loop import evaluated

BAGS, EXAMPLES, CLASSES = 5, 12, 3


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
    logits, left_out = case(diverged)
    taken = [1, 3, 5]
    found = streamed(logits, left_out, taken)
    for at, epoch in enumerate(taken):
        for example in range(EXAMPLES):
            bags = [b for b in range(BAGS) if left_out[b, example] and b not in diverged]
            probs = [scipy.special.softmax(logits[epoch, b, example]) for b in bags]
            assert found["count"][at, example] == len(bags)
            np.testing.assert_allclose(found["prob_sum"][at, example], sum(probs, np.zeros(CLASSES)))
            entropy = sum(scipy.stats.entropy(p) for p in probs)
            np.testing.assert_allclose(found["entropy_sum"][at, example], entropy, atol=1e-12)


def test_an_example_in_every_bag_has_no_count():
    logits, left_out = case()
    left_out[:, 4] = False
    found = streamed(logits, left_out, [5])
    assert found["count"][0, 4] == 0 and found["prob_sum"][0, 4].sum() == 0


@pytest.mark.parametrize(
    ("epochs", "every", "expected"), [(6, 3, [2, 5]), (7, 3, [2, 5, 6]), (2, 5, [1]), (3, 1, [0, 1, 2])]
)
def test_snapshots(epochs, every, expected):
    assert evaluated(epochs, every) == expected
