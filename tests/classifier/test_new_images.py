"""Files below a folder: which are looked at, and that they get the features of the pipeline."""

import made_classifier as tiny
import numpy as np
import pytest
from PIL import Image

from labelnoise.classifier import new_images
from labelnoise.classifier.model import probabilities
from labelnoise.sections import Patches, Pixels

BOTH = [Pixels(encoder="pixels"), Patches(encoder="patches")]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of 90 digits of 20 x 20 pixels, stored with 8 x 8: patches decode it again. Inputs, and model."""
    folder = tmp_path_factory.mktemp("trained")
    tiny.write(folder / "images", 90, 0.1)
    for path in (folder / "images").glob("*/*.png"):
        with Image.open(path) as image:
            image.resize((20, 20)).save(path)
    given = tiny.inputs(folder / "images", folder / "cache", encoders=BOTH)
    return folder / "images", given, tiny.made(given).model


def predicted(trained, root=None, names=None, tell=lambda line: None):
    own, given, model = trained
    return new_images.predict(model, root or own, names or given.dataset.files, tiny.ONE, tell)


def test_files_are_read_as_the_pipeline_reads_them(trained):
    _, given, model = trained
    found = predicted(trained)
    assert found.files == given.dataset.files and found.unreadable == []
    np.testing.assert_allclose(found.q, probabilities(model, given.features), atol=1e-5)


def test_dark_images_alone_are_as_dark_as_among_bright_ones(trained):
    _, given, model = trained
    dark = np.flatnonzero(given.dataset.images.max((1, 2, 3)) < 0.95 * given.dataset.images.max())[:3]
    found = predicted(trained, names=[given.dataset.files[at] for at in dark])
    expected = probabilities(model, {name: values[dark] for name, values in given.features.items()})
    assert len(dark) == 3
    np.testing.assert_allclose(found.q, expected, atol=1e-5)


def test_chunks_change_nothing(trained, monkeypatch):
    whole, told = predicted(trained), []
    monkeypatch.setattr(new_images, "chunk", lambda reading: 32)
    parts = predicted(trained, tell=told.append)
    np.testing.assert_allclose(parts.q, whole.q, atol=1e-5)
    assert told[0].startswith("predict: 90 images: about ") and told[1].startswith(
        "predict: 32 of 90 images, about "
    )


def test_chunks_are_whole_blocks(trained):
    assert new_images.chunk(trained[2].reading) % 1024 == 0
    assert new_images.chunk(trained[2].reading._replace(size=1024, mode="rgb")) == 1024


def test_unreadable_images_are_left_out(trained, tmp_path):
    tiny.picture(tmp_path / "b" / "c" / "good.png", tiny.DIGITS.images[3])
    (tmp_path / "a.png").write_bytes(b"no image")
    (tmp_path / "z.png").write_bytes((tmp_path / "b" / "c" / "good.png").read_bytes()[:60])
    found = predicted(trained, tmp_path, ["a.png", "b/c/good.png", "z.png"])
    assert found.files == ["b/c/good.png"] and found.q.shape == (1, 10)
    assert [name for name, _ in found.unreadable] == ["a.png", "z.png"]
    with pytest.raises(
        ValueError, match=r"none of its 2 images can be read; the first is a\.png: no image, or damaged"
    ):
        predicted(trained, tmp_path, ["a.png", "z.png"])


def test_what_lies_below_a_folder(tmp_path):
    for name in ("x.PNG", "deep/er/y.jpg", "deep/notes.txt", ".hidden.png", ".git/z.png", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "x.PNG")
    found = new_images.below(tmp_path)
    assert found.images == ["deep/er/y.jpg", "x.PNG"] and found.others == ["deep/notes.txt", "link.png"]


def test_a_folder_without_images(tmp_path):
    with pytest.raises(ValueError, match="holds no image; allowed: "):
        new_images.below(tmp_path)
    with pytest.raises(ValueError, match="no such folder"):
        new_images.below(tmp_path / "gone")
