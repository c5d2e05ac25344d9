"""Mixup: what is mixed with what, its limit, its share's distribution, and that a run's draws are its own."""

import math

import pytest
import tiny
import torch

from labelnoise.draws import Draws
from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["mixup"](alpha=1)
LABELS = torch.tensor([[0, 1, 2, 1], [2, 2, 0, 1]])
INPUTS = torch.arange(8.0, dtype=torch.float64).reshape(2, 4, 1, 1, 1)
STATE = METHOD.init_state(tiny.estimates(2), LABELS, 3)


def mixed(seeds, method=METHOD, inputs=INPUTS):
    draws = Draws(torch.tensor(seeds))
    return method.transform(Batch(inputs, LABELS, None, torch.arange(4).expand(2, 4), 0, draws), STATE)


def test_inputs_and_labels_are_mixed_alike():
    """Inputs that are one-hot in position and label show who was mixed with whom, and in which shares."""
    inputs = torch.eye(4, dtype=torch.float64).expand(2, 4, 4)
    batch = mixed([1, 2], inputs=inputs)
    torch.testing.assert_close(batch.inputs.sum(-1), torch.ones(2, 4, dtype=torch.float64))
    for run in range(2):
        e = torch.nn.functional.one_hot(LABELS[run], 3).double()
        torch.testing.assert_close(batch.targets[run], batch.inputs[run] @ e)
        share = batch.inputs[run].diagonal()
        moved = share < 1  # the others were mixed with themselves
        assert moved.any() and share[moved].unique().numel() == 1  # one share per run and step
        torch.testing.assert_close(batch.inputs[run].sum(0), torch.ones(4, dtype=torch.float64))  # a permutation
    assert not torch.equal(batch.inputs[0], batch.inputs[1])


def test_labels_and_shape_of_images_stay():
    batch = mixed([1, 2])
    assert batch.inputs.shape == INPUTS.shape and torch.equal(batch.labels, LABELS)
    assert batch.targets.shape == (2, 4, 3) and batch.inputs.dtype == batch.targets.dtype == torch.float64


def test_loss_of_a_mixed_label_by_hand():
    """p = (1/2, 1/4, 1/4), y = (3/4, 1/4, 0): 3/4 log 2 + 1/4 log 4 = 5/4 log 2."""
    logits = torch.tensor([[[2.0, 1, 1]]], dtype=torch.float64).log()
    targets = torch.tensor([[[0.75, 0.25, 0]]], dtype=torch.float64)
    batch = Batch(logits, LABELS[:1, :1], targets, LABELS[:1, :1], 0, [])
    assert METHOD.loss(logits, batch, STATE).item() == pytest.approx(1.25 * math.log(2))


def test_share_one_is_cross_entropy(monkeypatch):
    monkeypatch.setattr(Draws, "symmetric_beta", lambda self, alpha: torch.ones(2))
    batch = mixed([1, 2])
    assert torch.equal(batch.inputs, INPUTS)
    logits = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = torch.nn.functional.cross_entropy(logits.transpose(1, 2), LABELS, reduction="none")
    torch.testing.assert_close(METHOD.loss(logits, batch, STATE), expected)


def test_share_zero_is_the_partner(monkeypatch):
    monkeypatch.setattr(Draws, "symmetric_beta", lambda self, alpha: torch.zeros(2))
    (order,) = Draws(torch.tensor([1])).permutations(4)
    assert torch.equal(mixed([1, 2]).inputs[0], INPUTS[0, order])


def test_a_runs_draws_are_its_own():
    assert torch.equal(mixed([1, 2]).inputs[0], mixed([1, 5]).inputs[0])
