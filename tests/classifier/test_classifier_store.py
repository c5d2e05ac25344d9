"""The model's file: what comes back, and what is refused."""

import io

import made_classifier as tiny
import numpy as np
import pytest

from labelnoise import files
from labelnoise.classifier import store
from labelnoise.classifier.model import probabilities
from labelnoise.sections import Patches


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model of patches, its file, and features of its images."""
    folder = tmp_path_factory.mktemp("saved")
    tiny.write(folder / "images", 80, 0.1)
    given = tiny.inputs(folder / "images", folder / "cache", encoders=[Patches(encoder="patches")])
    model = tiny.made(given).model
    store.save(folder / "model.npz", model)
    return model, folder / "model.npz", given.features


def test_loaded_it_predicts_the_same_to_the_byte(saved):
    model, path, found = saved
    loaded = store.load(path)
    assert probabilities(loaded, found).tobytes() == probabilities(model, found).tobytes()
    assert loaded.class_names == model.class_names and loaded.about == model.about
    assert loaded.reading == model.reading and loaded.encodings.keys() == {"0_patches"}


def test_the_same_model_gives_the_same_bytes_and_nothing_is_pickled(saved, tmp_path):
    _, path, _ = saved
    store.save(tmp_path / "again.npz", store.load(path))
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()
    with np.load(path, allow_pickle=False) as arrays:
        large = {name: array.dtype for name, array in arrays.items() if array.size > 100}
    assert large and set(map(str, large.values())) == {"float32"}


def refused(path):
    with pytest.raises(ValueError) as error:
        store.load(path)
    assert (
        "\n" not in str(error.value) and str(error.value).startswith(str(path)) and "allowed: " in str(error.value)
    )
    return str(error.value)


def changed(saved, tmp_path, **arrays):
    """A copy of the file with other arrays; None takes one out."""
    whole = files.load_arrays(saved[1]) | {name.replace("__", "."): array for name, array in arrays.items()}
    files.save_arrays(tmp_path / "other.npz", {name: array for name, array in whole.items() if array is not None})
    return refused(tmp_path / "other.npz")


def settings(saved, old, new):
    text = files.load_arrays(saved[1])["settings"].item()
    assert old in text
    return np.array([text.replace(old, new)])


def test_what_is_no_model(tmp_path):
    (tmp_path / "text.npz").write_text("nothing")
    assert "is no npz file, or damaged" in refused(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    assert "is no model" in refused(tmp_path / "other.npz")
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "pickle.npz").write_bytes(buffer.getvalue())
    refused(tmp_path / "pickle.npz")


def test_half_a_file(saved, tmp_path):
    (tmp_path / "half.npz").write_bytes(saved[1].read_bytes()[:5000])
    assert "is no npz file, or damaged" in refused(tmp_path / "half.npz")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"version": np.array([2])}, "is of version 2; allowed: 1"),
        ({"version": np.array(["1"])}, "is no model"),
        ({"beta": None}, "damaged (beta is missing)"),
        ({"part0__marks": None}, "damaged (part0.marks is missing)"),
        ({"beta": np.ones(3)}, "damaged (beta: float64 of shape (3,), not finite numbers of shape (4,))"),
        ({"bias": np.full(10, np.nan)}, "damaged (bias: float64 of shape (10,), not finite"),
        ({"part0__weights": np.ones((2, 5, 10), np.float32)}, "damaged (weights of 0_patches"),
        ({"part0__mean": np.ones(767, np.float32)}, "damaged (mean of 0_patches"),
        ({"part0__marks": np.ones(768, np.float32)}, "damaged (not enough values"),
        ({"encoder0__offset": None}, "damaged (offset is missing)"),
        ({"encoder0__mean": np.ones(7, np.float32)}, "damaged (mean of the filters of 0_patches"),
        ({"settings": np.array(["{"])}, "damaged (Expecting property name"),
    ],
)
def test_damage_is_told_in_one_line(saved, tmp_path, arrays, message):
    assert message in changed(saved, tmp_path, **arrays)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"encoder": "patches"', '"encoder": "magic"', "encoder = 'magic'"),
        ('"mode": "grey"', '"mode": "cmyk"', "mode = 'cmyk'"),
        ('"size": 8', '"side": 8', "unexpected keyword argument 'side'"),
        ('"width"', '"breadth"', "width is missing"),
    ],
)
def test_settings_are_checked(saved, tmp_path, old, new, message):
    assert message in changed(saved, tmp_path, settings=settings(saved, old, new))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        store.load(tmp_path / "model.npz")
    assert error.value.filename == str(tmp_path / "model.npz") or error.value.filename == tmp_path / "model.npz"
