"""From an archive to its files, each checked against the checksum of its decompressed content.

The same content is packed differently by its makers, by Debian and by hand; and a server may unpack a .gz on the
way. So what is compared is the content, and how it was packed is looked up in the file itself.
"""

import gzip
import hashlib
import io
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO

CHUNK = 2**20  # bytes read at a time
UNREADABLE = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, KeyError)


def unpack(path: Path, members: dict[str, str], into: Path) -> None:
    """Write the files in `path` (tar of any compression, gzip, or the one file itself) under `into`.

    members: name in the archive, which is also the name under `into` -> md5 of the decompressed content. Nothing
    else is taken out of the archive. ValueError when one is missing, truncated or of another content.
    """
    read = _unpack_tar if ".tar" in path.name else _unpack_single
    try:
        read(path, members, into)
    except UNREADABLE as error:
        first, md5 = next(iter(members.items()))
        raise ValueError(
            f"checksum mismatch, expected md5 {md5} of {first}, got a truncated or damaged file ({error})"
        ) from None


def checksum(path: Path) -> str:
    """md5 of a file's content; md5, since that is what the makers of the data sets publish."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def _unpack_tar(path: Path, members: dict[str, str], into: Path) -> None:
    with tarfile.open(path) as archive:
        for member, md5 in members.items():
            # A folder in the file's place has no content: an empty file, which the checksum refuses.
            _write(archive.extractfile(member) or io.BytesIO(), into / member, md5)


def _unpack_single(path: Path, members: dict[str, str], into: Path) -> None:
    [(member, md5)] = members.items()
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        _write(gzip.GzipFile(fileobj=file) if packed else file, into / member, md5)


def _write(stream: BinaryIO, target: Path, md5: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as file:
        while chunk := stream.read(CHUNK):
            file.write(chunk)
    found = checksum(target)
    if found != md5:
        raise ValueError(f"checksum mismatch, expected md5 {md5} of {target.name}, got {found}")
