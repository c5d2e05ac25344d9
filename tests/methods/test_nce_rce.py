"""NCE + RCE: values by hand, the authors' formula, the symmetry of both terms, the size of NCE's gradient."""

import math

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 3, 1], [2, 2, 0]])


def loss(logits, labels, alpha=1.0, beta=1.0, log_zero=-4.0):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["nce_rce"](alpha=alpha, beta=beta, A=log_zero).loss(logits, batch, {})


def random_logits():
    return 2 * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_by_hand():
    """p = (1/2, 1/4, 1/4): -log p = (1, 2, 2) log 2, so NCE = (.2, .4, .4); RCE = 4 (1 - p) = (2, 3, 3)."""
    logits = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64).log().expand(1, 3, 3)
    assert loss(logits, torch.tensor([[0, 1, 2]]))[0].tolist() == pytest.approx([2.2, 3.4, 3.4])


def test_official_formula():
    log_probs, one_hot = torch.log_softmax(random_logits(), -1), functional.one_hot(LABELS, 4).double()
    nce = (one_hot * log_probs).sum(-1) / log_probs.sum(-1)
    rce = -(log_probs.exp().clamp(1e-7, 1) * one_hot.clamp(1e-4, 1).log()).sum(-1)
    torch.testing.assert_close(loss(random_logits(), LABELS, 10.0, 0.1, math.log(1e-4)), 10 * nce + 0.1 * rce)


@pytest.mark.parametrize(("alpha", "beta", "expected"), [(1.0, 0.0, 1.0), (0.0, 1.0, 12.0), (2.0, 0.5, 8.0)])
def test_sums_to_a_constant_over_labels(alpha, beta, expected):
    total = sum(loss(random_logits(), torch.full((2, 3), k), alpha, beta) for k in range(4))
    torch.testing.assert_close(total, torch.full((2, 3), expected, dtype=torch.float64))


def test_first_gradient_of_nce():
    logits = torch.zeros(1, 1, 4, dtype=torch.float64, requires_grad=True)
    loss(logits, torch.tensor([[0]]), beta=0.0).sum().backward()
    assert (logits.grad[0, 0] * 4 * math.log(4)).tolist() == pytest.approx([-0.75, 0.25, 0.25, 0.25])


@pytest.mark.parametrize(("label", "expected"), [(0, 0.0), (1, 0.5 + 4), (2, 0.5 + 4)])
def test_sure_predictions_divide_by_no_zero(label, expected):
    """-log p = (0, 1e4, 1e4)."""
    logits = torch.tensor([[[1e4, 0.0, 0.0]]], requires_grad=True)
    value = loss(logits, torch.tensor([[label]]))
    value.sum().backward()
    assert value.item() == pytest.approx(expected) and logits.grad.isfinite().all()
