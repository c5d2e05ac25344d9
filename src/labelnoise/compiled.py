"""Compiles the kernel that trains networks, which takes ten seconds, before a study needs it.

numba keeps the result beside the kernel's source. All processes take it from there, and so do the copies of the
project that presets make: else each training process compiles for itself.
"""

import io
from contextlib import redirect_stderr

import numpy as np

from labelnoise.one import fit

# The kernel does whole epochs of the first. Of any other it is asked step by step.
METHODS = ("cross_entropy", "mse")


def main() -> None:
    """Train each for an epoch, on next to nothing."""
    images, labels = np.zeros((20, 8, 8), np.uint8), np.arange(20) % 2
    with redirect_stderr(io.StringIO()):  # bars, of no interest here
        for method in METHODS:
            fit(images, labels, method, epochs=1)


if __name__ == "__main__":
    main()
