"""The second form with rows of T and with rows of the reverse channel: limits and values by hand."""

import math

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 1, 2, 2]])
UNIFORM = torch.full((3,), 1 / 3, dtype=torch.float64)
# Class 2 is often called 0, never the other way round.
ASYMMETRIC = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.9, 0.1], [0.4, 0.0, 0.6]], dtype=torch.float64)
EVERY = pytest.mark.parametrize("name", ["second_form", "noise_layer_topdown"])


def loss(name, transition, logits, labels=LABELS, prior=UNIFORM):
    method = METHODS[name](transition="anchor_points")
    estimates = tiny.declared(tiny.estimates(1), ())._replace(transition=transition[None], prior=prior[None])
    state = method.init_state(estimates, labels, 3)
    return method.loss(logits, Batch(logits, labels, None, labels, 0, []), state)


def logits():
    return torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@EVERY
def test_identity_is_cross_entropy(name):
    expected = functional.cross_entropy(logits()[0], LABELS[0], reduction="none")
    torch.testing.assert_close(loss(name, torch.eye(3, dtype=torch.float64), logits())[0], expected)


@EVERY
def test_symmetric_noise_of_equally_frequent_classes_is_label_smoothing(name):
    """.6 on the diagonal and .2 off it is .4 of the label and .6 spread over all three classes."""
    symmetric = torch.full((3, 3), 0.2, dtype=torch.float64).fill_diagonal_(0.6)
    expected = functional.cross_entropy(logits()[0], LABELS[0], reduction="none", label_smoothing=0.6)
    torch.testing.assert_close(loss(name, symmetric, logits())[0], expected)


def test_rows_of_the_transition_matrix_by_hand():
    """Label 2 is smoothed to (.4, 0, .6) although every label 2 is right or of class 1; label 0 is left alone."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 2, 3)
    values = loss("second_form", ASYMMETRIC, z, torch.tensor([[0, 2]]))[0].tolist()
    assert values == pytest.approx([-math.log(0.2), -0.4 * math.log(0.2) - 0.6 * math.log(0.5)])


def test_rows_of_the_reverse_channel_by_hand():
    """Classes .5, .25, .25: label 0 is .5 * 1 of class 0 and .25 * .4 of class 2, label 2 .025 of 1, .15 of 2."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 2, 3)
    prior = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64)
    first = -(0.5 * math.log(0.2) + 0.1 * math.log(0.5)) / 0.6
    last = -(0.025 * math.log(0.3) + 0.15 * math.log(0.5)) / 0.175
    values = loss("noise_layer_topdown", ASYMMETRIC, z, torch.tensor([[0, 2]]), prior)[0].tolist()
    assert values == pytest.approx([first, last])


@EVERY
def test_it_smooths_as_forward_correction_does_not(name):
    """The minimiser of the expected loss of a class, whose labels are drawn from its row of T, is R^T T^T e: not
    the class alone, unlike the minimiser of forward correction."""
    symmetric = torch.full((3, 3), 0.2, dtype=torch.float64).fill_diagonal_(0.6)
    z = (symmetric @ symmetric)[0].log().expand(1, 3, 3).clone().requires_grad_()
    values = loss(name, symmetric, z, torch.tensor([[0, 1, 2]]))
    (values[0] @ symmetric[0]).backward()
    assert z.grad.sum(1).abs().max() < 1e-12
    assert torch.softmax(z.detach(), -1)[0, 0].tolist() == pytest.approx([0.44, 0.28, 0.28])


def test_a_label_that_the_estimate_rules_out_stands_as_given():
    transition = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]], dtype=torch.float64)
    expected = functional.cross_entropy(logits()[0, 2:], LABELS[0, 2:], reduction="none")
    torch.testing.assert_close(loss("noise_layer_topdown", transition, logits())[0, 2:], expected)
