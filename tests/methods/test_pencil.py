"""PENCIL: its three losses by hand, a step of the labels by numpy, and its three stages."""

import math

import numpy as np
import pytest
import scipy.special
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["pencil"](alpha=0.1, beta=0.8, K=10.0, lam=300.0, warmup=1.0)
LABELS = torch.tensor([[0, 1, 2, 3]] * 2)
LOGITS = 2 * torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
Y = 3 * torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def start(method=METHOD, labels=LABELS, classes=6):
    """E* = 1 and 2; half of the run is 3 epochs."""
    return method.init_state(tiny.estimates(len(labels)), labels, classes)


def loss(state, logits=LOGITS, epoch=2, method=METHOD, labels=LABELS):
    example = torch.arange(labels.shape[1]).expand_as(labels)
    return method.loss(logits, Batch(logits, labels, None, example, epoch, []), state)


def value(y, logits, alpha, beta):
    """Of the second stage, in numpy: the softmax of y~ is taken once more in L_o."""
    p, d = scipy.special.softmax(logits, -1), scipy.special.softmax(y, -1)
    l_c = (p * (np.log(p) - np.log(d))).sum(-1)
    l_o = -np.take_along_axis(scipy.special.log_softmax(d, -1), LABELS.numpy()[..., None], -1)[..., 0]
    l_e = -(p * np.log(p)).sum(-1)
    return l_c / 6 + alpha * l_o + beta * l_e / 6


def test_by_hand():
    """Two classes, p = (1/4, 3/4), y = (1/2, 1/2), label 0. L_c = log 2 - H, L_o = log 2, L_e = H."""
    state = start(labels=LABELS[:1, :1], classes=2) | {"y": torch.zeros(1, 1, 2, dtype=torch.float64)}
    logits = torch.tensor([[[1.0, 3]]], dtype=torch.float64).log()
    h = math.log(4) / 4 + 0.75 * math.log(4 / 3)
    found = loss(state, logits, labels=LABELS[:1, :1])
    assert found.item() == pytest.approx((math.log(2) - h) / 2 + 0.1 * math.log(2) + 0.8 * h / 2)


def test_second_stage_against_numpy():
    np.testing.assert_allclose(loss(start() | {"y": Y}), value(Y.numpy(), LOGITS.numpy(), 0.1, 0.8))


def test_the_prediction_pulls_the_labels():
    """Without L_o the gradient of y~ is (y - p) / C."""
    method = METHODS["pencil"](alpha=0.0, beta=0.8, K=10.0, lam=300.0, warmup=1.0)
    state = start() | {"y": Y.clone().requires_grad_()}
    loss(state, method=method).sum().backward()
    torch.testing.assert_close(state["y"].grad, (torch.softmax(Y, -1) - torch.softmax(LOGITS, -1)) / 6)


def test_gradients_against_differences():
    state, logits = start() | {"y": Y.clone().requires_grad_()}, LOGITS.clone().requires_grad_()
    loss(state, logits).sum().backward()
    for at in [(0, 0, 0), (0, 3, 4), (1, 2, 2)]:
        step = np.zeros((2, 4, 6))
        step[at] = 1e-6
        y, z = Y.numpy(), LOGITS.numpy()
        of_y = (value(y + step, z, 0.1, 0.8) - value(y - step, z, 0.1, 0.8)).sum() / 2e-6
        of_z = (value(y, z + step, 0.1, 0.8) - value(y, z - step, 0.1, 0.8)).sum() / 2e-6
        assert state["y"].grad[at].item() == pytest.approx(of_y, rel=1e-5, abs=1e-9)
        assert logits.grad[at].item() == pytest.approx(of_z, rel=1e-5, abs=1e-9)


def test_labels_start_at_the_given_ones():
    expected = torch.softmax(10 * functional.one_hot(LABELS, 6).double(), -1)
    torch.testing.assert_close(torch.softmax(start()["y"], -1), expected)
    assert expected.max().item() == pytest.approx(1 / (1 + 5 * math.exp(-10)))


def test_stages():
    """Cross-entropy until E*, all losses until half of the run, then L_c alone; labels move in between."""
    plain = functional.cross_entropy(LOGITS.transpose(1, 2), LABELS, reduction="none").numpy()
    y, z = Y.numpy(), LOGITS.numpy()
    second, third = value(y, z, 0.1, 0.8), value(y, z, 0, 0)
    expected = {0: [plain, plain], 1: [second, plain], 2: [second, second], 3: [third, third]}
    for epoch, stages in expected.items():
        state = start() | {"y": Y.clone().requires_grad_()}
        found = loss(state, LOGITS.clone().requires_grad_(), epoch)
        found.sum().backward()
        for run, stage in enumerate(stages):
            np.testing.assert_allclose(found[run].detach(), stage[run])
            assert (state["y"].grad[run].abs().sum() > 0) == (stage is second)


def test_a_step_of_the_labels_is_lambda_over_the_batch_whatever_the_schedule():
    """E* = 1: each label moves once in the second epoch, whose batches are 8 of 24 examples. |y - p| <= 1."""
    method = METHODS["pencil"](alpha=0.0, beta=0.0, K=1.0, lam=2.0, warmup=1.0)
    data = tiny.some(tiny.data(), [0])
    known = tiny.some_estimates(tiny.estimates(), [0])
    one, two = (tiny.fit(method, "mlp", data, known, epochs=epochs).state["y"] for epochs in (1, 2))
    moved = two - one
    assert torch.equal(one, functional.one_hot(data.labels, 6).double())
    torch.testing.assert_close(moved.sum(-1), torch.zeros(1, 24, dtype=torch.float64), atol=1e-12, rtol=0)
    assert (moved.abs().sum(-1) > 0).all() and moved.abs().max() <= 2 / 8 / 6


def test_wrong_labels_are_corrected_and_then_stay():
    data, classes = tiny.separable()
    known = tiny.estimates(1)._replace(
        clock=torch.tensor([5.0], dtype=torch.float64), half_run=torch.tensor([20.0], dtype=torch.float64)
    )
    method = METHODS["pencil"](alpha=0.1, beta=0.8, K=10.0, lam=37.5, warmup=1.0)  # 600 / 128 at batches of 8
    half, end = (tiny.fit(method, "mlp", data, known, epochs=epochs).state["y"] for epochs in (20, 24))
    assert torch.equal(half, end)
    right = (end.argmax(-1) == classes).double().mean()
    assert (data.labels == classes).double().mean() < 0.8 and right > 0.9
