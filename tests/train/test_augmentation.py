"""Shifts against images moved by hand."""

import torch

from labelnoise.draws import Draws
from labelnoise.train import augmentation


def moved(image, down, right):
    """What the definition says, pixel by pixel: the edge repeats."""
    height, width = image.shape[-2:]
    rows = [min(max(i - down, 0), height - 1) for i in range(height)]
    columns = [min(max(j - right, 0), width - 1) for j in range(width)]
    return image[..., rows, :][..., columns]


def test_every_image_moves_by_its_own_number_of_pixels():
    inputs = torch.randn(2, 80, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    found = augmentation.shifted(inputs, 1, Draws(torch.arange(2)))
    seen = set()
    for run in range(2):
        for image, result in zip(inputs[run], found[run]):
            moves = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if torch.equal(moved(image, a, b), result)]
            assert len(moves) == 1
            seen.add((run, *moves[0]))
    assert len(seen) == 18  # both runs make all nine moves


def test_a_run_moves_the_same_alone_and_peers_move_together():
    inputs = torch.randn(2, 6, 1, 4, 4)
    both = augmentation.shifted(inputs, 2, Draws(torch.arange(2)))
    alone = augmentation.shifted(inputs[1:], 2, Draws(torch.tensor([1])))
    assert torch.equal(both[1:], alone)
    peers = augmentation.shifted(inputs[:1].repeat(2, 1, 1, 1, 1), 2, Draws(torch.tensor([0])))
    assert torch.equal(peers[0], both[0]) and torch.equal(peers[1], both[0])
