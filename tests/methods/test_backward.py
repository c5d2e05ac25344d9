"""Backward correction: limits, weights by hand, unbiasedness, and what the clipping is for."""

import math

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 1, 2, 2]])
ASYMMETRIC = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.9, 0.1], [0.4, 0.0, 0.6]], dtype=torch.float64)


def loss(transition, logits, labels=LABELS, ridge=0.0, epsilon=1e-7):
    method = METHODS["backward"](transition="anchor_points", ridge=ridge, epsilon=epsilon)
    estimates = tiny.declared(tiny.estimates(1), ())._replace(transition=transition[None])
    state = method.init_state(estimates, labels, 3)
    return method.loss(logits, Batch(logits, labels, None, labels, 0, []), state)


def logits():
    return torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_identity_is_cross_entropy():
    expected = functional.cross_entropy(logits()[0], LABELS[0], reduction="none")
    torch.testing.assert_close(loss(torch.eye(3, dtype=torch.float64), logits())[0], expected)


def test_by_hand():
    """T^-1 of a class that is called 0 with .4: row 2 is (-2/3, 0, 5/3), so a label 2 weighs against class 0."""
    transition = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.4, 0.0, 0.6]], dtype=torch.float64)
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 2, 3)
    values = loss(transition, z, torch.tensor([[0, 2]]))[0].tolist()
    assert values == pytest.approx([-math.log(0.2), 2 / 3 * math.log(0.2) - 5 / 3 * math.log(0.5)])


@pytest.mark.parametrize("epsilon", [1e-7, 0.4])
def test_mean_over_the_labels_of_a_class_is_the_loss_of_that_class(epsilon):
    """T (T^-1 l) = l, also for the clipped l; single labels have a negative loss."""
    z = torch.tensor([0.05, 0.05, 0.9], dtype=torch.float64).log().expand(1, 3, 3)
    values = loss(ASYMMETRIC, z, torch.tensor([[0, 1, 2]]), epsilon=epsilon)[0]
    expected = -torch.tensor([0.05, 0.05, 0.9], dtype=torch.float64).clamp_min(epsilon).log()
    torch.testing.assert_close(ASYMMETRIC @ values, expected)
    assert values.min() < 0


def test_gradient_is_p_minus_the_row_of_the_inverse():
    z = logits().requires_grad_()
    loss(ASYMMETRIC, z).sum().backward()
    expected = torch.softmax(z.detach(), -1) - torch.linalg.inv(ASYMMETRIC)[LABELS]
    torch.testing.assert_close(z.grad, expected)


def test_clipping_bounds_the_loss_from_below_and_ends_the_pull():
    """A label 2 rewards p_0 -> 0 without end; below epsilon there is nothing left to win."""
    z = torch.tensor([[[-40.0, 0.0, 0.0]]], dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([[2]])
    values = [loss(ASYMMETRIC, z, labels, epsilon=epsilon) for epsilon in (1e-7, 1e-300)]
    inverse = torch.linalg.inv(ASYMMETRIC)[2]
    rest = (inverse[1] + inverse[2]) * math.log(2)
    for value, bound in zip(values, (7 * math.log(10), 40 + math.log(2)), strict=True):
        assert value.item() == pytest.approx((rest + inverse[0] * bound).item())
    values[0].sum().backward()
    assert z.grad[0, 0, 0].abs() < 1e-15


def test_ridge_keeps_a_singular_matrix_finite():
    singular = torch.full((3, 3), 1 / 3, dtype=torch.float64)
    assert loss(singular, logits(), ridge=1e-4).abs().max() < 10
    assert not loss(singular.float(), logits().float()).isfinite().all()


def test_a_run_without_an_estimate_leaves_the_others_alone():
    transitions = torch.stack([ASYMMETRIC, torch.full_like(ASYMMETRIC, torch.nan)])
    weights = losses.backward_weights(transitions, 1e-4)
    assert torch.equal(weights[0], losses.backward_weights(ASYMMETRIC[None], 1e-4)[0])
    assert weights[1].isnan().all()
