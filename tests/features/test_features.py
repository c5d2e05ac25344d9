"""Features of arrays, of files and of data sets: which, in which order, kept until something changes."""

import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from labelnoise import features
from labelnoise.features import choice, cost, kept, pictures
from labelnoise.features.types import Encoder, Machine
from labelnoise.sections import Data, EfficientnetLite0, Given, Patches, Pixels
from labelnoise.types import Dataset

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (9, 36, 36, 3), np.uint8)
PATCHES, LITE0 = Patches(encoder="patches"), EfficientnetLite0(encoder="efficientnet_lite0", size=64)
PIXELS, GIVEN = Pixels(encoder="pixels"), Given(encoder="given")


def quiet(_):
    pass


def of_images(*arguments, **keys):
    return features.of_images(*arguments, **{"workers": 1, "tell": quiet, **keys})


def dataset(images: np.ndarray, files=(), pred_probs=None) -> Dataset:
    count = len(images)
    return Dataset(
        images, np.full(count, -1), np.arange(count) % 2, ["a", "b"], {}, {}, list(files), (), pred_probs
    )


def section(chosen=None, **own):
    return SimpleNamespace(features=chosen, data=Data(folds=2, subset=None, imbalance=1.0, **own))


def test_every_encoder_has_a_section_and_the_other_way_round():
    from labelnoise.sections import ENCODERS

    assert tuple(features.ENCODERS) == ENCODERS


def test_pixels_are_shares_of_the_largest():
    digits = RNG.integers(0, 17, (5, 8, 8), np.uint8)
    digits[0, 0, 0] = 16
    found = of_images(digits, [PIXELS])
    assert list(found) == ["0_pixels"] and found["0_pixels"].dtype == np.float32
    np.testing.assert_allclose(found["0_pixels"], digits.reshape(5, 64) / 16, rtol=1e-6)


def test_order_and_names_are_those_of_the_sections():
    found = of_images(IMAGES, [LITE0, PIXELS, PATCHES, PIXELS])
    assert list(found) == ["0_efficientnet_lite0", "1_pixels", "2_patches", "3_pixels"]
    assert [part.shape for part in found.values()] == [(9, 1280), (9, 36 * 36 * 3), (9, 768), (9, 36 * 36 * 3)]


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (np.zeros((2, 1, 28, 28), np.uint8), ["pixels"]),
        (np.zeros((2, 3, 8, 28), np.uint8), ["pixels"]),
        (np.zeros((2, 1, 28, 29), np.uint8), ["patches", "efficientnet_lite0"]),
        (np.zeros((2, 3, 32, 32), np.uint8), ["patches", "efficientnet_lite0"]),
        (np.zeros((2, 4, 32, 32), np.uint8), ["patches"]),
        (np.zeros((2, 1, 1, 5), np.float32), ["given"]),
        (np.zeros((2, 1, 1, 0), np.float32), []),
    ],
)
def test_the_choice_by_size(images, expected):
    assert [chosen.encoder for chosen in choice.default(pictures.of_array(images))] == expected


@pytest.mark.parametrize(
    ("images", "chosen", "expected"),
    [
        (np.zeros((2, 1, 1, 5), np.float32), PATCHES, "here: patches cannot encode features; allowed: given"),
        (np.zeros((2, 3, 9, 9), np.uint8), GIVEN, "here: given cannot encode images; allowed: other encoders"),
        (
            np.zeros((2, 2, 9, 9), np.uint8),
            LITE0,
            "here: efficientnet_lite0 takes 1 or 3 channels, not 2; allowed",
        ),
    ],
)
def test_encoders_that_do_not_suit_the_examples(images, chosen, expected):
    with pytest.raises(ValueError) as caught:
        choice.checked([chosen], pictures.of_array(images), "here")
    assert str(caught.value).startswith(expected)


def test_features_of_ones_own_are_passed_on():
    table = RNG.normal(size=(4, 1, 1, 6)).astype(np.float32)
    found = features.of_dataset(dataset(table), "mine", section(), Machine("cpu", 2), tell=quiet)
    assert list(found) == ["0_given"]
    np.testing.assert_array_equal(found["0_given"], table[:, 0, 0])


def test_without_images_and_features_there_are_none():
    assert (
        features.of_dataset(
            dataset(np.empty((4, 1, 1, 0), np.float32)), "mine", section(), Machine("cpu", 2), tell=quiet
        )
        == {}
    )


def test_threads_change_no_bit():
    found = [of_images(np.tile(IMAGES, (4, 1, 1, 1)), [PATCHES, LITE0], workers=workers) for workers in (1, 3)]
    for name in found[0]:
        assert found[0][name].tobytes() == found[1][name].tobytes()


def test_grey_images_are_encoded_as_color_with_equal_channels():
    grey = IMAGES[..., 0]
    color = np.repeat(grey[..., None], 3, 3)
    one, three = of_images(grey, [LITE0]), of_images(color, [LITE0])
    np.testing.assert_allclose(one["0_efficientnet_lite0"], three["0_efficientnet_lite0"], rtol=1e-4, atol=1e-5)


def test_it_says_beforehand_what_it_takes():
    said = []
    of_images(IMAGES, [PIXELS, PATCHES], tell=said.append)
    assert len(said) == 1 and said[0].startswith("features: 9 examples: 1_patches ")
    assert "s on 1 thread" in said[0] and "GB of memory (measured on the first block of each)" in said[0]
    of_images(IMAGES, [PIXELS], tell=said.append)
    assert len(said) == 1


