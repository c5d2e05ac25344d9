"""Weight average: the loss is cross-entropy, and what is evaluated is the moving average of the weights."""

from dataclasses import replace

import pytest
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["weight_ema"](share=1 / 3)


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


def test_a_share_of_less_than_a_step_is_cross_entropy():
    data, estimates = tiny.data(), tiny.estimates()
    plain = tiny.fit(METHODS["cross_entropy"](), "mlp", data, estimates)
    averaged = tiny.fit(replace(METHOD, share=1e-9), "mlp", data, estimates)
    torch.testing.assert_close(averaged.probs, plain.probs, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("steps", "decay"), [(12, 0.75), (30, 0.9), (3, 0.0), (1, 0.0)])
def test_the_average_lags_a_share_of_the_steps_behind(steps, decay):
    """1 / (1 - decay) = steps / 3, and never less than one step."""
    found = METHOD.weight_average(steps)
    assert found == pytest.approx(decay, abs=1.1e-6) and found > 0  # 0 would be none
