"""What a loader finds before anything is decoded."""

from typing import NamedTuple

from labelnoise.types import Note


class Entry(NamedTuple):
    """An image and what is said of it, in words."""

    file: str  # below the root, with / between folders
    label: str
    clean: str  # "" where it is not known
    split: str  # a key of parts.WORDS; "" where nothing is said of it
    group: str  # "" where nothing is said of it
    human: tuple[str, ...]  # further labels by people, in the order of columns.human
    row: int  # line of the CSV, the header is 1; 0 in class folders


class Listing(NamedTuple):
    """All images, and what their owner should know."""

    entries: list[Entry]
    notes: tuple[Note, ...]
