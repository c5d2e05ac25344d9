"""Co-teaching: who teaches whom, how many examples are kept, and that nothing else differs from cross-entropy."""

import pytest
import tiny
import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["co_teaching"](ramp=2.0)


def losses(values, rates, epoch=10, clocks=(5, 5)):
    """Loss [2R, B] where cross-entropy is `values` [2R, B]: two classes, label 0. R(t) falls for ten epochs, twice
    a clock of 5."""
    logits = torch.stack([torch.zeros_like(values), (values.exp() - 1).log()], -1)
    known = tiny.clocked(*clocks[: len(rates)], rate=rates)
    labels = torch.zeros(values.shape, dtype=torch.int64)
    state = METHOD.init_state(type(known)(*(part.repeat_interleave(2, 0) for part in known)), labels, 2)
    return METHOD.loss(logits, Batch(logits, labels, None, labels, epoch, []), state)


def random_values(rows=4, batch=8):
    return torch.rand(rows, batch, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.1


def test_each_network_learns_from_the_examples_that_its_peer_finds_easy():
    """tau 1/2 of four examples keeps two: the peer's smallest, at the own loss, times 4 / 2."""
    values = torch.tensor([[1.0, 2, 3, 4], [9, 8, 6, 7]], dtype=torch.float64)
    expected = torch.tensor([[0.0, 0, 6, 8], [18, 16, 0, 0]], dtype=torch.float64)
    torch.testing.assert_close(losses(values, [0.5]), expected)


def test_the_mean_over_the_batch_is_the_mean_over_the_kept():
    values = random_values()
    taught = losses(values, [0.25, 0.6])  # 8 examples: 6 and floor(3.2) = 3 are kept
    for row, peer, number in [(0, 1, 6), (1, 0, 6), (2, 3, 3), (3, 2, 3)]:
        kept = values[peer].argsort()[:number]
        assert taught[row].mean().item() == pytest.approx(values[row, kept].mean().item())
        assert (taught[row] != 0).nonzero().flatten().tolist() == sorted(kept.tolist())


@pytest.mark.parametrize(("rates", "epoch"), [([0.0, 0.0], 10), ([0.5, 0.9], 0)])
def test_all_is_cross_entropy_without_noise_and_at_the_start(rates, epoch):
    values = random_values()
    torch.testing.assert_close(losses(values, rates, epoch), values)


@pytest.mark.parametrize(("epoch", "kept"), [(0, 10), (1, 9), (5, 8), (9, 6), (10, 6), (50, 6)])
def test_the_share_of_kept_examples_falls_and_then_stays(epoch, kept):
    """tau = .4 of ten examples: 10 (1 - .4 min(t / 10, 1)), rounded down."""
    number = (losses(random_values(batch=10), [0.4, 0.4], epoch) != 0).sum(1)
    assert number.tolist() == [kept] * 4


def test_the_share_of_each_run_falls_by_its_own_clock():
    """tau = .4 of ten examples at t = 2: 10 (1 - .4 * 2 / 4) = 8 where E* = 2, and 10 (1 - .4 * 2 / 10) = 9.2."""
    number = (losses(random_values(batch=10), [0.4, 0.4], 2, clocks=(2, 5)) != 0).sum(1)
    assert number.tolist() == [8, 8, 9, 9]


def test_equal_losses_keep_as_many_and_one_at_least():
    assert (losses(torch.ones(2, 8, dtype=torch.float64), [0.5]) != 0).sum(1).tolist() == [4, 4]
    assert (losses(random_values(2, 3), [0.9]) != 0).sum(1).tolist() == [1, 1]


def test_gradient_is_that_of_the_own_cross_entropy_on_the_kept():
    logits = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.tensor([[0, 1, 2, 1]] * 2)
    state = {"tau": torch.tensor([0.5, 0.5], dtype=torch.float64), "ramp": torch.tensor([10.0, 10.0])}
    logits.requires_grad_()
    loss = METHOD.loss(logits, Batch(logits, labels, None, labels, 10, []), state)
    loss.mean(1).sum().backward()
    plain = functional.cross_entropy(logits.detach().transpose(1, 2), labels, reduction="none")
    for own, peer in [(0, 1), (1, 0)]:
        weight = torch.zeros(4, 1, dtype=torch.float64)
        weight[plain[peer].argsort()[:2]] = 0.5
        expected = (torch.softmax(logits[own].detach(), -1) - functional.one_hot(labels[own], 3)) * weight
        torch.testing.assert_close(logits.grad[own], expected)


def test_without_noise_it_trains_as_cross_entropy():
    """The first network has the run's own initial weights and batches; its peer starts elsewhere."""
    data, estimates = tiny.data(), tiny.estimates()._replace(rate=torch.zeros(3, dtype=torch.float64))
    plain = tiny.fit(METHODS["cross_entropy"](), "mlp", data, estimates)
    taught = tiny.fit(METHOD, "mlp", data, estimates)
    torch.testing.assert_close(taught.probs, plain.probs, rtol=1e-9, atol=1e-11)
