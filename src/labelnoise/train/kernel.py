"""Stacks of multi-layer perceptrons on a CPU, run by run, so that the weights of a run stay in its core's cache.

Compiled by numba; products are those of the BLAS that scipy ships. A run's products have the same shapes whatever
is trained beside it, so its bytes do not depend on its neighbours. Equal to torch's autograd up to rounding.

A network of k layers is k arrays each of weights [R, in, out], biases [R, 1, out] and their momentum. `Scratch`
has the activations and what flows back. NaN is passed on, so that a run that diverges is seen to.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

# without `nnan` and `ninf`: a diverged run must stay one
COMPILED = {"cache": True, "error_model": "numpy", "fastmath": {"reassoc", "nsz", "contract", "arcp"}}
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
    gradients: Arrays  # [in, out] each


class Step(NamedTuple):
    """Of SGD with momentum."""

    lr: float
    momentum: float
    decay: float


def scratch(layers: Layers, batch: int) -> Scratch:
    first = layers.weights[0]
    widths = [first.shape[1], *(weight.shape[2] for weight in layers.weights)]
    values, slopes = (tuple(np.empty((batch, width), first.dtype) for width in widths) for _ in range(2))
    return Scratch(values, slopes, tuple(np.empty(weight.shape[1:], first.dtype) for weight in layers.weights))


@njit(**COMPILED)
def evaluate(layers, rows, inputs, index, values, logits):
    """logits [len(rows), m, C] of the images index [len(rows), m] of `inputs` [N, D], by the runs `rows`."""
    batch = len(values[0])
    for at in range(len(rows)):
        for start in range(0, index.shape[1], batch):
            count = min(batch, index.shape[1] - start)
            for q in range(count):
                values[0][q] = inputs[index[at, start + q]]
            _forward(layers, rows[at], count, values)
            logits[at, start : start + count] = values[-1][:count]


@njit(**COMPILED)
def cross_entropy_epoch(layers, inputs, index, labels, starts, step, scratch, loss):
    """An epoch of SGD on the cross-entropy of labels [R, n] of images index [R, n], in this order; a batch is what
    is between two `starts`. loss [R]: the mean, at the weights of each step."""
    values, slopes, gradients = scratch
    for run in range(len(index)):
        total = 0.0
        for at in range(len(starts) - 1):
            start, end = starts[at], starts[at + 1]
            for q in range(end - start):
                values[0][q] = inputs[index[run, start + q]]
            _forward(layers, run, end - start, values)
            total += _cross_entropy(values[-1][: end - start], labels[run, start:end], slopes[-1])
            _backward(layers, run, end - start, step, values, slopes, gradients)
        loss[run] = total / index.shape[1]


@njit(**COMPILED)
def forward(layers, inputs, hidden, logits):
    """logits [R, B, C] of inputs [R, B, D]; `hidden` keeps [R, B, width] of each hidden layer for `backward`."""
    for run in range(len(inputs)):
        below = inputs[run]
        for k in range(len(layers.weights) - 1):
            _layer(below, layers.weights[k][run], layers.biases[k][run, 0], hidden[k][run], False)
            below = hidden[k][run]
        _layer(below, layers.weights[-1][run], layers.biases[-1][run, 0], logits[run], True)


@njit(**COMPILED)
def backward(layers, inputs, hidden, slope, step, scratch):
    """A step of SGD from slope [R, B, C], the gradient of each run's mean loss by its logits."""
    last, batch = len(layers.weights) - 1, slope.shape[1]
    for run in range(len(slope)):
        above = slope[run]
        for k in range(last, 0, -1):
            below = scratch.slopes[k][:batch]
            _descend(layers, k, run, hidden[k - 1][run], above, below, step, scratch.gradients[k])
            above = below
        _descend(layers, 0, run, inputs[run], above, above, step, scratch.gradients[0])


@njit(**COMPILED)
def _forward(layers, run, count, values):
    last = len(layers.weights) - 1
    for k in range(last + 1):
        weight, bias = layers.weights[k][run], layers.biases[k][run, 0]
        _layer(values[k][:count], weight, bias, values[k + 1][:count], k == last)


@njit(**COMPILED)
def _backward(layers, run, count, step, values, slopes, gradients):
    for k in range(len(layers.weights) - 1, -1, -1):
        above, below = slopes[k + 1][:count], slopes[k][:count]
        _descend(layers, k, run, values[k][:count], above, below, step, gradients[k])


@njit(**COMPILED)
def _layer(below, weight, bias, above, last):
    np.dot(below, weight, above)
    for q in range(above.shape[0]):
        for j in range(above.shape[1]):
            value = above[q, j] + bias[j]
            above[q, j] = 0 if (value < 0 and not last) else value


@njit(**COMPILED)
def _descend(layers, k, run, values, above, below, step, gradient):
    """Layer k's step, from the slope `above` it; into `below` the slope under it, but for the first layer."""
    weight, bias = layers.weights[k][run], layers.biases[k][run, 0]
    np.dot(values.T, above, gradient)
    if k:
        np.dot(above, weight.T, below)
        for q in range(below.shape[0]):
            for j in range(below.shape[1]):
                if values[q, j] <= 0:
                    below[q, j] = 0
    slope = np.zeros_like(bias)
    for q in range(above.shape[0]):
        for j in range(len(bias)):
            slope[j] += above[q, j]
    _sgd(bias, layers.bias_momentum[k][run, 0], slope, step)
    _sgd(weight.ravel(), layers.weight_momentum[k][run].ravel(), gradient.ravel(), step)


@njit(**COMPILED)
def _sgd(parameter, momentum, gradient, step):
    for i in range(len(parameter)):
        momentum[i] = step.momentum * momentum[i] + gradient[i] + step.decay * parameter[i]
        parameter[i] -= step.lr * momentum[i]


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
