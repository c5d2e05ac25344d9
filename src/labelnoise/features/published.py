"""Weights that others publish: downloaded once, kept below `download.cache`, checked every time.

Nothing of them is shipped here; each file has the licence that its makers gave it.
"""

import difflib
import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from labelnoise import files
from labelnoise.features import weights

FOLDER = "weights"  # below download.cache
CHUNK = 2**16  # bytes that a download reads at a time


class File(NamedTuple):
    """A file of weights."""

    address: str
    name: str  # under which it is kept; ends in digits of its sha256
    sha256: str  # of its content, or the first digits of that


def content(file: File, cache: Path | None, key: str) -> bytes:
    """What `file` holds. ValueError, which begins with `key`, where it cannot be had or holds something else."""
    if cache is None:
        raise ValueError(f"{key}: its weights are kept in a folder; allowed: cache=, where they shall lie")
    path = cache / FOLDER / file.name
    if path.exists():
        return weights.checked(path, file.sha256, key)
    found = weights.confirmed(_downloaded(file, path, key), file.sha256, f"{key}: what was downloaded")
    files.write_bytes(path, found)
    return found


def _downloaded(file: File, path: Path, key: str) -> bytes:
    import pooch  # only here, as most runs download nothing

    read = io.BytesIO()
    try:
        pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=CHUNK)(file.address, read, None)
    except OSError as error:  # all errors of requests are such
        raise ValueError(
            f"{key}: its weights cannot be downloaded ({_reason(error)}); allowed: a network that is up, {path} "
            "put there by hand, or a file of yours by encoder: state_dict or encoder: onnx"
        ) from None
    return read.getvalue()


def _reason(error: OSError) -> str:
    response = getattr(error, "response", None)
    return "no answer" if response is None else f"the answer is {response.status_code} {response.reason}"


def near(name: str, known: Iterable[str]) -> str:
    """Names like `name` of those that there are, or all of them: what an error message says is allowed."""
    known = list(known)
    return ", ".join(difflib.get_close_matches(name.lower(), known, 5, 0.5) or known)
