"""The gradient at the logits: closed forms against autograd, and what can be worked out by hand."""

import math

import numpy as np
import pytest
import torch

from labelnoise import losses, results
from labelnoise.claims import gradients

RNG = np.random.default_rng(0)
PROBS = RNG.dirichlet(np.ones(5), size=7)
LABELS = RNG.integers(5, size=7)
MATRICES = {  # asymmetric, so that a transposition shows
    "cross_entropy": np.eye(5),
    "linear": RNG.dirichlet(np.ones(5), size=5),
    "nonlinear": RNG.normal(size=(5, 5)),
}


def at(frame, layer, relation, confidence):
    rows = frame[(frame["layer"] == layer) & (frame["relation"] == relation)]
    return rows.loc[(rows["confidence"] - confidence).abs().idxmin(), "closed_form"]


@pytest.fixture(scope="module")
def studied():
    return gradients.study(10, 0.05)


@pytest.mark.parametrize("layer", sorted(MATRICES))
def test_autograd_and_closed_form_agree(layer):
    found = gradients.norms(layer, MATRICES[layer], PROBS, LABELS)
    expected = gradients.autograd_norms(layer, MATRICES[layer], PROBS, LABELS)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert found.min() > 0.01


@pytest.mark.parametrize(
    ("layer", "loss"),
    [
        ("cross_entropy", lambda p, m, y: -math.log(p[y])),
        ("linear", lambda p, t, y: -math.log(p @ t[:, y])),
        ("nonlinear", lambda p, w, y: math.log(np.exp(w @ p).sum()) - (w @ p)[y]),
    ],
)
def test_closed_forms_against_differences_of_the_formula(layer, loss):
    """Central differences of each loss written out for one example."""
    step = 1e-5
    for probs, label, found in zip(PROBS, LABELS, gradients.norms(layer, MATRICES[layer], PROBS, LABELS)):
        slopes = []
        for moved in step * np.eye(5):
            up, down = (np.exp(np.log(probs) + sign * moved) for sign in (1, -1))
            values = (loss(p / p.sum(), MATRICES[layer], label) for p in (up, down))
            slopes.append(np.subtract(*values) / (2 * step))
        assert np.linalg.norm(slopes) == pytest.approx(found, rel=1e-6)


def test_two_classes_by_hand():
    """p = (3/4, 1/4), label 1. Cross-entropy: (3/4, -3/4). T = [[.9, .1], [.2, .8]]: q = (.075, .2) / .275.

    W = log 3 on the diagonal: p' = (sqrt 3, 1) / (sqrt 3 + 1), W^T (p' - e) = log 3 a (1, -1) with
    a = sqrt 3 / (sqrt 3 + 1), diag p - p p^T = 3/16 [[1, -1], [-1, 1]]: 2 log 3 a 3/16 (1, -1).
    """
    probs, labels = np.array([[0.75, 0.25]]), np.array([1])
    linear = np.array([[0.9, 0.1], [0.2, 0.8]])
    share = math.sqrt(3) / (math.sqrt(3) + 1)
    assert gradients.norms("cross_entropy", np.eye(2), probs, labels) == pytest.approx(0.75 * math.sqrt(2))
    assert gradients.norms("linear", linear, probs, labels) == pytest.approx((0.75 - 3 / 11) * math.sqrt(2))
    found = gradients.norms("nonlinear", math.log(3) * np.eye(2), probs, labels)
    assert found == pytest.approx(2 * math.log(3) * share * 3 / 16 * math.sqrt(2))


def test_linear_layer_with_the_identity_is_cross_entropy():
    linear, plain = (gradients.norms(form, np.eye(5), PROBS, LABELS) for form in ("linear", "cross_entropy"))
    np.testing.assert_allclose(linear, plain)


def test_columns_of_w_are_defined_up_to_a_constant():
    moved = MATRICES["nonlinear"] + RNG.normal(size=5)  # one number added to each column
    one, other = (gradients.norms("nonlinear", w, PROBS, LABELS) for w in (MATRICES["nonlinear"], moved))
    np.testing.assert_allclose(one, other)
    rows = MATRICES["nonlinear"] + RNG.normal(size=(5, 1))
    assert not np.allclose(gradients.norms("nonlinear", rows, PROBS, LABELS), one)


def test_the_ceiling_of_an_identity_layer():
    """A confident right prediction of ten classes still costs -log(e / (e + 9)) = 1.461."""
    probs = torch.eye(10, dtype=torch.float64)[None]
    loss = losses.nonlinear_nll(probs, torch.eye(10, dtype=torch.float64)[None], torch.arange(10)[None])
    assert loss[0].tolist() == pytest.approx([math.log(1 + 9 / math.e)] * 10)
    assert loss[0, 0].item() == pytest.approx(1.461, abs=5e-4)


def test_confident_disagreement(studied):
    """Damped by a linear layer whose T is positive and by a nonlinear one; not where T says it cannot be."""
    plain = at(studied, "cross_entropy", "disagree", 0.999)
    assert plain == pytest.approx(math.sqrt(2), abs=2e-3)
    assert at(studied, "linear", "disagree", 0.999) < 0.02 * plain
    assert at(studied, "nonlinear_kappa", "disagree", 0.999) < 0.005 * plain
    assert at(studied, "linear_sparse", "disagree", 0.999) > 0.97 * plain
    # the nonlinear layer lets go earlier
    linear, nonlinear = (at(studied, name, "disagree", 0.95) for name in ("linear", "nonlinear_kappa"))
    assert nonlinear < 0.5 * linear < 0.3 * plain


def test_agreement_is_damped_by_confidence_in_every_layer(studied):
    for layer in studied["layer"].unique():
        assert at(studied, layer, "agree", 0.999) < 0.002


def test_the_table_has_the_schema_and_both_columns_agree(studied):
    assert len(results.check("gradients", studied)) == 5 * 2 * gradients.POINTS
    np.testing.assert_allclose(studied["norm"], studied["closed_form"], rtol=0, atol=1e-9)
    assert studied["confidence"].min() == 0.1 and studied["confidence"].max() == 0.999
