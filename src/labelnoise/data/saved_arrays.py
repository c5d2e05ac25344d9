"""Whole numbers out of a file that torch.save wrote, without executing anything of it.

Such a file is a zip archive with a pickle, and a pickle is a program: it names functions and calls them. This
reader gives it stand-ins for the few names that arrays need, and refuses all others. The stand-ins keep what they
are told; the arrays are then made here.
"""

import io
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

WHOLE_NUMBERS = re.compile(r"[iu][1248]")  # numpy's codes of their types


class _Type:
    """In place of numpy.dtype."""

    def __init__(self, code: str, *flags: Any) -> None:
        self.code, self.order = code, "|"

    def __setstate__(self, state: tuple) -> None:
        self.order = state[1]


class _Array:
    """In place of numpy.ndarray."""

    def __setstate__(self, state: tuple) -> None:
        self.state = state


def _array(*told: Any) -> _Array:
    """In place of numpy's _reconstruct, which is told a type, a shape and a code before all of them are known."""
    return _Array()


def _encode(text: str, encoding: str) -> bytes:
    """In place of _codecs.encode: bytes are pickled as text."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"has text in {encoding!r}")
    return text.encode("latin1")


STAND_INS: dict[tuple[str, str], Callable] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("numpy.core.multiarray", "_reconstruct"): _array,  # numpy 1
    ("numpy._core.multiarray", "_reconstruct"): _array,  # numpy 2
    ("_codecs", "encode"): _encode,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable:
        if (module, name) not in STAND_INS:
            raise pickle.UnpicklingError(f"asks for {module}.{name}")
        return STAND_INS[module, name]


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays (or lists) of whole numbers in `path`, a torch.save of a dict of them.

    ValueError in one line for anything else: another file, other types, any function or class that arrays do not
    need. Nothing of the file is executed before or after that is known.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            (member,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
            found = _Reader(io.BytesIO(archive.read(member))).load()
        return {str(name): _of(each) for name, each in found.items()}
    except zipfile.BadZipFile:
        reason = "is no zip archive"
    except pickle.UnpicklingError as error:
        reason = str(error)
    except Exception as error:  # a pickle can break in any way: none of them goes through
        reason = f"is damaged ({type(error).__name__})"
    raise ValueError(f"{path}: {reason}; allowed: a torch.save of a dict of arrays of whole numbers")


def _of(each: Any) -> np.ndarray:
    if isinstance(each, list) and all(type(number) is int for number in each):
        return np.array(each, np.int64)
    if not isinstance(each, _Array):
        raise pickle.UnpicklingError(f"holds {type(each).__name__}")
    _, shape, of, columns_first, content = each.state
    if not WHOLE_NUMBERS.fullmatch(of.code) or columns_first:
        raise pickle.UnpicklingError(f"holds an array of type {of.code!r}")
    return np.frombuffer(content, np.dtype(of.code).newbyteorder(of.order)).reshape(shape).astype(np.int64)
