"""Stacks of multi-layer perceptrons.

A network of k layers is k arrays each of weights [R, in, out], biases [R, 1, out] and their momentum. `Scratch`
has the activations and what flows back.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from labelnoise.kernels import NARROW
from labelnoise.kernels.tiles import COLUMNS, COMPILED, ROWS, full_tile, move, narrow_tile, row_tile

ONE, TWO, THREE, FOUR = (np.uintp(number) for number in (1, 2, 3, 4))  # so that sums with an index stay unsigned
Arrays = tuple[np.ndarray, ...]


class Layers(NamedTuple):
    """A stack's parameters, one array per layer; changed in place."""

    weights: Arrays  # [R, in, out] each
    biases: Arrays  # [R, 1, out]
    weight_momentum: Arrays
    bias_momentum: Arrays


class Scratch(NamedTuple):
    """Room for one batch of one run."""

    values: Arrays  # [B, width] each: inputs, hidden layers after ReLU, logits
    slopes: Arrays  # [B, width] each: gradient of the loss by what `values` holds
    panel: np.ndarray  # [width, COLUMNS] of the widest layer: some columns of its weights, or of their transpose
    panels: np.ndarray  # [width / COLUMNS, B, COLUMNS] of the widest layer: the slopes above it
    strip: np.ndarray  # [ROWS, width] of the widest layer: some rows of its gradient


class Step(NamedTuple):
    """Of SGD with momentum."""

    lr: float
    momentum: float
    decay: float


