"""The kernel of convolutions against torch's autograd, and what it promises of neighbours."""

import convolved
import numpy as np
import pytest
import tiny
import torch

from labelnoise.kernels import convolutions
from labelnoise.kernels.perceptrons import Step
from labelnoise.nets import SmallCnn
from labelnoise.train import steps

# plain; with tensors of its own; two networks; averaged weights; two inputs as one
METHODS = ("cross_entropy", "sop", "co_teaching", "weight_ema", "mixup")


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def fit(by_kernel, name="cross_entropy", channels=(16, 32, 16), dropout=0.0, data=None, **options):
    def build(generators):
        return SmallCnn(generators, data.inputs.shape[1:], tiny.CLASSES, list(channels), dropout)

    data, method = data or tiny.data(), tiny.method(name)
    known = tiny.declared(tiny.estimates(), method.uses)
    return tiny.fit(method, "small_cnn", data, known, build=build, by_kernel=by_kernel, **options)


def assert_equal(one, other):
    mine, theirs = tiny.results(one) | one.weights, tiny.results(other) | other.weights
    assert mine.keys() == theirs.keys()
    for key, value in mine.items():
        torch.testing.assert_close(value, theirs[key], rtol=1e-8, atol=1e-9, equal_nan=True, msg=key)
    assert one.probs.std() > 0.01


@pytest.mark.parametrize("name", METHODS)
def test_a_network_is_trained_as_by_autograd(name):
    assert_equal(fit(True, name), fit(False, name))


@pytest.mark.parametrize("options", [{"channels": [16]}, {"channels": [48, 16, 16]}, {"dropout": 0.5}])
def test_so_is_one_of_any_depth_and_with_dropout(options):
    assert_equal(fit(True, **options), fit(False, **options))


def test_so_is_one_of_coloured_images_that_are_no_squares():
    data, draws = tiny.data(), torch.Generator().manual_seed(0)
    images = torch.randn(tiny.IMAGES, 3, 5, 7, generator=draws, dtype=torch.float64)
    data = data._replace(inputs=images)
    assert_equal(fit(True, data=data), fit(False, data=data))


def test_the_kernel_is_what_trains_it():
    """Else the tests above compare autograd with itself."""
    network = SmallCnn([torch.Generator()], tiny.SHAPE, tiny.CLASSES, [16, 32], 0.5)
    assert isinstance(steps.chosen(network, [], tiny.settings(), True), steps.Convolutions)


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


def test_a_batch_that_does_not_fit_and_a_first_stride_are_refused():
    parameters, momentum, _ = convolved.stack(convolutions)
    met = convolutions.meetings(*convolved.SHAPE[1:], convolved.STRIDES)
    room, step = convolutions.room(parameters, met, 3, 7, np.float32), Step(*map(np.float32, (1, 0, 0)))
    factors, slope = np.ones((3, 8, 32), np.float32), np.ones((3, 8, 3), np.float32)
    with pytest.raises(ValueError, match="a batch has another size than the room"):
        convolutions.backward(parameters, momentum, met, factors, slope, step, room)
    with pytest.raises(ValueError, match="the first convolution has another stride than 1"):
        convolutions.meetings(5, 4, [2, 1])
