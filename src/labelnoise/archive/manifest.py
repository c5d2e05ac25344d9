"""The checksums of an archive: a line per file, as `sha256sum` writes and checks them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

NAME = "manifest-sha256.txt"


def text(digests: dict[str, str]) -> bytes:
    """digests: path -> SHA-256 in hex."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def listed(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file of the unpacked archive `folder`."""
    lines = (folder / NAME).read_text("utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def altered(folder: Path) -> Iterator[tuple[str, str]]:
    """Files that are not as the manifest of the unpacked archive `folder` has them, and what became of them."""
    for path, digest in listed(folder).items():
        if not (folder / path).is_file():
            yield path, "is gone"
        else:
            with open(folder / path, "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    yield path, "is not as it was archived"
