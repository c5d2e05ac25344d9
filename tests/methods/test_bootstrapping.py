"""Bootstrapping: values by hand, gradients, cross-entropy as its limit, and what detaching would do."""

import math

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 3, 1], [2, 2, 0]])


def loss(target, logits, labels, beta):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["bootstrapping"](target=target, beta=beta).loss(logits, batch, {})


def random_logits():
    return 2 * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def gradient(value, logits):
    return torch.autograd.grad(value.sum(), logits)[0]


def test_soft_by_hand():
    """p = (3/4, 1/4), label 1, beta .6: the target is (.4 * 3/4, .6 + .4 / 4) = (.3, .7)."""
    logits = torch.tensor([[[0.75, 0.25]]], dtype=torch.float64).log()
    expected = 0.3 * math.log(4 / 3) + 0.7 * math.log(4)
    assert loss("soft", logits, torch.tensor([[1]]), 0.6).item() == pytest.approx(expected)


@pytest.mark.parametrize("target", ["soft", "hard"])
def test_beta_1_is_cross_entropy(target):
    expected = functional.cross_entropy(random_logits().movedim(-1, 1), LABELS, reduction="none")
    torch.testing.assert_close(loss(target, random_logits(), LABELS, 1.0), expected)


def test_soft_gradient_against_the_formula():
    """beta (p - e) - (1 - beta) p (log p + H)."""
    logits = random_logits().requires_grad_()
    p, e = torch.softmax(random_logits(), -1), functional.one_hot(LABELS, 4)
    entropy = -(p * p.log()).sum(-1, keepdim=True)
    expected = 0.95 * (p - e) - 0.05 * p * (p.log() + entropy)
    torch.testing.assert_close(gradient(loss("soft", logits, LABELS, 0.95), logits), expected)


def test_soft_and_detached_it_would_be_scaled_cross_entropy():
    logits = random_logits().requires_grad_()
    p, e = torch.softmax(logits, -1), functional.one_hot(LABELS, 4)
    detached = -((0.95 * e + 0.05 * p.detach()) * torch.log_softmax(logits, -1)).sum(-1)
    torch.testing.assert_close(detached, loss("soft", logits, LABELS, 0.95))  # the same value
    torch.testing.assert_close(gradient(detached, logits), 0.95 * (p - e).detach())
    assert (gradient(loss("soft", logits, LABELS, 0.95), logits) - 0.95 * (p - e)).abs().max() > 0.01


def test_hard_by_hand():
    """p = (.2, .3, .5), beta .8: -.8 log p_label - .2 log .5."""
    logits = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    expected = [-0.8 * math.log(p) - 0.2 * math.log(0.5) for p in (0.2, 0.3, 0.5)]
    assert loss("hard", logits, torch.tensor([[0, 1, 2]]), 0.8)[0].tolist() == pytest.approx(expected)


def test_hard_gradient_takes_the_prediction_as_a_constant():
    """p - .8 e_label - .2 e_argmax."""
    logits = random_logits().requires_grad_()
    loss("hard", logits, LABELS, 0.8).sum().backward()
    p = torch.softmax(random_logits(), -1)
    target = 0.8 * functional.one_hot(LABELS, 4) + 0.2 * functional.one_hot(p.argmax(-1), 4)
    assert (p.argmax(-1) != LABELS).any()
    torch.testing.assert_close(logits.grad, p - target)
