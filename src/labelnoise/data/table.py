"""A CSV that names images and says what is known of them: read row by row, all its faults told at once."""

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from labelnoise.data import consensus, faults, parts
from labelnoise.data import tree as trees
from labelnoise.data.entries import Entry, Listing
from labelnoise.data.faults import Faults, Kind
from labelnoise.data.images import SUFFIXES
from labelnoise.data.names import class_name
from labelnoise.data.tree import FILE, LINK, NOTHING, Tree
from labelnoise.data.words import counted, skipping
from labelnoise.types import Note

LARGE = 2**22  # bytes of a CSV, from which it is said that it is being read
UP = re.compile(r"(^|/)\.\.(/|$)")  # a name that leads up
ENDINGS = (*SUFFIXES, *map(str.upper, SUFFIXES))
# what may be no name below the root, or not in the form that names have: few are, so that this is asked first
ODD = re.compile(r"^\s*$|^/|//|(^|/)\.\.?(/|$)|/$|" + trees.UNWRITABLE.pattern)
UNWRITABLE = Kind(
    " has control characters in its name, or is not UTF-8", "have control characters in their names", "other names"
)
HUMAN = "human."  # begins the key of a further column of labels
PERSON = "columns.annotator (a column that says who gave the label)"


class Table(NamedTuple):
    """A CSV that is being read."""

    path: Path
    of: Tree
    header: list[str]
    at: dict[str, int]  # key of columns -> position of the column
    kinds: dict[str, Kind]  # what may be wrong with a row
    missing: frozenset[str]  # words for a missing label
    parts: dict[str, str]  # word in lower case -> part
    strict: bool  # whether a file that is not there is a fault
    labels: dict[str, str | None]  # as written -> class, None where it cannot be one: each is looked at once
    wrong: Faults


class Row(NamedTuple):
    entry: Entry
    annotator: str


def listing(root: Path, path: Path, section) -> Listing:
    """The images that the CSV `path` names below `root`, sorted by name; blank lines do not count.

    section: columns, missing, unreadable. ValueError in one line that counts all faults by kind.
    """
    try:
        if not path.is_file():
            raise FileNotFoundError
        with open(path, newline="", encoding="utf-8-sig") as file:
            return _listing(root, path, section, csv.reader(file, strict=True))
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file; allowed: a CSV with the images' names, or null") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from None


def _listing(root: Path, path: Path, section, reader) -> Listing:
    if os.path.getsize(path) > LARGE:
        print(f"{path}: reading", flush=True)
    found = lines(path, reader)
    header, at = _header(path, next(found, (1, []))[1], section.columns)
    table = Table(
        path, trees.tree(root), header, at, _kinds(root, header, section.columns), frozenset(section.missing),
        parts.of_words(section.columns.split or ""), section.unreadable == "stop", {}, {},
    )  # fmt: skip
    rows = [row for line, cells in found if (row := _row(table, line, cells)) is not None]
    entries, notes = (_by_people if "annotator" in at else _once)(table, rows)
    faults.check(table.wrong, str(path), "rows")
    return Listing(sorted(entries), tuple(notes))


def lines(path: Path, reader) -> Iterator[tuple[int, list[str]]]:
    """First line and cells of all rows that are not blank; a quoted cell may span lines."""
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{path}: line {line}: not CSV ({error})") from None


def _header(path: Path, cells: list[str], columns) -> tuple[list[str], dict[str, int]]:
    header = [cell.strip() for cell in cells]
    wanted = {key: column for key, column in columns.model_dump(exclude={"human"}).items() if column is not None}
    wanted |= {HUMAN + name: column for name, column in columns.human.items()}
    for key, column in wanted.items():
        if header.count(column) != 1:
            times = "twice or more" if column in header else "not"
            found = ", ".join(header) or "none"
            other = next((mark for mark in ";\t|" if len(header) == 1 and mark in found), None)
            hint = f" (between cells it has {other!r}; allowed: commas)" if other else ""
            there = f"column {column!r} (columns.{key}) is {times} there; the CSV has {found}{hint}"
            raise ValueError(f"{path}: line 1: {there}")
    return header, {key: header.index(column) for key, column in wanted.items()}


def link(root: Path) -> Kind:
    return Kind(" is a link, or below one", "are links, or below one", f"files that are in {root} themselves")


def _kinds(root: Path, header: list[str], columns) -> dict[str, Kind]:
    relative = f"names relative to {root}"
    skip = f"{relative} ({skipping('<name>')} leaves missing files out)"
    return {
        "cells": Kind("", "have too many or too few cells", f"{len(header)} cells, as in the header"),
        "class": Kind(": control characters in a class", "have control characters in a class", "other classes"),
        "empty": _empty(columns.label, "the name of a class"),
        "split": Kind("", "have another split", parts.allowed(columns.split or "")),
        "person": _empty(columns.annotator, "a name for each person"),
        "human": Kind(
            ": no class in a column of columns.human",
            "have no class in a column of columns.human",
            "the name of a class in each",
        ),
        "unnamed": Kind(": no file name", "have no file name", f"the name of an image below {root}"),
        "outside": Kind(" is no name below the root", "name something outside the root", relative),
        "unwritable": UNWRITABLE,
        "link": link(root),
        "no_file": Kind(" is no regular file", "name no regular file", "images"),
        "gone": Kind(": no such file", "name no file that is there", skip),
        "backslash": Kind(": no such file; with / it is there", "have \\ between folders", "/ between folders"),
        "ending": Kind(" is there", "name a file without its ending", "names with their endings"),
        "contradicts": Kind("", "name a file again, and say something else", f"one row per file, or {PERSON}"),
    }


