"""MNIST, Fashion-MNIST, CIFAR-10 and CIFAR-100: files through `fetch`, read by torchvision's own classes."""

from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from labelnoise.data import digits
from labelnoise.data.fetch import Manifest, Original, fetch
from labelnoise.data.superclasses import next_in_superclass
from labelnoise.types import Dataset


class Source(NamedTuple):
    """What torchvision does not say of a data set."""

    reader: str  # name of torchvision's class
    asymmetric_map: dict[int, int] | None  # None: the next class of the superclass
    folders: list[str]  # where a system package puts the files
    md5: dict[str, str]  # of decompressed files; torchvision lists those of CIFAR, but not of the IDX files


SOURCES = {
    "mnist": Source(
        reader="MNIST",
        asymmetric_map=digits.ASYMMETRIC_MAP,
        folders=[],
        md5={
            "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
            "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
            "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
            "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
        },
    ),
    "fashion_mnist": Source(
        reader="FashionMNIST",
        # Zhang and Sabuncu 2018, section 4: boot -> sneaker -> sandal, pullover -> shirt, coat <-> dress.
        asymmetric_map={9: 7, 7: 5, 2: 6, 4: 3, 3: 4},
        folders=["/usr/share/datasets/fashion-mnist"],  # Debian's package dataset-fashion-mnist
        md5={
            "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
            "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
            "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
        },
    ),
    "cifar10": Source(
        reader="CIFAR10",
        # Patrini et al. 2017, section 6: truck -> automobile, bird -> airplane, cat <-> dog, deer -> horse.
        asymmetric_map={9: 1, 2: 0, 3: 5, 5: 3, 4: 7},
        folders=[],
        md5={},
    ),
    "cifar100": Source(reader="CIFAR100", asymmetric_map=None, folders=[], md5={}),
}


def load(name: str, data, download) -> Dataset:
    """The published training part (test_fold -1: never tested on) and test part (test_fold 0).

    Images uint8 [N, 1, 28, 28] or [N, 3, 32, 32] with values 0..255. ValueError when the files cannot be had, or
    when `data.folds` is not 1.
    """
    return published(name, name, data, download)


def published(name: str, source: str, data, download) -> Dataset:
    """The data set `source` of SOURCES for the section `datasets.<name>`, as `load`."""
    if data.folds != 1:
        raise ValueError(
            f"datasets.{name}.data.folds: {data.folds} is not 1, as {name} has one published test part"
        )
    reader = _reader(source)
    root = fetch(manifest(source), download)
    parts = [reader(root, train=train, download=False) for train in (True, False)]
    class_names = [label.split(" - ")[0] for label in parts[0].classes]  # MNIST's are "0 - zero"
    asymmetric_map = SOURCES[source].asymmetric_map
    return Dataset(
        images=np.concatenate([_channels_first(np.asarray(part.data)) for part in parts]),
        clean_labels=np.concatenate([np.asarray(part.targets, np.int64) for part in parts]),
        test_fold=np.repeat(np.array([-1, 0]), [len(part) for part in parts]),
        class_names=class_names,
        asymmetric_map=next_in_superclass(class_names) if asymmetric_map is None else asymmetric_map,
        human_labels={},
        files=[],
    )


def manifest(name: str) -> Manifest:
    """Files, checksums and addresses of data set `name`, as far as possible from torchvision's class."""
    reader, source = _reader(name), SOURCES[name]
    if hasattr(reader, "mirrors"):
        originals = [_idx(source, original) for original, _ in reader.resources]
        return Manifest(name, originals, source.folders, reader.mirrors)
    parts = [*reader.train_list, *reader.test_list, (reader.meta["filename"], reader.meta["md5"])]
    members = {f"{reader.base_folder}/{file}": md5 for file, md5 in parts}
    address = reader.url.removesuffix(reader.filename)
    return Manifest(name, [Original(reader.filename, members)], source.folders, [address])


def _reader(name: str) -> type:
    from labelnoise.data import tv  # takes seconds: only where it is used, not wherever arrays are read

    return getattr(tv.datasets, SOURCES[name].reader)


def _idx(source: Source, original: str) -> Original:
    file = PurePosixPath(original).stem
    return Original(original, {f"{source.reader}/raw/{file}": source.md5[file]})


def _channels_first(images: np.ndarray) -> np.ndarray:
    """[N, H, W] or [N, H, W, channels] -> [N, channels, H, W]."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
