"""Joint optimisation: its three terms by hand, their gradient, the ring buffer of labels, the second round."""

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.special
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

JointOptimization = METHODS["joint_optimization"]
PLAIN = {"clamp": 1e-4, "labels": "soft", "classification": "kl", "prior": "uniform", "prior_average": 0.0}
METHOD = JointOptimization(alpha=1.2, beta=0.8, update_from=2.0, average_epochs=3, **PLAIN)
ALONE = JointOptimization(alpha=0.0, beta=0.0, update_from=1.0, average_epochs=1, **PLAIN)  # L_c alone


def loss(method, logits, y, prior):
    """Loss [B] of one run whose example i has the current label y[i], and whose pi is `prior`."""
    example = torch.arange(len(y))[None]
    state = method.init_state(tiny.clocked(1), torch.zeros_like(example), y.shape[1])
    state |= {"y": y[None], "prior": prior[None], "s": prior[None].clone()}
    batch = Batch(logits[None], example, None, example, 0, [])
    return method.loss(logits[None], batch, state)[0]


def random_case():
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    y = torch.softmax(torch.randn(5, 4, generator=rng, dtype=torch.float64), -1)
    y[0] = torch.tensor([0, 1, 0, 0])  # a hard label among soft ones
    return logits, y, torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)


def test_the_prior_is_uniform_or_the_counts_of_the_given_labels_each_with_one_more():
    """Labels 0, 0, 1 and 2, 2, 2 of four classes: (3, 2, 1, 1) / 7 and (1, 1, 4, 1) / 7."""
    labels, known = torch.tensor([[0, 0, 1], [2, 2, 2]]), tiny.clocked(1, 1)
    uniform = METHOD.init_state(known, labels, 4)["prior"]
    assert uniform.tolist() == [[0.25] * 4] * 2
    counted = replace(METHOD, prior="noisy_counts").init_state(known, labels, 4)
    expected = torch.tensor([[3, 2, 1, 1], [1, 1, 4, 1]], dtype=torch.float64) / 7
    torch.testing.assert_close(counted["prior"], expected)
    torch.testing.assert_close(counted["s"], expected)  # where the moving average starts


def test_loss_by_hand():
    """p = (1/2, 1/2) and (1/4, 3/4); y = (1, 0) and (1/2, 1/2); prior (1/2, 1/2); s = (3/8, 5/8)."""
    logits = torch.tensor([[0.5, 0.5], [0.25, 0.75]], dtype=torch.float64).log()
    y = torch.tensor([[1, 0], [0.5, 0.5]], dtype=torch.float64)
    l_c = [math.log(2), 0.5 * math.log(2) + 0.5 * math.log(2 / 3)]
    l_p = 0.5 * math.log(4 / 3) + 0.5 * math.log(4 / 5)
    l_e = [math.log(2), 0.25 * math.log(4) + 0.75 * math.log(4 / 3)]
    expected = [c + 1.2 * l_p + 0.8 * e for c, e in zip(l_c, l_e)]
    prior = torch.tensor([0.5, 0.5], dtype=torch.float64)
    assert loss(METHOD, logits, y, prior).tolist() == pytest.approx(expected)


def test_gradient_against_the_formula():
    """d/dz of the mean loss: (p - y + alpha J g + beta J h) / B, J = diag p - p p', g = -pi/s, h = -log p - 1."""
    logits, y, prior = random_case()
    logits.requires_grad_()
    loss(METHOD, logits, y, prior).mean().backward()
    p = scipy.special.softmax(logits.detach().numpy(), -1)
    g = -prior.numpy() / p.mean(0)
    expected = []
    for row, target in zip(p, y.numpy()):
        jacobian = np.diag(row) - np.outer(row, row)
        expected.append(row - target + 1.2 * jacobian @ g + 0.8 * jacobian @ (-np.log(row) - 1))
    np.testing.assert_allclose(logits.grad, np.array(expected) / 5, rtol=1e-9, atol=1e-12)


