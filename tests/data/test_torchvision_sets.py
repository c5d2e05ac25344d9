"""The published data sets, through torchvision's readers, on tiny made-up files in the original formats."""

import hashlib
import io
import pickle
import struct
import tarfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import data
from labelnoise.data import torchvision_sets

DEBIAN = Path(torchvision_sets.SOURCES["fashion_mnist"].folders[0])


def parameters(folds=1, subset=None, imbalance=1.0):
    return SimpleNamespace(source=None, crop=None, folds=folds, subset=subset, imbalance=imbalance)


def sources(tmp_path, folder=None):
    return SimpleNamespace(folder=folder, mirrors=[], cache=str(tmp_path / "cache"))


def md5(content):
    return hashlib.md5(content).hexdigest()


def idx(array):
    """IDX: two zero bytes, type (8: uint8), number of dimensions, sizes (big endian), data."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def test_idx_files(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    arrays = {
        "train-images-idx3-ubyte": rng.integers(0, 256, (6, 28, 28), np.uint8),
        "train-labels-idx1-ubyte": np.array([0, 1, 2, 3, 4, 9], np.uint8),
        "t10k-images-idx3-ubyte": rng.integers(0, 256, (3, 28, 28), np.uint8),
        "t10k-labels-idx1-ubyte": np.array([7, 8, 5], np.uint8),
    }
    for name, array in arrays.items():
        (tmp_path / name).write_bytes(idx(array))
    sums = {name: md5(idx(array)) for name, array in arrays.items()}
    made_up = torchvision_sets.SOURCES["mnist"]._replace(md5=sums)
    monkeypatch.setitem(torchvision_sets.SOURCES, "mnist", made_up)

    dataset = data.load("mnist", parameters(), sources(tmp_path, str(tmp_path)))
    assert dataset.images.shape == (9, 1, 28, 28) and dataset.images.dtype == np.uint8
    np.testing.assert_array_equal(dataset.images[:6, 0], arrays["train-images-idx3-ubyte"])
    np.testing.assert_array_equal(dataset.images[6:, 0], arrays["t10k-images-idx3-ubyte"])
    assert dataset.clean_labels.tolist() == [0, 1, 2, 3, 4, 9, 7, 8, 5]
    assert dataset.clean_labels.dtype == np.int64
    assert dataset.test_fold.tolist() == [-1] * 6 + [0] * 3
    assert dataset.class_names == list("0123456789")

    small = data.load("mnist", parameters(subset=2), sources(tmp_path, str(tmp_path)))
    assert small.test_fold.tolist() == [-1] * 2 + [0] * 3


def cifar_archive(reader, batches):
    """A tar of pickles as CIFAR's makers published it, and the class attributes that describe it."""
    contents = {name: pickle.dumps(batch) for name, batch in batches.items()}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in contents.items():
            entry = tarfile.TarInfo(f"{reader.base_folder}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue(), {name: md5(content) for name, content in contents.items()}


def test_cifar_archive(tmp_path, monkeypatch):
    reader = torchvision_sets._reader("cifar10")
    pixels = np.random.default_rng(0).integers(0, 256, (5, 3, 32, 32), np.uint8)
    batches = {
        "data_batch_1": {"data": pixels[:3].reshape(3, -1), "labels": [9, 0, 5]},
        "test_batch": {"data": pixels[3:].reshape(2, -1), "labels": [1, 2]},
        "batches.meta": {"label_names": [f"class {c}" for c in range(10)]},
    }
    archive, sums = cifar_archive(reader, batches)
    (tmp_path / reader.filename).write_bytes(archive)
    monkeypatch.setattr(reader, "train_list", [["data_batch_1", sums["data_batch_1"]]])
    monkeypatch.setattr(reader, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(reader, "meta", {**reader.meta, "md5": sums["batches.meta"]})

    dataset = data.load("cifar10", parameters(), sources(tmp_path, str(tmp_path)))
    np.testing.assert_array_equal(dataset.images, pixels)
    assert dataset.clean_labels.tolist() == [9, 0, 5, 1, 2]
    assert dataset.test_fold.tolist() == [-1, -1, -1, 0, 0]
    assert dataset.class_names[9] == "class 9"


def test_nothing_is_unpickled_before_its_checksum_matched(tmp_path, monkeypatch):
    reader = torchvision_sets._reader("cifar10")
    archive, _ = cifar_archive(reader, {"data_batch_1": {}, "test_batch": {}, "batches.meta": {}})
    (tmp_path / reader.filename).write_bytes(archive)
    monkeypatch.setattr(reader, "url", "http://127.0.0.1:1/" + reader.filename)
    monkeypatch.setattr(pickle, "load", lambda *a, **k: pytest.fail("unpickled"))
    with pytest.raises(ValueError, match=r"cifar-10-python\.tar\.gz: checksum mismatch, expected md5"):
        data.load("cifar10", parameters(), sources(tmp_path, str(tmp_path)))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100"])
def test_published_split_has_one_fold(tmp_path, name):
    with pytest.raises(ValueError, match=rf"datasets\.{name}\.data\.folds: 5 is not 1"):
        data.load(name, parameters(folds=5), sources(tmp_path))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100"])
def test_manifest_lists_every_file_of_the_reader(name):
    manifest = torchvision_sets.manifest(name)
    members = [member for original in manifest.originals for member in original.members]
    assert len(members) == {"mnist": 4, "fashion_mnist": 4, "cifar10": 7, "cifar100": 3}[name]
    assert manifest.addresses
    assert all(len(md5) == 32 for original in manifest.originals for md5 in original.members.values())


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("mnist", {(7, 1), (2, 7), (5, 6), (6, 5), (3, 8)}),
        ("fashion_mnist", {(9, 7), (7, 5), (2, 6), (4, 3), (3, 4)}),
        ("cifar10", {(9, 1), (2, 0), (3, 5), (5, 3), (4, 7)}),
    ],
)
def test_asymmetric_maps(name, pairs):
    assert set(torchvision_sets.SOURCES[name].asymmetric_map.items()) == pairs


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed")
def test_fashion_mnist_from_debian(tmp_path):
    dataset = data.load("fashion_mnist", parameters(), sources(tmp_path))
    assert dataset.images.shape == (70000, 1, 28, 28)
    assert np.bincount(dataset.clean_labels[dataset.test_fold == -1]).tolist() == [6000] * 10
    assert np.bincount(dataset.clean_labels[dataset.test_fold == 0]).tolist() == [1000] * 10
