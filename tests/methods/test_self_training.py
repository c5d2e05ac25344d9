"""Self-training: the labels of the second round, and its loss."""

import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["self_training"](early=2.0)
LABELS = torch.tensor([[0, 1, 2]])


def after(epochs):
    """New labels after epochs with these probabilities [n, C] each, where E* = 1."""
    state = METHOD.init_state(tiny.clocked(1), LABELS, 3)
    for epoch, probs in enumerate(epochs):
        state = METHOD.end_of_epoch(epoch, torch.tensor([probs], dtype=torch.float64), state)
    return METHOD.targets(state)[0].tolist()


def test_new_labels_are_the_argmax_of_the_mean_of_the_early_epochs():
    """Sums .9 1.1, .8 1.2 and 1.4 .6 (of classes 0 and 1); the third epoch is not early any more."""
    early = [[[0.8, 0.2, 0], [0.2, 0.8, 0], [0.6, 0.4, 0]], [[0.1, 0.9, 0], [0.6, 0.4, 0], [0.8, 0.2, 0]]]
    late = [[0, 0, 1]] * 3
    assert after([*early, late, late]) == [[0, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_each_run_counts_until_twice_its_own_clock():
    """E* = 1 and 2: two epochs and four of five."""
    state = METHOD.init_state(tiny.clocked(1, 2), torch.zeros(2, 1, dtype=torch.int64), 2)
    for epoch, probs in enumerate([[0.4, 0.6]] * 2 + [[0.9, 0.1]] * 3):
        state = METHOD.end_of_epoch(epoch, torch.tensor([[probs]] * 2, dtype=torch.float64), state)
    torch.testing.assert_close(state["sum"][:, 0], torch.tensor([[0.8, 1.2], [2.6, 1.4]], dtype=torch.float64))
    assert METHOD.targets(state)[:, 0].tolist() == [[0, 1], [1, 0]]


def test_an_example_that_was_never_drawn_keeps_its_label():
    missing = [float("nan")] * 3
    assert after([[missing, [0.6, 0.4, 0], missing], [[0, 1, 0], missing, missing]]) == [
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 1],
    ]


def test_both_rounds_are_cross_entropy_the_second_on_the_new_labels():
    logits = torch.randn(1, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    new = torch.tensor([[1, 1, 0]])
    batch = Batch(logits, LABELS, functional.one_hot(new, 3).double(), LABELS, 0, [])
    for method, labels in [(METHOD, LABELS), (METHOD.next_round(), new)]:
        expected = functional.cross_entropy(logits[0], labels[0], reduction="none")
        torch.testing.assert_close(method.loss(logits, batch, {})[0], expected)
    assert METHOD.next_round().next_round() is None


def test_wrong_labels_are_replaced_by_the_classes():
    data, classes = tiny.separable()
    method = METHODS["self_training"](early=4.0)
    new = method.targets(tiny.fit(method, "mlp", data, tiny.clocked(1)).state).argmax(-1)
    assert (data.labels == classes).double().mean() == 0.75 and (new == classes).double().mean() > 0.9
