"""T-revision: the matrix that it revises by hand, the slack's gradient by differences, and what has none."""

import math

import numpy as np
import scipy.special
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["t_revision"](transition="anchor_points", warmup=1.0, lr=0.01)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]] * 2)
LOGITS = 2 * torch.randn(2, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
DELTA = 0.05 * torch.randn(2, 6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def start(method=METHOD):
    """E* = 1 and 2."""
    return method.init_state(tiny.estimates(2), LABELS, 6)


def loss(state, logits=LOGITS, epoch=5):
    return METHOD.loss(logits, Batch(logits, LABELS, None, LABELS, epoch, []), state)


def revised(delta, t):
    """max(T + Delta T, 0), rows scaled, in numpy."""
    positive = np.maximum(t + delta, 0)
    return positive / positive.sum(-1, keepdims=True)


def value(delta):
    p, e = scipy.special.softmax(LOGITS.numpy(), -1), np.eye(6)[LABELS.numpy()]
    noisy = p @ revised(delta, tiny.estimates(2).transition.numpy())
    label = (p * e).sum(-1)
    return -label / (noisy * e).sum(-1) * np.log(label)


def test_transition_by_hand():
    """Row 0: (.8 + .1, .2 - .3) is (.9, 0) and becomes (1, 0); row 1: (.1 + .2, .9) becomes (1/4, 3/4)."""
    t = torch.tensor([[[0.8, 0.2], [0.1, 0.9]]], dtype=torch.float64)
    delta = torch.tensor([[[0.1, -0.3], [0.2, 0.0]]], dtype=torch.float64)
    expected = torch.tensor([[[1.0, 0], [0.25, 0.75]]], dtype=torch.float64)
    torch.testing.assert_close(METHOD.learned_transition({"t": t, "delta": delta}), expected)


def test_without_slack_it_is_importance_reweighting():
    plain = METHODS["importance_reweighting"](transition="anchor_points")
    state = plain.init_state(tiny.estimates(2), LABELS, 6)
    expected = plain.loss(LOGITS, Batch(LOGITS, LABELS, None, LABELS, 0, []), state)
    torch.testing.assert_close(loss(start()), expected)
    torch.testing.assert_close(METHOD.learned_transition(start()), tiny.estimates(2).transition)


def test_value_and_the_slacks_gradient_against_differences():
    state = start() | {"delta": DELTA.clone().requires_grad_()}
    found = loss(state)
    found.sum().backward()
    np.testing.assert_allclose(found.detach(), value(DELTA.numpy()), rtol=1e-9)
    for at in [(0, 0, 0), (0, 2, 5), (1, 3, 1)]:
        step = np.zeros((2, 6, 6))
        step[at] = 1e-6
        slope = (value(DELTA.numpy() + step) - value(DELTA.numpy() - step)).sum() / 2e-6
        assert math.isclose(state["delta"].grad[at].item(), slope, rel_tol=1e-6)


def test_the_network_has_no_gradient_through_the_weight():
    logits = LOGITS.clone().requires_grad_()
    loss(start() | {"delta": DELTA}, logits).sum().backward()
    p, e = torch.softmax(LOGITS, -1), functional.one_hot(LABELS, 6)
    noisy = p @ torch.from_numpy(revised(DELTA.numpy(), tiny.estimates(2).transition.numpy()))
    weight = ((p * e).sum(-1) / (noisy * e).sum(-1)).unsqueeze(-1)
    torch.testing.assert_close(logits.grad, weight * (p - e))


def test_the_slack_waits_until_the_clock_of_its_run():
    for epoch, trained in [(0, [False, False]), (1, [True, False]), (2, [True, True])]:
        state = start()
        logits = LOGITS.clone().requires_grad_()
        loss(state, logits, epoch).sum().backward()
        assert (state["delta"].grad.flatten(1).abs().sum(1) > 0).tolist() == trained
        assert (logits.grad.flatten(1).abs().sum(1) > 0).all()


def test_the_learned_matrix_stays_stochastic_and_moves_only_after_the_warm_up():
    data, known = tiny.data(), tiny.estimates()
    early = tiny.fit(METHOD, "mlp", data, known, epochs=2)  # E* = 1, 2 and 3
    assert (early.state["delta"].flatten(1).abs().amax(1) > 0).tolist() == [True, False, False]
    late = METHOD.learned_transition(tiny.fit(METHOD, "mlp", data, known, epochs=20).state)
    torch.testing.assert_close(late.sum(-1), torch.ones(3, 6, dtype=torch.float64))
    assert (late >= 0).all() and (late - known.transition).abs().amax() > 0.01
