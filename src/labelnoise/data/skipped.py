"""What lies among the images of own data and is left out: counted, and told once per kind, with what to do."""

from collections import Counter
from pathlib import PurePosixPath
from typing import NamedTuple

from labelnoise.data.words import counted, some
from labelnoise.types import Note

# kind of note -> what is said of one, of several, and what to do
SAID = {
    "skipped": ("file is no image by its name: left out", "files are no images by their names: left out"),
    "no_file": ("name is a pipe, socket or device: left out", "names are pipes, sockets or devices: left out"),
    "no_class": (
        "image lies in no class folder: left out; move it into one to have it looked at",
        "images lie in no class folder: left out; move them into one to have them looked at",
    ),
    "empty_class": ("class folder holds no image: left out", "class folders hold no image: left out"),
}  # fmt: skip


class Skipped(NamedTuple):
    """Names below the root, by the reason why they are left out."""

    by_kind: dict[str, list[str]]  # a key of SAID -> names
    others: dict[tuple[str, str], list[str]]  # (format, what to do) -> images that are not read


def none() -> Skipped:
    return Skipped({kind: [] for kind in SAID}, {})


def notes(left: Skipped) -> list[Note]:
    found = [_note(kind, names) for kind, names in left.by_kind.items() if names]
    return found + [_other(*other, names) for other, names in left.others.items()]


def _note(kind: str, names: list[str]) -> Note:
    what = counted(len(names), *SAID[kind]) + (_endings(names) if kind == "skipped" else "")
    return Note(kind, what, len(names), some(names))


def _endings(names: list[str]) -> str:
    """How often each ending occurs; a name without one stands for itself."""
    counts = Counter(PurePosixPath(name).suffix.lower() or PurePosixPath(name).name for name in names)
    return f" ({some([f'{count:,} {ending}' for ending, count in counts.most_common()])})"


def _other(what: str, remedy: str, names: list[str]) -> Note:
    said = counted(len(names), f"image is {what}: left out", f"images are {what}: left out")
    return Note("format", f"{said}; {remedy}", len(names), some(names))
