"""Mean squared error: values by hand, its bounds, and that it is proper but not symmetric."""

import pytest
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch


def loss(logits, labels):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["mse"]().loss(logits, batch, {})


def test_by_hand():
    """p = (.2, .3, .5): .64 + .09 + .25 = .98 for label 0, .04 + .49 + .25 = .78 for 1, .04 + .09 + .25 for 2."""
    logits = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    assert loss(logits, torch.tensor([[0, 1, 2]]))[0].tolist() == pytest.approx([0.98, 0.78, 0.38])


def test_bounded_by_two():
    logits = torch.tensor([[[1e4, 0, 0], [-1e4, 1e4, 0]]])
    assert loss(logits, torch.tensor([[0, 0]]))[0].tolist() == pytest.approx([0, 2])


def test_sum_over_labels_depends_on_the_prediction():
    logits = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    total = sum(loss(logits, torch.full((2, 7), label)) for label in range(5))
    torch.testing.assert_close(total, 5 * torch.softmax(logits, -1).square().sum(-1) + 5 - 2)


def test_proper():
    """Labels 0, 1, 2 with shares .2, .3, .5: no gradient at p = (.2, .3, .5), unlike at another p."""

    def gradient(p):
        logits = torch.tensor(p, dtype=torch.float64).log().expand(1, 10, 3).clone().requires_grad_()
        loss(logits, torch.tensor([[0, 0, 1, 1, 1, 2, 2, 2, 2, 2]])).mean().backward()
        return logits.grad.sum((0, 1)).abs().max()

    assert gradient([0.2, 0.3, 0.5]) < 1e-12 < 1e-3 < gradient([0.1, 0.3, 0.6])
