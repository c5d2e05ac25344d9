"""What numba keeps of compiled functions: never that of other sources, nor that of another process's function."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock
from numba.core.caching import IndexDataCacheFile

FOLDER = Path(__file__).parent
LOCK, SOURCES = "lock", "sources.nbc"  # beside what is kept; the second is copied with it


def forget() -> None:
    """Remove what was compiled of other sources: numba looks at the file of a function alone, and not at those of
    what it calls."""
    kept, digest = FOLDER / "__pycache__", hashlib.sha256()
    for path in sorted(FOLDER.glob("*.py")):
        digest.update(path.read_bytes())
    with suppress(OSError):  # where nothing can be written, numba keeps its files elsewhere, or none
        kept.mkdir(exist_ok=True)
        with FileLock(kept / LOCK):
            if not (kept / SOURCES).exists() or (kept / SOURCES).read_text() != digest.hexdigest():
                for path in [*kept.glob("*.nbi"), *kept.glob("*.nbc")]:
                    path.unlink()
                (kept / SOURCES).write_text(digest.hexdigest())


def _one_at_a_time(save: Callable[..., None]) -> Callable[..., None]:
    """Numba numbers its files by the index as it was read. Two processes that compile a function for different
    arguments would take the same number, and later be given the code for the arguments of the other."""

    def locked(self: IndexDataCacheFile, key: Any, data: Any) -> None:
        with FileLock(Path(self._cache_path) / LOCK):
            save(self, key, data)

    return locked


IndexDataCacheFile.save = _one_at_a_time(IndexDataCacheFile.save)
