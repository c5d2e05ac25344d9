"""Dropout in training keeps the law: a run's masks are its own, whatever stands beside it or was resumed."""

import pytest
import tiny
import torch

from labelnoise.nets import NETWORKS

BOTH = pytest.mark.parametrize("network", ["mlp", "small_cnn"])


def fit(network, data, estimates, **options):
    def build(generators):
        section = tiny.SECTIONS[network] | {"dropout": 0.5}
        return NETWORKS[network](generators, tiny.SHAPE, tiny.CLASSES, **section)

    return tiny.fit(tiny.method("cross_entropy"), network, data, estimates, build=build, **options)


@BOTH
def test_a_run_alone_equals_the_run_in_a_batch(network):
    data, estimates = tiny.data(), tiny.estimates()
    together = fit(network, data, estimates)
    plain = tiny.fit(tiny.method("cross_entropy"), network, data, estimates)
    assert (together.probs - plain.probs).abs().max() > 1e-2  # something was dropped
    for run in range(3):
        alone = fit(network, tiny.some(data, [run]), tiny.some_estimates(estimates, [run]))
        torch.testing.assert_close(alone.probs, together.probs[[run]], rtol=1e-9, atol=1e-11)


@BOTH
def test_a_resumed_run_draws_what_it_would_have_drawn(network):
    data, estimates, saved = tiny.data(), tiny.estimates(), []
    whole = fit(network, data, estimates, after_epoch=lambda epoch, snapshot: saved.append(_copy(snapshot())))
    resumed = fit(network, data, estimates, resume=saved[1])
    assert torch.equal(resumed.probs, whole.probs)


def _copy(progress):
    def tensors(value):
        if isinstance(value, torch.Tensor):
            return value.clone()
        if isinstance(value, dict):
            return {key: tensors(item) for key, item in value.items()}
        return [tensors(item) for item in value] if isinstance(value, list) else value

    return type(progress)(*(tensors(value) for value in progress))
