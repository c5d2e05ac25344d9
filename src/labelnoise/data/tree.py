"""What lies in a folder: names and kinds. Each folder is read once, and no link is followed."""

import os
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

FILE, FOLDER, LINK, OTHER, NOTHING = "file", "folder", "link", "other", "nothing"  # kinds; other: a pipe, a device
LEFT_BEHIND = {"thumbs.db", "desktop.ini", "__macosx"}  # by file managers
UNWRITABLE = re.compile("[\x00-\x1f\ud800-\udfff]")  # in a table: control characters, and what is not UTF-8


class Tree(NamedTuple):
    """A folder, and what was read of it so far."""

    root: str
    read: dict[str, dict[str, str]]  # folder below the root -> its names and their kinds; {} where there is none
    forms: dict[str, dict[str, str]]  # folder -> names in normal form -> names as they are


def tree(root: str | os.PathLike) -> Tree:
    return Tree(os.fspath(root), {}, {})


def kinds(of: Tree, folder: str) -> dict[str, str]:
    """Names in `folder` ("": the root) and their kinds. Below a link there is nothing."""
    if folder not in of.read:
        there = not folder or kind(of, folder) == FOLDER
        of.read[folder] = _scanned(os.path.join(of.root, folder)) if there else {}
    return of.read[folder]


def kind(of: Tree, name: str) -> str:
    """What `name`, with / between folders, is: LINK also where a folder above it is one."""
    folder, _, last = name.rpartition("/")
    found = kinds(of, folder).get(last, NOTHING)
    return LINK if found == NOTHING and folder and kind(of, folder) == LINK else found


def visible(of: Tree, folder: str) -> list[tuple[str, str]]:
    """Names and kinds, sorted, without hidden files and what file managers leave behind."""
    found = sorted(kinds(of, folder).items())
    return [one for one in found if not one[0].startswith(".") and one[0].lower() not in LEFT_BEHIND]


def below(of: Tree, folder: str = "") -> Iterator[tuple[str, str]]:
    """Name and kind of all that is visible in `folder` and no folder, of any depth."""
    for name, kind in visible(of, folder):
        path = joined(folder, name)
        if kind == FOLDER:
            yield from below(of, path)
        else:
            yield path, kind


def as_written(of: Tree, name: str) -> str | None:
    """The name under which `name` exists when its letters are put together otherwise: accents are one character in
    some systems and two in others (Unicode normal forms). None where it does not exist so either."""
    folder, _, last = name.rpartition("/")
    if folder and kind(of, folder) != FOLDER:
        folder = as_written(of, folder)
    if folder is None:
        return None
    if folder not in of.forms:
        of.forms[folder] = {unicodedata.normalize("NFC", one): one for one in kinds(of, folder)}
    found = of.forms[folder].get(unicodedata.normalize("NFC", last))
    return None if found is None else joined(folder, found)


def joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _scanned(path: str) -> dict[str, str]:
    with os.scandir(path) as found:
        return {entry.name: _kind(entry) for entry in found}


def _kind(entry: os.DirEntry) -> str:
    if entry.is_symlink():
        return LINK
    if entry.is_file(follow_symlinks=False):
        return FILE
    return FOLDER if entry.is_dir(follow_symlinks=False) else OTHER
