"""The kernel of perceptrons against torch's autograd, and what it promises of threads and depth."""

import dataclasses

import numpy as np
import pytest
import tiny
import torch
from threadpoolctl import threadpool_info

from labelnoise import losses
from labelnoise.kernels import perceptrons
from labelnoise.methods import METHODS
from labelnoise.methods.base import Method
from labelnoise.nets import Mlp, ResNet, SmallCnn
from labelnoise.train import steps
from labelnoise.train.epoch import overrides
from labelnoise.types import Batch

EVERY = pytest.mark.parametrize("name", sorted(tiny.CASES))
HOOKS = {name for name, hook in vars(Method).items() if callable(hook) and not name.startswith("_")} - {"loss"}


def both(name, data, known, **options):
    """Trained by the kernel, and by autograd."""
    return [
        tiny.fit(
            tiny.method(name), "mlp", data, tiny.declared(known, tiny.method(name).uses), by_kernel=by, **options
        )
        for by in (True, False)
    ]


@EVERY
def test_every_method_is_trained_as_by_autograd(name):
    one, other = both(name, tiny.data(), tiny.estimates())
    mine, theirs = tiny.results(one) | one.weights, tiny.results(other) | other.weights
    assert mine.keys() == theirs.keys()
    for key, value in mine.items():
        torch.testing.assert_close(value, theirs[key], rtol=1e-8, atol=1e-10, equal_nan=True, msg=key)


@pytest.mark.parametrize("hidden", [[], [8, 6, 5]])
@pytest.mark.parametrize("name", ["cross_entropy", "elr"])  # a whole epoch at once, and step by step
def test_networks_of_any_depth(name, hidden):
    def build(generators):
        return Mlp(generators, tiny.SHAPE, tiny.CLASSES, hidden, 0.0)

    one, other = both(name, tiny.data(), tiny.estimates(), build=build)
    torch.testing.assert_close(one.probs, other.probs, rtol=1e-8, atol=1e-10)
    assert one.probs.std() > 0.01


def test_a_network_without_a_kernel_is_trained_by_autograd():
    none, half, fits = {"dropout": 0.0}, {"dropout": 0.5}, {"channels": [16, 32], "dropout": 0.5}
    assert steps.suits(Mlp, none, "cpu") and steps.suits(SmallCnn, fits, "cpu")
    others = [(Mlp, half), (SmallCnn, {"channels": [16, 24]}), (ResNet, {})]
    assert not any(steps.suits(*one, "cpu") for one in others)
    assert not steps.suits(Mlp, none, "cuda") and not steps.suits(Mlp, none, "cpu", plain=False)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_that_says_it_is_plain_is_cross_entropy_and_nothing_else(name):
    """Of these a kernel does whole epochs, without asking the method."""
    method = next(tiny.method(case) for case in tiny.CASES if type(tiny.method(case)) is METHODS[name])
    if not vars(type(method)).get("plain", False):
        return
    assert not any(overrides(method, hook) for hook in HOOKS) and method.networks_per_run == 1
    assert not dataclasses.fields(method) and not method.evaluates and not method.uses
    logits, labels = torch.randn(3, 5, 4), torch.randint(4, (3, 5))
    loss = method.loss(logits, Batch(None, labels, None, None, 0, []), {})
    torch.testing.assert_close(loss, losses.cross_entropy(logits, labels))


def test_cross_entropy_is_plain():
    """Else the test above says nothing."""
    assert vars(METHODS["cross_entropy"])["plain"]


def test_products_have_one_thread_while_a_network_trains():
    seen = []

    def look(epoch, predicted):
        seen.append({lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"})
        return {}

    tiny.fit(tiny.method("cross_entropy"), "mlp", tiny.data(), tiny.estimates(), epochs=1, monitor=look)
    assert seen == [{1}]


def test_a_batch_that_does_not_fit_is_refused():
    """Nothing looks at an array's bounds once it is compiled."""
    weights, biases = (np.zeros((1, 9, 2), np.float32),), (np.zeros((1, 1, 2), np.float32),)
    layers = perceptrons.Layers(weights, biases, weights, biases)
    step = perceptrons.Step(*map(np.float32, (0.1, 0.9, 0)))
    inputs, slope = np.zeros((1, 5, 9), np.float32), np.zeros((1, 5, 2), np.float32)
    hidden, scratch = (np.zeros((1, 5, 0), np.float32),), perceptrons.scratch(layers, 4)
    with pytest.raises(ValueError, match="larger than the scratch"):
        perceptrons.backward(layers, inputs, hidden, slope, step, scratch)
