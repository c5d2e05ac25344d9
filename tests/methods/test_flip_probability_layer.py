"""The flip-probability layer: T(x) example by example, its start, and what it may not touch."""

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["flip_probability_layer"](shrink=0.3, warmup=2.0, lr=0.1)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
RNG = torch.Generator().manual_seed(0)
LOGITS = 3 * torch.randn(1, 8, 6, generator=RNG, dtype=torch.float64)
IDENTITY = torch.eye(6, dtype=torch.float64)


def start(*clocks, rate=0.2):
    known = tiny.clocked(*clocks or [1], rate=[rate] * max(1, len(clocks)))
    return METHOD.init_state(known, LABELS.expand(len(known.clock), -1), 6)


def learned():
    shapes = {"w": (1, 6, 6), "b": (1, 1, 6), "a": (1, 6, 6)}
    layer = {k: torch.randn(shape, generator=RNG, dtype=torch.float64) for k, shape in shapes.items()}
    return layer | {"warm": torch.zeros(1)}


def loss(state, logits=LOGITS, epoch=9):
    return METHOD.loss(logits, Batch(logits, LABELS, None, LABELS, epoch, []), state)


def matrix(state, logits):
    """I - diag(d) (I - S) of one example."""
    h = (logits - logits.mean()) / (logits.var(correction=0) + 1e-5).sqrt()  # layer norm's own epsilon
    d = 1 / (1 + torch.exp(-(state["w"][0].T @ h + state["b"][0, 0])))
    s = state["a"][0].exp() * (1 - IDENTITY)
    return IDENTITY - torch.diag(d) @ (IDENTITY - s / s.sum(1, keepdim=True))


@pytest.mark.parametrize(("rate", "told"), [(0.3, 0.3), (0.0, 0.01), (0.95, 0.75)])
def test_it_starts_as_one_matrix_of_the_estimated_rate(rate, told):
    """None is taken for .01, more than chance for nine tenths of it, .9 * 5 / 6."""
    t = torch.full((6, 6), told / 5, dtype=torch.float64).fill_diagonal_(1 - told)
    noisy = torch.softmax(LOGITS[0], -1) @ t
    found = loss(start(rate=rate))[0].detach()
    torch.testing.assert_close(found, -noisy.gather(-1, LABELS[0, :, None])[:, 0].log())
    torch.testing.assert_close(METHOD.learned_transition(start(rate=rate))[0], t)


def test_loss_against_the_formula():
    state, expected = learned(), []
    for logits, label in zip(LOGITS[0], LABELS[0]):
        t = matrix(state, logits)
        torch.testing.assert_close(t.sum(1), torch.ones(6, dtype=torch.float64))
        expected.append(-(torch.softmax(logits, -1) @ t)[label].log())
    torch.testing.assert_close(loss(state)[0], torch.stack(expected))


def test_no_gradient_of_t_reaches_the_network():
    """With T(x) held fixed the gradient is p - q."""
    state, logits = learned(), LOGITS.clone().requires_grad_()
    loss(state, logits).sum().backward()
    for row, label, found in zip(LOGITS[0], LABELS[0], logits.grad[0]):
        joint = torch.softmax(row, -1) * matrix(state, row)[:, label]
        torch.testing.assert_close(found, torch.softmax(row, -1) - joint / joint.sum())


def test_gradients_of_what_is_learned():
    """Against differences of the formula."""
    state = learned()
    state |= {name: state[name].requires_grad_() for name in METHOD.optimizers()}
    loss(state).sum().backward()
    fixed = {name: part.detach() for name, part in state.items()}
    for name, at in {"w": (0, 2, 1), "b": (0, 0, 3), "a": (0, 1, 4), "a'": (0, 2, 2)}.items():
        name, values = name[0], []
        for step in (1e-5, -1e-5):
            moved = fixed[name].clone()
            moved[at] += step
            values.append(loss(fixed | {name: moved}).sum().item())
        assert state[name].grad[at].item() == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-5, abs=1e-9)


def test_transition_is_that_of_sure_examples():
    state = learned()
    expected = torch.stack([matrix(state, 50 * IDENTITY[i])[i] for i in range(6)])
    torch.testing.assert_close(METHOD.learned_transition(state)[0], expected, rtol=1e-3, atol=1e-4)


def test_penalty_shrinks_w_alone():
    state = learned() | {"w": torch.zeros(1, 6, 6, dtype=torch.float64)}
    state["w"][0, 1, 2], state["w"][0, 3, 4] = 2.0, -1.0
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
        state["b"].copy_(-torch.full_like(state["b"], 50))
    torch.testing.assert_close(loss(state)[0].detach(), plain)
