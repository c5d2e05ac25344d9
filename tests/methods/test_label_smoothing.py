"""Label smoothing: torch's own, cross-entropy against a row of the symmetric channel, epsilon below zero."""

import math

import pytest
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 3, 1], [2, 2, 0]])


def loss(logits, labels, epsilon):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["label_smoothing"](epsilon=epsilon).loss(logits, batch, {})


def random_logits():
    return 2 * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize(("epsilon", "target"), [(0.4, [0.8, 0.2]), (-0.4, [1.2, -0.2])])
def test_by_hand(epsilon, target):
    """p = (3/4, 1/4), C = 2: the target is (1 - epsilon / 2, epsilon / 2)."""
    logits = torch.tensor([[[0.75, 0.25]]], dtype=torch.float64).log()
    expected = target[0] * math.log(4 / 3) + target[1] * math.log(4)
    assert loss(logits, torch.tensor([[0]]), epsilon).item() == pytest.approx(expected)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.9])
def test_equals_torch(epsilon):
    """At 0 this is cross-entropy."""
    expected = functional.cross_entropy(
        random_logits().movedim(-1, 1), LABELS, reduction="none", label_smoothing=epsilon
    )
    torch.testing.assert_close(loss(random_logits(), LABELS, epsilon), expected)


@pytest.mark.parametrize("epsilon", [0.3, -0.4])
def test_cross_entropy_against_a_row_of_the_symmetric_channel(epsilon):
    """-sum_k R[label, k] log p_k, R[j, i] = P(class i | label j) of redrawing a share epsilon over all classes."""
    channel = (1 - epsilon) * torch.eye(4, dtype=torch.float64) + epsilon / 4
    expected = -(channel[LABELS] * torch.log_softmax(random_logits(), -1)).sum(-1)
    torch.testing.assert_close(loss(random_logits(), LABELS, epsilon), expected)


@pytest.mark.parametrize(("epsilon", "falls"), [(0.1, False), (-0.4, True)])
def test_only_negative_smoothing_is_unbounded_below(epsilon, falls):
    sure = torch.tensor([[[100.0, 0, 0, 0], [1000.0, 0, 0, 0]]])
    first, second = loss(sure, torch.tensor([[0, 0]]), epsilon)[0].tolist()
    assert (second < first < 0) == falls
