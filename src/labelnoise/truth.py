"""The monitor: what the truth says of a training, epoch by epoch.

The only place where clean labels and predictions meet while a network trains. The training loop calls it as an
opaque function and stores what it returns; nothing that it returns can reach a method or a selection.
"""

from functools import partial

import torch
from torch import Tensor

from labelnoise.train.types import Monitor


def monitor(clean: Tensor, given: Tensor, test: Tensor) -> Monitor:
    """Diagnostics per run and epoch: test accuracy, shares of all given, of clean and of wrong labels fitted,
    of wrong ones recovered.

    clean [N] true labels, -1 where the truth is not known: such images do not count; given [R, N] given labels,
    -1 where an image is not trained on; bool test [R, N].
    """
    return partial(_diagnose, clean, given, test)


def _diagnose(clean: Tensor, given: Tensor, test: Tensor, epoch: int, predicted: Tensor) -> dict[str, Tensor]:
    """predicted [R, N], -1 where not evaluated -> each [R]; NaN for a share of nothing, or of images of which some
    were not evaluated."""
    clean, given, test = (part.to(predicted.device) for part in (clean, given, test))
    known = clean >= 0
    trained = known & (given >= 0)
    wrong = trained & (given != clean)
    shares = {
        "test_accuracy": (predicted == clean, known & test),
        "fitted": (predicted == given, trained),
        "fitted_clean": (predicted == given, trained & ~wrong),
        "fitted_wrong": (predicted == given, wrong),
        "recovered": (predicted == clean, wrong),
    }
    return {name: _share(hits, among, predicted >= 0) for name, (hits, among) in shares.items()}


def _share(hits: Tensor, among: Tensor, evaluated: Tensor) -> Tensor:
    share = (hits & among).sum(-1).to(torch.float32) / among.sum(-1)
    return share.masked_fill((among & ~evaluated).any(-1), torch.nan)
