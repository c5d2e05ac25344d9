"""Own data: what a folder of images and a file of arrays have in common once they are read.

Class names stand in fixed order, labels become numbers, examples get their test folds. The labels as they were
given are the column `given` of `human_labels`, and so the noise `given`.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from labelnoise.data.digits import random_folds
from labelnoise.types import Dataset

FEWEST_CLASSES, MOST_CLASSES = 2, 1000
FEWEST_EXAMPLES = 2  # of a class: one to train on and one to test on
SPLITS = ("train", "test")
GIVEN = "given"
SHOWN = 8  # names that an error message lists at most


class Texts(NamedTuple):
    """Labels in words, as the user wrote them; a list entry per example."""

    labels: list[str]
    clean: list[str]  # "" where the truth is not known; [] where no truth is told
    split: list[str]  # "train" or "test"; [] where seeds test on folds
    files: list[str]  # [] where examples have no file
    origin: str  # file or folder that an error message names
    where: Callable[[int], str]  # example -> its place in words, for error messages


def labelled(name: str, data, trusted: bool, texts: Texts, class_names: list[str] | None = None) -> Dataset:
    """The data set called `name`, still without images; ValueError in one line when labels or folds are off.

    data: section `datasets.<name>.data`. trusted: the given labels are the truth. class_names: in the order of the
    class numbers; None: those that occur, sorted.
    """
    names = sorted_names(set(texts.labels)) if class_names is None else class_names
    number = {label: position for position, label in enumerate(names)}
    given = _numbers(texts.labels, number, texts, "class")
    _check_classes(names, Counter(texts.labels), texts)
    clean = np.full(len(given), -1)
    if trusted:
        clean = given.copy()
    elif texts.clean:
        clean = _numbers(texts.clean, number | {"": -1}, texts, "clean class")
    return Dataset(
        images=np.empty((len(given), 0)),
        clean_labels=clean,
        test_fold=_test_fold(name, data.folds, texts),
        class_names=names,
        asymmetric_map={},
        human_labels={GIVEN: given},
        files=texts.files,
    )


def kept(texts: Texts, rows: np.ndarray) -> Texts:
    """`texts` of the examples `rows` [n] only."""
    fields = {
        name: [values[row] for row in rows] for name, values in texts._asdict().items() if _per_example(values)
    }
    return texts._replace(**fields, where=lambda example: texts.where(rows[example]))


def _per_example(values: object) -> bool:
    return isinstance(values, list) and len(values) > 0


def sorted_names(names: set[str]) -> list[str]:
    """By number where all names are numbers, else letter by letter; the same on every machine."""
    if all(name.isascii() and name.isdecimal() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def varied(images: np.ndarray, origin: str) -> np.ndarray:
    """`images` as they are; ValueError where all values are equal, as they cannot be standardised then."""
    if images.min() == images.max():
        raise ValueError(f"{origin}: all values are equal; allowed: examples that differ")
    return images


def _numbers(labels: list[str], number: dict[str, int], texts: Texts, what: str) -> np.ndarray:
    for example, label in enumerate(labels):
        if label not in number:
            allowed = listed([name for name in number if name])
            raise ValueError(f"{texts.where(example)}: unknown {what} {label!r}; allowed: {allowed}")
    return np.array([number[label] for label in labels], np.int64)


def listed(names: list[str]) -> str:
    """Some of `names` in words."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _check_classes(names: list[str], counts: Counter, texts: Texts) -> None:
    if not FEWEST_CLASSES <= len(names) <= MOST_CLASSES:
        found = f" ({names[0]})" if len(names) == 1 else ""
        raise ValueError(
            f"{texts.origin}: {len(names)} classes{found}; allowed: {FEWEST_CLASSES} to {MOST_CLASSES}"
        )
    for label in names:
        if counts[label] < FEWEST_EXAMPLES:
            some = f" ({texts.where(texts.labels.index(label))})" if counts[label] else ""
            found = f"class {label!r} has {counts[label]} example{'' if some else 's'}{some}"
            raise ValueError(f"{texts.origin}: {found}; allowed: {FEWEST_EXAMPLES} or more")


def _test_fold(name: str, folds: int, texts: Texts) -> np.ndarray:
    """-1 and 0 with a test part of the user's, else random folds."""
    key, count = f"datasets.{name}.data.folds", len(texts.labels)
    if not texts.split:
        if not 2 <= folds <= count:
            raise ValueError(f"{key}: {folds} is not in 2..{count}, as {texts.origin} names no test part")
        return random_folds(count, folds)
    for example, part in enumerate(texts.split):
        if part not in SPLITS:
            raise ValueError(f"{texts.where(example)}: split {part!r}; allowed: {', '.join(SPLITS)}")
    for part in SPLITS:
        if part not in texts.split:
            raise ValueError(
                f"{texts.origin}: no example has the split {part!r}; allowed: both {' and '.join(SPLITS)}"
            )
    if folds != 1:
        raise ValueError(f"{key}: {folds} is not 1, as {texts.origin} names a test part")
    return np.where(np.array(texts.split) == "train", -1, 0)