def scratch(layers: Layers, batch: int) -> Scratch:
    first = layers.weights[0]
    widths = [first.shape[1], *(weight.shape[2] for weight in layers.weights)]
    values, slopes = (tuple(np.empty((batch, width), first.dtype) for width in widths) for _ in range(2))
    panels = -(-max(widths) // COLUMNS)
    shapes = (max(widths), COLUMNS), (panels, batch, COLUMNS), (ROWS, panels * COLUMNS)
    return Scratch(values, slopes, *(np.zeros(shape, first.dtype) for shape in shapes))


@njit(**COMPILED)
def multiply(a, b, turned, c, panel):
    """c [m, n] = a b, or a times the transpose of b where that is turned."""
    for start in range(0, c.shape[1], COLUMNS):
        count = min(COLUMNS, c.shape[1] - start)
        if turned:
            _pack_turned(b, start, count, panel)
        else:
            _pack(b, start, count, panel)
        _multiply_panel(a, panel, c, start, count)


@njit(**COMPILED)
def _multiply_panel(a, panel, c, start, count):
    """`count` columns of c [m, n], from `start` on, as a times those of the panel. What is left of the rows is
    computed together with some that are done, which changes none."""
    (m, depth), n = a.shape, c.shape[1]
    if count == COLUMNS and m >= ROWS:
        for i in range(0, m, ROWS):
            q = min(i, m - ROWS)
            full_tile(a, q * depth, depth, 1, panel, 0, COLUMNS, c, q * n + start, n, depth)
        return
    found = np.empty((m, COLUMNS), a.dtype)
    for j in range(0, count, NARROW):
        for i in range(0, m, ROWS if m >= ROWS else 1):
            if m >= ROWS:
                q = min(i, m - ROWS)
                narrow_tile(a, q * depth, depth, 1, panel, j, COLUMNS, found, q * COLUMNS + j, COLUMNS, depth)
            else:
                row_tile(a, i * depth, depth, 1, panel, j, COLUMNS, found, i * COLUMNS + j, COLUMNS, depth)
    for i in range(m):
        for j in range(count):
            c[i, start + j] = found[i, j]


@njit(**COMPILED)
def _pack(matrix, start, count, panel):
    """`count` columns, from `start` on, side by side: so they stay in the nearest cache."""
    if count == COLUMNS:
        for k in range(len(matrix)):
            move(matrix, k * matrix.shape[1] + start, panel, k * COLUMNS)
        return
    for k in range(len(matrix)):
        for j in range(count):
            panel[k, j] = matrix[k, start + j]


@njit(**COMPILED)
def _pack_turned(matrix, start, count, panel):
    """`count` rows, from `start` on, as columns. Eight at once, by unsigned indices, which numba need not wrap,
    are a few moves for LLVM."""
    n, of, to = np.uintp(matrix.shape[1]), matrix.ravel(), panel.ravel()
    eights = count // 8 * 8
    for j in range(0, eights, 8):
        for k in range(matrix.shape[1]):
            p, q = np.uintp((start + j) * matrix.shape[1] + k), np.uintp(k * COLUMNS + j)
            a, b, c, d = of[p], of[p + n], of[p + TWO * n], of[p + THREE * n]
            p += FOUR * n
            e, f, g, h = of[p], of[p + n], of[p + TWO * n], of[p + THREE * n]
            to[q], to[q + ONE], to[q + TWO], to[q + THREE] = a, b, c, d
            q += FOUR
            to[q], to[q + ONE], to[q + TWO], to[q + THREE] = e, f, g, h
    for j in range(eights, count):
        for k in range(matrix.shape[1]):
            panel[k, j] = matrix[start + j, k]


@njit(**COMPILED)
def evaluate(layers, rows, inputs, index, scratch, logits):
    """logits [len(rows), m, C] of the images index [len(rows), m] of `inputs` [N, D], by the runs `rows`."""
    values, batch = scratch.values, len(scratch.values[0])
    for at in range(len(rows)):
        for start in range(0, index.shape[1], batch):
            count = min(batch, index.shape[1] - start)
            for q in range(count):
                values[0][q] = inputs[index[at, start + q]]
            _forward(layers, rows[at], count, scratch)
            logits[at, start : start + count] = values[-1][:count]


@njit(**COMPILED)
def cross_entropy_epoch(layers, inputs, index, labels, starts, step, scratch, loss):
    """An epoch of SGD on the cross-entropy of labels [R, n] of images index [R, n], in this order; a batch is what
    is between two `starts`. loss [R]: the mean, at the weights of each step."""
    values, slopes = scratch.values, scratch.slopes
    for run in range(len(index)):
        total = 0.0
        for at in range(len(starts) - 1):
            start, end = starts[at], starts[at + 1]
            for q in range(end - start):
                values[0][q] = inputs[index[run, start + q]]
            _forward(layers, run, end - start, scratch)
            total += _cross_entropy(values[-1][: end - start], labels[run, start:end], slopes[-1])
            _backward(layers, run, end - start, step, scratch)
        loss[run] = total / index.shape[1]


@njit(**COMPILED)
def forward(layers, inputs, hidden, logits, scratch):
    """logits [R, B, C] of inputs [R, B, D]; `hidden` keeps [R, B, width] of each hidden layer for `backward`."""
    for run in range(len(inputs)):
        below = inputs[run]
        for k in range(len(layers.weights) - 1):
            layer(below, layers.weights[k][run], layers.biases[k][run, 0], hidden[k][run], False, scratch.panel)
            below = hidden[k][run]
        layer(below, layers.weights[-1][run], layers.biases[-1][run, 0], logits[run], True, scratch.panel)


@njit(**COMPILED)
def backward(layers, inputs, hidden, slope, step, scratch):
    """A step of SGD from slope [R, B, C], the gradient of each run's mean loss by its logits."""
    last, batch = len(layers.weights) - 1, slope.shape[1]
    if batch > scratch.panels.shape[1]:
        raise ValueError("a batch is larger than the scratch that was made for it")
    for run in range(len(slope)):
        above = slope[run]
        for k in range(last, 0, -1):
            below = scratch.slopes[k][:batch]
            descend(layers, k, run, hidden[k - 1][run], above, below, step, scratch)
            above = below
        descend(layers, 0, run, inputs[run], above, above, step, scratch)


@njit(**COMPILED)
def _forward(layers, run, count, scratch):
    values = scratch.values
    last = len(layers.weights) - 1
    for k in range(last + 1):
        weight, bias = layers.weights[k][run], layers.biases[k][run, 0]
        layer(values[k][:count], weight, bias, values[k + 1][:count], k == last, scratch.panel)


@njit(**COMPILED)
def _backward(layers, run, count, step, scratch):
    for k in range(len(layers.weights) - 1, -1, -1):
        above, below = scratch.slopes[k + 1][:count], scratch.slopes[k][:count]
        descend(layers, k, run, scratch.values[k][:count], above, below, step, scratch)


@njit(**COMPILED)
def layer(below, weight, bias, above, last, panel):
    multiply(below, weight, False, above, panel)
    for q in range(len(above)):
        for j in range(len(bias)):
            value = above[q, j] + bias[j]
            above[q, j] = 0 if (value < 0 and not last) else value


@njit(**COMPILED)
def descend(layers, k, run, values, above, below, step, scratch):
    """Layer k's step, from the slope `above` it; into `below` the slope under it, but for the first layer."""
    weight, bias, momentum = layers.weights[k][run], layers.biases[k][run, 0], layers.bias_momentum[k][run, 0]
    if k:
        multiply(above, weight, True, below, scratch.panel)
        for q in range(len(below)):
            for j in range(len(weight)):  # each is written: whether it changes, no processor guesses
                below[q, j] = 0 if values[q, j] <= 0 else below[q, j]
    slope = np.zeros_like(bias)
    for q in range(len(above)):
        for j in range(len(bias)):
            slope[j] += above[q, j]
    for j in range(len(bias)):
        momentum[j] = step.momentum * momentum[j] + slope[j] + step.decay * bias[j]
        bias[j] -= step.lr * momentum[j]
    _descend_weights(weight, layers.weight_momentum[k][run], values, above, step, scratch.panels, scratch.strip)


@njit(**COMPILED)
def _descend_weights(weight, momentum, values, above, step, panels, strip):
    """By some rows of the gradient at once, which stay in the nearest cache until they are used."""
    depth, width = weight.shape
    for start in range(0, width, COLUMNS):
        _pack(above, start, min(COLUMNS, width - start), panels[start // COLUMNS])
    for i in range(0, depth, ROWS):
        q = max(0, min(i, depth - ROWS))
        _gradient(values, q, panels, len(above), width, strip)
        for row in range(i, min(i + ROWS, depth)):
            for j in range(width):
                gradient = strip[row - q, j] + step.decay * weight[row, j]
                momentum[row, j] = step.momentum * momentum[row, j] + gradient
                weight[row, j] -= step.lr * momentum[row, j]


@njit(**COMPILED)
def _gradient(values, first, panels, batch, width, strip):
    """Into the strip the rows of the gradient, from the first on, as many as it takes and there are."""
    depth, apart, room = values.shape[1], panels.shape[1], strip.shape[1]
    for start in range(0, width, COLUMNS):  # a panel has `apart` rows, of which `batch` are filled
        if depth >= ROWS:
            full_tile(values, first, 1, depth, panels, start * apart, COLUMNS, strip, start, room, batch)
        else:
            for row in range(depth):
                for j in range(0, COLUMNS, NARROW):
                    at, to = start * apart + j, row * room + start + j
                    row_tile(values, row, 1, depth, panels, at, COLUMNS, strip, to, room, batch)


@njit(**COMPILED)
def _cross_entropy(logits, labels, slopes):
    """The sum over a batch; slopes: of the mean over it, by the logits."""
    count, classes = logits.shape
    total = 0.0
    for q in range(count):
        highest, given = logits[q, 0], labels[q]
        for c in range(1, classes):
            highest = max(highest, logits[q, c])
        mass = logits[q, 0] * 0
        for c in range(classes):
            slopes[q, c] = np.exp(logits[q, c] - highest)
            mass += slopes[q, c]
        total += np.log(mass) + highest - logits[q, given]
        for c in range(classes):
            slopes[q, c] /= mass * count
        slopes[q, given] -= 1 / logits.dtype.type(count)
    return total
