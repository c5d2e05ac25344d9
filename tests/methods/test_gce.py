"""Generalised cross-entropy: values by hand, its two limits, the weight p^q of its gradient, its truncation."""

import numpy as np
import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

LABELS = torch.tensor([[0, 3, 1], [2, 2, 0]])


PLAIN = {"truncated": False, "k": 0.5, "prune_from": 1.0}


def loss(logits, labels, q=0.7):
    batch = Batch(logits, labels, None, labels, 0, [])
    return METHODS["gce"](q=q, **PLAIN).loss(logits, batch, {})


def truncated(prune_from=1.0):
    return METHODS["gce"](q=0.7, **PLAIN | {"truncated": True, "prune_from": prune_from})


def start(method, clock=(1.0, 2.0)):
    known = tiny.estimates(2)._replace(clock=torch.tensor(clock, dtype=torch.float64))
    return method.init_state(known, LABELS, 4)


def random_logits():
    return 2 * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def label_probs():
    return torch.softmax(random_logits(), -1).gather(-1, LABELS.unsqueeze(-1)).squeeze(-1)


def test_by_hand():
    """q = 1/2, p = 1/4 and 1/9: (1 - 1/2) / .5 = 1 and (1 - 1/3) / .5 = 4/3."""
    p = torch.tensor([[[1 / 4, 3 / 4], [1 / 9, 8 / 9]]], dtype=torch.float64)
    assert loss(p.log(), torch.tensor([[0, 0]]), 0.5)[0].tolist() == pytest.approx([1, 4 / 3])


def test_official_formula():
    expected = (1 - label_probs().clamp(1e-7, 1) ** 0.7) / 0.7
    torch.testing.assert_close(loss(random_logits(), LABELS), expected)


def test_q_1_is_half_the_mean_absolute_error():
    torch.testing.assert_close(loss(random_logits(), LABELS, 1.0), 1 - label_probs())


def test_small_q_is_cross_entropy():
    expected = functional.cross_entropy(random_logits().movedim(-1, 1), LABELS, reduction="none")
    torch.testing.assert_close(loss(random_logits(), LABELS, 1e-4), expected, rtol=1e-3, atol=0)
    torch.testing.assert_close(
        loss(random_logits(), LABELS, 1e-10), expected, rtol=1e-8, atol=0
    )  # not rounded off


def test_gradient_is_that_of_cross_entropy_times_p_to_the_q():
    logits = random_logits().requires_grad_()
    loss(logits, LABELS).sum().backward()
    expected = torch.softmax(random_logits(), -1) - functional.one_hot(LABELS, 4)
    torch.testing.assert_close(logits.grad, label_probs().unsqueeze(-1) ** 0.7 * expected)


def test_wrong_by_1e4_nats():
    logits = torch.tensor([[[1e4, 0.0]]], requires_grad=True)
    value = loss(logits, torch.tensor([[1]]))
    value.sum().backward()
    assert value.item() == pytest.approx(1 / 0.7) and not logits.grad.any()


def test_all_examples_are_in_until_examples_are_pruned():
    method = truncated()
    batch = Batch(random_logits(), LABELS, None, torch.arange(3).expand(2, 3), 0, [])
    torch.testing.assert_close(method.loss(random_logits(), batch, start(method)), loss(random_logits(), LABELS))


def test_what_is_left_out_is_constant_and_has_no_gradient():
    """L_q(k) = (1 - .5^.7) / .7 where p_label <= k; the set is that of the epoch before, whatever p is now."""
    method = truncated()
    probs = torch.tensor([[[0.6, 0.4, 0, 0], [0.5, 0, 0, 0.5], [0.5, 0.5, 0, 0]], [[0.0, 0, 0.51, 0.49]] * 3])
    state = method.end_of_epoch(1, probs.double(), start(method))
    kept = np.array([[True, False, False], [True, True, False]])  # labels 0, 3, 1 and 2, 2, 0
    order = torch.tensor([[2, 0, 1], [0, 1, 2]])
    logits = random_logits().requires_grad_()
    value = method.loss(logits, Batch(logits, LABELS.gather(1, order), None, order, 2, []), state)
    value.sum().backward()
    now = np.take_along_axis(kept, order.numpy(), 1)
    p = torch.softmax(random_logits(), -1).gather(-1, LABELS.gather(1, order).unsqueeze(-1)).squeeze(-1).numpy()
    np.testing.assert_allclose(value.detach(), np.where(now, (1 - p**0.7) / 0.7, (1 - 0.5**0.7) / 0.7))
    assert (logits.grad.abs().sum(-1) > 0).tolist() == now.tolist()


def test_each_run_prunes_from_its_own_epoch_on_and_examples_come_back():
    """E* = 1 and 2, and twice that: from the end of the second epoch on, and of the third, half of the run."""
    method = truncated(2.0)
    state, sure = start(method), torch.nn.functional.one_hot(LABELS, 4).double()
    seen = []
    for epoch, probs in enumerate([1 - sure, 1 - sure, 1 - sure, sure]):
        state = method.end_of_epoch(epoch, probs, state)
        seen.append(state["kept"].all(1).tolist())
    assert seen == [[True, True], [False, True], [False, False], [True, True]]


def test_the_plain_form_needs_no_estimate_and_no_evaluation():
    plain, other = METHODS["gce"](q=0.7, **PLAIN), truncated()
    assert not plain.uses and not plain.evaluates and other.uses == ("clock",) and other.evaluates
    probs = torch.rand(2, 3, 4)
    assert plain.init_state(tiny.estimates(2), LABELS, 4) == {} == plain.end_of_epoch(5, probs, {})


def test_pruning_leaves_wrong_labels_out():
    data, classes = tiny.separable()
    wrong = data.labels != classes
    known = tiny.estimates(1)._replace(
        clock=torch.tensor([5.0], dtype=torch.float64), half_run=torch.tensor([20.0], dtype=torch.float64)
    )
    end = tiny.fit(truncated(), "mlp", data, known, epochs=40)
    assert not end.state["kept"][wrong].any() and end.state["kept"][~wrong].double().mean() > 0.8
