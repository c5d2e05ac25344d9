"""An archive as a zip file or a folder, under a temporary name until it is whole. Equal pieces: equal bytes."""

import hashlib
import io
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import IO

from labelnoise.archive import manifest
from labelnoise.archive.piece import Piece
from labelnoise.data.counted import counted

TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
BLOCK = 2**20
Open = Callable[[Piece], IO[bytes]]


def archive(pieces: list[Piece], out: Path) -> None:
    """Write `pieces` and their manifest to `out`, a zip file where its name ends so. OSError names the file."""
    with _whole(out) as partial:
        if out.suffix == ".zip":
            with zipfile.ZipFile(partial, "w") as file:
                _write(pieces, lambda piece: file.open(_entry(piece), "w", force_zip64=True))
        else:
            partial.mkdir()
            _write(pieces, lambda piece: _opened(partial, piece))


def _entry(piece: Piece) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(piece.path, TIME)
    # arrays would take minutes, for a fifth of their size
    entry.compress_type = zipfile.ZIP_STORED if piece.path.endswith(".npz") else zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, whose permissions these are
    entry.external_attr = (0o100755 if piece.executable else 0o100644) << 16
    return entry


def _opened(folder: Path, piece: Piece) -> IO[bytes]:
    path = folder / piece.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o755 if piece.executable else 0o644)
    return open(path, "wb")


def _write(pieces: list[Piece], opened: Open) -> None:
    total = sum(_kilobytes(piece) for piece in pieces)
    with redirect_stdout(sys.stderr):
        found = {}
        for piece in counted(pieces, total, "archive", _kilobytes, "kB"):
            found[piece.path] = _copy(piece, opened)
    _copy(Piece(manifest.NAME, manifest.text(found)), opened)


def _kilobytes(piece: Piece) -> int:
    return 1 + piece.size // 1000


def _copy(piece: Piece, opened: Open) -> str:
    """Its SHA-256."""
    digest = hashlib.sha256()
    with opened(piece) as target:
        for block in _blocks(piece.content):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    with io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb") as file:
        while block := file.read(BLOCK):
            yield block


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A name beside `out`, which it gets at the end; whatever goes wrong before leaves nothing."""
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        yield partial
        os.replace(partial, out)
    except BaseException:
        shutil.rmtree(partial) if partial.is_dir() else partial.unlink(missing_ok=True)
        raise
