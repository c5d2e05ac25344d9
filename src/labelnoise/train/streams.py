"""Random streams: every run has its own for every purpose and epoch, so that nothing depends on its neighbours
or on where a killed run was resumed."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Generator

from labelnoise.draws import Draws

INIT, ORDER, METHOD, VALIDATION, BAG, PEER, SHIFT, DROPOUT, PROBE, FOLD, PLANT = range(11)  # purposes


class Stream(NamedTuple):
    """What names a run's random numbers."""

    seed: int
    replicate: int  # 0: the run itself; 1, 2, ...: its bags
    round: int  # 0, or 1 for a second round


def sequence(stream: Stream, purpose: int, epoch: int = -1) -> np.random.SeedSequence:
    """Always five numbers, since SeedSequence takes (1, 0) and (1,) for the same; epoch -1: before the first."""
    return np.random.SeedSequence((*stream, purpose, epoch + 1))


def generators(streams: list[Stream], purpose: int, epoch: int = -1) -> list[Generator]:
    """A CPU generator per run."""
    words = [sequence(stream, purpose, epoch).generate_state(2, np.uint32) for stream in streams]
    # 63 bits: torch takes the seed as a signed 64-bit number. Its CPU generator looks at the lower 32 only, so
    # among k streams about k^2 / 2^33 pairs are the same: none to be expected between the runs of a study.
    return [Generator().manual_seed((int(w[0]) << 31) | (int(w[1]) >> 1)) for w in words]


def draws(streams: list[Stream], purpose: int, peers: int, device: torch.device) -> Draws:
    """A stream per run, of which each epoch has a substream; peers have their own, side by side."""
    words = [sequence(stream, purpose).generate_state(peers, np.uint64) for stream in streams]
    return Draws(torch.from_numpy(np.concatenate(words).view(np.int64)).to(device))


def orders(streams: list[Stream], epoch: int, examples: int) -> torch.Tensor:
    """[R, examples] a permutation per run."""
    return torch.stack([torch.randperm(examples, generator=g) for g in generators(streams, ORDER, epoch)])


def oversampled(streams: list[Stream], epoch: int, labels: torch.Tensor) -> torch.Tensor:
    """[R, examples] examples drawn with replacement, so that every given label in labels [R, examples] is drawn
    equally often on average."""
    drawn = []
    for own, g in zip(labels.cpu(), generators(streams, ORDER, epoch), strict=True):
        rare = 1 / torch.bincount(own)[own].to(torch.float64)
        drawn.append(torch.multinomial(rare, len(own), replacement=True, generator=g))
    return torch.stack(drawn)
