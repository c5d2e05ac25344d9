"""What all kernels promise: one order of every sum, whatever is computed at once."""

import ctypes
import ctypes.util
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import convolved
import numba.core.codegen
import numpy as np
import pytest

from labelnoise.kernels import convolutions, perceptrons, tiles

fused = ctypes.CDLL(ctypes.util.find_library("m")).fmaf  # the C library's a b + c, rounded once
fused.argtypes, fused.restype = [ctypes.c_float] * 3, ctypes.c_float


def chained(a, b):
    """a b, each element by one fused multiply-add after the other."""
    found = np.zeros((len(a), b.shape[1]), np.float32)
    for i, j in np.ndindex(found.shape):
        for k in range(len(b)):
            found[i, j] = fused(a[i, k], b[k, j], found[i, j])
    return found


def normal(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 3, 2), (5, 1, 16), (7, 9, 19), (13, 4, 40)])
def test_an_element_of_a_product_is_one_chain_of_fused_multiply_adds(shape):
    """So that its bytes depend neither on what is computed beside it nor on the processor."""
    rows, depth, columns = shape
    a, b = normal(rows, depth), normal(depth, columns)
    panel = np.zeros((40, tiles.COLUMNS), np.float32)
    for turned, other in ((False, b), (True, np.ascontiguousarray(b.T))):
        c = np.zeros((rows, columns), np.float32)
        perceptrons.multiply(a, other, turned, c, panel)
        np.testing.assert_array_equal(c, chained(a, b))


@pytest.mark.parametrize("batch", [2, 13])  # less than a tile has rows, and more
@pytest.mark.parametrize("channels", [16, 96])
def test_an_element_of_a_convolution_is_one_chain_too(batch, channels):
    """Tap by tap, without those that lie outside."""
    (_, met), values, filters = convolutions.meetings(3, 4, [1, 2]), normal(12, batch, 5), normal(45, channels)
    found = np.zeros((4, batch, channels), np.float32)
    convolutions._convolve(values, filters, met.outputs, found)
    for row, column in np.ndindex(2, 2):
        inside = [
            (3 * down + across, 4 * (2 * row + down - 1) + 2 * column + across - 1)
            for down, across in np.ndindex(3, 3)
            if 0 <= 2 * row + down - 1 < 3 and 0 <= 2 * column + across - 1 < 4
        ]
        a = np.concatenate([values[place] for _, place in inside], 1)
        b = np.concatenate([filters[5 * tap : 5 * tap + 5] for tap, _ in inside])
        np.testing.assert_array_equal(found[2 * row + column], chained(a, b))


def perceptron(by):
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
    features = "+avx512f" if tiles.COLUMNS == tiles.NARROW else ""
    with monkeypatch.context() as patch:
        patch.setattr(numba.core.codegen, "get_host_cpu_features", lambda: features)
        others = [again(module, patch) for module in (tiles, perceptrons, convolutions)]
    assert (others[0].ROWS, others[0].COLUMNS) != (tiles.ROWS, tiles.COLUMNS)
    for of, own, other in ((perceptron, perceptrons, others[1]), (convolved.trained, convolutions, others[2])):
        for one, another in zip(of(own), of(other), strict=True):
            assert np.isfinite(one).all()
            np.testing.assert_array_equal(one, another)
    assert all("perceptrons_again" in made.fndesc.mangled_name for made in others[1].layer.overloads.values())


def again(module, patch):
    """The module made anew, and in its place while others are. It has a name of its own: in one process numba
    links whatever has the same module, name, types and number, so that what other tests load from its cache would
    call these, whose tiles write beyond the room that it has."""
    other = ModuleType(f"{module.__name__}_again")
    vars(other)["__file__"] = module.__file__
    patch.setitem(sys.modules, module.__name__, other)
    code = Path(module.__file__).read_text().replace('"cache": True', '"cache": False')
    exec(compile(code, other.__name__, "exec"), vars(other))
    return other


def test_arrays_of_another_kind_are_refused():
    """Nothing looks at an array's bounds once it is compiled."""
    a, panel = np.zeros((9, 9), np.float32), np.zeros((9, tiles.COLUMNS), np.float32)
    for of, to in ((np.asfortranarray(a), a), (a.astype(np.float64), a)):
        with pytest.raises(numba.core.errors.TypingError, match="allowed: rows one after the other, of one type"):
            perceptrons.multiply(of, a, False, to, panel)
