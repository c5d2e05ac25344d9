"""Files between stages: written under a temporary name and renamed, so that nothing half-written is ever read."""

import io
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np


def write_bytes(path: Path, data: bytes) -> None:
    """Write `path` whole or not at all, also when power is lost; its folder is made. OSError names the file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        with partial.open("r+b") as file:
            os.fsync(file.fileno())  # else a file may have its new name before its content: about 4 ms
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):  # a read-only disk refuses this too
            partial.unlink()
        raise OSError(f"{path}: cannot be written: {error.strerror}") from error


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, in UTF-8."""
    write_bytes(path, text.encode())


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """An npz without pickles; uncompressed, so that equal arrays are equal bytes for every zlib."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.asarray(array, order="C") for name, array in arrays.items()})
    return buffer.getvalue()


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an npz as `packed` makes it."""
    write_bytes(path, packed(arrays))


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """What `save_arrays` wrote; ValueError names a file that is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise ValueError(f"{path}: damaged ({error}); delete it and run again") from error
