"""NNAQC with a linear layer: equal to NNAQC at the vertices, different between them."""

from dataclasses import replace

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch, Outputs

METHOD = METHODS["nnaqc_linear"](alpha=0.7, beta=0.2, epsilon=0.2, warmup_epochs=2, lr=0.1)
NONLINEAR = METHODS["nnaqc"](alpha=0.7, beta=0.2, init="kappa", epsilon=0.2, warmup_epochs=2, lr=0.1)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
LOGITS = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
A = torch.randn(1, 6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def loss(method, state, logits=LOGITS, labels=LABELS, epoch=5):
    return method.loss(Outputs(logits, logits), Batch(logits, labels, None, labels, epoch, []), state)


def test_loss_against_the_formula():
    p, t = torch.softmax(LOGITS[0], -1), torch.softmax(A[0], -1)
    forward = -(p @ t).gather(1, LABELS[0, :, None])[:, 0].log()
    target = 0.2 * p + 0.8 * functional.one_hot(LABELS[0], 6)
    expected = 0.7 * forward - 0.3 * (target * p.log()).sum(-1)
    torch.testing.assert_close(loss(METHOD, {"a": A})[0], expected)


def test_it_is_nnaqc_where_the_prediction_is_sure_and_not_where_it_is_not():
    """Row i of A is column i of W."""
    states = {"a": A}, {"w": A.transpose(-1, -2)}
    vertices = 1e3 * functional.one_hot(torch.arange(8) % 6, 6).double()[None]
    linear, nonlinear = (loss(m, s, vertices) for m, s in zip((METHOD, NONLINEAR), states))
    torch.testing.assert_close(linear, nonlinear)
    inside = [loss(m, s) for m, s in zip((METHOD, NONLINEAR), states)]
    assert (inside[0] - inside[1]).abs().min() > 1e-3
    torch.testing.assert_close(METHOD.transition(states[0]), NONLINEAR.transition(states[1]))


def test_first_transition():
    found = METHOD.transition(METHOD.init_state(tiny.given(1), LABELS, 6, []))[0]
    torch.testing.assert_close(found, torch.full((6, 6), 0.04, dtype=torch.float64).fill_diagonal_(0.8))


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_warm_up_is_cross_entropy(epoch):
    plain = functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none")
    assert torch.allclose(loss(METHOD, {"a": A}, epoch=epoch)[0], plain) == (epoch < 2)


def test_alpha_one_without_noise_in_it_is_cross_entropy():
    method = replace(METHOD, alpha=1.0, epsilon=1e-12)
    state = method.init_state(tiny.given(1), LABELS, 6, [])
    plain = functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none")
    torch.testing.assert_close(loss(method, state)[0].detach(), plain)


def test_a_phase_that_never_comes():
    METHOD.check(3)
    with pytest.raises(ValueError, match="warmup_epochs = 2: must be below the 2 epochs"):
        METHOD.check(2)
