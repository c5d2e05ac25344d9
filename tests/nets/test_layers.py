"""Layers with a run axis against torch.nn layers, one run at a time."""

import math

import pytest
import torch
from torch import nn

from labelnoise.nets.layers import BatchNorm, Conv, Conv3x3, Linear, he_normal

RUNS = 3


def generators(first=0, runs=RUNS):
    return [torch.Generator().manual_seed(first + run) for run in range(runs)]


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(99), dtype=torch.float64)


def test_he_normal_has_variance_two_over_fan_in():
    weights = he_normal((200, 300), 50, generators())
    for run in weights:
        assert run.mean().item() == pytest.approx(0, abs=5 * 0.2 / math.sqrt(60_000))
        assert run.var().item() == pytest.approx(2 / 50, rel=0.03)


def test_weights_of_a_run_do_not_depend_on_its_neighbours():
    together, alone = he_normal((4, 5), 4, generators()), he_normal((4, 5), 4, generators(first=1, runs=1))
    assert torch.equal(together[1], alone[0])
    assert not torch.equal(together[0], together[1])


@pytest.mark.parametrize("layer", [Linear(generators(), 100, 200), Conv3x3(generators(), 50, 60, 1)])
def test_layers_start_with_he_variance(layer):
    fan_in = 100 if isinstance(layer, Linear) else 50 * 9
    assert layer.weight.shape[0] == RUNS
    assert layer.weight.var().item() == pytest.approx(2 / fan_in, rel=0.03)


def test_linear():
    layer = Linear(generators(), 4, 5).double()
    nn.init.normal_(layer.bias)
    x = random(RUNS, 7, 4)
    for run in range(RUNS):
        expected = nn.functional.linear(x[run], layer.weight[run].T, layer.bias[run, 0])
        torch.testing.assert_close(layer(x)[run], expected)


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution(stride):
    layer = Conv3x3(generators(), 2, 5, stride).double()
    x = random(RUNS, 7, 2, 6, 6)
    out = layer(x.transpose(0, 1).flatten(1, 2)).unflatten(1, (RUNS, 5)).transpose(0, 1)
    for run in range(RUNS):
        single = nn.Conv2d(2, 5, 3, stride, padding=1, bias=False).double()
        single.load_state_dict({"weight": layer.weight[run].detach().view(3, 3, 2, 5).permute(3, 2, 0, 1)})
        torch.testing.assert_close(out[run], single(x[run]))


@pytest.mark.parametrize("side", [5, 6])
def test_a_convolution_of_single_pixels_that_takes_every_second(side):
    """Of which only these pixels have a gradient."""
    layer = Conv(generators(), 2, 5, 1, stride=2).double()
    x, weights = random(RUNS, 7, 2, side, side).requires_grad_(), random(RUNS, 7, 5, 3, 3)
    out = layer(x.transpose(0, 1).flatten(1, 2)).unflatten(1, (RUNS, 5)).transpose(0, 1)
    single = nn.Conv2d(2, 5, 1, 2, bias=False).double()
    for run in range(RUNS):
        single.load_state_dict({"weight": layer.weight[run].detach()})
        torch.testing.assert_close(out[run], single(x[run]))
        ours = torch.autograd.grad((out[run] * weights[run]).sum(), [x, layer.weight], retain_graph=True)
        theirs = torch.autograd.grad((single(x[run]) * weights[run]).sum(), [x, single.weight])
        torch.testing.assert_close(ours[0][run], theirs[0][run])
        torch.testing.assert_close(ours[1][run], theirs[1])


def test_batch_norm_in_training_and_evaluation():
    layer = BatchNorm(RUNS, 2).double()
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    singles = [nn.BatchNorm2d(2).double() for _ in range(RUNS)]
    for run, single in enumerate(singles):
        single.load_state_dict(single.state_dict() | {"weight": layer.weight[run], "bias": layer.bias[run]})
    x = 3 + 2 * random(2, RUNS, 7, 2, 4, 4)  # two steps of training, then evaluation
    for step, training in ((0, True), (1, True), (1, False)):
        layer.train(training)
        out = layer(x[step].transpose(0, 1).flatten(1, 2)).unflatten(1, (RUNS, 2)).transpose(0, 1)
        for run, single in enumerate(singles):
            torch.testing.assert_close(out[run], single.train(training)(x[step, run]))


def test_batch_norm_keeps_the_statistics_of_the_runs_apart():
    layer = BatchNorm(2, 1)
    layer(torch.stack([torch.zeros(8, 4, 4), torch.full((8, 4, 4), 10.0)], 1))
    torch.testing.assert_close(layer.mean, torch.tensor([[0.0], [1.0]]))  # a tenth of the way to 0 and 10
