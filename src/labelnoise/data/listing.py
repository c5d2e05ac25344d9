"""Which images a folder of own data holds, and what their labels are: by class folders, or by a CSV.

Nothing outside the root is ever read: names that could lead out of it, by `..` or by a link, are refused.
"""

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from labelnoise.data.images import SUFFIXES
from labelnoise.data.names import class_name

LAYOUT = "<class>/<image>"
NO_DATA = {"thumbs.db", "desktop.ini", "__macosx"}  # what file managers leave behind


class Entry(NamedTuple):
    """An image and what is said of it, in words."""

    file: str  # below the root, with / between folders
    label: str
    clean: str  # "" where it is not known
    split: str  # "" where nothing is said of it
    row: int  # line of the CSV, the header is 1; 0 in class folders


def entries(root: Path, table: Path | None, columns) -> list[Entry]:
    """All images below `root`, sorted by name: by class folders, or those that the CSV `table` names.

    columns: file, label, clean and split, the names of the CSV's columns. ValueError in one line, with the file
    and the row, for whatever does not fit.
    """
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder; allowed: a folder of images ({LAYOUT}, or with a CSV)")
    if table is None:
        return list(_class_folders(root))
    return _without_repetitions(table, _rows(root, table, columns))


def visible(folder: Path) -> list[Path]:
    """What is in `folder`, sorted by name, without hidden files and what file managers leave behind."""
    found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(path for path in found if path.name.lower() not in NO_DATA)


def _class_folders(root: Path) -> Iterator[Entry]:
    for folder in visible(root):
        _inside(root, folder.name, str(folder))
        if not folder.is_dir():
            raise ValueError(
                f"{folder}: is in no class folder; allowed: {root / LAYOUT} (hidden files do not count)"
            )
        label, images = class_name(folder.name, str(folder)), visible(folder)
        if not label:
            raise ValueError(f"{str(folder)!r}: a name of blanks; allowed: the name of a class")
        if not images:
            raise ValueError(f"{folder}: class folder without images; allowed: two images or more")
        for path in images:
            yield Entry(_image(root, path), label, "", "", 0)


def _image(root: Path, path: Path) -> str:
    """Name of `path` below `root`; ValueError unless it is an image by its name."""
    if path.is_dir():
        raise ValueError(f"{path}: is a folder; allowed: {root / LAYOUT} (a CSV may name images of any depth)")
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: no image by its name; allowed: {', '.join(SUFFIXES)}")
    name = path.relative_to(root).as_posix()
    _inside(root, name, str(path))
    return name


def _rows(root: Path, table: Path, columns) -> list[Entry]:
    """The rows of a CSV; blank lines do not count."""
    try:
        with open(table, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = _header(table, next(reader, []), columns)
            found, line = [], reader.line_num
            for cells in reader:
                row, line = line + 1, reader.line_num  # a quoted cell may span lines
                if cells:
                    found.append(_entry(root, f"{table}: line {row}", row, header, cells, columns))
    except FileNotFoundError:
        raise ValueError(f"{table}: no such file; allowed: a CSV with the images' names, or null") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{table}: not UTF-8 ({error.reason} at byte {error.start})") from None
    except csv.Error as error:
        raise ValueError(f"{table}: line {reader.line_num}: not CSV ({error})") from None
    return found


def _header(table: Path, header: list[str], columns) -> list[str]:
    header = [cell.strip() for cell in header]
    for key, column in columns.model_dump().items():
        if column is not None and header.count(column) != 1:
            times = "twice or more" if column in header else "not"
            found = ", ".join(header) or "none"
            raise ValueError(
                f"{table}: line 1: column {column!r} (columns.{key}) is {times} there; the CSV has {found}"
            )
    return header


def _entry(root: Path, where: str, row: int, header: list[str], cells: list[str], columns) -> Entry:
    if len(cells) != len(header):
        raise ValueError(f"{where}: {len(cells)} cells; allowed: {len(header)}, as in the header")
    of = dict(zip(header, cells))
    label = class_name(of[columns.label], where)
    if not label:
        raise ValueError(f"{where}: column {columns.label!r} is empty; allowed: the name of a class")
    clean = class_name(of[columns.clean], where) if columns.clean else ""
    split = of[columns.split].strip() if columns.split else ""
    return Entry(_named(root, of[columns.file], where), label, clean, split, row)


def _named(root: Path, text: str, where: str) -> str:
    """The image that a CSV names, below `root`."""
    if not text.strip():
        raise ValueError(f"{where}: no file name; allowed: the name of an image below {root}")
    if os.path.isabs(text) or ".." in Path(text).parts:
        raise ValueError(f"{where}: {text!r} is no name below the root; allowed: names relative to {root}")
    name = Path(text).as_posix()
    _inside(root, name, f"{where}: {name}")
    return name


def _inside(root: Path, name: str, where: str) -> None:
    """ValueError when `name` is a link or below one, or cannot be written into a table."""
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in name):
        raise ValueError(f"{where!r}: file names with control characters, or not in UTF-8, are not allowed")
    if os.path.realpath(root / name) != os.path.join(os.path.realpath(root), name):
        raise ValueError(f"{where}: is a link, or below one; allowed: files that are in {root} themselves")


def _without_repetitions(table: Path, rows: list[Entry]) -> list[Entry]:
    """One entry per file, sorted by name; ValueError when two rows say different things of one file."""
    first: dict[str, Entry] = {}
    for entry in rows:
        before = first.setdefault(entry.file, entry)
        if (before.label, before.clean, before.split) != (entry.label, entry.clean, entry.split):
            other = f"is also in line {before.row}, with another label or split"
            raise ValueError(f"{table}: line {entry.row}: {entry.file} {other}; allowed: one row per file")
    if len(first) < len(rows):
        repeated = len(rows) - len(first)
        print(
            f"warning: {table}: {repeated} rows name a file again, with the same label: left out", file=sys.stderr
        )
    return sorted(first.values())
