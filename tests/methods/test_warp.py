"""WARP: the table of weights, values and gradients by hand, its limits; by sampling also who draws what."""

import pytest
import torch

from labelnoise.draws import Draws
from labelnoise.methods import METHODS
from labelnoise.methods.base import WithNormalisedLogits
from labelnoise.types import Batch

TABLE = [0, 1, 1.5, 1.833, 2.083, 2.283, 2.45, 2.593, 2.718, 2.829]  # 1 + 1/2 + ... + 1/r


@pytest.fixture(autouse=True)
def raw(monkeypatch):
    """The loss of scores as they are; how they are normalised is tested in test_normalised_logits.py."""
    monkeypatch.setattr(WithNormalisedLogits, "normalised", lambda self, logits, state: logits)


def loss(logits, labels, alpha="harmonic"):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["warp"](alpha=alpha, rank="exact").loss(logits, batch, {})


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


def sampled(scores, labels, seeds, alpha="harmonic"):
    batch = Batch(scores, labels, None, labels, 0, Draws(torch.tensor(seeds)))
    return METHODS["warp"](alpha=alpha, rank="sampled").loss(scores, batch, {})


def last_ranked(violators, examples, label, classes=10):
    """Scores with that many violators of hinge 1 at the end, the label aside."""
    scores = torch.full((1, examples, classes), -5.0, dtype=torch.float64)
    scores[..., [k for k in range(classes) if k != label][-violators:]] = 0
    scores[..., label] = 0
    return scores, torch.full((1, examples), label)


def expected_weight(violators, trials=9):
    """sum_N P(first violator at trial N) L(floor(9 / N)): N is geometric."""
    hit = violators / trials
    weights = [sum(1 / j for j in range(1, trials // n + 1)) for n in range(1, trials + 1)]
    return sum(hit * (1 - hit) ** n * weight for n, weight in enumerate(weights))


@pytest.mark.parametrize(("violators", "told", "missed"), [(1, 1.08, 0.35), (2, 1.65, 0.10), (5, 2.40, 0.0)])
@pytest.mark.parametrize("label", [0, 4, 9])
def test_sampled_expected_weight(violators, told, missed, label):
    """20000 draws; the standard deviation of the weight is at most 1.1, that of their mean below .008."""
    values = sampled(*last_ranked(violators, 20000, label), [label])
    assert expected_weight(violators) == pytest.approx(told, abs=5e-3)
    assert values.mean().item() == pytest.approx(told, abs=0.035)
    assert (values == 0).double().mean().item() == pytest.approx(missed, abs=0.015)


def test_sampled_by_hand_with_two_classes():
    """One other class, one trial: L(1) times its hinge, and no step where it does not violate."""
    scores = torch.tensor([[[0.0, 0.5], [3.0, 1.0]]], dtype=torch.float64, requires_grad=True)
    value = sampled(scores, torch.tensor([[0, 0]]), [0])
    value.sum().backward()
    assert value[0].tolist() == [1.5, 0]
    assert scores.grad[0].tolist() == [[-1, 1], [0, 0]]


def test_sampled_every_violator_found_at_once_has_the_largest_weight():
    """All three others violate: N = 1 and L(3) = 11/6 times the hinge of the one drawn."""
    scores = torch.tensor([0.0, 1.0, 2.0, 3.0], dtype=torch.float64).repeat(1, 300, 1).requires_grad_()
    values = sampled(scores, torch.zeros(1, 300, dtype=torch.int64), [0])
    values.sum().backward()
    found = (values * 6 / 11).round(decimals=6)
    assert set(found[0].tolist()) == {2, 3, 4}
    torch.testing.assert_close(scores.grad[..., 0], torch.full((1, 300), -11 / 6, dtype=torch.float64))
    assert ((scores.grad[..., 1:] > 0).sum(-1) == 1).all()


def test_the_draws_of_a_run_are_its_own():
    scores = torch.randn(1, 40, 6, generator=torch.Generator().manual_seed(0)).expand(3, 40, 6)
    values = sampled(scores, torch.zeros(3, 40, dtype=torch.int64), [5, 6, 5])
    assert torch.equal(values[0], values[2]) and not torch.equal(values[0], values[1])


@pytest.mark.parametrize(("alpha", "weights"), [("uniform", {1, 4 / 9, 3 / 9, 2 / 9, 1 / 9}), ("top", {1})])
def test_sampled_with_other_weights(alpha, weights):
    """One of nine others violates: it is found at trial N with L(floor(9 / N)), or missed."""
    values = sampled(*last_ranked(1, 2000, 0), [0], alpha)[0]
    assert {round(value, 6) for value in values.tolist()} == {0, *(round(weight, 6) for weight in weights)}
