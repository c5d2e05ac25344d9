"""The noise layer: its start, its warm-up, its penalty, and that training moves it the right way."""

import math
from dataclasses import replace

import pytest
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["noise_layer"](epsilon=0.2, trace_penalty=0.5, warmup_epochs=2, lr=0.1)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])


def state():
    return METHOD.init_state(tiny.estimates(1), LABELS, tiny.CLASSES, [])


def loss(epoch, at):
    logits = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    batch = Batch(logits, LABELS, None, LABELS, epoch, [])
    return METHOD.loss(logits.requires_grad_(), batch, at), logits


def test_first_transition():
    transition = METHOD.learned_transition(state())[0]
    expected = torch.full((6, 6), 0.2 / 5, dtype=torch.float64).fill_diagonal_(0.8)
    torch.testing.assert_close(transition, expected)
    assert not transition.requires_grad


def test_loss_is_the_forward_loss_of_the_learned_matrix():
    at = state()
    with torch.no_grad():
        at["a"] += torch.randn(1, 6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    value, logits = loss(5, at)
    noisy = torch.softmax(logits, -1)[0] @ torch.softmax(at["a"], -1)[0]  # rows of T sum to one
    torch.testing.assert_close(value[0], -noisy.log().gather(-1, LABELS[0, :, None])[:, 0])


def test_penalty_is_the_scaled_mean_of_the_diagonal():
    at = state()
    with torch.no_grad():
        at["a"][0] = torch.diag(torch.tensor([0.0, math.log(5), 0, 0, 0, 0], dtype=torch.float64))
    # softmax of a row of zeros: 1/6; of (.., log 5, ..): 5 / 10
    assert METHOD.penalty(5, at).tolist() == pytest.approx([0.5 * (5 / 6 + 1 / 2) / 6])


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_no_gradient_in_warm_up(epoch):
    at = state()
    (loss(epoch, at)[0].mean(1) + METHOD.penalty(epoch, at)).sum().backward()
    assert (at["a"].grad is None) == (epoch < 2)


def test_penalty_alone_lowers_the_diagonal():
    at = state()
    METHOD.penalty(2, at).sum().backward()
    assert (at["a"].grad[0].diagonal() > 0).all()


@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
def test_training_leaves_a_alone_in_warm_up_and_then_moves_it(network):
    data, estimates = tiny.data(), tiny.estimates()
    first = METHOD.init_state(estimates, data.labels, tiny.CLASSES, [])["a"]
    seen = {}
    tiny.fit(
        METHOD, network, data, estimates, after_epoch=lambda e, now: seen.update({e: now().state["a"].clone()})
    )
    assert torch.equal(seen[0], first) and torch.equal(seen[1], first)
    assert (seen[2] - first).abs().max() > 1e-6 and (seen[3] - seen[2]).abs().max() > 1e-6


def test_its_own_learning_rate_and_no_weight_decay():
    """Weight decay pulls A to zero, even its entries without a gradient; a tiny rate leaves A nearly alone."""
    data, estimates = tiny.data(), tiny.estimates()
    slow, fast = (tiny.fit(replace(METHOD, lr=lr), "mlp", data, estimates).state["a"] for lr in (1e-6, 1e-1))
    first = METHOD.init_state(estimates, data.labels, tiny.CLASSES, [])["a"]
    assert 0 < (slow - first).abs().max() < 1e-5 < (fast - first).abs().max()
    # without decay every row of A keeps its sum, since a softmax has a gradient that sums to zero
    torch.testing.assert_close(fast.sum(-1), first.sum(-1).detach())


def test_without_noise_in_it_it_is_cross_entropy():
    """epsilon -> 0 makes the first T the identity."""
    method = replace(METHOD, epsilon=1e-12)
    at = method.init_state(tiny.estimates(1), LABELS, tiny.CLASSES, [])
    logits = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    batch = Batch(logits, LABELS, None, LABELS, 0, [])
    expected = METHODS["cross_entropy"]().loss(logits, batch, {})
    torch.testing.assert_close(method.loss(logits, batch, at), expected)
