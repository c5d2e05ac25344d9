"""The noise layer with projection: its start, the projection by hand, its warm-up, and that training keeps T."""

import pytest
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["noise_layer_projection"](epsilon=0.2, floor=0.01, trace_penalty=0.5, warmup_epochs=2, lr=0.01)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
LOGITS = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def start():
    return METHOD.init_state(tiny.estimates(1), LABELS, 6, [])


def loss(state, epoch=5):
    return METHOD.loss(LOGITS, Batch(LOGITS, LABELS, None, LABELS, epoch, []), state)


def test_it_starts_as_the_noise_layer():
    softmax = METHODS["noise_layer"](epsilon=0.2, trace_penalty=0.5, warmup_epochs=2, lr=0.1)
    other = softmax.init_state(tiny.estimates(1), LABELS, 6, [])
    torch.testing.assert_close(METHOD.learned_transition(start()), softmax.learned_transition(other))
    torch.testing.assert_close(METHOD.penalty(5, start()), softmax.penalty(5, other))
    batch = Batch(LOGITS, LABELS, None, LABELS, 5, [])
    torch.testing.assert_close(loss(start()), softmax.loss(LOGITS, batch, other))


@pytest.mark.parametrize("use", ["loss", "end_of_epoch"])
def test_projection_by_hand(use):
    """(.5, -.3, .1, .2, .2, .001) is clipped to (.5, .01, .1, .2, .2, .01), and divided by its sum 1.02."""
    state = start()
    with torch.no_grad():
        state["t"][0, 3] = torch.tensor([0.5, -0.3, 0.1, 0.2, 0.2, 0.001], dtype=torch.float64)
    loss(state) if use == "loss" else METHOD.end_of_epoch(5, LOGITS, state)
    expected = [0.5 / 1.02, 0.01 / 1.02, 0.1 / 1.02, 0.2 / 1.02, 0.2 / 1.02, 0.01 / 1.02]
    assert METHOD.learned_transition(state)[0, 3].tolist() == pytest.approx(expected)
    torch.testing.assert_close(METHOD.learned_transition(state)[0, 0], METHOD.learned_transition(start())[0, 0])


def test_loss_and_its_gradient():
    """dL/dT_kj = -p_k / (p T)_j for the label j, also where T_kj was clipped: it can come back."""
    state = start()
    with torch.no_grad():
        state["t"][0, 3, 0] = -1.0
    found = loss(state)
    found.sum().backward()
    p, t = torch.softmax(LOGITS[0], -1), state["t"].detach()[0]
    noisy = (p @ t).gather(1, LABELS[0, :, None])[:, 0]
    torch.testing.assert_close(found[0].detach(), -noisy.log())
    of_label_0 = LABELS[0] == 0
    assert state["t"].grad[0, 3, 0].item() == pytest.approx(-(p[:, 3] / noisy)[of_label_0].sum().item())


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_no_gradient_in_warm_up(epoch):
    state = start()
    (loss(state, epoch).mean(1) + METHOD.penalty(epoch, state)).sum().requires_grad_().backward()
    assert (state["t"].grad is None) == (epoch < 2)


def test_training_leaves_t_alone_in_warm_up_and_stochastic_after():
    data, estimates = tiny.data(), tiny.estimates()
    first = METHOD.init_state(estimates, data.labels, tiny.CLASSES, [])["t"]
    seen = {}
    tiny.fit(METHOD, "mlp", data, estimates, after_epoch=lambda e, now: seen.update({e: now().state["t"].clone()}))
    assert torch.equal(seen[1], first)
    assert (seen[3] - first).abs().max() > 1e-4
    torch.testing.assert_close(seen[3].sum(-1), torch.ones(3, 6, dtype=torch.float64))
    assert seen[3].min() > 0
