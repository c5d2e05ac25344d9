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


def test_label_probs_and_reverse_cross_entropy_by_hand():
    """p = (.2, .3, .5) and log 0 = -4: 4 times the mass of the other classes."""
    logits, labels = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log().expand(3, 3), torch.arange(3)
    assert losses.label_probs(logits, labels).tolist() == pytest.approx([0.2, 0.3, 0.5])
    assert losses.reverse_cross_entropy(logits, labels, -4.0).tolist() == pytest.approx([3.2, 2.8, 2])


def test_hinges_by_hand():
    """f = (1, 2, .5, 0): at label 0 class 3 is exactly at the margin; label 1 is ahead of all by 1 or more."""
    hinges = losses.hinges(torch.tensor([1, 2, 0.5, 0]).expand(3, 4), torch.tensor([0, 1, 3]))
    assert hinges.tolist() == [[0, 2, 0.5, 0], [0, 0, 0, 0], [2, 3, 1.5, 0]]


def test_hinges_of_the_label_have_no_gradient():
    scores = torch.tensor([[1.0, 2.0, 0.5]], requires_grad=True)
    losses.hinges(scores, torch.tensor([0])).sum().backward()
    assert scores.grad.tolist() == [[-2, 1, 1]]


def test_rank_weight_sums_alpha_up_to_the_rank():
    weight = losses.rank_weight(torch.tensor([[3, 0], [1, 2]]), torch.tensor([1, 1 / 2, 1 / 4]))
    assert weight.tolist() == [[1.75, 0], [1, 1.5]]


def test_soft_cross_entropy_equals_torch_and_at_hard_labels_cross_entropy():
    logits, targets, labels = random_logits(2, 5, 4), random_probs(2, 5, 4), torch.tensor([[0, 1, 2, 3, 0]] * 2)
    found = losses.soft_cross_entropy(targets, torch.log_softmax(logits, -1))
    expected = functional.cross_entropy(logits.movedim(-1, 1), targets.movedim(-1, 1), reduction="none")
    torch.testing.assert_close(found, expected)
    hard = losses.soft_cross_entropy(functional.one_hot(labels, 4), torch.log_softmax(logits, -1))
    torch.testing.assert_close(hard, losses.cross_entropy(logits, labels))


def test_mean_over_kept_by_hand():
    """Two of four are kept in the first run, at twice their value; all in the second, none in the third."""
    values = torch.tensor([[1.0, 2, 3, 4]] * 3)
    kept = torch.tensor([[0.0, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 0]])
    assert losses.mean_over_kept(values, kept).tolist() == [[0, 4, 0, 8], [1, 2, 3, 4], [0, 0, 0, 0]]


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


def test_second_form_by_hand():
    """Label 0 weighs -log .5 and -log .3 by its row (.7, .3, 0), label 2 -log .5 and -log .2 by (.5, 0, .5)."""
    log_probs = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).log().expand(1, 2, 3)
    values = losses.second_form(log_probs, ASYMMETRIC[None], torch.tensor([[0, 2]]))
    assert (-values).exp()[0].tolist() == pytest.approx([0.5**0.7 * 0.3**0.3, math.sqrt(0.5 * 0.2)])


def test_second_form_uses_the_matrix_of_each_run():
    log_probs, labels = torch.log_softmax(random_logits(2, 4, 3), -1), torch.tensor([[0, 1, 2, 0], [2, 2, 1, 0]])
    matrices = torch.stack([ASYMMETRIC, ASYMMETRIC.flip(0)])
    weighted = -np.einsum("rbj,rbj->rb", matrices.numpy()[np.arange(2)[:, None], labels.numpy()], log_probs)
    np.testing.assert_allclose(losses.second_form(log_probs, matrices, labels), weighted)


def test_second_form_bounds_the_forward_loss_from_above():
    """Jensen, with the columns of T that sum to c scaled to one: forward <= second form - log c."""
    log_probs, labels = torch.log_softmax(random_logits(1, 6, 3), -1), torch.tensor([[0, 1, 2, 0, 1, 2]])
    shares = ASYMMETRIC.sum(0)
    bound = losses.second_form(log_probs, (ASYMMETRIC / shares).T[None], labels) - shares.log()[labels]
    assert (losses.forward_nll(log_probs, ASYMMETRIC.log()[None], labels) < bound).all()


def test_reverse_channel_by_hand():
    """Classes .5, .3, .2: label 0 is .35 of class 0 and .1 of class 2, label 1 .15 and .27, label 2 .03 and .1."""
    prior = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    expected = [[0.35 / 0.45, 0, 0.1 / 0.45], [0.15 / 0.42, 0.27 / 0.42, 0], [0, 0.03 / 0.13, 0.1 / 0.13]]
    reverse = losses.reverse_channel(torch.stack([ASYMMETRIC, torch.eye(3).double()]), prior.expand(2, 3))
    np.testing.assert_allclose(reverse[0], expected)
    assert reverse[1].tolist() == np.eye(3).tolist()


