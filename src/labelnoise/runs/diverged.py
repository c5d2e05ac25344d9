"""Says which runs diverged."""

import sys

from labelnoise.runs.data import MAIN
from labelnoise.runs.results import Selection


def warn(dataset: str, done: Selection) -> None:
    """A line per diverged run; ValueError when no run of a method is left."""
    for (name,), runs in done.select(data=MAIN, change="", examples="split").groups("name"):
        epochs = runs["diverged_epoch"]
        for key, epoch in zip(runs.keys.itertuples(), epochs, strict=True):
            if epoch >= 0:
                cell = f"{key.network}, {key.noise} {key.noise_rate:g}, seed {key.seed}"
                where = f"in epoch {epoch + 1}: its loss is not finite; its metrics are missing from there on"
                print(f"warning: {dataset}, {name}, {cell} diverged {where}", file=sys.stderr)
        if (epochs >= 0).all():
            raise ValueError(
                f"methods.{name}: the loss of every run became NaN or infinite; "
                f"lower datasets.{dataset}.training.lr or its own parameters in params.yaml, or take it out"
            )
