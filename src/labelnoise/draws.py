"""Random numbers of R runs side by side, the same on every device: no step waits for the CPU to draw them, and
what a run draws depends on its own seed alone.

SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014, figure 16): the
k-th number is a hash of seed + k * GOLDEN, so that all are made at once, by whole-number arithmetic.
"""

import torch
from torch import Tensor

GOLDEN = 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # of the hash: Stafford's variant 13


class Draws:
    """One stream for each of `seeds` int64 [R]; each call goes on where the last one ended."""

    def __init__(self, seeds: Tensor) -> None:
        self.seeds, self.drawn = seeds, 0

    def bits(self, *shape: int) -> Tensor:
        """int64 [R, *shape], all 64 bits at random."""
        count = int(torch.Size(shape).numel())
        ticks = torch.arange(self.drawn + 1, self.drawn + count + 1, device=self.seeds.device)
        self.drawn += count
        return _hash(self.seeds.unsqueeze(1) + ticks * _signed(GOLDEN)).view(-1, *shape)

    def substream(self, number: int) -> "Draws":
        """A stream for each of the seeds, another one for each number, 0, 1, ...; wherever this one stands."""
        return Draws(_hash(self.seeds + _signed((number + 1) * GOLDEN)))

    def uniform(self, *shape: int) -> Tensor:
        """float32 [R, *shape] within [0, 1), multiples of 2^-24."""
        return _shifted(self.bits(*shape), 40).to(torch.float32) * 2.0**-24

    def below(self, limit: int, *shape: int) -> Tensor:
        """int64 [R, *shape], 0 to limit - 1, each as likely but for limit / 2^31 of it."""
        return (_shifted(self.bits(*shape), 33) * limit) >> 31

    def permutations(self, size: int) -> Tensor:
        """int64 [R, size], 0 to size - 1 in random order."""
        return self.bits(size).argsort(1)

    def symmetric_beta(self, alpha: int) -> Tensor:
        """float32 [R] of Beta(alpha, alpha), alpha whole: the median of 2 alpha - 1 uniform numbers, for which a
        GPU knows no way that gives the same twice."""
        return self.uniform(2 * alpha - 1).sort(1).values[:, alpha - 1]


def _hash(z: Tensor) -> Tensor:
    """Sums and products wrap, as those of unsigned numbers would."""
    z = (z ^ _shifted(z, 30)) * _signed(FIRST)
    z = (z ^ _shifted(z, 27)) * _signed(SECOND)
    return z ^ _shifted(z, 31)


def _signed(value: int) -> int:
    """The lowest 64 bits as torch's int64 has them."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def _shifted(z: Tensor, by: int) -> Tensor:
    """z >> by with zeros coming in: torch's own shift repeats the sign."""
    return (z >> by) & ((1 << (64 - by)) - 1)
