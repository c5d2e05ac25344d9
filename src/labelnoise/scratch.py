"""Arrays that may be larger than memory: where they lie, and blocks of their rows.

Beyond LARGEST bytes an array lies in a file without a name, in the folder for temporary files (TMPDIR), and is
gone with the array. The system keeps as much of it in memory as there is room for; where that folder is itself in
memory (tmpfs), all of it.
"""

import errno
import os
import tempfile
from collections.abc import Iterator

import numpy as np

LARGEST = 2**30  # bytes of an array that is kept in memory, or read whole
ROWS = 2**16  # rows at a time: what has no more is worked on in one piece


def in_memory(size: float) -> float:
    """Bytes of an array of `size` bytes in memory: a larger one lies in a file, of which blocks are read."""
    return size if size <= LARGEST else 0


def empty(shape: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
    """np.empty, or zeros in such a file. OSError in one line where the folder has no room for it."""
    size = np.prod(shape, dtype=float) * np.dtype(dtype).itemsize
    if size <= LARGEST:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as file:  # mapped, it stays as long as the array
        _allocate(file.fileno(), int(size))
        return np.asarray(np.memmap(file, dtype, "w+", shape=shape))


def _allocate(file: int, size: int) -> None:
    """Room for the whole file, as a full disk would end the process where the array is written."""
    if not hasattr(os, "posix_fallocate"):  # macOS
        return
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):  # a file system that cannot
            return
        wanted = f"{tempfile.gettempdir()}: {size / 2**30:.1f} GB of temporary files: {error.strerror}"
        raise OSError(f"{wanted}; allowed: TMPDIR=<a folder with more room>") from None


def blocks(count: int, rows: int | None = None) -> Iterator[slice]:
    """Slices that cover 0..count in order, of `rows` each, or ROWS."""
    step = ROWS if rows is None else rows
    return (slice(start, min(start + step, count)) for start in range(0, count, step))


def whole(count: int) -> bool:
    """Whether so many rows are worked on in one piece."""
    return count <= ROWS


def taken(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """`values[rows]`, an array by `empty`; `values` itself where `rows` are all, in order."""
    if len(rows) == len(values) and (np.diff(rows) == 1).all():
        return values
    out = empty((len(rows), *values.shape[1:]), values.dtype)
    for at in blocks(len(rows)):
        out[at] = values[rows[at]]
    return out
