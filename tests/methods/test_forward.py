"""Forward correction, with every estimate and told: limits, orientation of T, and the gradient p - q."""

import math

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch, Outputs

LABELS = torch.tensor([[0, 1, 2, 2]])
# Class 2 is often called 0, never the other way round.
ASYMMETRIC = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.9, 0.1], [0.4, 0.0, 0.6]], dtype=torch.float64)
FIELDS = {
    "forward_estimated": "transition",
    "forward_oracle": "transition",
    "forward_confident_joint": "transition_confident_joint",
    "forward_dual_t": "transition_dual_t",
}
EVERY = pytest.mark.parametrize("name", sorted(FIELDS))
TRANSPOSED = pytest.mark.parametrize("name", ["forward_transposed", "forward_transposed_oracle"])


def loss(name, transition, logits, labels=LABELS):
    method = METHODS[name]()
    given = tiny.declared(tiny.given(1), ())._replace(**{FIELDS.get(name, "transition"): transition[None]})
    state = method.init_state(given, labels, 3, [])
    return method.loss(Outputs(logits, logits), Batch(logits, labels, None, labels, 0, []), state)


def logits():
    return torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@EVERY
def test_identity_is_cross_entropy(name):
    expected = functional.cross_entropy(logits()[0], LABELS[0], reduction="none")
    actual = loss(name, torch.eye(3, dtype=torch.float64), logits())[0]
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-9)


@EVERY
def test_orientation_by_hand(name):
    """p = (.2, .3, .5) and label 0: .2 * 1 + .5 * .4 = .4, not .2 as the transposed matrix would give."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    values = (-loss(name, ASYMMETRIC, z, torch.tensor([[0, 1, 2]]))).exp()
    assert values[0].tolist() == pytest.approx([0.4, 0.27, 0.33])


@EVERY
def test_gradient_is_p_minus_the_posterior_of_the_true_class(name):
    z = logits().requires_grad_()
    loss(name, ASYMMETRIC, z).sum().backward()
    p = torch.softmax(z.detach(), -1)
    joint = p * ASYMMETRIC.T[LABELS]
    torch.testing.assert_close(z.grad, p - joint / joint.sum(-1, keepdim=True), rtol=1e-9, atol=1e-9)


@EVERY
def test_uniform_transition_teaches_nothing(name):
    z = logits().requires_grad_()
    value = loss(name, torch.full((3, 3), 1 / 3, dtype=torch.float64), z)
    value.sum().backward()
    assert value[0].tolist() == pytest.approx([math.log(3)] * 4)
    assert z.grad.abs().max() < 1e-12


@EVERY
def test_a_label_that_the_estimate_rules_out_stays_finite(name):
    transition = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])
    z = logits().float().requires_grad_()
    value = loss(name, transition, z)
    value.sum().backward()
    assert value.isfinite().all() and z.grad.isfinite().all()


@TRANSPOSED
def test_transposed_by_hand(name):
    """p = (.2, .3, .5): label 0 gives .2, label 2 gives .2 * .4 + .5 * .6; the values sum to .9, not to one."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    values = (-loss(name, ASYMMETRIC, z, torch.tensor([[0, 1, 2]]))).exp()
    assert values[0].tolist() == pytest.approx([0.2, 0.32, 0.38])


@TRANSPOSED
def test_transposed_is_forward_correction_for_a_symmetric_matrix_only(name):
    symmetric = torch.full((3, 3), 0.2, dtype=torch.float64).fill_diagonal_(0.6)
    torch.testing.assert_close(loss(name, symmetric, logits()), loss("forward_oracle", symmetric, logits()))
    one, other = loss(name, ASYMMETRIC, logits()), loss("forward_oracle", ASYMMETRIC, logits())
    assert (one - other).abs().max() > 0.1


@TRANSPOSED
def test_transposed_corrects_the_wrong_label(name):
    """Class 2 is called 0. A label 0 stays as good as clean; a label 2, never a class 0's, is doubted for one."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 2, 3).clone().requires_grad_()
    loss(name, ASYMMETRIC, z, torch.tensor([[0, 2]])).sum().backward()
    posterior = z.detach().exp() - z.grad
    torch.testing.assert_close(posterior[0, 0], torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64))
    assert posterior[0, 1].tolist() == pytest.approx([0.08 / 0.38, 0, 0.3 / 0.38], abs=1e-9)
