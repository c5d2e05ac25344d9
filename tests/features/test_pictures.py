"""Examples at the size that an encoder wants, from pixels and from files."""

import numpy as np
import pytest
from PIL import Image

from labelnoise.features import pictures

RNG = np.random.default_rng(0)


@pytest.fixture
def photos(tmp_path):
    """Three files of 90 x 60 pixels, lossless, and what they hold [3, 60, 90, 3]."""
    coarse = RNG.integers(0, 256, (3, 6, 9, 3), np.uint8)
    held = [np.asarray(Image.fromarray(image).resize((90, 60), Image.Resampling.BICUBIC)) for image in coarse]
    paths = [tmp_path / f"{position}.png" for position in range(3)]
    for path, image in zip(paths, held):
        Image.fromarray(image).save(path)
    return paths, np.stack(held)


def test_as_stored_it_is_a_share_of_the_largest_value():
    stored = RNG.integers(0, 17, (5, 1, 8, 8), np.uint8)
    stored[0, 0, 0, 0] = 16
    found = pictures.at(pictures.of_array(stored), np.array([3, 0]), None).numpy()
    np.testing.assert_allclose(found, stored[[3, 0]] / 16, rtol=1e-6)


def test_the_center_square_is_scaled_as_pillow_does(photos):
    held = photos[1]
    of = pictures.of_array(held.transpose(0, 3, 1, 2))
    for size in (20, 60, 100):
        found = pictures.at(of, np.arange(3), size).numpy() * of.white
        square = [Image.fromarray(image[:, 15:75]) for image in held]
        expected = np.stack([np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)) for image in square])
        np.testing.assert_allclose(found, expected.transpose(0, 3, 1, 2), atol=1.5)  # Pillow rounds, twice


def test_grey_levels_of_files_are_scaled_as_their_owner_says(tmp_path):
    levels = np.linspace(0, 4095, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(levels).save(tmp_path / "12 bits.png")
    stored = np.zeros((1, 1, 8, 8), np.uint8)
    for white, brightest in ((65535, 16), (4095, 255), (2000, 255)):
        of = pictures.of_array(stored, [tmp_path / "12 bits.png"], "grey", 10_000, white)
        found = pictures.at(of, np.array([0]), 64).numpy()[0, 0] * 255
        np.testing.assert_allclose(found, np.minimum(levels, white) * (255 / white), atol=0.51)
        assert found.max() == pytest.approx(brightest, abs=0.51)


def test_files_are_read_again_only_where_more_pixels_are_wanted(photos):
    paths, held = photos
    stored = np.full((3, 3, 32, 32), 255, np.uint8)  # unlike the files, to tell them apart
    of = pictures.of_array(stored, paths, "rgb", 10**6)
    assert not pictures.decodes(of, 32) and not pictures.decodes(of, None) and pictures.decodes(of, 48)
    assert (pictures.at(of, np.arange(3), 32) == 1).all()
    found = pictures.at(of, np.array([2]), 60).numpy()
    np.testing.assert_allclose(found[0] * 255, held[2, :, 15:75].transpose(2, 0, 1), atol=1e-4)


def test_files_alone(photos):
    of = pictures.of_files(photos[0], "grey", 10**6)
    assert (pictures.count(of), pictures.channels(of), of.size) == (3, 1, 60)
    assert pictures.at(of, np.array([1, 0]), 40).shape == (2, 1, 40, 40)


@pytest.mark.parametrize(("content", "expected"), [(None, "No such file"), (b"text", "no image, or damaged")])
def test_a_file_that_cannot_be_read_is_named(photos, content, expected):
    paths, _ = photos
    of = pictures.of_files(paths, "rgb", 10**6)
    paths[1].unlink()
    if content:
        paths[1].write_bytes(content)
    with pytest.raises(ValueError, match=rf"1\.png: cannot be read: .*{expected}"):
        pictures.of_files(paths, "rgb", 10**6)
    with pytest.raises(ValueError, match=r"1\.png: cannot be read: "):
        pictures.at(of, np.arange(3), 40)


def test_files_that_are_too_large_are_refused(photos):
    of = pictures.of_files(photos[0], "rgb", 1000)
    with pytest.raises(ValueError, match=r"0\.png: cannot be read: 90 x 60 pixels; allowed: max_pixels = 1000"):
        pictures.at(of, np.arange(3), 40)
    with pytest.raises(ValueError, match="no image file"):
        pictures.of_files([], "rgb", 1000)
