"""Compiles the package, and the kernel that trains networks, which takes ten seconds, before a study needs them.

Python and numba keep the results beside the sources. All processes take them from there, and so do the copies of
the project that presets make: else each training process compiles the kernel for itself, and where
PYTHONDONTWRITEBYTECODE is set, as in many containers, each stage a third of a second's worth of modules.
"""

import compileall
import io
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np

from labelnoise.one import fit

# The kernel does whole epochs of the first. Of any other it is asked step by step.
METHODS = ("cross_entropy", "mse")


def main() -> None:
    """All modules; and each method is trained for an epoch, on next to nothing."""
    compileall.compile_dir(Path(__file__).parent, quiet=1)
    images, labels = np.zeros((20, 8, 8), np.uint8), np.arange(20) % 2
    with redirect_stderr(io.StringIO()):  # bars, of no interest here
        for method in METHODS:
            fit(images, labels, method, epochs=1)


if __name__ == "__main__":
    main()
