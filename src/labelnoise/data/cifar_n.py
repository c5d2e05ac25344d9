"""CIFAR-10N and CIFAR-100N: CIFAR with labels that people gave. Wei et al., Learning with noisy labels revisited:
a study using real-world human annotations, ICLR 2022.

Three people labelled every training image of CIFAR-10: `random1` to `random3` take one of them each, `aggregate`
the majority, `worse` a wrong label where one of the three is wrong. One person labelled each of CIFAR-100: `fine`.
The labels are the authors' file; its clean labels show that it has the images in CIFAR's order.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.data import saved_arrays, torchvision_sets
from labelnoise.data.fetch import Manifest, Original, fetch
from labelnoise.types import Dataset

CLEAN = "clean_label"
UNLABELLED = -1  # test images


class People(NamedTuple):
    """The authors' file, and what it calls the columns."""

    cifar: str
    file: str
    md5: str
    columns: dict[str, str]  # ours -> theirs


FILES = {
    "cifar10n": People(
        "cifar10",
        "CIFAR-10_human.pt",
        "96644db5574813cae939af5f7f2a0aec",
        {
            "aggregate": "aggre_label",
            "random1": "random_label1",
            "random2": "random_label2",
            "random3": "random_label3",
            "worse": "worse_label",
        },
    ),
    "cifar100n": People(
        "cifar100", "CIFAR-100_human.pt", "a67b45c1d7992051865b5c755bd68bb1", {"fine": "noisy_label"}
    ),
}
ADDRESS = "https://github.com/UCSC-REAL/cifar-10-100n/raw/main/data"


def load(name: str, data, download) -> Dataset:
    """CIFAR as `torchvision_sets.load` has it, with the labels by people in `human_labels`: -1 for test images.

    ValueError when files cannot be had, or the labels do not fit the images.
    """
    people = FILES[name]
    dataset = torchvision_sets.published(name, people.cifar, data, download)
    path = fetch(manifest(name), download) / _member(people)
    arrays = saved_arrays.read(path)
    trained = dataset.test_fold < 0
    clean, classes = dataset.clean_labels[trained], len(dataset.class_names)
    columns = {
        ours: _checked(str(path), theirs, arrays, clean, classes) for ours, theirs in people.columns.items()
    }
    human = {ours: np.full(len(trained), UNLABELLED) for ours in columns}
    for ours, labels in columns.items():
        human[ours][trained] = labels
    return dataset._replace(human_labels=human)


def manifest(name: str) -> Manifest:
    """The authors' file."""
    people = FILES[name]
    return Manifest(name, [Original(people.file, {_member(people): people.md5})], [], [ADDRESS])


def _member(people: People) -> str:
    return f"cifar-n/{people.file}"


def _checked(path: str, column: str, arrays: dict[str, np.ndarray], clean: np.ndarray, classes: int) -> np.ndarray:
    """The labels [n] of training images, in their order."""
    for name in (CLEAN, column):
        if name not in arrays:
            raise ValueError(f"{path}: no array {name!r}; the file has {', '.join(sorted(arrays)) or 'none'}")
        labels = arrays[name]
        if labels.shape != clean.shape:
            raise ValueError(f"{path}: {name} has shape {labels.shape}; allowed: {clean.shape}, one per image")
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(
                f"{path}: {name} goes from {labels.min()} to {labels.max()}; allowed: 0 to {classes - 1}"
            )
    if wrong := int((arrays[CLEAN] != clean).sum()):
        raise ValueError(f"{path}: {wrong:,} clean labels are not those of the images: it is in another order")
    return arrays[column]
