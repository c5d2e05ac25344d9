"""The noise layer in both forms: its start, its warm-up, its penalty, the projection, what training does to it."""

from dataclasses import replace

import pytest
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch

PARTS = {"first": "fixed", "epsilon": 0.2, "floor": 0.01, "trace_penalty": 0.5, "warmup": 2.0}
SOFTMAX = METHODS["noise_layer"](form="softmax", lr=0.1, **PARTS)
PROJECTION = METHODS["noise_layer"](form="projection", lr=0.01, **PARTS)
BOTH = pytest.mark.parametrize("method", [SOFTMAX, PROJECTION], ids=lambda method: method.form)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
LOGITS = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
RANDOM = torch.rand(1, 6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64) + 0.1


def start(method, known=None):
    known = tiny.clocked(1) if known is None else known
    return method.init_state(known, LABELS.expand(len(known.clock), -1), 6)


def with_t(method, t):
    """State after the warm-up, with T [1, C, C]."""
    state = start(method)
    with torch.no_grad():
        state["t"].copy_(t if method.form == "projection" else t.log())
    return state


def loss(method, state, epoch=5, logits=LOGITS):
    labels = LABELS.expand(len(logits), -1)
    return method.loss(logits, Batch(logits, labels, None, labels, epoch, []), state)


@BOTH
def test_first_transition_is_that_of_a_fixed_or_of_the_estimated_rate(method):
    known = tiny.clocked(1, 1, rate=[0.3, 0.6])
    for of, rates in [(method, [0.2, 0.2]), (replace(method, first="rate"), [0.3, 0.6])]:
        first = of.learned_transition(start(of, known))
        assert not first.requires_grad
        for found, rate in zip(first, rates, strict=True):
            expected = torch.full((6, 6), rate / 5, dtype=torch.float64).fill_diagonal_(1 - rate)
            torch.testing.assert_close(found, expected)


def test_it_reads_the_rate_only_where_it_starts_from_it():
    assert PROJECTION.uses == ("clock",) and replace(PROJECTION, first="rate").uses == ("clock", "rate")


@BOTH
def test_loss_is_the_forward_loss_of_the_learned_matrix(method):
    t = RANDOM / RANDOM.sum(-1, keepdim=True)
    noisy = torch.softmax(LOGITS[0], -1) @ t[0]  # rows of T sum to one
    found = loss(method, with_t(method, t))
    torch.testing.assert_close(found[0], -noisy.log().gather(-1, LABELS[0, :, None])[:, 0])


@BOTH
def test_penalty_is_the_scaled_mean_of_the_diagonal(method):
    t = torch.full((1, 6, 6), 1 / 6, dtype=torch.float64)
    t[0, 1] = torch.tensor([0.1, 0.5, 0.1, 0.1, 0.1, 0.1])
    assert method.penalty(5, with_t(method, t)).tolist() == pytest.approx([0.5 * (5 / 6 + 1 / 2) / 6])


@BOTH
def test_penalty_alone_lowers_the_diagonal(method):
    state = start(method)
    method.penalty(2, state).sum().backward()
    assert (state["t"].grad[0].diagonal() > 0).all()


@pytest.mark.parametrize("use", ["loss", "end_of_epoch"])
def test_projection_by_hand(use):
    """(.5, -.3, .1, .2, .2, .001) is clipped to (.5, .01, .1, .2, .2, .01), and divided by its sum 1.02."""
    state = start(PROJECTION)
    with torch.no_grad():
        state["t"][0, 3] = torch.tensor([0.5, -0.3, 0.1, 0.2, 0.2, 0.001], dtype=torch.float64)
    held = state["t"]  # the optimiser's
    loss(PROJECTION, state) if use == "loss" else PROJECTION.end_of_epoch(5, LOGITS, state)
    expected = [0.5 / 1.02, 0.01 / 1.02, 0.1 / 1.02, 0.2 / 1.02, 0.2 / 1.02, 0.01 / 1.02]
    assert state["t"] is held and held[0, 3].tolist() == pytest.approx(expected)
    torch.testing.assert_close(held[0, 0], start(PROJECTION)["t"][0, 0])


def test_gradient_of_the_projection_form_also_where_an_entry_was_clipped():
    """dL/dT_kj = -p_k / (p T)_j for the label j: it can come back."""
    state = start(PROJECTION)
    with torch.no_grad():
        state["t"][0, 3, 0] = -1.0
    found = loss(PROJECTION, state)
    found.sum().backward()
    p, t = torch.softmax(LOGITS[0], -1), state["t"].detach()[0]
    noisy = (p @ t).gather(1, LABELS[0, :, None])[:, 0]
    of_label_0 = LABELS[0] == 0
    assert t[3, 0] == pytest.approx(0.01 / (0.01 + 0.8 + 4 * 0.04))
    assert state["t"].grad[0, 3, 0].item() == pytest.approx(-(p[:, 3] / noisy)[of_label_0].sum().item())


