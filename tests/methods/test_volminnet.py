"""VolMinNet: its matrix by hand, its volume, and that classes cannot be permuted."""

import math

import numpy as np
import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.methods.base import Group
from labelnoise.types import Batch

METHOD = METHODS["volminnet"](lam=0.5, init=-2.0, lr=0.1)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
LOGITS = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
W = 2 * torch.randn(1, 6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def matrix(w):
    """T = rownorm(I + sigmoid(w) * (1 - I)), in numpy."""
    m = np.eye(6) + (1 - np.eye(6)) / (1 + np.exp(-w.numpy()))
    return m / m.sum(1, keepdims=True)


def loss(w):
    return METHOD.loss(LOGITS, Batch(LOGITS, LABELS, None, LABELS, 0, []), {"w": w})


def test_transition_by_hand():
    """sigmoid(log 1/3) = 1/4 and sigmoid(0) = 1/2."""
    w = torch.tensor([[[7, -math.log(3)], [0, -7]]], dtype=torch.float64)  # the diagonal does not matter
    expected = [[4 / 5, 1 / 5], [1 / 3, 2 / 3]]
    np.testing.assert_allclose(METHOD.learned_transition({"w": w})[0], expected)
    assert METHOD.penalty(0, {"w": w}).tolist() == pytest.approx([0.5 * math.log(8 / 15 - 1 / 15)])


def test_loss_is_the_forward_loss_of_the_matrix():
    noisy = torch.softmax(LOGITS[0], -1).numpy() @ matrix(W[0])
    np.testing.assert_allclose(loss(W)[0], -np.log(noisy[np.arange(8), LABELS[0]]))


def test_penalty_is_the_scaled_log_volume():
    expected = 0.5 * math.log(abs(np.linalg.det(matrix(W[0]))))
    assert METHOD.penalty(0, {"w": W}).tolist() == pytest.approx([expected])


def test_the_penalty_alone_makes_the_volume_smaller():
    w = METHOD.init_state(tiny.estimates(1), LABELS, 6)["w"]
    before = METHOD.penalty(0, {"w": w})
    before.sum().backward()
    assert METHOD.penalty(0, {"w": w.detach() - 0.1 * w.grad}) < before
    assert torch.equal(w.grad[0].diagonal(), torch.zeros(6, dtype=torch.float64))


def test_start_and_diagonal():
    start = METHOD.init_state(tiny.estimates(1), LABELS, 6)["w"]
    off = 1 / (1 + math.exp(2))
    assert METHOD.learned_transition({"w": start})[0, 2, 2].item() == pytest.approx(1 / (1 + 5 * off))
    anything = METHOD.learned_transition({"w": 10 * W})[0]
    assert (anything.argmax(1) == torch.arange(6)).all()  # whatever is learned, no class becomes another one
    torch.testing.assert_close(anything.sum(1), torch.ones(6, dtype=torch.float64))


def test_w_is_trained_by_adam_at_the_schedule_of_the_network():
    assert METHOD.optimizers() == {"w": Group(0.1, adam=True)}


def test_a_closed_channel_is_cross_entropy():
    found = loss(torch.full_like(W, -200.0))
    torch.testing.assert_close(found[0], functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none"))
