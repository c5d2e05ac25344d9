"""Forward correction: limits, orientation of T, the gradient p - q; and where each method with a T finds it."""

import math
from dataclasses import replace

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 1, 2, 2]])
# Class 2 is often called 0, never the other way round.
ASYMMETRIC = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.9, 0.1], [0.4, 0.0, 0.6]], dtype=torch.float64)
SOURCES = {
    "anchor_points": "transition",
    "confident_joint": "transition_confident_joint",
    "dual_t": "transition_dual_t",
    "oracle": "transition",
}


def loss(transition, logits, labels=LABELS, transposed=False):
    method = METHODS["forward"](transition="anchor_points", transposed=transposed)
    estimates = tiny.declared(tiny.estimates(1), ())._replace(transition=transition[None])
    state = method.init_state(estimates, labels, 3)
    return method.loss(logits, Batch(logits, labels, None, labels, 0, []), state)


def logits():
    return torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_identity_is_cross_entropy():
    expected = functional.cross_entropy(logits()[0], LABELS[0], reduction="none")
    actual = loss(torch.eye(3, dtype=torch.float64), logits())[0]
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-9)


def test_orientation_by_hand():
    """p = (.2, .3, .5) and label 0: .2 * 1 + .5 * .4 = .4, not .2 as the transposed matrix would give."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    values = (-loss(ASYMMETRIC, z, torch.tensor([[0, 1, 2]]))).exp()
    assert values[0].tolist() == pytest.approx([0.4, 0.27, 0.33])


def test_gradient_is_p_minus_the_posterior_of_the_true_class():
    z = logits().requires_grad_()
    loss(ASYMMETRIC, z).sum().backward()
    p = torch.softmax(z.detach(), -1)
    joint = p * ASYMMETRIC.T[LABELS]
    torch.testing.assert_close(z.grad, p - joint / joint.sum(-1, keepdim=True), rtol=1e-9, atol=1e-9)


def test_uniform_transition_teaches_nothing():
    z = logits().requires_grad_()
    value = loss(torch.full((3, 3), 1 / 3, dtype=torch.float64), z)
    value.sum().backward()
    assert value[0].tolist() == pytest.approx([math.log(3)] * 4)
    assert z.grad.abs().max() < 1e-12


def test_a_label_that_the_estimate_rules_out_stays_finite():
    transition = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])
    z = logits().float().requires_grad_()
    value = loss(transition, z)
    value.sum().backward()
    assert value.isfinite().all() and z.grad.isfinite().all()


def test_transposed_by_hand():
    """p = (.2, .3, .5): label 0 gives .2, label 2 gives .2 * .4 + .5 * .6; the values sum to .9, not to one."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 3, 3)
    values = (-loss(ASYMMETRIC, z, torch.tensor([[0, 1, 2]]), transposed=True)).exp()
    assert values[0].tolist() == pytest.approx([0.2, 0.32, 0.38])


def test_transposed_is_forward_correction_for_a_symmetric_matrix_only():
    symmetric = torch.full((3, 3), 0.2, dtype=torch.float64).fill_diagonal_(0.6)
    torch.testing.assert_close(loss(symmetric, logits(), transposed=True), loss(symmetric, logits()))
    one, other = loss(ASYMMETRIC, logits(), transposed=True), loss(ASYMMETRIC, logits())
    assert (one - other).abs().max() > 0.1


def test_transposed_corrects_the_wrong_label():
    """Class 2 is called 0. A label 0 stays as good as clean; a label 2, never a class 0's, is doubted for one."""
    z = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(1, 2, 3).clone().requires_grad_()
    loss(ASYMMETRIC, z, torch.tensor([[0, 2]]), transposed=True).sum().backward()
    posterior = z.detach().exp() - z.grad
    torch.testing.assert_close(posterior[0, 0], torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64))
    assert posterior[0, 1].tolist() == pytest.approx([0.08 / 0.38, 0, 0.3 / 0.38], abs=1e-9)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", ["forward_estimated", "second_form", "noise_layer_topdown", "backward"])
def test_the_matrix_is_that_of_the_source(name, source):
    """The state depends on the one field that the source names, and on what else `uses` names."""
    method = replace(tiny.method(name), transition=source)
    assert method.oracle == (source == "oracle") and SOURCES[source] in method.uses

    def start(known):
        (value,) = method.init_state(known, LABELS, tiny.CLASSES).values()
        return value

    for field, value in tiny.estimates(1)._asdict().items():
        changed = tiny.estimates(1)._replace(**{field: value.flip(-1)})
        assert torch.equal(start(changed), start(tiny.estimates(1))) == (field not in method.uses), field
