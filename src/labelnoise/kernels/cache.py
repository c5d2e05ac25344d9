"""What numba keeps of compiled functions: never that of other sources, nor that of another process's function.

Numba takes what it kept for that of a function where the function's own file is the same; what that calls may have
changed. And it numbers its files by an index that two processes may read at the same time: when they compile a
function for different arguments, one is later given the code for those of the other.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from numba.core import caching
from numba.core.caching import IndexDataCacheFile


def digest(folder: Path) -> str:
    """Of all sources there."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        found.update(f"{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()


SOURCES = digest(Path(__file__).parent)  # as they were when they were imported


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Other processes wait; but where no lock can be made nobody does."""
    lock = FileLock(Path(folder) / "lock")
    try:
        lock.acquire()
    except OSError:
        yield
        return
    try:
        yield
    finally:
        lock.release()


class Kept(IndexDataCacheFile):
    """As numba's, of all the sources, and by one process at a time."""

    def __init__(self, cache_path: str, filename_base: str, source_stamp: Any) -> None:
        super().__init__(cache_path, filename_base, (source_stamp, SOURCES))

    def save(self, key: Any, data: Any) -> None:
        with _alone(self._cache_path):
            super().save(key, data)

    def load(self, key: Any) -> Any:
        with _alone(self._cache_path):
            return super().load(key)


caching.IndexDataCacheFile = Kept  # which numba looks up when it compiles
