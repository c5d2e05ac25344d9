"""Variants of joint optimisation: classification losses, hard labels, an averaged prior term, undrawn examples."""

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.special
import tiny
import torch
from test_joint_optimization import ALONE, METHOD, loss, random_case

from labelnoise.types import Batch


def test_the_classes_that_a_label_rules_out_add_nothing():
    """y = (1, 0): the term of class 1 is 0 log 0 = 0, in all three classification losses, p_1 = 0 or not."""
    y, prior = torch.tensor([[1.0, 0]] * 2, dtype=torch.float64), torch.tensor([0.5, 0.5], dtype=torch.float64)
    logits = torch.tensor([[1e4, -1e4], [0, 0]], dtype=torch.float64)
    for kind in ("kl", "cross_entropy"):
        value = loss(replace(ALONE, classification=kind), logits, y, prior)
        assert value.tolist() == pytest.approx([0, math.log(2)])
    # KL(p || y) of p = (1/2, 1/2): 1/2 log(1/2) + 1/2 log(1/2 / 1e-4)
    value = loss(replace(ALONE, classification="symmetric_kl"), logits, y, prior)
    assert value.tolist() == pytest.approx([0, 0.5 * math.log(0.5e4) + 0.5 * math.log(2)])


def gradient(method, logits, y, prior):
    logits = logits.clone().requires_grad_()
    loss(method, logits, y, prior).mean().backward()
    return logits.grad


def test_kl_and_cross_entropy_have_equal_gradients_and_differ_by_the_entropy_of_the_labels():
    logits, y, prior = random_case()
    other = replace(METHOD, classification="cross_entropy")
    torch.testing.assert_close(gradient(METHOD, logits, y, prior), gradient(other, logits, y, prior))
    entropy = torch.from_numpy(scipy.special.entr(y.numpy()).sum(-1))
    difference = loss(other, logits, y, prior) - loss(METHOD, logits, y, prior)
    torch.testing.assert_close(difference, entropy)


def test_symmetric_kl_by_hand():
    """p = (1/4, 3/4), y = (1/2, 1/2): sum_j (y_j - p_j) log(y_j / p_j) = 1/4 log 2 - 1/4 log(2/3) = 1/4 log 3."""
    logits = torch.tensor([[1.0, 3]], dtype=torch.float64).log()
    half = torch.tensor([0.5, 0.5], dtype=torch.float64)
    value = loss(replace(ALONE, classification="symmetric_kl"), logits, half[None], half)
    assert value.tolist() == pytest.approx([0.25 * math.log(3)])


def test_symmetric_kl_has_a_finite_gradient_where_the_prediction_is_certain():
    logits, y, prior = torch.tensor([[1e4, -1e4, 0.0]]), torch.tensor([[0, 1.0, 0]]), torch.full((3,), 1 / 3)
    assert gradient(replace(ALONE, classification="symmetric_kl"), logits, y, prior).isfinite().all()


def test_hard_labels_are_the_argmax_of_the_mean():
    """The mean of (.9, .1, 0) and (.2, .6, .2) is (.55, .35, .1): the earlier epoch decides."""
    method = replace(ALONE, average_epochs=2, update_from=2.0, labels="hard")
    state = method.init_state(tiny.clocked(1), torch.tensor([[2]]), 3)
    epochs = torch.tensor([[0.9, 0.1, 0], [0.2, 0.6, 0.2], [0.3, 0.5, 0.2]], dtype=torch.float64)
    seen = []
    for epoch, probs in enumerate(epochs):
        state = method.end_of_epoch(epoch, probs[None, None], state)
        seen.append(state["y"][0, 0].tolist())
    assert seen == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def averaged(mu, batches, prior):
    """Losses of batches in turn, with one state; the labels play no part."""
    method = replace(ALONE, alpha=1.0, prior_average=mu)
    labels = torch.zeros(1, batches.shape[1], dtype=torch.int64)
    state = method.init_state(tiny.clocked(1), labels, 2)
    state |= {"prior": prior[None], "s": prior[None].clone()}
    for logits in batches:
        batch = Batch(logits[None], labels, None, torch.arange(batches.shape[1])[None], 0, [])
        state["y"] = torch.softmax(logits[None].detach(), -1)  # L_c = 0
        yield method.loss(logits[None], batch, state)[0, 0]


def test_prior_average_by_hand():
    """Batch means (1/4, 3/4), (3/4, 1/4); mu = 1/2 from pi = (1/2, 1/2): s = (3/8, 5/8), then (9/16, 7/16)."""
    batches = torch.tensor([[[1.0, 3]], [[3, 1]]], dtype=torch.float64).log()
    prior = torch.tensor([0.5, 0.5], dtype=torch.float64)
    divergence = lambda s: 0.5 * math.log(0.5 / s) + 0.5 * math.log(0.5 / (1 - s))  # noqa: E731
    assert [v.item() for v in averaged(0.5, batches, prior)] == pytest.approx(
        [divergence(3 / 8), divergence(9 / 16)]
    )
    assert [v.item() for v in averaged(0.0, batches, prior)] == pytest.approx([divergence(1 / 4)] * 2)


def test_prior_average_has_the_gradient_of_the_current_batch_alone():
    """d L_p / dz = (1 - mu) J g / B, g = -pi / s."""
    batches = torch.tensor([[[1.0, 3]], [[3, 1]]], dtype=torch.float64).log().requires_grad_()
    prior = torch.tensor([0.5, 0.5], dtype=torch.float64)
    list(averaged(0.5, batches, prior))[1].backward()
    p, g = np.array([0.75, 0.25]), -0.5 / np.array([9 / 16, 7 / 16])
    np.testing.assert_allclose(batches.grad[1, 0], 0.5 * (np.diag(p) - np.outer(p, p)) @ g, rtol=1e-9)
    assert (batches.grad[0] == 0).all()


def test_an_example_that_was_not_drawn_keeps_its_last_probabilities_or_else_its_label():
    method = replace(ALONE, average_epochs=2)
    state = method.init_state(tiny.clocked(1), torch.tensor([[0, 1]]), 2)
    nan = float("nan")
    epochs = [[[nan, nan], [0.2, 0.8]], [[0.6, 0.4], [nan, nan]], [[nan, nan], [nan, nan]]]
    expected = [[[1.0, 0.0], [0.2, 0.8]], [[0.8, 0.2], [0.2, 0.8]], [[0.6, 0.4], [0.2, 0.8]]]
    for epoch, (probs, y) in enumerate(zip(epochs, expected)):
        state = method.end_of_epoch(epoch, torch.tensor([probs], dtype=torch.float64), state)
        torch.testing.assert_close(state["y"][0], torch.tensor(y, dtype=torch.float64))


@pytest.mark.parametrize("kind", ["kl", "cross_entropy", "symmetric_kl"])
def test_second_round_has_the_classification_loss_of_the_first(kind):
    logits, y, prior = random_case()
    method = replace(ALONE, classification=kind)
    batch = Batch(logits[None], torch.zeros(1, 5, dtype=torch.int64), y[None], torch.arange(5)[None], 0, [])
    second = method.next_round().loss(logits[None], batch, {})
    torch.testing.assert_close(second[0], loss(method, logits, y, prior))
