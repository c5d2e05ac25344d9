"""Stacks of small networks with convolutions for tests of their kernel."""

import numpy as np

from labelnoise.kernels.perceptrons import Step

SHAPE, STRIDES = (2, 5, 4), [1, 2, 1]  # of images, and of as many layers as are compiled beforehand


def stack(by, runs=3, channels=(16, 32, 32), classes=3, dtype=np.float32):
    """Parameters, momentum and running statistics as the module `by` has them."""
    rng, widths = np.random.default_rng(0), (SHAPE[0], *channels)

    def drawn(*shape):
        return (rng.normal(size=(runs, *shape)) / 3).astype(dtype)

    parameters = by.Parameters(
        tuple(drawn(9 * enter, leave) for enter, leave in zip(widths, channels)),
        tuple(1 + drawn(width) for width in channels),
        tuple(drawn(width) for width in channels),
        (drawn(channels[-1], classes),),
        (drawn(1, classes),),
    )
    momentum = by.Parameters(*(tuple(map(np.zeros_like, group)) for group in parameters))
    running = [tuple(made((runs, width), dtype) for width in channels) for made in (np.zeros, np.ones)]
    return parameters, momentum, by.Running(*running)


def trained(by, runs=slice(None)):
    """Parameters, running statistics and logits after two steps of some of three runs, by a module."""
    parameters, momentum, running = (
        type(whole)(*(tuple(np.ascontiguousarray(each[runs]) for each in group) for group in whole))
        for whole in stack(by)
    )
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(3, 2, 9, *SHAPE)).astype(np.float32)[runs]
    slopes, factors = rng.normal(size=(3, 2, 9, 3)).astype(np.float32)[runs] / 9, np.ones((3, 9, 32), np.float32)
    met, step = by.meetings(*SHAPE[1:], STRIDES), Step(*map(np.float32, (0.1, 0.9, 1e-3)))
    room, logits = by.room(parameters, met, len(inputs), 9, np.float32), np.empty_like(slopes[:, 0])
    for k in range(2):
        images, slope = np.ascontiguousarray(inputs[:, k]), np.ascontiguousarray(slopes[:, k])
        by.forward(parameters, running, met, images, factors[runs], room, logits)
        by.backward(parameters, momentum, met, factors[runs], slope, step, room)
    return [each for group in (*parameters, *running) for each in group] + [logits]
