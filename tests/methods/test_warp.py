"""WARP with the exact rank: the table of weights, values and gradients by hand, its limits."""

import pytest
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch, Outputs

TABLE = [0, 1, 1.5, 1.833, 2.083, 2.283, 2.45, 2.593, 2.718, 2.829]  # 1 + 1/2 + ... + 1/r


def loss(logits, labels, alpha="harmonic"):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["warp"](alpha=alpha).loss(Outputs(logits, logits), batch, {})


def ranked(violators, classes=10):
    """Scores of an example with label 0 whose violators all have hinge 1, each for one r of `violators`."""
    scores = torch.full((1, len(violators), classes), -5.0, dtype=torch.float64)
    scores[..., 0] = 0
    for row, count in enumerate(violators):
        scores[0, row, 1 : 1 + count] = 0
    return scores


def zeros(scores):
    return torch.zeros(scores.shape[:2], dtype=torch.int64)


@pytest.mark.parametrize(
    ("alpha", "table"), [("harmonic", TABLE), ("uniform", [r / 9 for r in range(10)]), ("top", [0] + 9 * [1])]
)
def test_weight_of_each_rank(alpha, table):
    scores = ranked(range(10))
    assert loss(scores, zeros(scores), alpha)[0].tolist() == pytest.approx(table, abs=5e-4)


@pytest.mark.parametrize(("alpha", "weight"), [("harmonic", 1.5), ("uniform", 2 / 3), ("top", 1.0)])
def test_by_hand(alpha, weight):
    """f = (1, 2, .5, -3), label 0: hinges 2 and .5, r = 2, mean 1.25; a violator's gradient is weight / 2."""
    scores = torch.tensor([[[1.0, 2.0, 0.5, -3.0]]], dtype=torch.float64, requires_grad=True)
    value = loss(scores, torch.tensor([[0]]), alpha)
    value.sum().backward()
    assert value.item() == pytest.approx(weight * 1.25)
    assert scores.grad[0, 0].tolist() == pytest.approx([-weight, weight / 2, weight / 2, 0])


def test_no_violator_no_loss_no_gradient():
    """Exactly at the margin, 1 + f_k = f_label, nothing is violated: the inequality is strict."""
    scores = torch.tensor([[[1.0, 0.0, 0.0], [5.0, 0.0, 1.0]]], requires_grad=True)
    value = loss(scores, torch.tensor([[0, 0]]))
    value.sum().backward()
    assert value.tolist() == [[0, 0]] and not scores.grad.any()


def test_gradient_does_not_pass_through_rank():
    """With r a constant the loss is linear in the scores, and -L(r) its derivative with respect to the label's."""
    scores = torch.randn(1, 6, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    scores.requires_grad_()
    loss(scores, zeros(scores)).sum().backward()
    rank = (1 + scores.detach()[..., 1:] > scores.detach()[..., :1]).sum(-1)
    assert len(set(rank[0].tolist())) > 2
    weight = torch.tensor(TABLE, dtype=torch.float64)[rank]
    torch.testing.assert_close(scores.grad[..., 0], -weight, rtol=0, atol=1e-3)


def test_uniform_is_the_mean_hinge():
    scores = torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    hinges = (1 - scores[..., :1] + scores[..., 1:]).clamp_min(0)
    torch.testing.assert_close(loss(scores, zeros(scores), "uniform"), hinges.mean(-1))
