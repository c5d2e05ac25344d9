"""A file of the archive."""

import re
from pathlib import Path
from typing import NamedTuple

UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9}


class Piece(NamedTuple):
    """What will be written, and under which name."""

    path: str  # below the archive's root, with slashes
    content: bytes | Path  # a path is read when it is written
    executable: bool = False

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def read(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


def in_words(size: int) -> str:
    """A number of bytes for people."""
    unit = next((unit for unit in UNITS if size < 1000 * UNITS[unit]), "GB")
    return re.sub(r"\.0$", "", f"{size / UNITS[unit]:.1f}") + f" {unit}"
