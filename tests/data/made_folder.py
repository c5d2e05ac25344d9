"""Small folders of pictures, each of one grey level of its own, and what the loader makes of them."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from labelnoise import data
from labelnoise.sections import Data

NAMES = ["cat/1", "cat/2", "cat/3", "cat/4", "Äpfel/1", "Äpfel/2", "Äpfel/3", "10/a", "10/b"]
ROWS = [("cat/1.png", "cat"), ("cat/2.png", "dog"), ("10/a.png", "dog"), ("10/b.png", "cat")]


def picture(path, level, size=4):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size, size), level, np.uint8)).save(path)


def pictures(root, names):
    """One per name, with the grey levels 0, 5, 10, ..."""
    for level, name in enumerate(names):
        picture(root / name, 5 * level)


def load(root, folds=2, subset=None, imbalance=1.0, columns=None, **own):
    section = {"root": str(root), "size": 4, "mode": "grey", "max_pixels": 1000, **own}
    if columns is not None:
        section["columns"] = columns
    chosen = Data(folds=folds, subset=subset, imbalance=imbalance, source="folder", folder=section)
    return data.load("mine", chosen, SimpleNamespace(cache=str(root.parent / "cache")))


def table(root, rows, header=("file", "label")):
    path = root.parent / "labels.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return {"csv": str(path)}


def message(*arguments, **own):
    with pytest.raises(ValueError) as caught:
        load(*arguments, **own)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def notes(dataset, kind):
    return [note for note in dataset.notes if note.kind == kind]


def note(dataset, kind):
    (one,) = notes(dataset, kind)
    return one
