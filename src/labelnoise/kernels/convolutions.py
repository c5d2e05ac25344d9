"""Stacks of small convolutional networks: 3x3 convolutions without bias, each with batch normalisation and ReLU,
the mean over all places, dropout, a linear layer.

What a layer has of a batch is [places, B, channels]: a place is a pixel, row by row. A convolution is three sums
over which places of its input and of its output meet, and at which of the nine taps (`Meetings`): its output sums
over taps, what flows back over places of the output, and the gradient over places. No product is with the zeros of
a border, but in the first layer, whose nine taps are so many channels of one.
"""

from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numba import njit

from labelnoise.kernels import NARROW
from labelnoise.kernels.perceptrons import Layers, descend, layer, multiply
from labelnoise.kernels.tiles import COLUMNS, COMPILED, ROWS, full_tiles, narrow_tiles, row_tiles

Arrays = tuple[np.ndarray, ...]
TAPS = 9
EPSILON, KEPT = 1e-5, 0.9  # of batch normalisation: added to the variance; of running statistics, in each step


class Parameters(NamedTuple):
    """Of a stack, or their momentum: an array per layer, but for the head; changed in place."""

    filters: Arrays  # [R, 9 * in, out] each, tap by tap
    scales: Arrays  # [R, out] each, of batch normalisation
    shifts: Arrays  # [R, out] each
    head: Arrays  # of one: [R, in, classes]
    bias: Arrays  # of one: [R, 1, classes]


class Running(NamedTuple):
    """Statistics of batch normalisation, [R, out] each; changed in place."""

    means: Arrays
    variances: Arrays


class Sum(NamedTuple):
    """What is summed for each of some targets: blocks[starts[t]] to blocks[starts[t + 1] - 1]."""

    blocks: np.ndarray  # [T, 2] which block of the one array, and which of the other
    starts: np.ndarray  # [targets + 1]


class Meetings(NamedTuple):
    """Of one convolution."""

    outputs: Sum  # for each place of the output: place of the input, tap
    inputs: Sum  # for each place of the input: place of the output, tap
    taps: Sum  # for each tap: place of the input, place of the output


class Room(NamedTuple):
    """For one batch: of each run what flows back needs, and of one run the rest."""

    unfolded: np.ndarray  # [R, places, B, 9 * channels] the images, each place with its neighbours
    normal: Arrays  # [R, places, B, out] each: normalised, before scale and shift
    above: Arrays  # [R, places, B, out] each: after ReLU
    inverse: Arrays  # [R, out] each: 1 / standard deviation
    features: np.ndarray  # [R, B, out] what the head takes
    slopes: Arrays  # [places, B, out] each: gradient of the loss by what `above` has, and by what comes before
    turned: Arrays  # [9 * out, in] each: filters, rows as columns in each tap
    gradient: Arrays  # [9 * in, out] each
    below: np.ndarray  # [B, out] gradient by the features
    panel: np.ndarray  # [largest width, COLUMNS], as the head's Scratch
    panels: np.ndarray
    strip: np.ndarray


