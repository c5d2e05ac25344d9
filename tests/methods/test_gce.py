"""Generalised cross-entropy: values by hand, its two limits, the weight p^q of its gradient."""

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 3, 1], [2, 2, 0]])


def loss(logits, labels, q=0.7):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["gce"](q=q).loss(logits, batch, {})


def random_logits():
    return 2 * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def label_probs():
    return torch.softmax(random_logits(), -1).gather(-1, LABELS.unsqueeze(-1)).squeeze(-1)


def test_by_hand():
    """q = 1/2, p = 1/4 and 1/9: (1 - 1/2) / .5 = 1 and (1 - 1/3) / .5 = 4/3."""
    p = torch.tensor([[[1 / 4, 3 / 4], [1 / 9, 8 / 9]]], dtype=torch.float64)
    assert loss(p.log(), torch.tensor([[0, 0]]), 0.5)[0].tolist() == pytest.approx([1, 4 / 3])


def test_official_formula():
    expected = (1 - label_probs().clamp(1e-7, 1) ** 0.7) / 0.7
    torch.testing.assert_close(loss(random_logits(), LABELS), expected)


def test_q_1_is_half_the_mean_absolute_error():
    torch.testing.assert_close(loss(random_logits(), LABELS, 1.0), 1 - label_probs())


def test_small_q_is_cross_entropy():
    expected = functional.cross_entropy(random_logits().movedim(-1, 1), LABELS, reduction="none")
    torch.testing.assert_close(loss(random_logits(), LABELS, 1e-4), expected, rtol=1e-3, atol=0)
    torch.testing.assert_close(
        loss(random_logits(), LABELS, 1e-10), expected, rtol=1e-8, atol=0
    )  # not rounded off


def test_gradient_is_that_of_cross_entropy_times_p_to_the_q():
    logits = random_logits().requires_grad_()
    loss(logits, LABELS).sum().backward()
    expected = torch.softmax(random_logits(), -1) - functional.one_hot(LABELS, 4)
    torch.testing.assert_close(logits.grad, label_probs().unsqueeze(-1) ** 0.7 * expected)


def test_wrong_by_1e4_nats():
    logits = torch.tensor([[[1e4, 0.0]]], requires_grad=True)
    value = loss(logits, torch.tensor([[1]]))
    value.sum().backward()
    assert value.item() == pytest.approx(1 / 0.7) and not logits.grad.any()
