"""The cascade: which examples a round keeps, how many rounds there are, and the loss of the kept."""

import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["cascade"](rounds=3, early=2.0)
LABELS = torch.tensor([[0, 1, 2]])
NAN = float("nan")


def after(epochs, method=METHOD, labels=LABELS):
    """State after epochs with these probabilities [n, C] each, where E* = 1."""
    state = method.init_state(tiny.clocked(1), labels, 3)
    for epoch, probs in enumerate(epochs):
        state = method.end_of_epoch(epoch, torch.tensor([probs], dtype=torch.float64), state)
    return state


def test_kept_are_the_examples_whose_label_the_mean_of_the_early_epochs_predicts():
    """Means .45 .55, .4 .6 and .7 .3 (of classes 0 and 1); the third epoch is not early any more."""
    early = [[[0.8, 0.2, 0], [0.2, 0.8, 0], [0.6, 0.4, 0]], [[0.1, 0.9, 0], [0.6, 0.4, 0], [0.8, 0.2, 0]]]
    late = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    targets = METHOD.targets(after([*early, late]))
    assert targets[0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_each_run_counts_until_twice_its_own_clock():
    """E* = 1 and 2, label 1; the network says so at first, and more surely 0 from the third epoch on."""
    labels = torch.ones(2, 1, dtype=torch.int64)
    state = METHOD.init_state(tiny.clocked(1, 2), labels, 2)
    for epoch, probs in enumerate([[0.4, 0.6]] * 2 + [[0.9, 0.1]] * 3):
        state = METHOD.end_of_epoch(epoch, torch.tensor([[probs]] * 2, dtype=torch.float64), state)
    torch.testing.assert_close(state["sum"][:, 0], torch.tensor([[0.8, 1.2], [2.6, 1.4]], dtype=torch.float64))
    assert METHOD.targets(state)[:, 0].tolist() == [[0, 1], [0, 0]]


def test_an_example_that_was_not_drawn_in_an_epoch_counts_by_the_others_and_else_by_its_label():
    missing = [NAN] * 3
    state = after([[missing, [0.6, 0.4, 0], missing], [[0, 1, 0], missing, missing]])
    assert METHOD.targets(state)[0].tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_a_later_round_takes_examples_back():
    """Its state starts anew from the given labels; the targets of the round before are only in its batches."""
    later = METHOD.next_round()
    assert METHOD.targets(after([[[0, 1, 0]] * 3] * 2))[0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert later.targets(after([[[1, 0, 0]] * 3] * 2, later))[0].tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_there_are_as_many_rounds_as_asked_for():
    second = METHOD.next_round()
    third = second.next_round()
    assert third.next_round() is None and third.early == METHOD.early
    assert METHODS["cascade"](rounds=1, early=2.0).next_round() is None


def loss(targets):
    logits = torch.randn(1, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    value = METHOD.loss(logits, Batch(logits, LABELS, targets, LABELS, 0, []), {})
    return value[0], functional.cross_entropy(logits[0], LABELS[0], reduction="none")


def test_first_round_is_cross_entropy_and_so_is_a_round_that_keeps_all():
    for targets in (None, functional.one_hot(LABELS, 3).double()):
        value, plain = loss(targets)
        torch.testing.assert_close(value, plain)


def test_rows_of_zeros_are_left_out_of_the_mean():
    targets = functional.one_hot(LABELS, 3).double()
    targets[0, 1] = 0
    value, plain = loss(targets)
    torch.testing.assert_close(value.mean(), plain[[0, 2]].mean())
    assert value[1] == 0
    assert (loss(torch.zeros_like(targets))[0] == 0).all()


def test_filtering_finds_wrong_labels():
    data, classes = tiny.separable()
    method = METHODS["cascade"](rounds=2, early=4.0)
    left_out = method.targets(tiny.fit(method, "mlp", data, tiny.clocked(1)).state).sum(-1) == 0
    wrong = data.labels != classes
    assert left_out[wrong].double().mean() > 0.9 and left_out[~wrong].double().mean() < 0.1
