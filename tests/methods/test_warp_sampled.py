"""WARP by sampling: one step by hand, the expected weight of each rank, who draws what."""

import pytest
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch, Outputs


def loss(scores, labels, seeds):
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    batch = Batch(scores, labels, None, labels, 0, generators)
    return METHODS["warp_sampled"]().loss(Outputs(scores, scores), batch, {})


def ranked(violators, examples, label, classes=10):
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
def test_expected_weight(violators, told, missed, label):
    """20000 draws; the standard deviation of the weight is at most 1.1, that of their mean below .008."""
    values = loss(*ranked(violators, 20000, label), [label])
    assert expected_weight(violators) == pytest.approx(told, abs=5e-3)
    assert values.mean().item() == pytest.approx(told, abs=0.035)
    assert (values == 0).double().mean().item() == pytest.approx(missed, abs=0.015)


def test_by_hand_with_two_classes():
    """One other class, one trial: L(1) times its hinge, and no step where it does not violate."""
    scores = torch.tensor([[[0.0, 0.5], [3.0, 1.0]]], dtype=torch.float64, requires_grad=True)
    value = loss(scores, torch.tensor([[0, 0]]), [0])
    value.sum().backward()
    assert value[0].tolist() == [1.5, 0]
    assert scores.grad[0].tolist() == [[-1, 1], [0, 0]]


def test_every_violator_found_at_once_has_the_largest_weight():
    """All three others violate: N = 1 and L(3) = 11/6 times the hinge of the one drawn."""
    scores = torch.tensor([0.0, 1.0, 2.0, 3.0], dtype=torch.float64).repeat(1, 300, 1).requires_grad_()
    values = loss(scores, torch.zeros(1, 300, dtype=torch.int64), [0])
    values.sum().backward()
    found = (values * 6 / 11).round(decimals=6)
    assert set(found[0].tolist()) == {2, 3, 4}
    torch.testing.assert_close(scores.grad[..., 0], torch.full((1, 300), -11 / 6, dtype=torch.float64))
    assert ((scores.grad[..., 1:] > 0).sum(-1) == 1).all()


def test_the_draws_of_a_run_are_its_own():
    scores = torch.randn(1, 40, 6, generator=torch.Generator().manual_seed(0)).expand(3, 40, 6)
    values = loss(scores, torch.zeros(3, 40, dtype=torch.int64), [5, 6, 5])
    assert torch.equal(values[0], values[2]) and not torch.equal(values[0], values[1])