def test_what_it_takes_is_measured_on_one_thread():
    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)
    try:
        encoder = Encoder(None, 4, lambda block: seen.append(torch.get_num_threads()) or block.flatten(1))
        cost.measured(encoder, pictures.of_array(IMAGES.transpose(0, 3, 1, 2)), Machine("cpu", 2))
        assert seen == [1, 1] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.fixture
def folder(tmp_path):
    """Nine files of 36 x 36 pixels, what they hold as small pictures, and the section of a folder."""
    names = [f"{position}.png" for position in range(9)]
    for name, image in zip(names, IMAGES):
        Image.fromarray(image).save(tmp_path / name)
    small = np.stack([np.asarray(Image.fromarray(image).resize((30, 30))) for image in IMAGES])
    own = {"root": str(tmp_path), "size": 30, "mode": "rgb", "max_pixels": 10**6}
    return dataset(small.transpose(0, 3, 1, 2), names), [tmp_path / name for name in names], own


def test_images_of_a_folder_are_decoded_at_the_size_of_the_encoder(folder):
    """Which more pixels than are stored; so its features are those of the files, and nearly of their pixels."""
    data, paths, own = folder
    found = features.of_dataset(
        data, "folder", section([LITE0], source="folder", folder=own), Machine("cpu", 2), tell=quiet
    )
    alone = features.of_files(paths, [LITE0], tell=quiet)
    assert found["0_efficientnet_lite0"].tobytes() == alone["0_efficientnet_lite0"].tobytes()
    large, small = (
        of_images(images, [LITE0])["0_efficientnet_lite0"]
        for images in (IMAGES, data.images.transpose(0, 2, 3, 1))
    )
    off = [np.abs(part - found["0_efficientnet_lite0"]).mean() for part in (large, small)]
    assert off[0] < 0.1 * off[1]


def test_small_files_are_pixels_by_default(tmp_path):
    for position in range(3):
        Image.fromarray(IMAGES[position, :8, :8]).save(tmp_path / f"{position}.png")
    found = features.of_files(sorted(tmp_path.glob("*.png")), tell=quiet)
    np.testing.assert_allclose(
        found["0_pixels"], IMAGES[:3, :8, :8].transpose(0, 3, 1, 2).reshape(3, -1) / 255, rtol=1e-6
    )


@pytest.fixture
def counted(monkeypatch):
    """Names of the encoders that were asked for features, in order."""
    asked = []
    for name, real in features.ENCODERS.items():

        def encoder(*arguments, name=name, real=real):
            asked.append(name)
            return real(*arguments)

        monkeypatch.setitem(features.ENCODERS, name, encoder)
    return asked


def test_kept_features_are_the_same_bytes_and_cost_nothing(tmp_path, counted):
    first = of_images(IMAGES, [PATCHES, PIXELS], cache=tmp_path)
    said = []
    again = of_images(IMAGES, [PATCHES, PIXELS], cache=tmp_path, tell=said.append)
    assert counted == ["patches", "pixels", "pixels"] and said == []
    assert {name: part.tobytes() for name, part in first.items()} == {
        name: part.tobytes() for name, part in again.items()
    }
    assert [path.name.rsplit("-", 1)[0] for path in tmp_path.iterdir()] == ["features-patches"]
    of_images(IMAGES, [LITE0, PATCHES], cache=tmp_path)  # another place in the list
    assert counted[3:] == ["efficientnet_lite0"]


@pytest.mark.parametrize("change", ["pixel", "order", "setting", "code", "version"])
def test_every_change_computes_again(tmp_path, counted, monkeypatch, change):
    images, chosen = IMAGES.copy(), LITE0
    of_images(images, [chosen], cache=tmp_path)
    if change == "pixel":
        images[3, 2, 1, 0] ^= 1
    elif change == "order":
        images = images[::-1]
    elif change == "setting":
        chosen = LITE0.model_copy(update={"size": 65})
    elif change == "code":
        (tmp_path / "code").mkdir()
        (tmp_path / "code" / "new.py").write_text("")
        monkeypatch.setattr(kept, "__file__", str(tmp_path / "code" / "kept.py"))
    else:
        monkeypatch.setattr(kept.metadata, "version", lambda name: "0")
    of_images(images, [chosen], cache=tmp_path)
    assert counted == ["efficientnet_lite0"] * 2


def test_features_of_files_are_kept_until_a_file_changes(tmp_path, counted, folder):
    _, paths, _ = folder
    cache = tmp_path / "cache"
    for _ in range(2):
        features.of_files(paths, [PATCHES], cache=cache, tell=quiet)
    assert counted == ["patches"]
    os.utime(paths[4], ns=(1, 1))
    features.of_files(paths, [PATCHES], cache=cache, tell=quiet)
    assert counted == ["patches"] * 2


def test_the_device_and_the_sha256_count_and_the_place_of_a_file_does_not(tmp_path):
    from labelnoise.sections import Onnx

    of = pictures.of_array(IMAGES.transpose(0, 3, 1, 2))
    own = Onnx(encoder="onnx", file="a.onnx", sha256="0" * 64, size=32)
    key = kept.key(of, own, "cpu")
    assert kept.key(of, own.model_copy(update={"file": "b.onnx"}), "cpu") == key
    assert (
        len({key, kept.key(of, own, "cuda"), kept.key(of, own.model_copy(update={"sha256": "1" * 64}), "cpu")})
        == 3
    )


def test_features_that_are_no_numbers_are_not_kept(tmp_path, monkeypatch):
    from labelnoise.features.types import Encoder

    monkeypatch.setitem(
        features.ENCODERS, "patches", lambda *_: Encoder(None, 4, lambda images: images.flatten(1) / 0)
    )
    with pytest.raises(ValueError, match="features: 0_patches: not all features are finite"):
        of_images(IMAGES, [PATCHES], cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
