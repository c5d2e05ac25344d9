"""Ramp loss: values by hand, the difference of two hinges, symmetry for two classes, no gradient where clipped."""

import pytest
import torch

from labelnoise.methods import METHODS
from labelnoise.methods.base import WithNormalisedLogits
from labelnoise.types import Batch

SCORES = torch.tensor([2.0, 1.5, 0.0], dtype=torch.float64).expand(1, 3, 3)


@pytest.fixture(autouse=True)
def raw(monkeypatch):
    """The loss of scores as they are; how they are normalised is tested in test_normalised_logits.py."""
    monkeypatch.setattr(WithNormalisedLogits, "normalised", lambda self, logits, state: logits)


def loss(logits, labels, s=-1.0):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["ramp"](s=s).loss(logits, batch, {})


@pytest.mark.parametrize(("s", "expected"), [(-1.0, [0.5, 1.5, 2]), (0.0, [0.5, 1, 1]), (-3.0, [0.5, 1.5, 3])])
def test_by_hand(s, expected):
    """z = (2, 1.5, 0): margins .5, -.5, -2."""
    assert loss(SCORES, torch.tensor([[0, 1, 2]]), s)[0].tolist() == pytest.approx(expected)


def test_zero_beyond_the_margin():
    assert loss(torch.tensor([[[3.0, 1.9, -5.0]]]), torch.tensor([[0]])).item() == 0


def test_difference_of_two_hinges():
    logits = 2 * torch.randn(2, 50, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    top = logits.topk(2, -1).values  # of label 0: minus the best of the others
    margin = logits[..., 0] - torch.where(logits[..., 0] == top[..., 0], top[..., 1], top[..., 0])
    expected = (1 - margin).clamp_min(0) - (-0.3 - margin).clamp_min(0)
    torch.testing.assert_close(loss(logits, torch.zeros(2, 50, dtype=torch.int64), -0.3), expected)


def test_symmetric_for_two_classes_only():
    def total(classes):
        rng = torch.Generator().manual_seed(1)
        logits = 2 * torch.randn(1, 30, classes, generator=rng, dtype=torch.float64)
        return sum(loss(logits, torch.full((1, 30), label)) for label in range(classes))

    torch.testing.assert_close(total(2), torch.full((1, 30), 2.0, dtype=torch.float64))
    assert total(3).std() > 0.1


def test_gradient_only_between_s_and_one():
    """Margins .5, -.5 and, clipped, -2."""
    logits = SCORES.clone().requires_grad_()
    loss(logits, torch.tensor([[0, 1, 2]])).sum().backward()
    assert logits.grad[0].tolist() == [[-1, 1, 0], [1, -1, 0], [0, 0, 0]]