def _empty(column: str | None, allowed: str) -> Kind:
    return Kind(f": column {column!r} is empty", f"have nothing in column {column!r}", allowed)


def _fault(table: Table, kind: str, place: str) -> None:
    faults.add(table.wrong, table.kinds[kind], place)


def _row(table: Table, line: int, cells: list[str]) -> Row | None:
    """None where it cannot be used."""
    if len(cells) != len(table.header):
        return _fault(table, "cells", f"line {line}: {len(cells)} cells")
    of = {key: cells[at] for key, at in table.at.items()}
    label, clean = _class(table, of["label"]), _class(table, of.get("clean", ""))
    if label is None or clean is None:
        said = of["label" if label is None else "clean"]
        return _fault(table, "class", f"line {line}: class {said!r}")
    if not label and "" not in table.missing:
        return _fault(table, "empty", f"line {line}")
    split = table.parts.get(of["split"].strip().casefold()) if "split" in of else ""
    if split is None:
        return _fault(table, "split", f"line {line}: split {of['split']!r}")
    annotator = of.get("annotator", "").strip()
    if not annotator and "annotator" in of:
        return _fault(table, "person", f"line {line}")
    human = tuple(_class(table, text) for key, text in of.items() if key.startswith(HUMAN))
    if None in human or not table.missing.isdisjoint(human):
        return _fault(table, "human", f"line {line}")
    file = _file(table, of["file"], line)
    return file and Row(Entry(file, label, clean, split, of.get("group", "").strip(), human, line), annotator)


def _class(table: Table, text: str) -> str | None:
    if text not in table.labels:
        try:
            table.labels[text] = class_name(text, "")
        except ValueError:
            table.labels[text] = None
    return table.labels[text]


def _file(table: Table, text: str, line: int) -> str | None:
    """The image that a row names, below the root; None where it must not or cannot be read."""
    name = _tidied(table, text, line) if ODD.search(text) else text
    if name is None:
        return None
    kind = trees.kind(table.of, name)
    if kind == NOTHING and (mended := _mended(table.of, name)) is not None:
        name, kind = mended, trees.kind(table.of, mended)
    if kind == FILE:
        return name
    if kind == NOTHING:
        return _gone(table, name, line)
    return _fault(table, "link" if kind == LINK else "no_file", f"line {line}: {name}")


def _tidied(table: Table, text: str, line: int) -> str | None:
    if not text.strip():
        return _fault(table, "unnamed", f"line {line}")
    if os.path.isabs(text) or UP.search(text):
        return _fault(table, "outside", f"line {line}: {text!r}")
    if trees.UNWRITABLE.search(text):
        return _fault(table, "unwritable", f"line {line}: {text!r}")
    return PurePosixPath(text).as_posix()


def _mended(of: Tree, name: str) -> str | None:
    """The name that exists when outer blanks are left out, or letters put together otherwise."""
    bare = name.strip()
    if bare != name and trees.kind(of, bare) != NOTHING:
        return bare
    return None if bare.isascii() else trees.as_written(of, bare)


def _gone(table: Table, name: str, line: int) -> str | None:
    """`name` itself where missing files are left to the decoder."""
    slashes = name.replace("\\", "/")
    if slashes != name and trees.kind(table.of, slashes) == FILE:
        return _fault(table, "backslash", f"line {line}: {name}")
    folder, _, last = name.rpartition("/")
    there = [ending for ending in ENDINGS if last + ending in trees.kinds(table.of, folder)]
    if there:
        return _fault(table, "ending", f"line {line}: no file {name}, but {name + there[0]}")
    if not table.strict:
        return name
    return _fault(table, "gone", f"line {line}: {name}")


def _once(table: Table, rows: list[Row]) -> tuple[list[Entry], list[Note]]:
    """One entry per file; a row that says something else of the same file is a fault."""
    first: dict[str, Entry] = {}
    for entry, _ in rows:
        before = first.setdefault(entry.file, entry)
        if before is not entry and before[1:6] != entry[1:6]:
            _contradicts(table, entry, before, "another label, class, split or group")
    return list(first.values()), _repeated(len(rows) - len(first))


def _by_people(table: Table, rows: list[Row]) -> tuple[list[Entry], list[Note]]:
    """One entry per file, with the label of the majority; but for labels its rows must say the same."""
    first: dict[str, Entry] = {}
    said: dict[str, dict[str, Entry]] = {}  # file -> person -> what they said
    for entry, annotator in rows:
        before = first.setdefault(entry.file, entry)
        own = said.setdefault(entry.file, {}).setdefault(annotator, entry)
        if before[2:6] != entry[2:6]:
            _contradicts(table, entry, before, "another true class, split or group")
        elif own.label != entry.label:
            _contradicts(table, entry, own, f"another label, by the same person ({annotator})")
    votes = {file: [entry.label for entry in of.values()] for file, of in said.items()}
    labels = {file: consensus.majority(labels, table.missing) for file, labels in votes.items()}
    entries = [entry._replace(label=labels[file]) for file, entry in first.items()]
    repeated = _repeated(len(rows) - sum(map(len, said.values())))
    return entries, [*consensus.notes(votes, table.missing), *repeated]


def _contradicts(table: Table, entry: Entry, before: Entry, what: str) -> None:
    place = f"line {entry.row}: {entry.file} is also in line {before.row}, with {what}"
    _fault(table, "contradicts", place)


def _repeated(count: int) -> list[Note]:
    said = counted(count, "row says", "rows say")
    return [Note("repeated", f"{said} of a file what another row said: left out", count, "")] if count else []
