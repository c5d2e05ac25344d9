"""Random streams: pinned, so that no edit changes them unseen, and distinct."""

import itertools

import pytest
import torch

from labelnoise.train import streams
from labelnoise.train.streams import Stream

PURPOSES = (streams.INIT, streams.ORDER, streams.METHOD, streams.VALIDATION, streams.BAG)


def test_values_are_pinned():
    orders = streams.orders([Stream(0, 0, 0), Stream(1, 0, 0)], 0, 6)
    assert orders.tolist() == [[4, 5, 3, 1, 2, 0], [0, 4, 2, 3, 1, 5]]
    (generator,) = streams.generators([Stream(3, 0, 0)], streams.INIT)
    first = torch.randn(3, generator=generator).tolist()
    assert first == pytest.approx([-0.543541669845581, 1.4532383680343628, 2.0021636486053467])


def test_all_streams_are_distinct():
    """Seeds, replicates, rounds, purposes and epochs may not stand in for one another: (1, 0) is not (0, 1)."""
    names = list(itertools.product(range(6), range(4), range(2), PURPOSES, (-1, 0, 1, 2)))
    words = set()
    for seed, replicate, turn, purpose, epoch in names:
        (generator,) = streams.generators([Stream(seed, replicate, turn)], purpose, epoch)
        # torch's CPU generator takes the lower 32 bits of its seed only: these are what must differ
        words.add(generator.initial_seed() & 0xFFFFFFFF)
    assert len(words) == len(names)


def test_trailing_zeros_count():
    """SeedSequence takes (1, 0) and (1,) for the same."""
    draws = [
        torch.rand(1, generator=streams.generators([stream], streams.INIT)[0]).item()
        for stream in (Stream(1, 0, 0), Stream(0, 1, 0), Stream(0, 0, 1), Stream(1, 1, 0))
    ]
    assert len(set(draws)) == 4


def test_a_run_draws_the_same_alone_and_beside_others():
    both = [Stream(4, 0, 0), Stream(5, 1, 0)]
    together = streams.orders(both, 3, 50)
    assert torch.equal(together[1:], streams.orders(both[1:], 3, 50))
    assert together.sort(1).values.tolist() == [list(range(50))] * 2
    assert not torch.equal(together, streams.orders(both, 4, 50))


def test_peers_draw_for_themselves_and_a_run_draws_the_same_beside_others():
    names = [Stream(4, 0, 0), Stream(5, 1, 0)]
    together = streams.draws(names, streams.METHOD, 2, torch.device("cpu")).uniform(3)
    assert len(together.flatten().unique()) == 12
    alone = streams.draws(names[1:], streams.METHOD, 2, torch.device("cpu")).uniform(3)
    assert torch.equal(alone, together[2:])
    assert torch.equal(streams.draws(names, streams.METHOD, 1, torch.device("cpu")).uniform(3), together[::2])
    assert not torch.isin(streams.draws(names, streams.SHIFT, 2, torch.device("cpu")).uniform(3), together).any()


def test_oversampling_draws_every_label_equally_often():
    labels = torch.tensor([[0] * 900 + [1] * 90 + [2] * 10, [0] * 500 + [1] * 250 + [2] * 250])
    many = torch.stack([streams.oversampled([Stream(0, 0, 0), Stream(1, 0, 0)], e, labels) for e in range(20)])
    for run in range(2):
        share = torch.bincount(labels[run][many[:, run]].flatten(), minlength=3) / many[:, run].numel()
        # binomial standard error with 20,000 draws: .0033
        assert ((share - 1 / 3).abs() < 0.015).all()
    assert torch.equal(streams.oversampled([Stream(1, 0, 0)], 3, labels[1:]), many[3, 1:])
