"""Mean absolute error: values by hand, the symmetry that makes it robust, the gradient that makes it slow."""

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch


def loss(logits, labels):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["mae"]().loss(logits, batch, {})


def test_by_hand():
    """p = (.2, .3, .5): |e - p| sums to .8 + .3 + .5 = 1.6 for label 0, 1.4 for 1, 1.0 for 2."""
    logits = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    assert loss(logits, torch.tensor([[0, 1, 2]]))[0].tolist() == pytest.approx([1.6, 1.4, 1.0])


def test_sum_over_labels_does_not_depend_on_the_prediction():
    logits = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    total = sum(loss(logits, torch.full((2, 7), label)) for label in range(5))
    torch.testing.assert_close(total, torch.full((2, 7), 2.0 * 5 - 2, dtype=torch.float64))


def test_gradient_is_that_of_cross_entropy_times_2p():
    logits = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    logits.requires_grad_()
    labels = torch.tensor([[0, 3, 1], [2, 2, 0]])
    loss(logits, labels).sum().backward()
    probs = torch.softmax(logits.detach(), -1)
    given = probs.gather(-1, labels.unsqueeze(-1))
    torch.testing.assert_close(logits.grad, 2 * given * (probs - functional.one_hot(labels, 4)))
