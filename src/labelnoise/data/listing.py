"""Which images a folder of own data holds, and what their labels are: by class folders, or by a CSV.

Nothing outside the root is ever read: names that could lead out of it, by `..` or by a link, are refused, all of
them in one line. What is no image is left out, counted and told.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from labelnoise.data import faults, parts, skipped, table
from labelnoise.data import tree as trees
from labelnoise.data.entries import Entry, Listing
from labelnoise.data.faults import Faults, Kind
from labelnoise.data.images import OTHERS, SUFFIXES
from labelnoise.data.names import class_name
from labelnoise.data.skipped import Skipped
from labelnoise.data.tree import FILE, FOLDER, LINK, Tree
from labelnoise.data.words import counted, some
from labelnoise.types import Note

LAYOUT = "<class>/<image>"
CLASSES = "2 classes or more, of 2 images or more"
BLANK = Kind(" has a name of blanks", "have a name of blanks", "the name of a class")


class ClassFolder(NamedTuple):
    """A folder whose images, of any depth, belong to one class."""

    folder: str  # below the root
    name: str
    part: str  # a key of parts.WORDS, or ""


class Walk(NamedTuple):
    """A folder that is looked through, and what was met so far."""

    root: Path
    of: Tree
    wrong: Faults
    left: Skipped


def entries(root: Path, csv: Path | None, section) -> Listing:
    """All images below `root`: by class folders, folder by folder, or those that the CSV names, sorted by name.

    section: columns (names of the CSV's columns), missing (words for a missing label), unreadable (`skip`: missing
    files are left to the decoder). ValueError in one line that counts whatever does not fit.
    """
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder; allowed: a folder of images ({LAYOUT}, or with a CSV)")
    found = class_folders(root, section.missing) if csv is None else table.listing(root, csv, section)
    if not found.entries:
        instead = "".join(f"; {note.what}" for note in found.notes)
        raise ValueError(f"{csv or root}: names no image; allowed: {CLASSES}{instead}")
    return found


def class_folders(root: Path, missing: list[str]) -> Listing:
    """root/<class>/<image>, or the same below folders that are named as parts (parts.WORDS)."""
    walk = Walk(root, trees.tree(root), {}, skipped.none())
    parted = _parts(walk.of)
    rows = [row for folder in _folders(walk, parted) for row in _rows(walk, folder)]
    faults.check(walk.wrong, str(root), "files and folders")
    _check_wrapped(walk, rows)
    notes = [*skipped.notes(walk.left), *_nested(rows, parted), *_doubtful(walk.of, parted), *_alone(rows)]
    if len({row.split for row in rows}) == 1:  # one part, or none: as without parts
        rows = [row._replace(split="") for row in rows]
    return Listing(rows, (*notes, *_named_missing(rows, missing)))


def has_test_part(root: Path) -> bool:
    """Whether class folders of `root` are read with a part to test on."""
    of = trees.tree(root)
    return len({part for name, part in _parts(of).items() if _holds_folders(of, name)}) > 1


def _parts(of: Tree) -> dict[str, str]:
    """Folder of the root -> its part, where all are named as parts and some hold class folders; else {}: they are
    classes."""
    names = _subfolders(of, "")
    if all(name.casefold() in parts.OF_WORD for name in names) and any(_holds_folders(of, name) for name in names):
        return {name: parts.OF_WORD[name.casefold()] for name in names}
    return {}


def _subfolders(of: Tree, folder: str) -> list[str]:
    return [name for name, kind in trees.visible(of, folder) if kind == FOLDER]


def _holds_folders(of: Tree, folder: str) -> bool:
    """Whether images lie in folders of `folder`."""
    inner = [trees.joined(folder, name) for name in _subfolders(of, folder)]
    return any(kind == FILE and is_image(name) for below in inner for name, kind in trees.below(of, below))


def _folders(walk: Walk, parted: dict[str, str]) -> Iterator[ClassFolder]:
    """The class folders; what lies beside them has no class."""
    for above, part in [*parted.items(), ("", "")]:
        for name, kind in trees.visible(walk.of, above):
            path = trees.joined(above, name)
            if kind == FOLDER and path not in parted:
                yield ClassFolder(path, name, part)
            elif kind != FOLDER and _usable(walk, path, kind):
                walk.left.by_kind["no_class"].append(path)


def _rows(walk: Walk, one: ClassFolder) -> Iterator[Entry]:
    label = _label(walk.wrong, one)
    if not label:
        return
    images = [path for path, kind in trees.below(walk.of, one.folder) if _usable(walk, path, kind)]
    if not images:
        walk.left.by_kind["empty_class"].append(one.folder)
    yield from (Entry(path, label, "", one.part, "", (), 0) for path in images)


def _label(wrong: Faults, one: ClassFolder) -> str:
    try:
        label = class_name(one.name, one.folder)
    except ValueError:
        faults.add(wrong, table.UNWRITABLE, repr(one.folder))
        return ""
    if not label:
        faults.add(wrong, BLANK, repr(one.folder))
    return label


def _usable(walk: Walk, path: str, kind: str) -> bool:
    """Whether it is an image that may be read; if not, it is put where it belongs."""
    said = repr(path) if trees.UNWRITABLE.search(path) else path
    if kind == LINK:
        faults.add(walk.wrong, table.link(walk.root), said)
    elif kind != FILE:
        walk.left.by_kind["no_file"].append(said)
    elif is_image(path):
        if said == path:
            return True
        faults.add(walk.wrong, table.UNWRITABLE, said)
    elif (other := OTHERS.get(PurePosixPath(path).suffix.lower())) is not None:
        walk.left.others.setdefault(other, []).append(said)
    else:
        walk.left.by_kind["skipped"].append(said)
    return False


def is_image(name: str) -> bool:
    """By its ending."""
    return name.lower().endswith(SUFFIXES)


def _check_wrapped(walk: Walk, rows: list[Entry]) -> None:
    """ValueError where all class folders lie in one folder more, as in an unpacked archive."""
    top = {row.file.partition("/")[0] for row in rows if not row.split}
    inner = _subfolders(walk.of, *top) if len(top) == 1 else []
    if len(inner) > 1:
        (name,) = top
        there = f"1 class folder ({name}), with {len(inner)} folders in it"
        allowed = f"2 class folders or more, perhaps with root: {walk.root / name}"
        raise ValueError(f"{walk.root}: {there}; allowed: {allowed}")


def _nested(rows: list[Entry], parted: dict[str, str]) -> list[Note]:
    deep = [row.file for row in rows if row.file.count("/") > (2 if parted else 1)]
    said = counted(len(deep), "image lies in a folder", "images lie in folders")
    what = f"{said} below a class folder: read as of that class"
    return [Note("nested", what, len(deep), some(deep))] if deep else []


def _doubtful(of: Tree, parted: dict[str, str]) -> list[Note]:
    """Two folders or more that are named as parts, and yet are read as classes."""
    names = [name for name in _subfolders(of, "") if name.casefold() in parts.OF_WORD]
    if parted or len(names) < 2:
        return []
    what = f"the folders {', '.join(names)} are read as classes"
    remedy = "as parts they must hold class folders, and stand beside no other folder"
    return [Note("parts", f"{what}: {remedy}", len(names), some(names))]


def _alone(rows: list[Entry]) -> list[Note]:
    """A part without another one."""
    folders, found = sorted({row.file.partition("/")[0] for row in rows if row.split}), {row.split for row in rows}
    what = f"only {some(folders)} holds images in class folders: read without parts, tested on by folds"
    return [Note("parts", what, 1, some(folders))] if folders and len(found) == 1 else []


def _named_missing(rows: list[Entry], missing: list[str]) -> list[Note]:
    names = sorted({row.label for row in rows} & set(missing))
    if not names:
        return []
    what = "has a name that usually stands for a missing label: if so, move its images out"
    return [Note("missing_word", f"class folder {some(names)} {what}", len(names), some(names))]
