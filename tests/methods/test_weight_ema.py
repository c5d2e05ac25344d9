"""Weight average: the loss is cross-entropy, and what is evaluated is the moving average of the weights."""

from dataclasses import replace

import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["weight_ema"](decay=0.75)


def test_loss_is_cross_entropy():
    logits = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.tensor([[0, 1, 2, 1, 0], [2, 2, 0, 1, 1]])
    batch = Batch(logits, labels, None, labels, 0, [])
    expected = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, reduction="none")
    torch.testing.assert_close(METHOD.loss(logits, batch, {}), expected)


def test_weights_are_trained_as_without_the_average_and_evaluated_with_it():
    data, estimates = tiny.data(), tiny.estimates()
    plain = tiny.fit(METHODS["cross_entropy"](), "mlp", data, estimates)
    averaged = tiny.fit(METHOD, "mlp", data, estimates)
    for name in plain.weights:  # to rounding: the first takes whole epochs in the kernel
        torch.testing.assert_close(plain.weights[name], averaged.weights[name])
    torch.testing.assert_close(plain.history["train_loss"], averaged.history["train_loss"])
    assert (plain.probs - averaged.probs).abs().max() > 1e-3


def test_a_decay_of_almost_zero_is_cross_entropy():
    data, estimates = tiny.data(), tiny.estimates()
    plain = tiny.fit(METHODS["cross_entropy"](), "mlp", data, estimates)
    averaged = tiny.fit(replace(METHOD, decay=1e-12), "mlp", data, estimates)
    torch.testing.assert_close(averaged.probs, plain.probs)
    assert METHOD.weight_average() == 0.75
