"""What passes between the files of this package.

Shape letters: N examples, B examples of a block, D features.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from torch import Tensor


class Machine(NamedTuple):
    """Where features are computed. The device changes their last digits, the number of workers no bit."""

    device: str  # cpu or cuda
    workers: int  # threads, each with a block of images
    cache: Path | None = None  # folder that keeps downloads


class Encoder(NamedTuple):
    """What turns images into features."""

    size: int | None  # pixels of a side that it wants; None: examples as they are stored
    block: int  # images at a time: part of the result, since sums of other lengths round differently
    encode: Callable[[Tensor], Tensor]  # float32 [B, channels, size, size] in 0..1 -> float32 [B, D]
