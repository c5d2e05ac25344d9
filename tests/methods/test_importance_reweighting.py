"""Importance reweighting: its weights by hand and by numpy, their bound, and what they are on average."""

import numpy as np
import pytest
import scipy.special
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["importance_reweighting"](transition="anchor_points")
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]] * 2)
LOGITS = 2 * torch.randn(2, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def loss(logits, labels, transition=None, method=METHOD):
    known = tiny.estimates(len(labels))
    known = known if transition is None else known._replace(transition=transition)
    state = method.init_state(known, labels, logits.shape[-1])
    return method.loss(logits, Batch(logits, labels, None, labels, 0, []), state)


def test_by_hand():
    """p = (1/4, 3/4), rows (.9, .1) and (.2, .8): (p T)_0 = .375, and the weight of label 0 is 2/3."""
    transition = torch.tensor([[[0.9, 0.1], [0.2, 0.8]]], dtype=torch.float64)
    logits = torch.tensor([[[1.0, 3], [1, 3]]], dtype=torch.float64).log()
    value = loss(logits, torch.tensor([[0, 1]]), transition)
    assert value[0].tolist() == pytest.approx([2 / 3 * np.log(4), 0.75 / 0.625 * np.log(4 / 3)])


def test_value_and_gradient_against_the_formula():
    """w (p - e): the weight is a constant. The matrices are not symmetric and differ from run to run."""
    logits = LOGITS.clone().requires_grad_()
    value = loss(logits, LABELS)
    value.sum().backward()
    p, e = scipy.special.softmax(LOGITS.numpy(), -1), np.eye(6)[LABELS.numpy()]
    noisy = p @ tiny.estimates(2).transition.numpy()
    weight = (p * e).sum(-1) / (noisy * e).sum(-1)
    np.testing.assert_allclose(value.detach(), -weight * np.log((p * e).sum(-1)))
    np.testing.assert_allclose(logits.grad, weight[..., None] * (p - e), atol=1e-12)


def test_the_identity_is_cross_entropy():
    value = loss(LOGITS, LABELS, torch.eye(6, dtype=torch.float64).expand(2, 6, 6))
    expected = functional.cross_entropy(LOGITS.transpose(1, 2), LABELS, reduction="none")
    torch.testing.assert_close(value, expected, rtol=1e-6, atol=0)  # log T has a floor


def test_the_weight_is_bounded_by_what_the_noise_leaves():
    """Sure of the label: 1 / T_label,label. Sure of another class: nothing, though cross-entropy is 1e4."""
    transition = tiny.estimates(1).transition
    sure = functional.one_hot(torch.tensor([[2, 0]]), 6).double() * torch.tensor([10.0, 1e4]).view(1, 2, 1)
    value = loss(sure, torch.tensor([[2, 2]]), transition)[0]
    small = -torch.log_softmax(sure[0, 0], -1)[2]
    assert value[0].item() == pytest.approx((small / transition[0, 2, 2]).item(), rel=1e-3) and value[1] == 0
    plain = functional.cross_entropy(LOGITS[:1].transpose(1, 2), LABELS[:1], reduction="none")
    assert (loss(LOGITS[:1], LABELS[:1], transition) <= plain / transition[0].diagonal()[LABELS[:1]]).all()


def test_the_mean_over_noisy_labels_is_that_over_true_ones():
    """Where the prediction is the true posterior: E_noisy[w CE] = sum_j p_j CE_j."""
    transition, p = tiny.estimates(1).transition, torch.softmax(LOGITS[:1, :1], -1)
    labels = torch.arange(6)[None]
    value = loss(LOGITS[:1, :1].expand(1, 6, 6), labels, transition)
    assert (value[0] * (p @ transition)[0, 0]).sum().item() == pytest.approx(-(p * p.log()).sum().item())
