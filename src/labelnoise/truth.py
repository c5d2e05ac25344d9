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


def _diagnose(clean: Tensor, given: Tensor, test: Tensor, epoch: int, probs: Tensor) -> dict[str, Tensor]:
    """probs [R, N, C] -> each [R]; a share of nothing is NaN."""
    clean, given, test = (part.to(probs.device) for part in (clean, given, test))
    predicted = probs.argmax(-1)
    known = clean >= 0
    trained = known & (given >= 0)
    wrong = trained & (given != clean)
    return {
        "test_accuracy": _share(predicted == clean, known & test),
        "fitted": _share(predicted == given, trained),
        "fitted_clean": _share(predicted == given, trained & ~wrong),
        "fitted_wrong": _share(predicted == given, wrong),
        "recovered": _share(predicted == clean, wrong),
    }


def _share(hits: Tensor, among: Tensor) -> Tensor:
    return (hits & among).sum(-1).to(torch.float32) / among.sum(-1)
