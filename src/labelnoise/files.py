"""Files between stages: written under a temporary name and renamed, so that nothing half-written is ever read."""

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from labelnoise import scratch


def write_bytes(path: Path, data: bytes) -> None:
    """Write `path` whole or not at all, also when power is lost; its folder is made. OSError names the file."""
    _written(path, lambda partial: partial.write_bytes(data))


def _written(path: Path, write: Callable[[Path], object]) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        with partial.open("r+b") as file:
            os.fsync(file.fileno())  # else a file may have its new name before its content: about 4 ms
        os.replace(partial, path)
    except BaseException as error:  # Ctrl-C too: nobody would ever remove what is there by then
        with suppress(OSError):  # a read-only disk refuses this too
            partial.unlink()
        if isinstance(error, OSError):
            raise OSError(f"{path}: cannot be written: {error.strerror}") from error
        raise


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, in UTF-8."""
    write_bytes(path, text.encode())


def quoted(header: Iterable[str], rows: Iterable[Iterable]) -> str:
    """A CSV of which every text is quoted, since a name may hold a comma, a quote or the end of a line; None is an
    empty field."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """An npz without pickles; uncompressed, so that equal arrays are equal bytes for every zlib, and large ones
    can be read where they lie."""
    buffer = io.BytesIO()
    _save(buffer, arrays)
    return buffer.getvalue()


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an npz as `packed` makes it, without making it in memory first."""

    def write(partial: Path) -> None:
        with partial.open("wb") as file:
            _save(file, arrays)

    _written(path, write)


def _save(file: BinaryIO, arrays: dict[str, np.ndarray]) -> None:
    np.savez(file, **{name: _by_rows(np.asarray(array)) for name, array in arrays.items()})


def _by_rows(array: np.ndarray) -> np.ndarray:
    """Last axis fastest in the file, whatever it is in memory."""
    return np.asarray(array, order="C") if np.isfortran(array) else array


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """What `save_arrays` wrote; ValueError names a file that is damaged. Of an array of more than scratch.LARGEST
    bytes only those parts are read that are used, and the zip's checksum is not looked at: damage within it is not
    noticed. What is changed in it stays in memory."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: array_of(path, arrays, name) for name in arrays.files}
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise ValueError(f"{path}: damaged ({error}); delete it and run again") from error


def array_of(path: Path, arrays: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    """The array `name` of the npz file `path`, opened as `arrays`."""
    about = arrays.zip.getinfo(f"{name}.npy" if f"{name}.npy" in arrays.zip.NameToInfo else name)
    if about.compress_type != zipfile.ZIP_STORED or about.file_size <= scratch.LARGEST:
        return arrays[name]
    return _mapped(path, about)


def _mapped(path: Path, about: zipfile.ZipInfo) -> np.ndarray:
    """An array where it lies in the file, behind the local header of its entry and its own."""
    with path.open("rb") as file:
        file.seek(about.header_offset + 26)
        name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
        file.seek(name + extra, os.SEEK_CUR)
        shape, fortran, dtype = _header(file)
        order = "F" if fortran else "C"
        return np.memmap(path, dtype, "c", file.tell(), shape, order)


def _header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, order and type of an array, from its header in the format of numpy."""
    read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
    version = np.lib.format.read_magic(file)[0]
    if version not in read:
        raise ValueError(f"an array in version {version} of numpy's format; allowed: 1 or 2")
    found = read[version](file)
    if found[2].hasobject:
        raise ValueError("Object arrays cannot be loaded when allow_pickle=False")
    return found
