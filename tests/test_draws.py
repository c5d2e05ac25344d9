"""Draws: against the published generator, a whole-number reference, and the distributions that they promise."""

import pytest
import scipy.stats
import torch

from labelnoise.draws import Draws

MASK = (1 << 64) - 1


def by_hand(seed, count):
    """The published algorithm, number by number, on Python's whole numbers."""
    found = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        found.append(z ^ (z >> 31))
    return found


def unsigned(bits):
    return [value & MASK for value in bits.flatten().tolist()]


def test_bits_are_those_of_splitmix64():
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert unsigned(Draws(torch.tensor([1234567])).bits(4)) == published == by_hand(1234567, 4)
    seeds = [0, -1, 2**63 - 1, -(2**63)]
    found = Draws(torch.tensor(seeds)).bits(2, 3)
    assert [unsigned(row) for row in found] == [by_hand(seed & MASK, 6) for seed in seeds]


def test_a_call_goes_on_where_the_last_one_ended():
    draws = Draws(torch.tensor([3, 4]))
    parts = [draws.bits(2), draws.bits(3, 2)]
    assert torch.equal(torch.cat([part.flatten(1) for part in parts], 1), Draws(torch.tensor([3, 4])).bits(8))


def test_substreams_are_others_wherever_the_stream_stands():
    draws = Draws(torch.arange(50))
    first = [draws.substream(number).bits(4) for number in range(20)]
    draws.bits(7)
    assert torch.equal(draws.substream(3).bits(4), first[3])
    assert torch.stack(first).unique().numel() == 50 * 20 * 4


def test_numbers_have_their_distributions():
    draws = Draws(torch.arange(10))
    uniform = draws.uniform(2000)
    assert uniform.min() >= 0 and uniform.max() < 1 and uniform.dtype == torch.float32
    assert scipy.stats.kstest(uniform.flatten(), "uniform").pvalue > 0.01
    counts = torch.bincount(draws.below(7, 2000).flatten())
    assert len(counts) == 7 and scipy.stats.chisquare(counts).pvalue > 0.01
    orders = draws.permutations(3)
    assert orders.sort(1).values.tolist() == [[0, 1, 2]] * 10
    seen = torch.bincount(Draws(torch.arange(6000)).permutations(3) @ torch.tensor([9, 3, 1]))
    assert scipy.stats.chisquare(seen[seen > 0]).pvalue > 0.01 and (seen > 0).sum() == 6


@pytest.mark.parametrize("alpha", [1, 2, 8])
def test_shares_of_mixup_are_beta(alpha):
    shares = Draws(torch.arange(2000)).symmetric_beta(alpha)
    assert scipy.stats.kstest(shares, scipy.stats.beta(alpha, alpha).cdf).pvalue > 0.01
