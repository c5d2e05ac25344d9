"""Own data: what a folder of images and a file of arrays have in common once they are read.

Class names stand in fixed order, labels become numbers, examples get their test folds. The labels as they were
given are the column `given` of `human_labels`, and so the noise `given`; -1 where a label is missing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import numpy as np

from labelnoise.data import class_notes, faults, parts
from labelnoise.data.consensus import TIE
from labelnoise.data.digits import random_folds
from labelnoise.data.faults import Kind
from labelnoise.data.words import counted, some
from labelnoise.types import Dataset, Note

FEWEST_CLASSES, MOST_CLASSES = 2, 1000
FEWEST_EXAMPLES = 2  # of a class: one to train on and one to test on
GIVEN = "given"
NONE = -1  # in place of a class that is not known, or of a group
SHOWN = 8  # names that an error message lists at most


class Texts(NamedTuple):
    """Labels in words, as the user wrote them; a list entry per example."""

    labels: list[str]  # a word of `missing` where there is none
    clean: list[str]  # "" or a word of `missing` where the truth is not known; [] where no truth is told
    split: list[str]  # keys of parts.WORDS; [] where seeds test on folds
    group: list[str]  # alike for one patient, video or burst, "" for none; [] where no groups are told
    files: list[str]  # [] where examples have no file
    missing: frozenset[str]  # words for a missing label
    origin: str  # file or folder that an error message names
    human: dict[str, list[str]]  # further labels by people, by the name of their column; none is missing
    where: Callable[[int], str]  # example -> its place in words below the origin, for error messages


def labelled(name: str, data, trusted: bool, texts: Texts, class_names: list[str] | None = None) -> Dataset:
    """The data set called `name`, still without images; ValueError in one line when labels or folds are off.

    data: section `datasets.<name>.data`. trusted: the given labels are the truth. class_names: in the order of the
    class numbers; None: those that occur, sorted.
    """
    missing = (texts.missing | {TIE}) - set(class_names or ())
    names = sorted_names(set(texts.labels) - missing) if class_names is None else class_names
    number = {label: position for position, label in enumerate(names)} | dict.fromkeys(missing, NONE)
    given = _numbers(texts.labels, number, texts, "class")
    _check_classes(names, given, texts)
    clean = np.full(len(given), NONE)
    if trusted:
        clean = given.copy()
    elif texts.clean:
        clean = _numbers(texts.clean, number | {"": NONE}, texts, "clean class")
    human = {column: _numbers(words, number, texts, f"{column} class") for column, words in texts.human.items()}
    fold = _test_fold(name, data.folds, texts)
    kind = "folder" if data.folder is not None else "arrays"
    parted = [Note("parts", parts.summary(texts.split), len(set(texts.split)), "")] if texts.split else []
    unlabelled = _unlabelled(texts.labels, missing, f"datasets.{name}.data.{kind}.missing")
    return Dataset(
        images=np.empty((len(given), 0)),
        clean_labels=clean,
        test_fold=fold,
        class_names=names,
        asymmetric_map={},
        human_labels={GIVEN: given, **human},
        files=texts.files,
        groups=groups(texts.group) if texts.group else None,
        notes=(*parted, *unlabelled, *class_notes.notes(names, given, fold)),
    )


def kept(texts: Texts, rows: np.ndarray) -> Texts:
    """`texts` of the examples `rows` [n] only."""
    fields = {
        name: [values[row] for row in rows] for name, values in texts._asdict().items() if _per_example(values)
    }
    human = {column: [words[row] for row in rows] for column, words in texts.human.items()}
    return texts._replace(**fields, human=human, where=lambda example: texts.where(rows[example]))


def _per_example(values: object) -> bool:
    return isinstance(values, list) and len(values) > 0


def sorted_names(names: set[str]) -> list[str]:
    """By number where all names are numbers, else letter by letter; the same on every machine."""
    if all(name.isascii() and name.isdecimal() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def check_one_kind(labels: Iterable) -> None:
    """ValueError unless all labels are text, or none is: else they have no order, or 1 and "1" are one class."""
    found = {isinstance(label, str): label for label in labels}
    if len(found) > 1:
        raise ValueError(f"labels: {found[True]!r} is text, {found[False]!r} is none; allowed: one of the two")


def similar(name: str, pairs: dict[str, str], class_names: list[str]) -> dict[int, int]:
    """The numbers of classes that are taken for others; ValueError names one that is no class of the data set."""
    for word in [word for pair in pairs.items() for word in pair]:
        if word not in class_names:
            where = f"datasets.{name}.data.folder.similar: {word!r} is no class"
            raise ValueError(f"{where}; allowed: {listed(class_names)}")
    return {class_names.index(one): class_names.index(other) for one, other in pairs.items()}


def groups(words: list[str]) -> np.ndarray:
    """int64 [N]: a number for each word, in their order; NONE for an empty one."""
    number = {word: position for position, word in enumerate(sorted(set(words) - {""}))}
    return np.array([number.get(word, NONE) for word in words], np.int64)


def varied(images: np.ndarray, origin: str) -> np.ndarray:
    """`images` as they are; ValueError where all values are equal, as they cannot be standardised then."""
    if images.min() == images.max():
        raise ValueError(f"{origin}: all values are equal; allowed: examples that differ")
    return images


def _numbers(labels: list[str], number: dict[str, int], texts: Texts, what: str) -> np.ndarray:
    unknown = {example: label for example, label in enumerate(labels) if label not in number}
    if unknown:
        known = listed([label for label, position in number.items() if position != NONE])
        wrong: faults.Faults = {}
        for example, label in unknown.items():
            kind = Kind(f": unknown {what} {label!r}", f"have the unknown {what} {label!r}", known)
            faults.add(wrong, kind, texts.where(example))
        faults.check(wrong, texts.origin, "examples")
    return np.array([number[label] for label in labels], np.int64)


def listed(names: list[str]) -> str:
    """Some of `names` in words."""
    return some(names, SHOWN)


def _check_classes(names: list[str], given: np.ndarray, texts: Texts) -> None:
    if not FEWEST_CLASSES <= len(names) <= MOST_CLASSES:
        found = f" ({names[0]})" if len(names) == 1 else ""
        said = counted(len(names), "class", "classes")
        raise ValueError(f"{texts.origin}: {said}{found}; allowed: {FEWEST_CLASSES} to {MOST_CLASSES}")
    counts = np.bincount(given[given >= 0], minlength=len(names))
    wrong: faults.Faults = {}
    for label in np.flatnonzero(counts < FEWEST_EXAMPLES):
        one = f" ({texts.where(int((given == label).argmax()))})" if counts[label] else ""
        few = Kind("", "have too few examples", f"{FEWEST_EXAMPLES} or more: add some, or take the class out")
        faults.add(wrong, few, f"class {names[label]!r} has {counted(counts[label], 'example', 'examples')}{one}")
    faults.check(wrong, texts.origin, "classes")


def _unlabelled(labels: Iterable[str], missing: Collection[str], key: str) -> list[Note]:
    words = Counter(label for label in labels if label in missing)
    if not words:
        return []
    told = [f"{_quoted(word)} {count:,}" for word, count in words.most_common()]
    what = f"{counted(words.total(), 'example has no label and is', 'examples have no label and are')} left out"
    remedy = f"a word that is one of your classes is to be taken out of {key}"
    return [Note("unlabelled", f"{what} ({some(told)}); {remedy}", words.total(), some(told))]


def _quoted(word: str) -> str:
    return {"": "empty", TIE: "ties between people"}.get(word, repr(word))


def _test_fold(name: str, folds: int, texts: Texts) -> np.ndarray:
    """-1 and 0 with a test part of the user's, else random folds."""
    key, count = f"datasets.{name}.data.folds", len(texts.labels)
    if not texts.split:
        if not 2 <= folds <= count:
            raise ValueError(f"{key}: {folds} is not in 2..{count}, as {texts.origin} names no test part")
        return random_folds(count, folds)
    test = parts.tested(texts.split)
    is_test = np.array(texts.split) == test
    for part, there in ((parts.TRAIN, (~is_test).any()), (test, is_test.any())):
        if not there:
            said = f"no example has the split {part!r}"
            raise ValueError(f"{texts.origin}: {said}; allowed: both {parts.TRAIN} and {test}")
    if folds != 1:
        raise ValueError(f"{key}: {folds} is not 1, as {texts.origin} names a test part; allowed: 1")
    return np.where(is_test, 0, -1)
