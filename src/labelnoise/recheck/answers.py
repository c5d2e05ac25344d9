"""Answers of people who rechecked labels: a CSV file comes in, a class for each example that they saw goes out.

Every row is one answer. Several answers to an example, of several people or of one who saw it again, are put to
the vote: most votes win, and a tie is "cannot tell".

Shape letters: N examples of the data set (training and test).
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labelnoise.data.faults import Kind
from labelnoise.data.words import counted, some
from labelnoise.noise.noisy_labels import LEFT_OUT, UNANSWERED, UNSURE
from labelnoise.recheck import answers_file, places
from labelnoise.recheck.answers_file import Fault, Row
from labelnoise.recheck.places import NOWHERE, Place
from labelnoise.recheck.seen import Seen
from labelnoise.types import Dataset

# What stands in `label` instead of a class, in any case of letters. A class of that name comes first.
WORDS = dict.fromkeys(("?", "unsure", "cannot tell"), UNSURE)
WORDS |= dict.fromkeys(("-", "–", "leave out", "none of these"), LEFT_OUT)
SHOWN = 20  # classes that a message names
CONTRADICTS = Kind(
    "",
    "have another label in `given` than their image",
    "the label as it is, or once was (is it an answer to another image?)",
)


class Away(NamedTuple):
    """Answers to a file that is not where it was when they were given."""

    file: str
    at: int  # the example that has its content now, NOWHERE where none has
    given: str  # its label then: as the answers say, else as it was seen last; "" where neither tells one
    label: int  # as in Answers
    votes: tuple[int, ...]  # each answer, in the order of the file


class Counts(NamedTuple):
    """What the file held, beside the answers themselves."""

    answers: int  # rows that say something
    unanswered: int  # rows whose label is empty
    repeated: int  # rows that a later one of the same annotation_id replaces
    changed: int  # files that are under their name, with another content than once
    unknown: int  # of the files that are gone: never seen in this data set at all
    shared: int  # examples, and files that are gone, with several answers
    apart: int  # of them, with answers that differ


class Answers(NamedTuple):
    """What people said. A label is a class, or UNANSWERED, UNSURE, LEFT_OUT of noise.noisy_labels."""

    label: np.ndarray  # int16 [N]
    votes: dict[int, list[int]]  # example -> each answer, in the order of the file
    moved: list[Away]  # they count in all that is above
    gone: list[Away]  # they count nowhere else
    counts: Counts


class Answer(NamedTuple):
    """One answer."""

    place: Place
    label: int
    given: str  # the label that it was asked about; "" where the file does not tell


def read(path: Path, dataset: Dataset, record: Sequence[Seen] = ()) -> Answers:
    """The answers in the CSV file `path`; record: seen.read, by which files that were moved are found.

    Columns: `label`, and `file` for examples with files, else `index` (position in the data set, from 0); `given`
    and `annotation_id` are read where they are there, others are ignored. `label` is the name of a class, or one
    of WORDS, or empty: not answered yet. `given` must be the label as it is now, or as the record says it was,
    unless the answer is what the label is now: else the answer is about another image.
    ValueError with all faults, before anything is used. A file that is gone is no fault, as long as one is there.
    """
    sheet = answers_file.read(path)
    find = places.finder(path, sheet.header, dataset, record)
    asked = [row for row in sheet.rows if row.of["label"].strip()]
    found = [_one(row, find(row), dataset) for row in asked]
    answers_file.check(path, [*sheet.faults, *(one for one in found if isinstance(one, Fault))])
    _check_some(path, found, len(sheet.rows), dataset)
    return _answers(found, len(dataset.clean_labels), len(sheet.rows) - len(asked), sheet.repeated)


def summary(name: str, found: Answers) -> str:
    """What the file `name` holds, in one line."""
    of, gone = found.counts, len(found.gone)
    count = int((found.label != UNANSWERED).sum()) + gone
    facts = {
        "cannot tell": int((found.label == UNSURE).sum()),
        "left out": int((found.label == LEFT_OUT).sum()),
        "of files that have another name now": len(found.moved),
        "of files that are gone": gone - of.unknown,
        "of files that were never seen here": of.unknown,
        "of files with another content than once": of.changed,
    }
    inside = ", ".join(f"{number:,} {what}" for what, number in facts.items() if number)
    head = f"{name}: {counted(of.answers, 'answer', 'answers')} to {counted(count, 'label', 'labels')}"
    parts = [f"{head} ({inside})" if inside else head]
    if of.shared:
        several = counted(of.shared, "label", "labels")
        parts.append(f"{several} answered more than once, {of.apart:,} of them differently")
    if of.unanswered:
        parts.append(f"{counted(of.unanswered, 'row', 'rows')} not answered yet")
    return "; ".join(parts)


def _one(row: Row, place: Place | Fault, dataset: Dataset) -> Answer | Fault:
    if isinstance(place, Fault):
        return place
    label = _label(row.of["label"], dataset.class_names)
    if label == UNANSWERED:
        classes = f"{some(dataset.class_names, SHOWN)}; ? (cannot tell), - (leave out)"
        return Fault(row.line, Kind("", "name an unknown class", classes), f"unknown class {row.of['label']!r}")
    given, now = _name(row.of.get("given", "")), _given(dataset, place.at)
    agrees = label >= 0 and dataset.class_names[label] == now
    known = [name for name in (*place.labels, now) if name is not None]
    if given and known and not agrees and given not in map(_name, known):
        return Fault(row.line, CONTRADICTS, f"given is {given!r}, where the label is {known[-1]!r}")
    return Answer(place, label, given or (place.labels[-1] if place.labels else now or ""))


def _label(text: str, class_names: list[str]) -> int:
    """UNANSWERED where `text` is neither a class nor a word for something else."""
    for name in (text, _name(text)):
        if name in class_names:
            return class_names.index(name)
    word = _name(text).casefold()
    return UNANSWERED if word in map(str.casefold, class_names) else WORDS.get(word, UNANSWERED)


def _name(text: str) -> str:
    """As labelnoise.data.names has names of classes, but any text will do."""
    return unicodedata.normalize("NFC", text.strip())


def _given(dataset: Dataset, at: int) -> str | None:
    """The label of own data as it is now: "" where the example has none, None where nothing is known of it."""
    given = dataset.human_labels.get("given")
    if given is None or at == NOWHERE:
        return None
    return dataset.class_names[given[at]] if given[at] >= 0 else ""


def _check_some(path: Path, found: list[Answer], rows: int, dataset: Dataset) -> None:
    if not found:
        empty = f" ({counted(rows, 'row', 'rows')} with an empty label)" if rows else ""
        raise ValueError(f"{path}: holds no answer{empty}; fill in labels, or take it out of recheck.answers")
    if all(one.place.how == places.UNKNOWN for one in found):
        named = f"none of its {len(found)} answers names a file of the data set, not even of once"
        like = f"allowed: names like {dataset.files[0]!r}"
        raise ValueError(f"{path}: {named}, as {found[0].place.file!r}; {like}")


def _answers(found: list[Answer], count: int, unanswered: int, repeated: int) -> Answers:
    """The votes. count: N."""
    votes: dict[int | str, list[int]] = {}
    for one in found:
        key = one.place.file if one.place.at == NOWHERE else one.place.at
        votes.setdefault(key, []).append(one.label)
    here = {at: labels for at, labels in votes.items() if isinstance(at, int)}
    label = np.full(count, UNANSWERED, np.int16)
    for at, labels in here.items():
        label[at] = vote(labels)
    gone = _away(one for one in found if one.place.at == NOWHERE)
    moved = _away(one for one in found if one.place.how == places.MOVED)
    special = (_files(found, places.CHANGED), _files(found, places.UNKNOWN))
    several = [labels for labels in votes.values() if len(labels) > 1]
    apart = sum(len(set(labels)) > 1 for labels in several)
    counts = Counts(len(found), unanswered, repeated, *special, len(several), apart)
    return Answers(label, here, moved, gone, counts)


def vote(labels: list[int]) -> int:
    """What most of `labels` say; UNSURE where as many say something else."""
    (first, most), *rest = Counter(labels).most_common()
    return UNSURE if rest and rest[0][1] == most else first


def _away(found: Iterable[Answer]) -> list[Away]:
    """One for each file, by name."""
    first: dict[str, Answer] = {}
    votes: dict[str, list[int]] = {}
    for one in found:
        first.setdefault(one.place.file, one)
        votes.setdefault(one.place.file, []).append(one.label)
    return [
        Away(file, first[file].place.at, first[file].given, vote(of), tuple(of))
        for file, of in sorted(votes.items())
    ]


def _files(found: list[Answer], how: str) -> int:
    return len({one.place.file for one in found if one.place.how == how})