def meetings(height: int, width: int, strides: list[int]) -> tuple[Meetings, ...]:
    """Of one layer after the other; images have height x width pixels. The first layer has one tap."""
    found = []
    for number, stride in enumerate(strides):
        rows, columns = ((size - 1) // stride + 1 for size in (height, width))
        places = np.arange(rows * columns)
        if number:
            found.append(_summed(_met(height, width, stride), height * width, len(places), TAPS))
        elif stride == 1:
            found.append(
                _summed(np.stack([places, places, np.zeros_like(places)], 1), len(places), len(places), 1)
            )
        else:
            raise ValueError("the first convolution has another stride than 1")
        height, width = rows, columns
    return tuple(found)


def _met(height: int, width: int, stride: int) -> np.ndarray:
    """[T, 3] place of the input, place of the output and tap of all that meet."""
    found = []
    columns = (width - 1) // stride + 1
    for y, x, down, across in product(range(0, height, stride), range(0, width, stride), range(3), range(3)):
        row, column = y + down - 1, x + across - 1
        if 0 <= row < height and 0 <= column < width:
            found.append((row * width + column, y // stride * columns + x // stride, 3 * down + across))
    return np.array(found)


def _summed(met: np.ndarray, *counts: int) -> Meetings:
    """Of places of the input, places of the output and taps there are `counts`, of which some may meet nothing."""
    entered, left, tap = 0, 1, 2  # columns
    sums = []
    for target, one, other in ((left, entered, tap), (entered, left, tap), (tap, entered, left)):
        ordered = met[np.argsort(met[:, target], kind="stable")]
        starts = np.searchsorted(ordered[:, target], np.arange(counts[target] + 1))
        sums.append(Sum(np.ascontiguousarray(ordered[:, [one, other]]), starts))
    return Meetings(*sums)


def room(parameters: Parameters, met: tuple[Meetings, ...], runs: int, batch: int, dtype: np.dtype) -> Room:
    """For `runs` of them at once."""

    def empty(*shape: int) -> np.ndarray:
        return np.zeros(shape, dtype)

    places, widths = [len(one.outputs.starts) - 1 for one in met], [each.shape[2] for each in parameters.filters]
    sizes = list(zip(places, widths))
    last, classes = widths[-1], parameters.head[0].shape[2]
    if any(width % NARROW for width in widths):
        raise ValueError(f"convolutions of {widths} channels; allowed: multiples of {NARROW}")
    most, blocks = max(last, classes), -(-max(last, classes) // COLUMNS)
    return Room(
        empty(runs, len(met[0].inputs.starts) - 1, batch, parameters.filters[0].shape[1]),
        *(tuple(empty(runs, place, batch, width) for place, width in sizes) for _ in range(2)),
        tuple(empty(runs, width) for width in widths),
        empty(runs, batch, last),
        tuple(empty(place, batch, width) for place, width in sizes),
        tuple(empty(TAPS * out, enter) for enter, out in pairwise([NARROW, *widths])),
        tuple(empty(*each.shape[1:]) for each in parameters.filters),
        empty(batch, last),
        empty(most, COLUMNS),
        empty(blocks, batch, COLUMNS),
        empty(ROWS, blocks * COLUMNS),
    )


@njit(**COMPILED)
def forward(parameters, running, met, inputs, factors, room, logits):
    """logits [R, B, C] of inputs [R, B, channels, height, width], in training; factors [R, B, out]: of dropout.
    `room`, of as many runs, keeps what `backward` needs."""
    batch = np.arange(inputs.shape[1])
    if inputs.shape[:2] != room.features.shape[:2]:
        raise ValueError("a batch has another size than the room that was made for it")
    if len(batch) * room.above[-1].shape[1] == 1:
        raise ValueError("batch normalisation has one value of each channel; allowed: two or more")
    for run in range(len(inputs)):
        _unfold(inputs[run], batch, room.unfolded[run])
        below = room.unfolded[run]
        for k in range(len(parameters.filters)):
            normal, above, inverse = room.normal[k][run], room.above[k][run], room.inverse[k][run]
            _convolve(below, parameters.filters[k][run], met[k].outputs, normal)
            mean, variance = _moments(normal)
            _remember(running.means[k][run], mean)
            count = normal.shape[0] * normal.shape[1]
            _remember(running.variances[k][run], variance * (count / (count - 1)))
            _invert(variance, inverse)
            _normalize(normal, mean, inverse, parameters.scales[k][run], parameters.shifts[k][run], above)
            below = above
        _pool(below, factors[run], room.features[run])
        head, bias = parameters.head[0][run], parameters.bias[0][run, 0]
        layer(room.features[run], head, bias, logits[run], True, room.panel)


@njit(**COMPILED)
def evaluate(parameters, running, met, rows, inputs, index, room, logits):
    """logits [len(rows), m, C] of the images index [len(rows), m] of `inputs` [N, channels, height, width], by the
    runs `rows`; as many at once as `room`, which is of one run, has place for."""
    batch = room.features.shape[1]
    factors, found = np.ones_like(room.features[0]), np.empty((batch, logits.shape[2]), logits.dtype)
    for at in range(len(rows)):
        run = rows[at]
        for start in range(0, index.shape[1], batch):
            # what is left together with some that are done, which changes none
            first = max(0, min(start, index.shape[1] - batch))
            _unfold(inputs, index[at, first : first + batch], room.unfolded[0])
            below = room.unfolded[0]
            for k in range(len(parameters.filters)):
                normal, above = room.normal[k][0], room.above[k][0]
                _convolve(below, parameters.filters[k][run], met[k].outputs, normal)
                mean, inverse = running.means[k][run], room.inverse[k][0]
                _invert(running.variances[k][run], inverse)
                _normalize(normal, mean, inverse, parameters.scales[k][run], parameters.shifts[k][run], above)
                below = above
            _pool(below, factors, room.features[0])
            head, bias = parameters.head[0][run], parameters.bias[0][run, 0]
            layer(room.features[0], head, bias, found, True, room.panel)
            for q in range(min(batch, index.shape[1])):
                for c in range(logits.shape[2]):
                    logits[at, first + q, c] = found[q, c]


@njit(**COMPILED)
def backward(parameters, momentum, met, factors, slope, step, room):
    """A step of SGD from slope [R, B, C], the gradient of each run's mean loss by its logits."""
    last = len(parameters.filters) - 1
    head = Layers(parameters.head, parameters.bias, momentum.head, momentum.bias)
    if slope.shape[:2] != room.features.shape[:2]:
        raise ValueError("a batch has another size than the room that was made for it")
    for run in range(len(slope)):
        multiply(slope[run], parameters.head[0][run], True, room.below, room.panel)
        _spread(room.below, factors[run], room.slopes[last])
        descend(head, 0, run, room.features[run], slope[run], slope[run], step, room)
        for k in range(last, -1, -1):
            above, scale = room.slopes[k], parameters.scales[k][run]
            by_scale, by_shift = _denormalize(
                above, room.normal[k][run], room.above[k][run], scale, room.inverse[k][run]
            )
            filters = parameters.filters[k][run]
            if k:
                _turn(filters, room.turned[k])
                _convolve(above, room.turned[k], met[k].inputs, room.slopes[k - 1])
            below = room.above[k - 1][run] if k else room.unfolded[run]
            _gradient(below, above, met[k].taps, room.gradient[k])
            _step(filters, momentum.filters[k][run], room.gradient[k], step)
            _step(scale, momentum.scales[k][run], by_scale, step)
            _step(parameters.shifts[k][run], momentum.shifts[k][run], by_shift, step)


@njit(**COMPILED)
def _unfold(images, index, unfolded):
    """unfolded [places, B, 9 * channels]: of the images `index` of [N, channels, height, width] each pixel and its
    neighbours, zero outside."""
    channels, height, width = images.shape[1:]
    bordered = np.zeros((height + 2, width + 2), images.dtype)
    for q in range(len(index)):
        for channel in range(channels):
            for y in range(height):
                for x in range(width):
                    bordered[y + 1, x + 1] = images[index[q], channel, y, x]
            for y in range(height):
                for x in range(width):
                    for down in range(3):
                        for across in range(3):
                            at = (3 * down + across) * channels + channel
                            unfolded[y * width + x, q, at] = bordered[y + down, x + across]


@njit(**COMPILED)
def _convolve(values, filters, sums, found):
    """found [targets, B, n]: for each target the sum over its blocks of values [places, B, m] times filters
    [9 * m, n], a tap of these."""
    depth = values.shape[2]
    _sum(values, depth, 1, values.shape[1] * depth, filters, depth, sums, found)


@njit(**COMPILED)
def _gradient(values, slopes, sums, gradient):
    """gradient [9 * m, n]: for each tap the sum over places of the transpose of values [places, B, m] times slopes
    [places, B, n]."""
    taps = len(sums.starts) - 1
    found = gradient.reshape(taps, len(gradient) // taps, gradient.shape[1])
    rows = slopes.reshape(slopes.shape[0] * slopes.shape[1], slopes.shape[2])
    width = values.shape[2]
    _sum(values, 1, width, values.shape[1] * width, rows, values.shape[1], sums, found)


@njit(**COMPILED)
def _sum(a, ai, ak, a_apart, b, depth, sums, found):
    """found [targets, rows, n]: for each target the sum over its blocks, of `depth` numbers of a and rows of
    b [.., n]. What is left of the rows is computed together with some that are done, which changes none."""
    targets, rows, n = found.shape
    blocks, apart, wide = sums.blocks, (a_apart, depth * n), COLUMNS if n % COLUMNS == 0 else NARROW
    for j in range(0, n, wide):
        for target in range(targets):
            first, last = sums.starts[target], sums.starts[target + 1]
            if first == last:
                for i in range(rows):
                    for q in range(j, j + wide):
                        found[target, i, q] = 0
                continue
            for i in range(0, rows, ROWS if rows >= ROWS else 1):
                q = min(i, rows - ROWS) if rows >= ROWS else i
                to = (target * rows + q) * n + j
                if rows < ROWS:
                    for part in range(0, wide, NARROW):
                        at, into = j + part, to + part
                        row_tiles(a, q * ai, ai, ak, b, at, n, found, into, n, depth, blocks, first, last, *apart)
                elif wide == COLUMNS:
                    full_tiles(a, q * ai, ai, ak, b, j, n, found, to, n, depth, blocks, first, last, *apart)
                else:
                    narrow_tiles(a, q * ai, ai, ak, b, j, n, found, to, n, depth, blocks, first, last, *apart)


@njit(**COMPILED)
def _moments(values):
    """Mean and variance [n] of values [places, B, n]. First over places, which are long rows."""
    count = values.shape[0] * values.shape[1]
    mean = _summed_up(values, np.zeros(values.shape[2], values.dtype), False) / values.dtype.type(count)
    return mean, _summed_up(values, mean, True) / values.dtype.type(count)


@njit(**COMPILED)
def _summed_up(values, centre, squared):
    """[n] the sum of values [places, B, n] less `centre`, or of its squares."""
    rows, centres = _flat(values), _repeated(centre, values.shape[1])
    total = np.zeros_like(centres)
    for place in range(len(rows)):
        if squared:
            for q in range(len(total)):
                total[q] += (rows[place, q] - centres[q]) * (rows[place, q] - centres[q])
        else:
            for q in range(len(total)):
                total[q] += rows[place, q] - centres[q]
    return _folded(total, len(centre))


@njit(**COMPILED)
def _flat(values):
    """[places, B * n]: long rows, of which a processor takes several numbers at once whatever n is."""
    return values.reshape(values.shape[0], values.shape[1] * values.shape[2])


@njit(**COMPILED)
def _repeated(values, times):
    """[times * n] of [n]."""
    found = np.empty(times * len(values), values.dtype)
    for k in range(times):
        for j in range(len(values)):
            found[k * len(values) + j] = values[j]
    return found


@njit(**COMPILED)
def _folded(values, n):
    """[n] the sums of every n-th of `values`."""
    total = np.zeros(n, values.dtype)
    for start in range(0, len(values), n):
        for j in range(n):
            total[j] += values[start + j]
    return total


@njit(**COMPILED)
def _remember(known, now):
    for j in range(len(known)):
        known[j] = KEPT * known[j] + (1 - KEPT) * now[j]


@njit(**COMPILED)
def _invert(variance, inverse):
    for j in range(len(variance)):
        inverse[j] = 1 / np.sqrt(variance[j] + EPSILON)


@njit(**COMPILED)
def _normalize(normal, mean, inverse, scale, shift, above):
    """`normal` [places, B, n] with mean 0 and variance 1, and `above` it after scale, shift and ReLU."""
    batch = normal.shape[1]
    rows, done = _flat(normal), _flat(above)
    means, inverses = _repeated(mean, batch), _repeated(inverse, batch)
    scales, shifts = _repeated(scale, batch), _repeated(shift, batch)
    for place in range(len(rows)):
        for q in range(len(means)):
            rows[place, q] = (rows[place, q] - means[q]) * inverses[q]
            value = rows[place, q] * scales[q] + shifts[q]
            done[place, q] = 0 if value < 0 else value


@njit(**COMPILED)
def _denormalize(slopes, normal, above, scale, inverse):
    """Gradients [n] by scale and shift. slopes [places, B, n]: by `above`; then by what was normalised (Ioffe and
    Szegedy 2015, page 4)."""
    batch, n = normal.shape[1:]
    rows, values, done = _flat(slopes), _flat(normal), _flat(above)
    by_scales, by_shifts = np.zeros(batch * n, normal.dtype), np.zeros(batch * n, normal.dtype)
    for place in range(len(rows)):
        for q in range(batch * n):
            rows[place, q] = 0 if done[place, q] <= 0 else rows[place, q]
            by_shifts[q] += rows[place, q]
            by_scales[q] += rows[place, q] * values[place, q]
    by_scale, by_shift = _folded(by_scales, n), _folded(by_shifts, n)
    count = normal.dtype.type(len(normal) * batch)
    factors = _repeated(scale * inverse, batch)
    shifts, scales = _repeated(by_shift / count, batch), _repeated(by_scale / count, batch)
    for place in range(len(rows)):
        for q in range(batch * n):
            rows[place, q] = factors[q] * (rows[place, q] - shifts[q] - values[place, q] * scales[q])
    return by_scale, by_shift


@njit(**COMPILED)
def _pool(values, factors, features):
    """features [B, n]: the mean over places of values [places, B, n], times `factors`."""
    count = features.dtype.type(len(values))
    for q in range(len(features)):
        for j in range(features.shape[1]):
            total = values[0, q, j]
            for place in range(1, len(values)):
                total += values[place, q, j]
            features[q, j] = total / count * factors[q, j]


@njit(**COMPILED)
def _spread(below, factors, slopes):
    """slopes [places, B, n] of a mean over places, from `below` [B, n], those of the features."""
    count = below.dtype.type(len(slopes))
    for place in range(len(slopes)):
        for q in range(len(below)):
            for j in range(below.shape[1]):
                slopes[place, q, j] = below[q, j] * factors[q, j] / count


@njit(**COMPILED)
def _turn(filters, turned):
    """turned [9 * out, in] of filters [9 * in, out]."""
    enter, leave = turned.shape[1], filters.shape[1]
    for tap in range(TAPS):
        for i in range(enter):
            for j in range(leave):
                turned[tap * leave + j, i] = filters[tap * enter + i, j]


@njit(**COMPILED)
def _step(values, momentum, gradient, step):
    of, kept, slope = values.ravel(), momentum.ravel(), gradient.ravel()
    for j in range(len(of)):
        kept[j] = step.momentum * kept[j] + (slope[j] + step.decay * of[j])
        of[j] -= step.lr * kept[j]
