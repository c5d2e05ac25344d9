"""Says which runs diverged."""

import sys

import numpy as np


def diverged(dataset: str, method: str, arrays: dict[str, np.ndarray]) -> None:
    """A line per diverged run; ValueError when no run of the method is left."""
    epochs = arrays["diverged_epoch"]
    for at in np.flatnonzero(epochs >= 0):
        network, noise, rate, seed = (arrays[name][at] for name in ("network", "noise", "noise_rate", "seed"))
        cell = f"{network}, {noise} {rate:g}, seed {seed}"
        where = f"in epoch {epochs[at] + 1}: its loss is not finite; its metrics are missing from there on"
        print(f"warning: {dataset}, {method}, {cell} diverged {where}", file=sys.stderr)
    if (epochs >= 0).all():
        raise ValueError(
            f"methods.{method}: the loss of every run became NaN or infinite; "
            f"lower datasets.{dataset}.training.lr or its own parameters in params.yaml, or take it out"
        )
