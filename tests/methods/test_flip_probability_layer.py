"""The flip-probability layer: T(x) example by example, its start, and what it may not touch."""

from dataclasses import replace

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["flip_probability_layer"](epsilon=0.2, shrink=0.3, warmup_epochs=2, lr=0.1)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
RNG = torch.Generator().manual_seed(0)
LOGITS = 3 * torch.randn(1, 8, 6, generator=RNG, dtype=torch.float64)
IDENTITY = torch.eye(6, dtype=torch.float64)


def start():
    return METHOD.init_state(tiny.estimates(1), LABELS, 6, [])


def learned():
    shapes = {"w": (1, 6, 6), "b": (1, 1, 6), "a": (1, 6, 6)}
    return {k: torch.randn(shape, generator=RNG, dtype=torch.float64) for k, shape in shapes.items()}


def loss(state, logits=LOGITS, epoch=5):
    return METHOD.loss(logits, Batch(logits, LABELS, None, LABELS, epoch, []), state)


def matrix(state, logits):
    """I - diag(d) (I - S) of one example."""
    h = (logits - logits.mean()) / (logits.var(correction=0) + 1e-5).sqrt()  # layer norm's own epsilon
    d = 1 / (1 + torch.exp(-(state["w"][0].T @ h + state["b"][0, 0])))
    s = state["a"][0].exp() * (1 - IDENTITY)
    return IDENTITY - torch.diag(d) @ (IDENTITY - s / s.sum(1, keepdim=True))


def test_it_starts_as_the_noise_layer():
    softmax = METHODS["noise_layer"](epsilon=0.2, trace_penalty=0.0, warmup_epochs=2, lr=0.1)
    other = softmax.init_state(tiny.estimates(1), LABELS, 6, [])
    expected = softmax.loss(LOGITS, Batch(LOGITS, LABELS, None, LABELS, 5, []), other)
    torch.testing.assert_close(loss(start()), expected)
    torch.testing.assert_close(METHOD.learned_transition(start()), softmax.learned_transition(other))


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
    state = {name: part.requires_grad_() for name, part in learned().items()}
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


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_no_gradient_in_warm_up(epoch):
    state = start()
    (loss(state, epoch=epoch).mean(1) + METHOD.penalty(epoch, state)).sum().requires_grad_().backward()
    assert all((state[name].grad is None) == (epoch < 2) for name in METHOD.learning_rates())


def test_without_noise_in_it_it_is_cross_entropy():
    method = replace(METHOD, epsilon=1e-12)
    state = method.init_state(tiny.estimates(1), LABELS, 6, [])
    plain = functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none")
    torch.testing.assert_close(loss(state)[0].detach(), plain)
