"""The instance-dependent noise layer: the formula example by example, its start, and what it may not touch."""

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["instance_noise_layer"](shrink=0.3, warmup=2.0, lr=0.1)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
RNG = torch.Generator().manual_seed(0)
LOGITS = 3 * torch.randn(1, 8, 6, generator=RNG, dtype=torch.float64)


def start(*clocks, rate=0.2):
    known = tiny.clocked(*clocks or [1], rate=[rate] * max(1, len(clocks)))
    return METHOD.init_state(known, LABELS.expand(len(known.clock), -1), 6)


def learned():
    u = torch.randn(1, 6, 36, generator=RNG, dtype=torch.float64)
    b = torch.randn(1, 1, 36, generator=RNG, dtype=torch.float64)
    return {"u": u.requires_grad_(), "b": b, "warm": torch.zeros(1)}


def loss(state, logits=LOGITS, epoch=9, labels=LABELS):
    return METHOD.loss(logits, Batch(logits, labels, None, labels, epoch, []), state)


def matrix(state, logits):
    """T(x) [C, C] of one example, entry by entry."""
    h = (logits - logits.mean()) / (logits.var(correction=0) + 1e-5).sqrt()  # layer norm's own epsilon
    u, b = state["u"].detach()[0].T.reshape(6, 6, 6), state["b"].detach()[0, 0].reshape(6, 6)
    rows = [torch.softmax(torch.stack([u[i, j] @ h + b[i, j] for j in range(6)]), 0) for i in range(6)]
    return torch.stack(rows)


@pytest.mark.parametrize(("rate", "told"), [(0.3, 0.3), (0.0, 0.01), (0.95, 0.75)])
def test_it_starts_as_one_matrix_of_the_estimated_rate(rate, told):
    """None is taken for .01, more than chance for nine tenths of it, .9 * 5 / 6."""
    t = torch.full((6, 6), told / 5, dtype=torch.float64).fill_diagonal_(1 - told)
    noisy = torch.softmax(LOGITS[0], -1) @ t
    found = loss(start(rate=rate))[0].detach()
    torch.testing.assert_close(found, -noisy.gather(-1, LABELS[0, :, None])[:, 0].log())
    torch.testing.assert_close(METHOD.learned_transition(start(rate=rate))[0], t)


def test_loss_against_the_formula():
    state = learned()
    expected = []
    for logits, label in zip(LOGITS[0], LABELS[0]):
        expected.append(-(torch.softmax(logits, -1) @ matrix(state, logits))[label].log())
    torch.testing.assert_close(loss(state)[0].detach(), torch.stack(expected))


def test_no_gradient_of_t_reaches_the_network():
    """With T(x) held fixed the gradient is p - q: what autograd gives with h detached."""
    state, logits = learned(), LOGITS.clone().requires_grad_()
    loss(state, logits).sum().backward()
    for row, label, found in zip(LOGITS[0], LABELS[0], logits.grad[0]):
        joint = torch.softmax(row, -1) * matrix(state, row)[:, label]
        torch.testing.assert_close(found, torch.softmax(row, -1) - joint / joint.sum())


def test_transition_is_that_of_sure_examples():
    state = learned()
    sure = 50 * torch.eye(6, dtype=torch.float64)
    expected = torch.stack([matrix(state, sure[i])[i] for i in range(6)])
    torch.testing.assert_close(METHOD.learned_transition(state)[0], expected, rtol=1e-3, atol=1e-4)


def test_penalty_shrinks_u_alone():
    state = start()
    with torch.no_grad():
        state["u"][0, 1, 2], state["u"][0, 3, 4] = 2.0, -1.0
    assert METHOD.penalty(5, state).tolist() == pytest.approx([0.3 * 5])


@pytest.mark.parametrize(
    ("epoch", "trained"), [(0, [False, False]), (1, [False, False]), (2, [True, False]), (4, [True, True])]
)
def test_no_gradient_in_the_warm_up_of_each_run(epoch, trained):
    """Twice E* = 1 and 2."""
    state, labels = start(1, 2), LABELS.expand(2, -1)
    batch = Batch(None, labels, None, labels, epoch, [])
    total = METHOD.loss(LOGITS.expand(2, -1, -1), batch, state).mean(1) + METHOD.penalty(epoch, state)
    total.requires_grad_().sum().backward()
    for name in METHOD.optimizers():
        grad = state[name].grad
        assert ([False] * 2 if grad is None else grad.flatten(1).any(1).tolist()) == trained, name


def test_without_noise_in_it_it_is_cross_entropy():
    state = start()
    plain = functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none")
    with torch.no_grad():
        state["b"].copy_(50 * torch.eye(6, dtype=torch.float64).flatten())
    torch.testing.assert_close(loss(state)[0].detach(), plain)


def test_it_can_learn_that_only_unsure_examples_are_flipped():
    """Sure examples of class 0 keep their label, unsure ones are labelled 1: one T cannot say that."""
    logits = torch.zeros(1, 8, 6, dtype=torch.float64)
    logits[..., 0] = 6
    logits[0, 4:, 1] = 5.9
    labels = torch.tensor([[0, 0, 0, 0, 1, 1, 1, 1]])
    state = start()
    optimizer = torch.optim.SGD([state["u"], state["b"]], lr=1.0)
    for _ in range(300):
        optimizer.zero_grad()
        loss(state, logits, labels=labels).mean().backward()
        optimizer.step()
    assert matrix(state, logits[0, 0])[0, 0] > 0.9 and matrix(state, logits[0, 5])[0, 1] > 0.8
