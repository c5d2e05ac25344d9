"""What a network takes, against counts by hand."""

import pytest

from labelnoise.runs import demand

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


@pytest.mark.parametrize("name", SECTIONS)
def test_memory_grows_with_weights_and_batches(name):
    found = demand.of(name, SECTIONS[name], (2, 6, 6), 3)
    assert found.bytes(20) - found.bytes(10) == 20 * found.kept and found.bytes(0) == 24 * found.parameters