def test_reverse_channel_twice_gives_the_channel_back():
    prior = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    back = losses.reverse_channel(losses.reverse_channel(ASYMMETRIC, prior), prior @ ASYMMETRIC)
    torch.testing.assert_close(back, ASYMMETRIC)


def test_reverse_channel_of_a_label_that_never_comes_is_one_hot_and_nan_stays_nan():
    transition = torch.tensor([[0.8, 0.2, 0.0], [0.3, 0.7, 0.0], [0.5, 0.5, 0.0]])
    reverse = losses.reverse_channel(
        torch.stack([transition, torch.full((3, 3), torch.nan)]), torch.ones(2, 3) / 3
    )
    assert reverse[0, 2].tolist() == [0, 0, 1] and reverse[0].isfinite().all()
    assert reverse[1].isnan().all()


def test_backward_weights_are_the_inverse_with_rows_that_sum_to_one():
    weights = losses.backward_weights(ASYMMETRIC, 0.0)
    np.testing.assert_allclose(weights, np.linalg.inv(ASYMMETRIC.numpy()))
    np.testing.assert_allclose(weights.sum(1), 1)
    assert weights.min() < 0
    assert losses.backward_weights(ASYMMETRIC.float(), 0.0).dtype == torch.float32


@pytest.mark.parametrize("ridge", [1e-4, 0.1])
def test_backward_weights_with_ridge_by_singular_values(ridge):
    u, s, v = np.linalg.svd(ASYMMETRIC.numpy())
    expected = v.T @ np.diag(s / (s**2 + ridge)) @ u.T
    np.testing.assert_allclose(losses.backward_weights(ASYMMETRIC, ridge), expected, rtol=1e-10, atol=1e-12)


def test_backward_weights_of_a_singular_matrix_are_bounded():
    """Two classes that get the same labels: no weight beyond 1 / (2 sqrt(ridge))."""
    singular = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.5, 0.5]])
    assert losses.backward_weights(singular, 1e-4).abs().max() <= 50
    assert not losses.backward_weights(singular, 0.0).isfinite().all()


def test_nonlinear_nll_and_quasi_clustering_by_hand():
    """p = (3/4, 1/4), label 1; W p = (log 2 / 4, 3 log 2) with an asymmetric W."""
    probs, labels = torch.tensor([[[0.75, 0.25]]], dtype=torch.float64), torch.tensor([[1]])
    w = torch.tensor([[[0, np.log(2)], [np.log(16), 0]]], dtype=torch.float64)
    assert losses.nonlinear_nll(probs, w, labels).item() == pytest.approx(np.log(1 + 2**0.25 / 8))
    expected = 0.2 * (0.75 * np.log(4 / 3) + 0.25 * np.log(4)) + 0.8 * np.log(4)
    assert losses.quasi_clustering(probs.log(), labels, 0.2).item() == pytest.approx(expected)


def test_kappa_of_ten_classes():
    epsilon = torch.tensor([0.2, 0.01], dtype=torch.float64)
    kappa = losses.kappa(epsilon, 10)
    assert kappa.tolist() == pytest.approx([3.58, 6.79], abs=5e-3)
    rows = torch.softmax(kappa.unsqueeze(-1) * torch.eye(10, dtype=torch.float64)[0], -1)
    torch.testing.assert_close(rows[:, 0], 1 - epsilon)


def test_a_layer_starts_neither_without_noise_nor_at_chance():
    """Nine tenths of chance: .45 of two classes, .81 of ten."""
    rate = torch.tensor([0.0, 0.01, 0.3, 0.6, 0.9], dtype=torch.float64)
    assert losses.first_rate(rate, 2).tolist() == pytest.approx([0.01, 0.01, 0.3, 0.45, 0.45])
    assert losses.first_rate(rate, 10).tolist() == pytest.approx([0.01, 0.01, 0.3, 0.6, 0.81])


def test_symmetric_transition_by_hand():
    matrices = losses.symmetric_transition(torch.tensor([0.2, 0.0]), 3)
    expected = [[[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]], np.eye(3).tolist()]
    np.testing.assert_allclose(matrices, expected, rtol=1e-6)


def test_importance_weight_by_hand():
    """p = (.5, .3, .2), p T = (.45, .42, .13) as above: at most 1 / .7, 1 / .9 and 1 / .5."""
    log_probs = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).log().expand(1, 3, 3)
    weights = losses.importance_weight(log_probs, ASYMMETRIC.log()[None], torch.tensor([[0, 1, 2]]))
    assert weights[0].tolist() == pytest.approx([0.5 / 0.45, 0.3 / 0.42, 0.2 / 0.13])
    sure = torch.log_softmax(1e3 * torch.eye(3, dtype=torch.float64), -1)[None]
    weights = losses.importance_weight(sure, ASYMMETRIC.log()[None], torch.tensor([[0, 1, 2]]))
    assert weights[0].tolist() == pytest.approx([1 / 0.7, 1 / 0.9, 1 / 0.5])
