"""Probes against gradients by hand, a linear network whose critical samples are known, and the law."""

import pytest
import tiny
import torch
from torch import nn

from labelnoise.train import probes

PROBE = {"epochs": [0, 2], "radii": [0.5, 2.0], "examples": 6, "step": 0.25, "noise": 0.2, "steps": 8}


class Linear(nn.Module):
    """logits [R, m, C] = x W_r; x [R, m, D]."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, x):
        return torch.bmm(x, self.weight)


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def test_sensitivity_is_the_l1_norm_of_the_gradient():
    """dL/dx = W (p - e) for logits x W."""
    weight = torch.randn(2, 3, 4, generator=generators(0)[0], dtype=torch.float64)
    x, labels = torch.randn(2, 5, 3, generator=generators(1)[0]).double(), torch.tensor([[0, 1, 2, 3, 0]] * 2)
    network = Linear(weight)
    residual = torch.softmax(x @ weight, -1) - nn.functional.one_hot(labels, 4)
    expected = (residual @ weight.transpose(1, 2)).abs().sum(-1)
    torch.testing.assert_close(probes.sensitivity(network, x, labels), expected)
    assert network.weight.grad is None


def test_critical_are_those_within_the_radius_of_the_border():
    """Two classes, logits (x1 + x2, -x1 - x2): the border is at L-infinity distance |x1 + x2| / 2."""
    weight = torch.tensor([[[1.0, -1.0], [1.0, -1.0]]])
    distance = torch.tensor([0.05, 0.3, 0.9, 1.1, 3.0])
    x = torch.stack([distance, distance], -1)[None] * torch.tensor([1, -1, 1, -1, 1])[None, :, None]
    network, probe = Linear(1000 * weight), PROBE | {"noise": 0.0}
    found = [probes.critical(network, x, radius, probe, generators(0))[0].tolist() for radius in (0.5, 1.0, 2.0)]
    # at a scale of 1000 probabilities round to one: the search must not stall
    assert found == [
        [True, True, False, False, False],
        [True, True, True, False, False],
        [True, True, True, True, False],
    ]


@pytest.mark.parametrize("name", ["mlp", "small_cnn"])
def test_a_run_is_probed_the_same_alone_and_leaves_the_network_as_it_was(name):
    data = tiny.data()
    network = tiny.build(name)(generators(5, 6, 7)).to(data.inputs.dtype)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    together = probes.init(3, PROBE, data.inputs)
    for epoch in range(3):
        together = probes.update(together, epoch, PROBE, network, data, generators(10, 11, 12 + epoch))
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert network.training and all(parameter.grad is None for parameter in network.parameters())
    one = data._replace(index=data.index[1:2], labels=data.labels[1:2])
    alone, single = tiny.build(name)(generators(6)).to(data.inputs.dtype), probes.init(1, PROBE, data.inputs)
    for epoch in range(3):
        single = probes.update(single, epoch, PROBE, alone, one, generators(11))
    for key in together:
        torch.testing.assert_close(together[key][1:2], single[key])
    assert together["critical"].shape == (3, 2, 2, 6) and together["sensitivity"].shape == (3, 2, 6)


def test_sensitivity_is_the_mean_over_the_epochs_so_far():
    data = tiny.data()
    networks = [tiny.build("mlp")(generators(k, k + 1, k + 2)).to(data.inputs.dtype) for k in range(3)]
    state = probes.init(3, PROBE, data.inputs)
    for epoch, network in enumerate(networks):
        state = probes.update(state, epoch, PROBE, network, data, generators(1, 2, 3))
    place = torch.linspace(0, data.index.shape[1] - 1, 6).long()
    images, labels = data.inputs[data.index[:, place]], data.labels[:, place]
    each = torch.stack([probes.sensitivity(network, images, labels) for network in networks])
    torch.testing.assert_close(state["sensitivity"][:, 0], each[0])
    torch.testing.assert_close(state["sensitivity"][:, 1], each.mean(0))