@BOTH
@pytest.mark.parametrize(
    ("warmup", "trained"),
    [(2.0, {0: [False, False], 1: [False, False], 2: [True, False], 3: [True, False], 4: [True, True]}),
     (0.0, {0: [True, True]})],
)  # fmt: skip
def test_each_run_has_no_gradient_until_its_own_warm_up_ends(method, warmup, trained):
    """E* = 1 and 2."""
    method = replace(method, warmup=warmup)
    for epoch, expected in trained.items():
        state = start(method, tiny.clocked(1, 2))
        total = loss(method, state, epoch, LOGITS.expand(2, -1, -1)).mean(1) + method.penalty(epoch, state)
        total.requires_grad_().sum().backward()
        grad = torch.zeros(2, 6, 6) if state["t"].grad is None else state["t"].grad
        assert grad.flatten(1).any(1).tolist() == expected, epoch


def test_what_is_below_the_floor_stays_in_warm_up():
    method = replace(PROJECTION, epsilon=0.01)  # entries of .002, and a floor of .01
    state = start(method, tiny.clocked(1, 2))
    first = state["t"].detach().clone()
    loss(method, state, 2, LOGITS.expand(2, -1, -1))
    expected = torch.full((6, 6), 0.01 / 1.04, dtype=torch.float64).fill_diagonal_(0.99 / 1.04)
    torch.testing.assert_close(state["t"].detach()[0], expected)
    assert torch.equal(state["t"][1], first[1])


@BOTH
@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
def test_training_leaves_t_alone_until_each_runs_warm_up_ends_and_then_moves_it(method, network):
    data, known, seen = tiny.data(), tiny.estimates(), {}
    method = replace(method, warmup=1.0)
    first = method.init_state(known, data.labels, tiny.CLASSES)["t"]
    tiny.fit(method, network, data, known, after_epoch=lambda e, now: seen.update({e: now().state["t"].clone()}))
    for run, warm in enumerate((1, 2, 3)):
        assert all(torch.equal(seen[epoch][run], first[run]) for epoch in range(warm))
        assert all((seen[epoch][run] - first[run]).abs().max() > 1e-6 for epoch in range(warm, 4))
    last = method.learned_transition({"t": seen[3]})
    torch.testing.assert_close(last.sum(-1), torch.ones(3, 6, dtype=torch.float64))
    assert last.min() > 0


def test_its_own_learning_rate_and_no_weight_decay():
    """Weight decay pulls A to zero, even its entries without a gradient; a tiny rate leaves A nearly alone."""
    data, known = tiny.data(), tiny.estimates()
    slow, fast = (tiny.fit(replace(SOFTMAX, lr=lr), "mlp", data, known).state["t"] for lr in (1e-6, 1e-1))
    first = SOFTMAX.init_state(known, data.labels, tiny.CLASSES)["t"]
    assert 0 < (slow - first).abs().max() < 1e-5 < (fast - first).abs().max()
    # without decay every row of A keeps its sum, since a softmax has a gradient that sums to zero
    torch.testing.assert_close(fast.sum(-1), first.sum(-1).detach())


@BOTH
def test_without_noise_in_it_it_is_cross_entropy(method):
    """epsilon -> 0 makes the first T the identity."""
    method = replace(method, epsilon=1e-12, floor=1e-13)
    expected = torch.nn.functional.cross_entropy(LOGITS[0], LABELS[0], reduction="none")
    torch.testing.assert_close(loss(method, start(method))[0].detach(), expected)


def test_entries_at_the_floor_have_a_bounded_gradient_and_those_of_a_softmax_are_bounded_by_the_entry():
    """A network sure of class 3 by 50 nats, label 0: -1 / T_30, and at most 1."""
    logits = torch.zeros(1, 8, 6, dtype=torch.float64)
    logits[..., 3] = 50
    for method, largest in [(PROJECTION, 8 * 1.04 / 0.01), (SOFTMAX, 8)]:
        t = torch.full((1, 6, 6), 0.01, dtype=torch.float64) + 0.95 * torch.eye(6, dtype=torch.float64)
        state = with_t(method, t / t.sum(-1, keepdim=True))
        loss(method, state, logits=logits).sum().backward()
        assert 0.1 < state["t"].grad.abs().max() <= largest * (1 + 1e-9)
