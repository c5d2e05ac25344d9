"""Unhinged loss: values by hand inside and outside the ball, symmetry, bound, its constant gradient."""

import math

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.methods.base import WithNormalisedLogits
from labelnoise.types import Batch


@pytest.fixture(autouse=True)
def raw(monkeypatch):
    """The loss of scores as they are; how they are normalised is tested in test_normalised_logits.py."""
    monkeypatch.setattr(WithNormalisedLogits, "normalised", lambda self, logits, state: logits)


def loss(logits, labels, rho):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["unhinged"](rho=rho).loss(logits, batch, {})


def random_logits():
    return 5 * torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize(("rho", "scale"), [(10.0, 1.0), (1.0, 1 / math.sqrt(6)), (2.0, 2 / math.sqrt(6))])
def test_by_hand(rho, scale):
    """z = (3, 0, 0): g = (2, -1, -1) of norm sqrt(6)."""
    logits = torch.tensor([3.0, 0, 0], dtype=torch.float64).expand(1, 3, 3)
    values = loss(logits, torch.tensor([[0, 1, 2]]), rho)
    assert values[0].tolist() == pytest.approx([-2 * scale, scale, scale])


@pytest.mark.parametrize("rho", [0.5, 8.0])
def test_sums_to_zero_over_labels_and_is_bounded(rho):
    values = torch.stack([loss(random_logits(), torch.full((2, 7), label), rho) for label in range(5)])
    torch.testing.assert_close(values.sum(0), torch.zeros(2, 7, dtype=torch.float64))
    assert values.abs().max() <= rho
    assert values.norm(dim=0).max() == pytest.approx(rho)  # the ball is reached


def test_bound_at_extreme_logits():
    value = loss(torch.tensor([[[1e4, -1e4, 0, 0]]]), torch.tensor([[0]]), 1.0)
    assert value.item() == pytest.approx(-1 / math.sqrt(2))


def test_gradient_inside_the_ball_does_not_look_at_the_prediction():
    logits, labels = random_logits().requires_grad_(), torch.arange(14).reshape(2, 7) % 5
    loss(logits, labels, 1e3).sum().backward()
    torch.testing.assert_close(logits.grad, 1 / 5 - functional.one_hot(labels, 5).double())


def test_gradient_outside_the_ball_is_tangential_and_shrinks_with_the_norm():
    def gradient(scale):
        logits = (scale * random_logits()).requires_grad_()
        loss(logits, torch.zeros(2, 7, dtype=torch.int64), 0.5).sum().backward()
        return logits.grad

    torch.testing.assert_close((gradient(1) * random_logits()).sum(-1), torch.zeros(2, 7, dtype=torch.float64))
    torch.testing.assert_close(10 * gradient(10), gradient(1))


def test_equal_logits_have_a_finite_gradient():
    logits = torch.zeros(1, 1, 4, requires_grad=True)
    loss(logits, torch.tensor([[1]]), 1.0).sum().backward()
    assert logits.grad[0, 0].tolist() == pytest.approx([0.25, -0.75, 0.25, 0.25])
