"""Compiles the package, and the kernels that train networks, which takes a minute, before a study needs them.

Python and numba keep the results beside the sources. All processes take them from there, and so do the copies of
the project that presets make: else each training process compiles them for itself, and where
PYTHONDONTWRITEBYTECODE is set, as in many containers, each stage a third of a second's worth of modules.
"""

import compileall
import io
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np

from labelnoise.one import fit

# A kernel does whole epochs of the first. Of any other it is asked step by step.
TRAINED = (("cross_entropy", "mlp"), ("mse", "mlp"), ("mse", "small_cnn"))


def main() -> None:
    """All modules; and each network is trained for an epoch, on next to nothing."""
    compileall.compile_dir(Path(__file__).parent, quiet=1)
    images, labels = np.zeros((20, 8, 8), np.uint8), np.arange(20) % 2
    with redirect_stderr(io.StringIO()):  # bars, of no interest here
        for method, network in TRAINED:
            fit(images, labels, method, network=network, epochs=1)


if __name__ == "__main__":
    main()
