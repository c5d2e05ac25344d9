"""Sums over bags against loops over bags and examples."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from labelnoise.train import out_of_bag
from labelnoise.train.types import evaluated

BAGS, EXAMPLES, CLASSES = 5, 12, 3


def case(diverged=()):
    rng = np.random.default_rng(1)
    logits = 3 * rng.normal(size=(BAGS, EXAMPLES, CLASSES))
    logits[list(diverged)] = np.nan
    return logits, rng.random((BAGS, EXAMPLES)) < 0.4


def summed(logits, left_out):
    found = out_of_bag.sums(torch.from_numpy(logits), torch.from_numpy(left_out))
    empty = out_of_bag.init(EXAMPLES, CLASSES, torch.zeros(0, dtype=torch.float64))
    assert {k: (v.shape, v.dtype) for k, v in found.items()} == {k: (v.shape, v.dtype) for k, v in empty.items()}
    return {name: value.numpy() for name, value in found.items()}


@pytest.mark.parametrize("diverged", [(), (2,)])
def test_against_brute_force(diverged):
    logits, left_out = case(diverged)
    found = summed(logits, left_out)
    for example in range(EXAMPLES):
        bags = [b for b in range(BAGS) if left_out[b, example] and b not in diverged]
        probs = [scipy.special.softmax(logits[b, example]) for b in bags]
        assert found["count"][example] == len(probs)
        np.testing.assert_allclose(found["prob_sum"][example], sum(probs, np.zeros(CLASSES)))
        entropy = sum(scipy.stats.entropy(one) for one in probs)
        np.testing.assert_allclose(found["entropy_sum"][example], entropy, atol=1e-12)


def test_an_example_in_every_bag_has_no_count():
    logits, left_out = case()
    left_out[:, 4] = False
    found = summed(logits, left_out)
    assert found["count"][4] == 0 and found["prob_sum"][4].sum() == 0


@pytest.mark.parametrize(
    ("epochs", "every", "expected"), [(6, 3, [2, 5]), (7, 3, [2, 5, 6]), (2, 5, [1]), (3, 1, [0, 1, 2])]
)
def test_evaluated_epochs(epochs, every, expected):
    assert evaluated(epochs, every) == expected
