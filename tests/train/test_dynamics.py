"""Streamed statistics against the same taken from a stored history of all epochs."""

import itertools

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from labelnoise.train import dynamics

RUNS, EXAMPLES, CLASSES = 2, 20, 4


def history(epochs):
    """Logits [E, R, n, C] that learn slowly and noisily, and labels [R, n]; class 3 is rare: 2 and 1 examples."""
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=(RUNS, EXAMPLES))
    labels[0, :2], labels[1, 0] = 3, 3
    logits = rng.normal(size=(epochs, RUNS, EXAMPLES, CLASSES))
    return logits + 0.05 * np.arange(epochs)[:, None, None, None] * np.eye(CLASSES)[labels], labels


def streamed(logits, labels):
    labels, epochs = torch.from_numpy(labels), len(logits)
    state = dynamics.init(labels, torch.float64)
    for epoch, now in enumerate(logits):
        state = dynamics.update(state, epoch, epochs, torch.from_numpy(now), labels)
    return {name: value.numpy() for name, value in dynamics.summary(state, epochs).items()}


def brute_force(logits, label):
    """Statistics of one example from its logits [E, C]."""
    probs = scipy.special.softmax(logits, -1)
    predicted = logits.argmax(-1)
    right = predicted == label
    losses, early, half = -np.log(probs[:, label]), max(1, len(logits) // 6), max(1, len(logits) // 2)
    margins = logits[:, label] - np.delete(logits, label, -1).max(-1)
    return {
        "prob_mean": probs[:, label].mean(),
        "prob_variance": probs[:, label].var(),
        "prob_slope": np.polyfit(np.arange(len(logits)), probs[:, label], 1)[0] if len(logits) > 1 else 0,
        "margin_mean": margins.mean(),
        "loss_mean": losses.mean(),
        "loss_last": losses[-1],
        "early_prob": probs[:early, label].mean(),
        "early_disagreement": (~right)[:early].mean(),
        "half_disagreement": (~right)[:half].mean(),
        "forgetting": sum(a and not b for a, b in itertools.pairwise(right)),
        "flips": sum(a != b for a, b in itertools.pairwise(predicted)),
        "first_learned": int(np.argmax(right)) if right.any() else -1,
    }


@pytest.mark.parametrize("epochs", [1, 4, 15])
def test_against_brute_force(epochs):
    logits, labels = history(epochs)
    found = streamed(logits, labels)
    for run, example in np.ndindex(RUNS, EXAMPLES):
        for name, value in brute_force(logits[:, run, example], labels[run, example]).items():
            np.testing.assert_allclose(found[name][run, example], value, rtol=1e-9, atol=1e-12, err_msg=name)


def test_the_history_has_all_cases():
    """The brute-force test compares nothing unless these occur."""
    found = streamed(*history(15))
    assert found["forgetting"].max() > 1 and (found["first_learned"] > 0).any() and found["flips"].min() > 0
    assert (streamed(*history(4))["first_learned"] == -1).any()


def test_loss_rank_within_the_class():
    logits, labels = history(15)
    expected = np.zeros((RUNS, EXAMPLES))
    for now in logits:
        loss = -np.take_along_axis(scipy.special.log_softmax(now, -1), labels[..., None], -1)[..., 0]
        for run in range(RUNS):
            for label in range(CLASSES):
                own = labels[run] == label
                ranks = scipy.stats.rankdata(loss[run, own]) - 1
                expected[run, own] += ranks / max(1, own.sum() - 1) / len(logits)
    found = streamed(logits, labels)["loss_rank_mean"]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert found[1, 0] == 0  # alone in its class


def test_a_run_does_not_depend_on_the_others():
    logits, labels = history(15)
    together, alone = streamed(logits, labels), streamed(logits[:, 1:], labels[1:])
    for name in alone:
        np.testing.assert_array_equal(together[name][1:], alone[name], err_msg=name)


def test_memory_does_not_grow_with_epochs():
    def size(epochs):
        labels = torch.zeros(RUNS, EXAMPLES, dtype=torch.int64)
        state = dynamics.init(labels, torch.float32)
        for epoch in range(epochs):
            state = dynamics.update(state, epoch, epochs, torch.randn(RUNS, EXAMPLES, CLASSES), labels)
        return sum(value.numel() for value in state.values())

    assert size(1) == size(30)
