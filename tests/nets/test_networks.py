"""The networks against torch.nn networks that are run one at a time, forward, backward and in evaluation."""

import pytest
import torch
from torch import nn

from labelnoise.nets import NETWORKS

RUNS, BATCH, SHAPE, CLASSES = 3, 7, (2, 8, 8), 5


def network(name, **section):
    generators = [torch.Generator().manual_seed(run) for run in range(RUNS)]
    return NETWORKS[name](generators, SHAPE, CLASSES, **section).double()


def inputs():
    return torch.randn(RUNS, BATCH, *SHAPE, generator=torch.Generator().manual_seed(9), dtype=torch.float64)


def linear(layer, run):
    single = nn.Linear(layer.weight.shape[1], layer.weight.shape[2]).double()
    single.load_state_dict({"weight": layer.weight[run].T, "bias": layer.bias[run, 0]})
    return single


def convolution(layer, run):
    outputs, inputs = layer.weight.shape[1:3]
    single = nn.Conv2d(inputs, outputs, 3, layer.stride, padding=1, bias=False).double()
    single.load_state_dict({"weight": layer.weight[run]})
    return single


def single_mlp(net, run):
    hidden = [part for layer in net.hidden for part in (linear(layer, run), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, linear(net.head, run))


def single_cnn(net, run):
    parts = []
    for conv in net.convs:
        parts += [convolution(conv, run), nn.BatchNorm2d(conv.weight.shape[1]).double(), nn.ReLU()]
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear(net.head, run))


CASES = pytest.mark.parametrize(
    ("name", "section", "single"),
    [("mlp", {"hidden": [6, 4]}, single_mlp), ("small_cnn", {"channels": [4, 6, 3]}, single_cnn)],
)


@CASES
def test_logits_equal_those_of_single_networks(name, section, single):
    net, x = network(name, **section), inputs()
    singles = [single(net, run) for run in range(RUNS)]
    for training in (True, False):  # evaluation uses the running statistics that training left
        logits = net.train(training)(x).logits
        assert logits.shape == (RUNS, BATCH, CLASSES)
        for run, alone in enumerate(singles):
            torch.testing.assert_close(logits[run], alone.train(training)(x[run]))


@CASES
def test_gradients_equal_those_of_single_networks(name, section, single):
    net, x = network(name, **section), inputs()
    net(x).logits.square().sum().backward()
    first = net.hidden[0] if name == "mlp" else net.convs[0]
    for run in range(RUNS):
        alone = single(net, run)
        alone(x[run]).square().sum().backward()
        weight = next(alone.parameters()).grad
        torch.testing.assert_close(first.weight.grad[run], weight.T if name == "mlp" else weight)


@CASES
def test_features_are_the_input_of_the_last_layer(name, section, single):
    net = network(name, **section)
    outputs = net(inputs())
    assert outputs.features.shape == (RUNS, BATCH, next(iter(section.values()))[-1])
    torch.testing.assert_close(net.head(outputs.features), outputs.logits)


def test_the_second_convolution_halves_the_image():
    net = network("small_cnn", channels=[4, 6, 3])
    assert [conv.stride for conv in net.convs] == [1, 2, 1]
