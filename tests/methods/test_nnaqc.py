"""NNAQC: both terms against the formulas, its limits, its warm-up, and the gradient of the second term. With a
linear layer: equal at the vertices, different between them."""

import math
from dataclasses import replace

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["nnaqc"](layer="nonlinear", alpha=0.5, beta=0.2, init="kappa", warmup=2.0, lr=0.1)
LINEAR = replace(METHOD, layer="linear")
BOTH = pytest.mark.parametrize("method", [METHOD, LINEAR], ids=lambda method: method.layer)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
LOGITS = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
W = torch.randn(1, 6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def start(method, *clocks, rate=0.2, labels=LABELS, classes=6):
    known = tiny.clocked(*clocks or [1], rate=[rate] * max(1, len(clocks)))
    return method.init_state(known, labels.expand(len(known.clock), -1), classes)


def loss(method, logits=LOGITS, labels=LABELS, epoch=5, w=W, warm=(0,)):
    state = {"w": w, "warm": torch.tensor(warm)}
    return method.loss(logits, Batch(logits, labels, None, labels, epoch, []), state)


def test_loss_by_hand():
    """p = (3/4, 1/4), label 1, W = [[0, log 2], [log 16, 0]]: W p = (log 2 / 4, 3 log 2), W^T p differs."""
    logits = torch.tensor([[[0.75, 0.25]]], dtype=torch.float64).log()
    w = torch.tensor([[[0, math.log(2)], [math.log(16), 0]]], dtype=torch.float64)
    nna = math.log(1 + 2**0.25 / 8)
    qc = 0.2 * (0.75 * math.log(4 / 3) + 0.25 * math.log(4)) + 0.8 * math.log(4)
    found = loss(replace(METHOD, alpha=0.7), logits, torch.tensor([[1]]), w=w)
    assert found.item() == pytest.approx(0.7 * nna + 0.3 * qc)


def test_ceiling_of_an_identity_layer():
    """A perfect and confident prediction of ten classes costs log(1 + 9 / e) = 1.461 in the first term."""
    method = replace(METHOD, alpha=1.0, init="identity")
    labels = torch.arange(10)[None]
    w = start(method, labels=labels, classes=10)["w"].detach()
    found = loss(method, 1e3 * torch.eye(10, dtype=torch.float64)[None], labels, w=w)
    assert found[0].tolist() == pytest.approx([math.log(1 + 9 / math.e)] * 10)
    assert found[0, 0].item() == pytest.approx(1.461, abs=5e-4)


@BOTH
def test_first_transition(method):
    """That of the estimated rate, or the softmax of the identity."""
    kappa = method.learned_transition(start(method))[0]
    torch.testing.assert_close(kappa, torch.full((6, 6), 0.04, dtype=torch.float64).fill_diagonal_(0.8))
    other = replace(method, init="identity")
    identity = other.learned_transition(start(other))[0]
    torch.testing.assert_close(identity.diagonal(), torch.full((6,), math.e / (math.e + 5), dtype=torch.float64))
    assert method.uses == ("clock", "rate") and other.uses == ("clock",)


@BOTH
def test_transition_is_the_noisy_prediction_at_the_vertices(method):
    vertices = 1e3 * torch.eye(6, dtype=torch.float64)
    for label in range(6):
        column = loss(replace(method, alpha=1.0), vertices[None], torch.full((1, 6), label))
        torch.testing.assert_close(method.learned_transition({"w": W})[0, :, label], torch.exp(-column[0]))


@BOTH
@pytest.mark.parametrize(
    ("epoch", "warm"), [(0, [True, True]), (1, [True, True]), (2, [False, True]), (4, [False, False])]
)
def test_the_warm_up_of_each_run_is_cross_entropy_and_leaves_w_alone(method, epoch, warm):
    """Twice E* = 1 and 2."""
    state, labels = start(method, 1, 2), LABELS.expand(2, -1)
    logits = LOGITS.repeat(2, 1, 1).requires_grad_()
    found = method.loss(logits, Batch(logits, labels, None, labels, epoch, []), state)
    found.sum().backward()
    plain = functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none")
    assert [torch.allclose(values, plain) for values in found] == warm
    grad = torch.zeros(2, 6, 6) if state["w"].grad is None else state["w"].grad
    assert grad.flatten(1).any(1).tolist() == [not of_run for of_run in warm]
    e = functional.one_hot(LABELS[0], 6)
    for of_run, gradient in zip(warm, logits.grad, strict=True):
        assert torch.allclose(gradient, torch.softmax(LOGITS[0], -1) - e) == of_run


def test_second_term_keeps_its_gradient():
    """With p in the target held fixed the gradient of L_QC would be (1 - beta) times that of cross-entropy."""
    terms = []
    for alpha in (0.25, 0.75):
        logits = LOGITS.clone().requires_grad_()
        loss(replace(METHOD, alpha=alpha), logits).sum().backward()
        terms.append(logits.grad)
    found = (3 * terms[0] - terms[1]) / 2  # alpha = 0
    p = torch.softmax(LOGITS, -1)
    detached = 0.8 * (p - functional.one_hot(LABELS, 6))
    log_p = p.log()
    of_entropy = -p * (log_p - (p * log_p).sum(-1, keepdim=True))
    torch.testing.assert_close(found, detached + 0.2 * of_entropy)
    assert (found - detached).abs().max() > 1e-2


def test_linear_loss_against_the_formula():
    p, t = torch.softmax(LOGITS[0], -1), torch.softmax(W[0], -1)
    forward = -(p @ t).gather(1, LABELS[0, :, None])[:, 0].log()
    target = 0.2 * p + 0.8 * functional.one_hot(LABELS[0], 6)
    expected = 0.7 * forward - 0.3 * (target * p.log()).sum(-1)
    torch.testing.assert_close(loss(replace(LINEAR, alpha=0.7))[0], expected)


def test_linear_is_nonlinear_where_the_prediction_is_sure_and_not_where_it_is_not():
    """Row i of the one W is column i of the other."""
    columns = W.transpose(-1, -2)
    vertices = 1e3 * functional.one_hot(torch.arange(8) % 6, 6).double()[None]
    torch.testing.assert_close(loss(LINEAR, vertices), loss(METHOD, vertices, w=columns))
    assert (loss(LINEAR) - loss(METHOD, w=columns)).abs().min() > 1e-3
    torch.testing.assert_close(LINEAR.learned_transition({"w": W}), METHOD.learned_transition({"w": columns}))


def test_linear_alone_without_noise_in_it_is_cross_entropy():
    plain = functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none")
    found = loss(replace(LINEAR, alpha=1.0), w=50 * torch.eye(6, dtype=torch.float64)[None])
    torch.testing.assert_close(found[0], plain)
