"""Shifts, crops, mirror images and holes against images changed by hand."""

import pytest
import tiny
import torch

from labelnoise.draws import Draws
from labelnoise.train import augmentation

ALL = {"shift": 1, "crop": 1, "flip": True, "cutout": 2}
NONE = dict.fromkeys(ALL, 0)


def images(runs, batch=80, shape=(3, 4, 5)):
    return torch.randn(runs, batch, *shape, generator=torch.Generator().manual_seed(0))


def moved(image, down, right):
    """What the definition says, pixel by pixel: the edge repeats."""
    height, width = image.shape[-2:]
    rows = [min(max(i - down, 0), height - 1) for i in range(height)]
    columns = [min(max(j - right, 0), width - 1) for j in range(width)]
    return image[..., rows, :][..., columns]


def padded(image, down, right):
    """The part of an image with a border of one zero that begins at 1 - down, 1 - right."""
    height, width = image.shape[-2:]
    whole = torch.nn.functional.pad(image, (1, 1, 1, 1))
    return whole[..., 1 - down : 1 - down + height, 1 - right : 1 - right + width]


@pytest.mark.parametrize(
    ("change", "by_hand"), [(augmentation.shifted, moved), (augmentation.cropped, padded)], ids=["shift", "crop"]
)
def test_every_image_moves_by_its_own_number_of_pixels(change, by_hand):
    inputs = images(2)
    found = change(inputs, 1, Draws(torch.arange(2)))
    seen = set()
    for run in range(2):
        for image, result in zip(inputs[run], found[run]):
            moves = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if torch.equal(by_hand(image, a, b), result)]
            assert len(moves) == 1
            seen.add((run, *moves[0]))
    assert len(seen) == 18  # both runs make all nine moves


def test_about_every_second_image_is_mirrored():
    inputs = images(2, 500)
    found = augmentation.flipped(inputs, Draws(torch.arange(2)))
    same, mirrored = ((found == other).flatten(2).all(2) for other in (inputs, inputs[..., [4, 3, 2, 1, 0]]))
    assert (same ^ mirrored).all() and ((mirrored.sum(1) - 250).abs() < 50).all()
    assert not torch.equal(same[0], same[1])


@pytest.mark.parametrize("pixels", [1, 2, 3])
def test_a_square_around_any_pixel_is_zero(pixels):
    inputs = images(2, 400).abs() + 1
    found = augmentation.cut_out(inputs, pixels, Draws(torch.arange(2)))
    seen = set()
    for image, result in zip(inputs.flatten(0, 1), found.flatten(0, 1)):
        hole = (result == 0).all(0)
        assert torch.equal(result, image * ~hole)
        rows, columns = (hole.any(axis).nonzero().ravel().tolist() for axis in (1, 0))
        seen.add((tuple(rows), tuple(columns)))

    def spans(size):
        return {
            tuple(i for i in range(at - pixels // 2, at - pixels // 2 + pixels) if 0 <= i < size)
            for at in range(size)
        }

    assert seen == {(rows, columns) for rows in spans(4) for columns in spans(5)}


@pytest.mark.parametrize("name", ALL)
def test_what_is_not_set_is_not_drawn(name):
    one = tiny.settings()._replace(**NONE | {name: ALL[name]})
    inputs, draws = images(1), Draws(torch.arange(1))
    assert augmentation.used(one) and not augmentation.used(tiny.settings())
    assert augmentation.augmented(inputs, tiny.settings(), draws) is inputs and draws.drawn == 0
    changes = {"shift": augmentation.shifted, "crop": augmentation.cropped, "cutout": augmentation.cut_out}
    alone = Draws(torch.arange(1))
    expected = changes[name](inputs, ALL[name], alone) if name in changes else augmentation.flipped(inputs, alone)
    found = augmentation.augmented(inputs, one, draws)
    assert torch.equal(found, expected) and draws.drawn == alone.drawn and not torch.equal(found, inputs)


@pytest.mark.parametrize("name", [*ALL, None])
def test_a_run_sees_the_same_alone_and_peers_see_the_same(name):
    settings = tiny.settings()._replace(**(ALL if name is None else NONE | {name: ALL[name]}))
    inputs = images(2, 6)
    both = augmentation.augmented(inputs, settings, Draws(torch.arange(2)))
    alone = augmentation.augmented(inputs[1:], settings, Draws(torch.tensor([1])))
    assert torch.equal(both[1:], alone)
    peers = augmentation.augmented(inputs[:1].repeat(2, 1, 1, 1, 1), settings, Draws(torch.tensor([0])))
    assert torch.equal(peers[0], both[0]) and torch.equal(peers[1], both[0])


def test_a_run_gives_the_same_bytes_alone_and_beside_others(monkeypatch):
    """Trained by the kernel, with all of them; and others than without."""
    plain, epochs = tiny.settings(), 3
    data, known, method = tiny.data(dtype=torch.float32), tiny.estimates(dtype=torch.float32), tiny.method("elr")
    ends = {}
    for name, settings in {"plain": plain, "all": plain._replace(**ALL)}.items():
        monkeypatch.setattr(tiny, "settings", lambda epochs, of=settings: of._replace(epochs=epochs))
        ends[name] = tiny.fit(method, "mlp", data, known, epochs).probs
    alone = tiny.fit(method, "mlp", tiny.some(data, [2]), tiny.some_estimates(known, [2]), epochs).probs
    assert torch.equal(ends["all"][2:], alone) and (ends["all"] - ends["plain"]).abs().max() > 0.01
