"""The dropout noise layer: the formula, where and how much it drops, and that each run draws its own."""

import math
from dataclasses import replace

import pytest
import tiny
import torch

from labelnoise.draws import Draws
from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["dropout_noise_layer"](dropout=0.0, where="output", init="identity", lr=0.1)
LABELS = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 1]])
LOGITS = torch.randn(1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
W = torch.randn(1, 6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def loss(method, w=W, logits=LOGITS, labels=LABELS, seeds=(0,)):
    draws = Draws(torch.tensor(seeds))
    return method.loss(logits, Batch(logits, labels, None, labels, 0, draws), {"w": w})


@pytest.mark.parametrize("where", ["output", "weights"])
def test_without_dropout_it_is_the_cross_entropy_of_the_second_softmax(where):
    expected = []
    for logits, label in zip(LOGITS[0], LABELS[0]):
        u = W[0] @ torch.softmax(logits, -1)
        expected.append(u.exp().sum().log() - u[label])
    torch.testing.assert_close(loss(replace(METHOD, where=where))[0], torch.stack(expected))


def test_the_ceiling_of_its_start():
    w = METHOD.init_state(tiny.estimates(1), LABELS, 10)["w"].detach()
    found = loss(METHOD, w, 1e3 * torch.eye(10, dtype=torch.float64)[None], torch.arange(10)[None])
    assert found[0].tolist() == pytest.approx([math.log(1 + 9 / math.e)] * 10)
    torch.testing.assert_close(METHOD.learned_transition({"w": w})[0, 0, 0].item(), math.e / (math.e + 9))


def test_the_start_at_the_estimated_rate():
    """p' = .7 at the vertices of the first run, .9 * 5 / 6 wrong in the second, whose rate is more than chance."""
    method, known = replace(METHOD, init="kappa"), tiny.clocked(1, 1, rate=[0.3, 0.9])
    assert method.uses == ("rate",) and not METHOD.uses
    first = method.learned_transition(method.init_state(known, LABELS.expand(2, -1), 6))
    for found, rate in zip(first, [0.3, 0.75], strict=True):
        expected = torch.full((6, 6), rate / 5, dtype=torch.float64).fill_diagonal_(1 - rate)
        torch.testing.assert_close(found, expected)


def test_dropped_outputs_are_zero_and_the_others_scaled_up():
    """W p = (2, 1, 1, 1, 1, 1) for all p, label 0: the loss tells if the label and how many others were kept."""
    method, labels = replace(METHOD, dropout=0.25), torch.zeros(1, 4000, dtype=torch.int64)
    w = torch.ones(1, 6, 6, dtype=torch.float64)
    w[0, 0] = 2
    found = loss(method, w, torch.zeros(1, 4000, 6, dtype=torch.float64), labels)[0].exp()
    label, others = math.exp(2 / 0.75), [k * math.exp(1 / 0.75) + 5 - k for k in range(6)]
    possible = torch.tensor([1 + o for o in others] + [1 + o / label for o in others], dtype=torch.float64)
    nearest = (found[:, None] - possible).abs().min(1)
    assert nearest.values.max() < 1e-9
    of_label, of_others = (nearest.indices >= 6).double().mean(), (nearest.indices % 6).double().mean() / 5
    assert of_label.item() == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / 4000))
    assert of_others.item() == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / 20000))


def test_dropped_weights_are_one_mask_for_the_whole_batch():
    method = replace(METHOD, dropout=0.5, where="weights")
    same = LOGITS[:, :1].expand(-1, 8, -1)
    labels = torch.zeros_like(LABELS)
    assert loss(method, logits=same, labels=labels).unique().numel() == 1
    assert loss(replace(method, where="output"), logits=same, labels=labels).unique().numel() > 1
    assert len({loss(method, logits=same, labels=labels, seeds=(s,))[0, 0].item() for s in range(5)}) > 1


@pytest.mark.parametrize("where", ["output", "weights"])
def test_each_run_draws_from_its_own_stream(where):
    method = replace(METHOD, dropout=0.5, where=where)
    two = [part.expand(2, *part.shape[1:]) for part in (W, LOGITS, LABELS)]
    found = loss(method, *two, seeds=(3, 4))
    torch.testing.assert_close(found[1:], loss(method, seeds=(4,)))
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_transition_is_the_noisy_prediction_at_the_vertices():
    vertices = 1e3 * torch.eye(6, dtype=torch.float64)
    for label in range(6):
        column = loss(METHOD, logits=vertices[None], labels=torch.full((1, 6), label))
        torch.testing.assert_close(METHOD.learned_transition({"w": W})[0, :, label], torch.exp(-column[0]))
