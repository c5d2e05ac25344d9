"""Symmetric cross-entropy: values by hand, the authors' clamp of the one-hot label, its limit."""

import math

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 3, 1], [2, 2, 0]])


def loss(logits, labels, alpha=0.1, beta=1.0, log_zero=-4.0):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["sce"](alpha=alpha, beta=beta, A=log_zero).loss(logits, batch, {})


def random_logits():
    return 2 * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_by_hand():
    """p = (.2, .3, .5): -.1 log p + 4 (1 - p)."""
    logits = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    expected = [-0.1 * math.log(p) + 4 * (1 - p) for p in (0.2, 0.3, 0.5)]
    assert loss(logits, torch.tensor([[0, 1, 2]]))[0].tolist() == pytest.approx(expected)


def test_official_code():
    """It clamps the one-hot label at 1e-4 before the logarithm."""
    probs, one_hot = torch.softmax(random_logits(), -1), functional.one_hot(LABELS, 4).double()
    ce = -(one_hot * probs.clamp(1e-7, 1).log()).sum(-1)
    rce = -(probs * one_hot.clamp(1e-4, 1).log()).sum(-1)
    torch.testing.assert_close(loss(random_logits(), LABELS, 6.0, 0.1, math.log(1e-4)), 6 * ce + 0.1 * rce)


def test_beta_0_is_cross_entropy():
    expected = functional.cross_entropy(random_logits().movedim(-1, 1), LABELS, reduction="none")
    torch.testing.assert_close(loss(random_logits(), LABELS, 1.0, 0.0), expected)


def test_reverse_term_sums_to_a_constant_over_labels():
    total = sum(loss(random_logits(), torch.full((2, 3), k), 0.0, 1.0) for k in range(4))
    torch.testing.assert_close(total, torch.full((2, 3), 4.0 * 3, dtype=torch.float64))