def test_hard_labels_without_regularizers_are_cross_entropy():
    logits, _, prior = random_case()
    labels = torch.tensor([3, 0, 1, 1, 2])
    hard = functional.one_hot(labels, 4).double()
    expected = functional.cross_entropy(logits, labels, reduction="none")
    torch.testing.assert_close(loss(ALONE, logits, hard, prior), expected)


def test_batch_term_on_perfect_hard_predictions():
    """Even a perfect predictor pays about (C - 1) / 2B: .038 on average for 10 classes and batches of 128."""
    rng = np.random.default_rng(0)
    method = replace(ALONE, alpha=1.0)
    prior, values = torch.full((10,), 0.1, dtype=torch.float64), []
    for _ in range(300):
        hard = functional.one_hot(torch.from_numpy(rng.integers(10, size=128)), 10).double()
        values.append(loss(method, 1e3 * hard, hard, prior).mean().item())
    assert np.mean(values) == pytest.approx(0.038, abs=0.003)


def test_a_class_that_is_missing_in_the_batch_is_clamped():
    """All predictions are class 0: L_p = .5 log(.5 / 1) + .5 log(.5 / 1e-4)."""
    y = torch.tensor([[1.0, 0.0]] * 3, dtype=torch.float64)
    logits = (1e3 * y).requires_grad_()
    value = loss(METHOD, logits, y, torch.tensor([0.5, 0.5], dtype=torch.float64))
    value.sum().backward()
    expected = 1.2 * (0.5 * math.log(0.5) + 0.5 * math.log(0.5e4))
    assert value.tolist() == pytest.approx([expected] * 3) and logits.grad.isfinite().all()


def test_labels_become_the_mean_of_the_last_epochs():
    """Against a list of all epochs' probabilities; the labels of a run stay one-hot until the end of epoch 2 E*
    (1-based), which is 4 and 6."""
    labels = torch.tensor([[0, 1, 2, 3], [3, 3, 0, 1]])
    state = METHOD.init_state(tiny.clocked(2, 3), labels, 6)
    first, past, rng = functional.one_hot(labels, 6).double(), [], torch.Generator().manual_seed(0)
    for epoch in range(9):
        past.append(torch.softmax(torch.randn(2, 4, 6, generator=rng, dtype=torch.float64), -1))
        state = METHOD.end_of_epoch(epoch, past[-1], state)
        expected = torch.stack(past[-3:]).mean(0)
        for run, begins in enumerate((4, 6)):
            torch.testing.assert_close(state["y"][run], (expected if epoch + 1 >= begins else first)[run])
        torch.testing.assert_close(state["y"].sum(-1), torch.ones(2, 4, dtype=torch.float64))
    assert torch.equal(METHOD.targets(state), state["y"])


def test_updates_that_begin_before_the_buffer_is_full_average_what_is_there():
    method = replace(ALONE, average_epochs=5)
    labels = torch.tensor([[0, 1]])
    state = method.init_state(tiny.clocked(1), labels, 6)
    past = torch.softmax(torch.arange(24.0, dtype=torch.float64).reshape(2, 1, 2, 6).cos(), -1)
    for epoch in range(2):
        state = method.end_of_epoch(epoch, past[epoch], state)
        torch.testing.assert_close(state["y"], past[: epoch + 1].mean(0))


def test_training_gives_each_example_its_own_label():
    """The trainer shuffles; the probabilities that it hands to end_of_epoch are in the order of the examples."""
    data = tiny.data()
    end = tiny.fit(ALONE, "mlp", data, tiny.estimates(), epochs=40)
    fitted = end.state["y"].argmax(-1) == end.probs.gather(1, data.index[..., None].expand(-1, -1, 6)).argmax(-1)
    assert fitted.double().mean() > 0.95


def test_second_round_is_kl_to_the_targets_alone():
    logits, y, _ = random_case()
    batch = Batch(logits[None], torch.zeros(1, 5, dtype=torch.int64), y[None], torch.arange(5)[None], 0, [])
    second = METHOD.next_round()
    expected = functional.kl_div(torch.log_softmax(logits, -1), y, reduction="none").sum(-1)
    torch.testing.assert_close(second.loss(logits[None], batch, {})[0], expected)
    assert second.next_round() is None and second.scheduled and not METHOD.scheduled
