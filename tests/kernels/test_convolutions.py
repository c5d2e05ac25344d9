"""The kernel of convolutions against torch's autograd, and what it promises of neighbours."""

import copy

import convolved
import numpy as np
import pytest
import tiny
import torch

from labelnoise.kernels import convolutions
from labelnoise.kernels.perceptrons import Step
from labelnoise.nets import SmallCnn
from labelnoise.train import steps
from labelnoise.train.loop import train

# plain; with tensors of its own; two networks; averaged weights; two inputs as one
METHODS = ("cross_entropy", "sop", "co_teaching", "weight_ema", "mixup")


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def fit(by_kernel, name="cross_entropy", channels=(16, 32, 16), dropout=0.0, data=None, batch=8, **options):
    def build(generators):
        return SmallCnn(generators, data.inputs.shape[1:], tiny.CLASSES, list(channels), dropout)

    data, method, settings = data or tiny.data(), tiny.method(name), tiny.settings()._replace(batch_size=batch)
    known = tiny.declared(tiny.estimates(), method.uses)
    assert steps.suits(SmallCnn, {"channels": channels}, "cpu", settings.plain)
    return train(build, method, data, known, settings, tiny.NO_STATISTIC, by_kernel=by_kernel, **options)


def assert_equal(one, other):
    mine, theirs = tiny.results(one) | one.weights, tiny.results(other) | other.weights
    assert mine.keys() == theirs.keys()
    for key, value in mine.items():
        torch.testing.assert_close(value, theirs[key], rtol=1e-8, atol=1e-9, equal_nan=True, msg=key)
    assert one.probs.std() > 0.003


@pytest.mark.parametrize("name", METHODS)
def test_a_network_is_trained_as_by_autograd(name):
    assert_equal(fit(True, name), fit(False, name))


@pytest.mark.parametrize("options", [{"channels": [16]}, {"channels": [48, 16, 16]}, {"dropout": 0.5}])
def test_so_is_one_of_any_depth_and_with_dropout(options):
    assert_equal(fit(True, **options), fit(False, **options))


# no squares; where some of the nine taps meet nothing; fewer and more images at once than a tile has rows
SHAPES = [(3, 5, 7), (1, 1, 5), (1, 5, 1), (2, 2, 2), (1, 2, 5), (1, 1, 1)]


@pytest.mark.parametrize("batch", [3, 7, 13])
@pytest.mark.parametrize("shape", SHAPES)
def test_so_is_one_of_other_images(shape, batch):
    data, draws = tiny.data(), torch.Generator().manual_seed(0)
    images = torch.randn(tiny.IMAGES, *shape, generator=draws, dtype=torch.float64)
    options = {"data": data._replace(inputs=images), "batch": batch}
    assert_equal(fit(True, **options), fit(False, **options))


def test_it_goes_on_where_it_was():
    saved = []

    def keep(epoch, snapshot):
        saved.append(copy.deepcopy(snapshot()))

    whole = fit(True, dropout=0.5, after_epoch=keep)
    again = fit(True, dropout=0.5, resume=saved[1])
    assert torch.equal(again.probs, whole.probs)


def test_a_run_leaves_the_same_bytes_alone():
    together = convolved.trained(convolutions)
    for run in range(3):
        alone = convolved.trained(convolutions, slice(run, run + 1))
        for one, whole in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[0], whole[run])


@pytest.mark.parametrize("images", [3, 9, 20])  # fewer than the room has place for, as many, more
def test_an_image_has_the_same_logits_whatever_is_evaluated_beside_it(images):
    parameters, _, running = convolved.stack(convolutions)
    met, inputs = convolutions.meetings(*convolved.SHAPE[1:], convolved.STRIDES), normal(20, *convolved.SHAPE)
    index, rows = np.stack([np.arange(images), np.arange(images)[::-1]]), np.array([2, 0])

    def evaluated(at, batch):
        logits = np.full((2, at.shape[1], 3), np.nan, np.float32)
        room = convolutions.room(parameters, met, 1, batch, np.float32)
        convolutions.evaluate(parameters, running, met, rows, inputs, at, room, logits)
        return logits

    whole = evaluated(np.ascontiguousarray(index), 9)
    for q in range(images):
        np.testing.assert_array_equal(evaluated(np.ascontiguousarray(index[:, [q]]), 1)[:, 0], whole[:, q])


def test_a_run_that_diverged_leaves_its_neighbours_alone():
    parameters, _, running = convolved.stack(convolutions)
    parameters.filters[0][1, 0, 0] = np.nan
    met, inputs = convolutions.meetings(*convolved.SHAPE[1:], convolved.STRIDES), normal(3, 7, *convolved.SHAPE)
    room, logits = convolutions.room(parameters, met, 3, 7, np.float32), np.zeros((3, 7, 3), np.float32)
    convolutions.forward(parameters, running, met, inputs, np.ones((3, 7, 32), np.float32), room, logits)
    assert np.isnan(logits[1]).all() and np.isfinite(logits[[0, 2]]).all()


def test_what_does_not_fit_is_refused():
    parameters, momentum, running = convolved.stack(convolutions)
    met = convolutions.meetings(*convolved.SHAPE[1:], convolved.STRIDES)
    room, step = convolutions.room(parameters, met, 3, 7, np.float32), Step(*map(np.float32, (1, 0, 0)))
    factors, slope = np.ones((3, 8, 32), np.float32), np.ones((3, 8, 3), np.float32)
    with pytest.raises(ValueError, match="a batch has another size than the room"):
        convolutions.backward(parameters, momentum, met, factors, slope, step, room)
    inputs, logits = np.ones((3, 8, *convolved.SHAPE), np.float32), np.ones((3, 8, 3), np.float32)
    with pytest.raises(ValueError, match="a batch has another size than the room"):
        convolutions.forward(parameters, running, met, inputs, factors, room, logits)
    with pytest.raises(ValueError, match="the first convolution has another stride than 1"):
        convolutions.meetings(5, 4, [2, 1])
    with pytest.raises(ValueError, match=r"convolutions of \[16, 24\] channels; allowed: multiples of 16"):
        convolutions.room(convolved.stack(convolutions, channels=(16, 24))[0], met, 3, 7, np.float32)


def test_one_value_of_a_channel_cannot_be_normalised():
    data = tiny.data()
    with pytest.raises(ValueError, match="one value of each channel; allowed: two or more"):
        fit(True, data=data._replace(inputs=data.inputs[:, :, :1, :1]), batch=1)
