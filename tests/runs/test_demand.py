"""What a network takes, against counts by hand and of torch."""

from pathlib import Path

import pytest
import torch
from torch import Generator
from torch.utils.flop_counter import FlopCounterMode

from labelnoise import params
from labelnoise.draws import Draws
from labelnoise.nets import NETWORKS
from labelnoise.runs import demand

ROWS = params.load(Path(__file__).parents[2] / "params.yaml").networks
SECTIONS = {"mlp": {"hidden": [6], "dropout": 0.5}, "small_cnn": {"channels": [4, 8], "dropout": 0.0}}


def test_a_perceptron_by_hand():
    """32 x 6 and 6 x 3 weights and as many biases. Kept of an image: 32 pixels, what six units give before
    dropout, which of them stay (a byte each), and what is left."""
    found = demand.of("mlp", SECTIONS["mlp"], (2, 4, 4), 3)
    assert (found.parameters, found.flops) == (32 * 6 + 6 + 6 * 3 + 3, 2 * (32 * 6 + 6 * 3))
    assert found.kept == 4 * 32 + 4 * 6 + 6 + 4 * 6


def test_a_convolution_by_hand():
    """The first keeps the size of 6 x 6, the second halves it. Kept: the image, what each convolution gives, what
    is left of it after normalisation and ReLU, and the averages."""
    found = demand.of("small_cnn", SECTIONS["small_cnn"], (2, 6, 6), 3)
    assert found.parameters == 9 * (2 * 4 + 4 * 8) + 2 * (4 + 8) + 8 * 3 + 3
    assert found.flops == 2 * (9 * 2 * 4 * 36 + 9 * 4 * 8 * 9 + 8 * 3)
    assert found.kept == 4 * (2 * 36 + 2 * 4 * 36 + 2 * 8 * 9 + 8)


@pytest.mark.parametrize("kind", NETWORKS)
def test_torch_counts_as_many_operations(kind):
    """Of every network: one with layers of another type would be told too small."""
    names = [name for name, row in ROWS.items() if row.get("network", name) == kind]
    row = params.network(ROWS, names[0])
    row.pop("network", None)
    shape = (3, 32, 32)
    network = NETWORKS[kind]([Generator()], shape, 7, **row)
    network.draws = Draws(torch.zeros(1, dtype=torch.int64))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 1, *shape))
    assert demand.of(kind, row, shape, 7).flops == counter.get_total_flops() > 0


@pytest.mark.parametrize("name", SECTIONS)
def test_memory_grows_with_weights_and_batches(name):
    found = demand.of(name, SECTIONS[name], (2, 6, 6), 3)
    assert found.bytes(20) - found.bytes(10) == 20 * found.kept and found.bytes(0) == 24 * found.parameters


def test_runs_in_a_stack_count_each_for_itself():
    """Two runs, three images: six times the products of one image."""
    network = NETWORKS["mlp"]([Generator(), Generator()], (2, 4, 4), 3, **SECTIONS["mlp"])
    network.draws = Draws(torch.zeros(2, dtype=torch.int64))
    network.eval()
    assert demand._forward(network, torch.zeros(2, 3, 2, 4, 4))[0] == 6 * 2 * (32 * 6 + 6 * 3)
