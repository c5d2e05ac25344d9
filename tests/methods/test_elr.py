"""ELR: its targets and its regulariser by hand, the limit of cross-entropy, the values of a plain rewrite."""

import math

import numpy as np
import pytest
import scipy.special
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["elr"](beta=0.7, lam=3.0, clamp=1e-4)
LABELS = torch.tensor([[0, 1, 1]])


def start(method=METHOD, labels=LABELS, classes=2):
    return method.init_state(tiny.estimates(len(labels)), labels, classes)


def loss(state, logits, example, method=METHOD):
    example = torch.tensor(example)[None]
    batch = Batch(logits[None], LABELS.gather(1, example), None, example, 0, [])
    return method.loss(logits[None], batch, state)[0]


def test_targets_are_the_moving_average_of_the_predictions():
    """p = (1/4, 3/4) for example 2, twice, and (1/2, 1/2) for example 0; example 1 is not visited."""
    state = start()
    loss(state, torch.tensor([[1, 3], [2, 2]], dtype=torch.float64).log(), [2, 0])
    expected = 0.3 * torch.tensor([[0.5, 0.5], [0, 0], [0.25, 0.75]], dtype=torch.float64)
    torch.testing.assert_close(state["t"][0], expected)
    loss(state, torch.tensor([[1, 3]], dtype=torch.float64).log(), [2])
    expected[2] = 0.7 * expected[2] + 0.3 * torch.tensor([0.25, 0.75])
    torch.testing.assert_close(state["t"][0], expected)
    assert not state["t"].requires_grad


def test_loss_by_hand():
    """First visit: t = .3 p. p = (1/4, 3/4), label 0: log 4 + 3 log(1 - .3 (1/16 + 9/16))."""
    value = loss(start(), torch.tensor([[1, 3]], dtype=torch.float64).log(), [0])
    assert value.tolist() == pytest.approx([math.log(4) + 3 * math.log(1 - 0.3 * 10 / 16)])


def test_lambda_zero_is_cross_entropy():
    logits = torch.randn(3, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    value = loss(start(), logits, [0, 1, 2], METHODS["elr"](beta=0.7, lam=0.0, clamp=1e-4))
    torch.testing.assert_close(value, torch.nn.functional.cross_entropy(logits, LABELS[0], reduction="none"))


def test_regularizer_is_bounded_by_the_clamp():
    """A certain prediction: t -> (1 - 1e-4, 1e-4) after many visits, 1 - <p, t> = 2e-4 to first order."""
    state, logits = start(), torch.tensor([[1e4, -1e4]], dtype=torch.float64)
    for _ in range(100):
        value = loss(state, logits, [0])
    assert value.tolist() == pytest.approx([3 * math.log(2e-4 - 2e-8)])


def test_gradient_against_the_formula():
    """d/dz: p - e - lambda J t / (1 - <p, t>), J = diag p - p p': t is a constant."""
    state = start()
    loss(state, torch.tensor([[2.0, -1.0]], dtype=torch.float64), [1])
    logits = torch.tensor([[0.3, -0.4]], dtype=torch.float64, requires_grad=True)
    loss(state, logits, [1]).sum().backward()
    p, before = scipy.special.softmax(logits.detach().numpy()[0]), scipy.special.softmax([2.0, -1.0])
    t = 0.7 * 0.3 * before + 0.3 * p
    expected = p - [0, 1] - 3 * (np.diag(p) - np.outer(p, p)) @ t / (1 - p @ t)
    np.testing.assert_allclose(logits.grad[0], expected, rtol=1e-9)


def test_training_gives_each_example_its_own_target():
    """After many epochs the targets are what the network says of the example."""
    data = tiny.data()
    end = tiny.fit(tiny.method("elr"), "mlp", data, tiny.estimates(), epochs=40)
    said = end.probs.gather(1, data.index[..., None].expand(-1, -1, 6))
    assert (end.state["t"] - said).abs().mean() < 0.05
