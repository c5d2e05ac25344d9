"""Hard bootstrapping: values by hand, its gradient, its limit."""

import math

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch, Outputs

LABELS = torch.tensor([[0, 3, 1], [2, 2, 0]])


def loss(logits, labels, beta):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["bootstrapping_hard"](beta=beta).loss(Outputs(logits, logits), batch, {})


def random_logits():
    return 2 * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_by_hand():
    """p = (.2, .3, .5), beta .8: -.8 log p_label - .2 log .5."""
    logits = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    expected = [-0.8 * math.log(p) - 0.2 * math.log(0.5) for p in (0.2, 0.3, 0.5)]
    assert loss(logits, torch.tensor([[0, 1, 2]]), 0.8)[0].tolist() == pytest.approx(expected)


def test_beta_1_is_cross_entropy():
    expected = functional.cross_entropy(random_logits().movedim(-1, 1), LABELS, reduction="none")
    torch.testing.assert_close(loss(random_logits(), LABELS, 1.0), expected)


def test_gradient_takes_the_prediction_as_a_constant():
    """p - .8 e_label - .2 e_argmax."""
    logits = random_logits().requires_grad_()
    loss(logits, LABELS, 0.8).sum().backward()
    p = torch.softmax(random_logits(), -1)
    target = 0.8 * functional.one_hot(LABELS, 4) + 0.2 * functional.one_hot(p.argmax(-1), 4)
    assert (p.argmax(-1) != LABELS).any()
    torch.testing.assert_close(logits.grad, p - target)
