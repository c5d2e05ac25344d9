"""Which example an answer is about: by its index, by the name of its file, or by the content of a file that moved.

Shape letters: N examples of the data set.
"""

import posixpath
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from labelnoise.data.faults import Kind
from labelnoise.recheck.answers_file import Fault, Row
from labelnoise.recheck.seen import Seen, plain
from labelnoise.types import Dataset

NOWHERE = -1
UNNAMED = Kind("", "have no file name", "the name of an image's file")
RENAMED = Kind(
    "", "name a file that had another picture before, which is there under another name", "names that always "
    "meant the same picture: give moved files names of their own"
)  # fmt: skip
NAMED, CHANGED, MOVED, GONE, UNKNOWN = "named", "changed", "moved", "gone", "unknown"


class Place(NamedTuple):
    """Where an answer belongs."""

    at: int  # position in the data set, NOWHERE where its file is not there any more
    how: str  # NAMED: by index or name; CHANGED: by name, with another content than once; MOVED: by content;
    # GONE: was there once; UNKNOWN: never was
    file: str  # as the data set or the record calls it; "" for an index
    labels: tuple[str, ...]  # that the record gives this file, the latest last


Finder = Callable[[Row], Place | Fault]


def finder(path: Path, header: list[str], dataset: Dataset, record: Sequence[Seen]) -> Finder:
    """What finds the examples of the answers in `path`; ValueError where the header names no example.

    Examples with files are named by their files alone: an index means another one once a file comes or goes.
    """
    if dataset.files:
        if "file" not in header:
            raise ValueError(
                f"{path}: line 1: examples of this data set have files; allowed: a column file beside label "
                "(an index means another image once files come or go)"
            )
        return _by_file(dataset, record)
    if "index" not in header:
        raise ValueError(f"{path}: line 1: examples of this data set have no file; allowed: column index")
    return _by_index(len(dataset.clean_labels))


def _by_index(count: int) -> Finder:
    kind = Kind("", "have an index that is not allowed", f"0 to {count - 1}")

    def find(row: Row) -> Place | Fault:
        text = row.of["index"].strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) < count):
            shown = row.of["index"] if len(text) < 40 else f"{text[:40]}..."
            return Fault(row.line, kind, f"index {shown!r} is not allowed")
        return Place(int(text), NAMED, "", ())

    return find


def _by_file(dataset: Dataset, record: Sequence[Seen]) -> Finder:
    exact = {name: at for at, name in enumerate(dataset.files)}
    alike = _unique(dataset.files)
    holding: dict[str, list[int]] = {}
    for at, content in enumerate(dataset.contents):
        holding.setdefault(content, []).append(at)
    history: dict[str, list[Seen]] = {}
    for seen in record:
        history.setdefault(plain(seen.file), []).append(seen)

    def find(row: Row) -> Place | Fault:
        name = row.of["file"]
        if not name.strip():
            return Fault(row.line, UNNAMED, "no file name")
        before = history.get(plain(name), [])
        labels = tuple(seen.given for seen in before)
        at = exact.get(name, alike.get(plain(name), NOWHERE))
        if at != NOWHERE and (other := _elsewhere(before, at, dataset)):
            return Fault(row.line, RENAMED, f"{name}: its earlier picture is {other} now")
        if at != NOWHERE:
            return Place(at, CHANGED if _changed(before) else NAMED, dataset.files[at], labels)
        at = _moved(before, holding, dataset.files)
        how = MOVED if at != NOWHERE else GONE if before else UNKNOWN
        return Place(at, how, before[-1].file if before else name, labels)

    return find


def _unique(names: list[str]) -> dict[str, int]:
    """Position of each name by its plain form; names that have it in common are left out."""
    found: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        found.setdefault(plain(name), []).append(at)
    return {name: where[0] for name, where in found.items() if len(where) == 1}


def _changed(before: list[Seen]) -> bool:
    return len({seen.content for seen in before if seen.content}) > 1


def _elsewhere(before: list[Seen], at: int, dataset: Dataset) -> str:
    """Name under which a picture is now that this file had before; empty where it is gone, or always was here."""
    now = dataset.contents[at] if dataset.contents else ""
    for seen in before:
        if seen.content and now and seen.content != now and seen.content in dataset.contents:
            return dataset.files[dataset.contents.index(seen.content)]
    return ""


def _moved(before: list[Seen], holding: dict[str, list[int]], files: list[str]) -> int:
    """Where the content that a file had, the latest first, is now; of copies the one that kept its last name."""
    for seen in reversed(before):
        if seen.content and (where := holding.get(seen.content)):
            own = posixpath.basename(plain(seen.file))
            return next((at for at in where if posixpath.basename(plain(files[at])) == own), where[0])
    return NOWHERE
