"""The kernel against torch's autograd, and what it promises of NaN, threads and depth."""

import ctypes
import ctypes.util
import dataclasses
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numba.core.codegen
import numpy as np
import pytest
import tiny
import torch
from threadpoolctl import threadpool_info

from labelnoise import losses
from labelnoise.methods import METHODS
from labelnoise.methods.base import Method
from labelnoise.nets import Mlp, SmallCnn
from labelnoise.train import kernel, steps
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
    assert steps.suits(Mlp, 0.0, "cpu")
    others = [(Mlp, 0.5, "cpu"), (Mlp, 0.0, "cuda"), (SmallCnn, 0.0, "cpu")]
    assert not any(steps.suits(*one) for one in others)


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


fused = ctypes.CDLL(ctypes.util.find_library("m")).fmaf  # the C library's a b + c, rounded once
fused.argtypes, fused.restype = [ctypes.c_float] * 3, ctypes.c_float


def chained(a, b):
    """a b, each element by one fused multiply-add after the other."""
    found = np.zeros((len(a), b.shape[1]), np.float32)
    for i, j in np.ndindex(found.shape):
        for k in range(len(b)):
            found[i, j] = fused(a[i, k], b[k, j], found[i, j])
    return found


@pytest.mark.parametrize("shape", [(1, 3, 2), (5, 1, 16), (7, 9, 19), (13, 4, 40)])
def test_an_element_of_a_product_is_one_chain_of_fused_multiply_adds(shape):
    """So that its bytes depend neither on what is computed beside it nor on the processor."""
    (rows, depth, columns), rng = shape, np.random.default_rng(0)
    a, b = (rng.normal(size=size).astype(np.float32) for size in ((rows, depth), (depth, columns)))
    panel = np.zeros((40, kernel.COLUMNS), np.float32)
    for turned, other in ((False, b), (True, np.ascontiguousarray(b.T))):
        c = np.zeros((rows, columns), np.float32)
        kernel._multiply(a, other, turned, c, panel)
        np.testing.assert_array_equal(c, chained(a, b))


def trained(by):
    """Weights after an epoch of three runs, by a module, in float32; 70 examples in two batches, room for more."""
    rng, widths = np.random.default_rng(0), (11, 37, 5, 3)
    shapes = [(3, *pair) for pair in pairwise(widths)]
    weights = [rng.normal(size=shape).astype(np.float32) / 3 for shape in shapes]
    biases = [rng.normal(size=(3, 1, shape[2])).astype(np.float32) for shape in shapes]
    layers = by.Layers(*map(tuple, (weights, biases, map(np.zeros_like, weights), map(np.zeros_like, biases))))
    inputs = rng.normal(size=(70, 11)).astype(np.float32)
    index, labels = np.stack([rng.permutation(70) for _ in range(3)]), rng.integers(3, size=(3, 70))
    step, loss, room = by.Step(*map(np.float32, (0.1, 0.9, 1e-3))), np.empty(3, np.float32), by.scratch(layers, 48)
    by.cross_entropy_epoch(layers, inputs, index, labels, np.array([0, 35, 70]), step, room, loss)
    return [*weights, *biases, loss]


def test_the_bytes_do_not_depend_on_how_much_is_taken_at_once(monkeypatch):
    """With the rows and columns for a processor that has AVX-512, and for one that has not."""
    features = "+avx512f" if kernel.COLUMNS == kernel.NARROW else ""
    monkeypatch.setattr(numba.core.codegen, "get_host_cpu_features", lambda: features)
    other = ModuleType("other_kernel")
    code = Path(kernel.__file__).read_text().replace('"cache": True', '"cache": False')
    exec(compile(code, "other_kernel", "exec"), vars(other))
    monkeypatch.undo()
    assert (other.ROWS, other.COLUMNS) != (kernel.ROWS, kernel.COLUMNS)
    for one, another in zip(trained(kernel), trained(other), strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_array_equal(one, another)


def test_what_does_not_fit_is_refused():
    """Nothing looks at an array's bounds once it is compiled."""
    a, panel = np.zeros((9, 9), np.float32), np.zeros((9, kernel.COLUMNS), np.float32)
    for of, to in ((np.asfortranarray(a), a), (a.astype(np.float64), a)):
        with pytest.raises(numba.core.errors.TypingError, match="allowed: rows one after the other, of one type"):
            kernel._multiply(of, a, False, to, panel)
    weights, biases = (np.zeros((1, 9, 2), np.float32),), (np.zeros((1, 1, 2), np.float32),)
    layers, step = kernel.Layers(weights, biases, weights, biases), kernel.Step(*map(np.float32, (0.1, 0.9, 0)))
    inputs, slope = np.zeros((1, 5, 9), np.float32), np.zeros((1, 5, 2), np.float32)
    with pytest.raises(ValueError, match="larger than the scratch"):
        kernel.backward(layers, inputs, (np.zeros((1, 5, 0), np.float32),), slope, step, kernel.scratch(layers, 4))
