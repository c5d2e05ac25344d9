"""SOP: its loss by hand and against a plain rewrite of the authors' code, which gradient goes where, the limit."""

import math
from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.methods.base import Group
from labelnoise.types import Batch

METHOD = METHODS["sop"](lr_u=0.5, lr_v=0.5, init=0.01, clamp=1e-4)
LABELS = torch.tensor([[0, 1, 2, 1]])


def start(u, v):
    state = METHOD.init_state(tiny.estimates(1), LABELS, 3)
    with torch.no_grad():
        state["u"][0], state["v"][0] = torch.as_tensor(u), torch.as_tensor(v)
    return state


def loss(state, logits):
    batch = Batch(logits[None], LABELS, None, torch.arange(4)[None], 0, [])
    return METHOD.loss(logits[None], batch, state)[0]


def random_case():
    rng = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=rng, dtype=torch.float64)  # noqa: E731
    return draw(4, 3), 0.7 * draw(4, 1), 0.7 * draw(4, 3)


def test_start():
    state = METHOD.init_state(tiny.estimates(2), LABELS.repeat(2, 1), 3)
    assert state["u"].shape == (2, 4, 1) and state["v"].shape == (2, 4, 3)
    assert (state["u"] == 0.01).all() and (state["v"] == 0.01).all()
    assert all(part.requires_grad for part in state.values())


def test_u_and_v_have_a_constant_rate_and_no_momentum():
    found = replace(METHOD, lr_v=0.2).optimizers()
    assert found == {"u": Group(0.5, 0.0, scheduled=False), "v": Group(0.2, 0.0, scheduled=False)}


def test_without_u_and_v_it_is_cross_entropy_and_two_where_the_argmax_is_wrong():
    logits = random_case()[0]
    plain = torch.nn.functional.cross_entropy(logits, LABELS[0], reduction="none")
    wrong = logits.argmax(-1) != LABELS[0]
    assert wrong.any() and not wrong.all()
    torch.testing.assert_close(loss(start(torch.zeros(4, 1), torch.zeros(4, 3)), logits), plain + 2 * wrong)


def test_loss_by_hand():
    """p = (1/2, 1/4, 1/4) and label 1: u^2 = 1/4, v^2 = 1/4 in class 0. p + s = (1/4, 1/2, 1/4) sums to one.

    argmax p + s - e = (1, 0, 0) + (-1/4, 1/4, 0) - (0, 1, 0): the squares are 9/16 + 9/16.
    """
    v = torch.tensor([[0.0, 0, 0], [0.5, 7, 0], [0, 0, 0], [0, 0, 0]])  # the label's own v is not in s
    logits = torch.tensor([[2.0, 1, 1]] * 4, dtype=torch.float64).log()
    value = loss(start([[0.0], [0.5], [0], [0]], v), logits)[1]
    assert value.item() == pytest.approx(math.log(2) + 18 / 16)


def test_loss_is_that_of_the_authors_code():
    logits, u, v = random_case()
    shifted = np.exp(logits.numpy() - logits.numpy().max(1, keepdims=True))
    p, label = shifted / shifted.sum(1, keepdims=True), np.eye(3)[LABELS[0]]
    u2, v2 = np.clip(u.numpy() ** 2 * label, 0, 1), np.clip(v.numpy() ** 2 * (1 - label), 0, 1)
    prediction = np.maximum(p + u2 - v2, 1e-4)
    prediction = np.clip(prediction / prediction.sum(1, keepdims=True), 1e-4, 1)
    hard = np.eye(3)[p.argmax(1)]
    expected = -(label * np.log(prediction)).sum(1) + ((hard + u2 - v2 - label) ** 2).sum(1)
    np.testing.assert_allclose(loss(start(u, v), logits).detach(), expected, rtol=1e-9)


def test_v_learns_from_the_squares_alone_and_only_beside_the_label():
    """d/dv of ||..||^2 = -4 v (hard - v^2) in class k != label, from the argmax and v alone."""
    logits, u, v = random_case()
    state = start(0.1 * u, 0.1 * v)
    loss(state, logits).sum().backward()
    hard, label = np.eye(3)[logits.argmax(-1)], np.eye(3)[LABELS[0]]
    small = 0.1 * v.numpy()
    expected = -4 * small * (hard - small**2) * (1 - label)
    np.testing.assert_allclose(state["v"].grad[0], expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
def test_training_puts_more_into_u_where_the_label_is_contradicted(network):
    data, classes = tiny.separable()
    method = replace(METHOD, lr_u=0.6, lr_v=0.6)  # 5 at batches of 64
    end = tiny.fit(method, network, data, tiny.estimates(1), epochs=20)
    mass, other = end.state["u"].squeeze(-1) ** 2, (end.state["v"] ** 2).gather(-1, classes[..., None])[..., 0]
    wrong = data.labels != classes
    assert (
        mass[wrong].median() > 10 * mass[~wrong].median() and other[wrong].median() > 10 * other[~wrong].median()
    )
