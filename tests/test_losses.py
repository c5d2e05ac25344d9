"""Losses against torch.nn.functional, scipy and values worked out by hand."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from torch.nn import functional

from labelnoise import losses

ASYMMETRIC = torch.tensor([[0.7, 0.3, 0.0], [0.0, 0.9, 0.1], [0.5, 0.0, 0.5]], dtype=torch.float64)


def random_logits(*shape):
    return 2 * torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def random_probs(*shape):
    return torch.softmax(random_logits(*shape).flip(0), -1)


def test_cross_entropy_equals_torch():
    logits, labels = random_logits(2, 5, 4), torch.tensor([[0, 1, 2, 3, 0], [3, 3, 1, 0, 2]])
    expected = functional.cross_entropy(logits.movedim(-1, 1), labels, reduction="none")
    torch.testing.assert_close(losses.cross_entropy(logits, labels), expected)


def test_cross_entropy_of_a_uniform_prediction_is_log_c():
    labels = torch.tensor([0, 3])
    assert losses.cross_entropy(torch.zeros(2, 4), labels).tolist() == pytest.approx([math.log(4)] * 2)


def test_kl_divergence_equals_torch_and_scipy():
    targets, probs = random_probs(2, 5, 4), torch.softmax(random_logits(2, 5, 4), -1)
    kl = losses.kl_divergence(targets, probs.log())
    torch.testing.assert_close(kl, functional.kl_div(probs.log(), targets, reduction="none").sum(-1))
    np.testing.assert_allclose(kl, scipy.stats.entropy(targets, probs, axis=-1))


def test_kl_divergence_takes_zero_log_zero_as_zero():
    """KL((1, 0) || (1/4, 3/4)) = log 4: the hard label's own entropy is zero, so this is cross-entropy."""
    log_probs = torch.tensor([0.25, 0.75], dtype=torch.float64).log().requires_grad_()
    kl = losses.kl_divergence(torch.tensor([1.0, 0.0], dtype=torch.float64), log_probs)
    kl.backward()
    assert kl.item() == pytest.approx(math.log(4))
    assert log_probs.grad.tolist() == [-1, 0]


def test_kl_divergence_from_itself_is_zero():
    probs = random_probs(3, 4)
    torch.testing.assert_close(losses.kl_divergence(probs, probs.log()), torch.zeros(3, dtype=torch.float64))


def test_entropy_equals_scipy():
    probs = random_probs(2, 5, 4)
    np.testing.assert_allclose(losses.entropy(probs.log()), scipy.stats.entropy(probs, axis=-1))


def test_entropy_of_a_sure_prediction_is_zero():
    log_probs = torch.log_softmax(torch.tensor([1e4, 0.0, -1e4]), -1).requires_grad_()
    value = losses.entropy(log_probs)
    value.backward()
    assert value.item() == 0 and log_probs.grad.isfinite().all()


def test_log_transition_keeps_a_column_of_zeros_finite():
    transition = torch.tensor([[0.8, 0.2, 0.0], [0.3, 0.7, 0.0], [0.5, 0.5, 0.0]])
    log_transition = losses.log_transition(transition)
    assert log_transition[:, 2].tolist() == pytest.approx([math.log(1e-12)] * 3)
    torch.testing.assert_close(log_transition[:, :2].exp(), transition[:, :2])


def test_forward_nll_by_hand():
    """p = (.5, .3, .2): P(noisy = 0) = .5 * .7 + .2 * .5, P(1) = .5 * .3 + .3 * .9, P(2) = .3 * .1 + .2 * .5."""
    log_probs = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).log().expand(1, 3, 3)
    nll = losses.forward_nll(log_probs, ASYMMETRIC.log()[None], torch.tensor([[0, 1, 2]]))
    assert (-nll).exp()[0].tolist() == pytest.approx([0.45, 0.42, 0.13])


def test_forward_nll_uses_the_matrix_of_each_run():
    log_probs = torch.log_softmax(random_logits(2, 4, 3), -1)
    labels = torch.tensor([[0, 1, 2, 0], [2, 2, 1, 0]])
    transitions = torch.stack([ASYMMETRIC, ASYMMETRIC.flip(0)])
    noisy = log_probs.exp().numpy() @ transitions.numpy()
    expected = -np.log(np.take_along_axis(noisy, labels.numpy()[..., None], -1)[..., 0])
    np.testing.assert_allclose(losses.forward_nll(log_probs, transitions.log(), labels), expected)


def test_forward_nll_does_not_underflow():
    """A network sure of class 0 by 1000 nats, the label 1 only reachable from class 1: p T is 0 in float64."""
    log_probs = torch.log_softmax(torch.tensor([[[1000.0, 0.0, 0.0]]]), -1).requires_grad_()
    identity = torch.eye(3).log()[None]
    nll = losses.forward_nll(log_probs, identity, torch.tensor([[1]]))
    nll.sum().backward()
    assert nll.item() == pytest.approx(1000)
    assert log_probs.grad.tolist() == [[[0, -1, 0]]]
