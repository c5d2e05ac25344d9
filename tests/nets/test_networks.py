"""The networks against torch.nn networks that are run one at a time, forward, backward and in evaluation."""

import pytest
import torch
from torch import nn

from labelnoise.draws import Draws
from labelnoise.nets import NETWORKS
from labelnoise.nets.layers import dropped

RUNS, BATCH, SHAPE, CLASSES = 3, 7, (2, 8, 8), 5


def generators(first=0, runs=RUNS):
    return [torch.Generator().manual_seed(first + run) for run in range(runs)]


def network(name, dropout=0.0, **section):
    """With a last layer that says something: it starts at zero."""
    made = NETWORKS[name](generators(), SHAPE, CLASSES, dropout=dropout, **section).double()
    assert not made.head.weight.any()
    nn.init.normal_(made.head.weight, generator=torch.Generator().manual_seed(5))
    return made


def inputs():
    return torch.randn(RUNS, BATCH, *SHAPE, generator=torch.Generator().manual_seed(9), dtype=torch.float64)


def linear(layer, run):
    single = nn.Linear(layer.weight.shape[1], layer.weight.shape[2]).double()
    single.load_state_dict({"weight": layer.weight[run].T, "bias": layer.bias[run, 0]})
    return single


def convolution(layer, run):
    rows, outputs = layer.weight.shape[1:]
    single = nn.Conv2d(rows // 9, outputs, 3, layer.stride, padding=1, bias=False).double()
    single.load_state_dict({"weight": layer.weight[run].view(3, 3, -1, outputs).permute(3, 2, 0, 1)})
    return single


def by_tap(weight):
    """[out, in, 3, 3] as a layer has it."""
    return weight.permute(2, 3, 1, 0).flatten(0, 2)


def single_mlp(net, run):
    hidden = [part for layer in net.hidden for part in (linear(layer, run), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, linear(net.head, run))


def single_cnn(net, run):
    parts = []
    for conv in net.convs:
        parts += [convolution(conv, run), nn.BatchNorm2d(conv.weight.shape[2]).double(), nn.ReLU()]
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
        logits = net.train(training)(x)
        assert logits.shape == (RUNS, BATCH, CLASSES)
        for run, alone in enumerate(singles):
            torch.testing.assert_close(logits[run], alone.train(training)(x[run]))


@CASES
def test_gradients_equal_those_of_single_networks(name, section, single):
    net, x = network(name, **section), inputs()
    net(x).square().sum().backward()
    first = net.hidden[0] if name == "mlp" else net.convs[0]
    for run in range(RUNS):
        alone = single(net, run)
        alone(x[run]).square().sum().backward()
        weight = next(alone.parameters()).grad
        torch.testing.assert_close(first.weight.grad[run], weight.T if name == "mlp" else by_tap(weight))


def test_the_second_convolution_halves_the_image():
    net = network("small_cnn", channels=[4, 6, 3])
    assert [conv.stride for conv in net.convs] == [1, 2, 1]


@CASES
def test_dropout_is_drawn_run_by_run_and_only_in_training(name, section, single):
    net, x = network(name, 0.5, **section), inputs()
    seeds = torch.tensor([70, 71, 72])
    net.draws = Draws(seeds)
    together = net(x)
    alone = network(name, 0.5, **section)  # the same weights in other places beside other neighbours
    order = [2, 0, 1]
    for value in alone.state_dict().values():
        value.copy_(value.view(RUNS, -1)[order].view_as(value))
    alone.draws = Draws(seeds[order])
    torch.testing.assert_close(alone(x[order]), together[order])
    plain = network(name, **section)
    assert not torch.allclose(plain(x), together)
    net.load_state_dict(plain.state_dict())
    torch.testing.assert_close(net.eval()(x), plain.eval()(x))


def test_dropout_keeps_the_mean_and_draws_nothing_at_zero():
    x = torch.ones(2, 300, 200)
    kept = dropped(x, 0.2, Draws(torch.tensor([0, 1])))
    assert set(kept.unique().tolist()) == {0.0, 1 / 0.8}
    assert kept.mean().item() == pytest.approx(1, abs=5 * 0.5 / (120_000**0.5))
    assert not torch.equal(kept[0], kept[1])
    assert dropped(x, 0.0, None) is x


@pytest.mark.parametrize(("hidden", "published"), [([512], 1_209_866), ([512, 512, 512], 1_735_178)])
def test_networks_of_zhang_et_al_have_the_published_number_of_parameters(hidden, published):
    """Table 1 of Zhang et al. 2017, for crops of 28 x 28 pixels in three colours, and ten classes."""
    made = NETWORKS["mlp"]([torch.Generator()], (3, 28, 28), 10, hidden=hidden, dropout=0.0)
    assert sum(parameter.numel() for parameter in made.parameters()) == published
