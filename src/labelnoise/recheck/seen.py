"""Every file that a data set ever had, with its content and label: so that answers about files which were moved
find their pictures again, and answers about deleted ones still count.

The download stage keeps the record in a CSV that only grows. What is there now stands at its end, in the order of
the data set, so that the same data give the same bytes, and the last row of a file is how it was seen last.
"""

import csv
import io
import posixpath
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from labelnoise.types import Dataset


class Seen(NamedTuple):
    """A file as it was seen once."""

    file: str  # below the root, with / between folders
    content: str  # sha256 in hex; "" where the loader does not tell it
    given: str  # name of its class; "" where it had no label


def plain(name: str) -> str:
    """`name` of a file in one form: letters with accents as NFC (macOS has NFD), no outer blanks, no ./ or //."""
    return posixpath.normpath(unicodedata.normalize("NFC", name.strip())) if name.strip() else ""


def grown(before: Sequence[Seen], dataset: Dataset) -> list[Seen]:
    """`before` with what `dataset` has now at the end; other data than own files add nothing."""
    given = dataset.human_labels.get("given")
    if given is None or not dataset.files:
        return list(before)
    contents = dataset.contents or [""] * len(dataset.files)
    labels = [dataset.class_names[label] if label >= 0 else "" for label in given.tolist()]
    now = list(map(Seen, dataset.files, contents, labels))
    there = set(now)
    return [row for row in before if row not in there] + now


def read(path: Path) -> list[Seen]:
    """What `text` wrote to `path`; nothing where there is no such file yet. ValueError where it is damaged: it is
    nowhere else, so it is not begun anew without a word."""
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            header, *rows = csv.reader(stream, strict=True)
        if header != list(Seen._fields):
            raise ValueError(f"its header is {','.join(header)}")
        return [Seen(*row) for row in rows]
    except (ValueError, TypeError, csv.Error) as error:
        remedy = "restore it, or delete it: then files moved before now are not found again"
        raise ValueError(f"{path}: no record of files, or damaged ({error}); {remedy}") from None


def text(rows: Sequence[Seen]) -> str:
    """The record as CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([Seen._fields, *rows])
    return stream.getvalue()
