"""Getting the original files of a data set: from the first source that has them whole.

Sources, in this order: the folder `download.folder`, folders where a system package may have put them, the
addresses `download.mirrors`, the addresses that torchvision knows. A source that lacks a file, or has it truncated
or with other content, is named in a warning and never used; the next one is tried.
"""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from labelnoise.data.unpack import checksum, unpack

CHUNK = 2**16  # bytes that a download writes at a time

# One place to get a file from: path or address -> what it holds there (member -> md5).
Copy = dict[str, dict[str, str]]


class Original(NamedTuple):
    """A file as its makers publish it."""

    name: str  # at every source, for example train-images-idx3-ubyte.gz
    members: dict[str, str]  # file in it = path below the cache -> md5 of its decompressed content


class Manifest(NamedTuple):
    """What a data set consists of, and where it may be found."""

    dataset: str  # name in params.yaml
    originals: list[Original]
    folders: list[str]  # looked into after `download.folder`
    addresses: list[str]  # of the folders that hold the originals, asked after `download.mirrors`


def fetch(manifest: Manifest, download) -> Path:
    """Put all files of `manifest` below `download.cache`, checked, and return that folder.

    download: has folder (str or None), mirrors (list of addresses), cache (str). Files that are there already and
    have the right content are kept. ValueError when all sources fail, with the reason of each.
    """
    cache = Path(download.cache).expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    for original in manifest.originals:
        if not _is_present(original, cache):
            _obtain(original, manifest, download, cache)
    return cache


def _is_present(original: Original, cache: Path) -> bool:
    return all(_is_whole(cache / member, md5) for member, md5 in original.members.items())


def _is_whole(path: Path, md5: str) -> bool:
    found = checksum(path) if path.is_file() else None
    if found not in (None, md5):
        message = "%s: checksum mismatch, expected md5 %s, got %s; getting it again"
        logging.getLogger(__name__).warning(message, path, md5, found)
    return found == md5


def _obtain(original: Original, manifest: Manifest, download, cache: Path) -> None:
    failures = []
    for copy in _copies(original, manifest, download):
        try:
            return _install(copy, original, cache)
        except ValueError as error:
            logging.getLogger(__name__).warning("%s; tried next source", error)
            failures.append(f"\n  {error}")
    raise ValueError(
        f"datasets.{manifest.dataset}: no source has {original.name}. Tried in this order:{''.join(failures)}\n"
        f"Get {', '.join(o.name for o in manifest.originals)} by other means (packed or unpacked) "
        "and name their folder in params.yaml, download.folder"
    )


def _copies(original: Original, manifest: Manifest, download) -> Iterator[Copy]:
    """Every place to look for `original`, in order."""
    if download.folder is not None:
        folder = os.path.expanduser(download.folder)
        # Named by the user, so its lacking the file is worth a line: fall back to a path that does not exist.
        yield from _local(folder, original, manifest) or [{os.path.join(folder, original.name): original.members}]
    for folder in manifest.folders:
        yield from _local(folder, original, manifest)
    for mirror in download.mirrors:
        # Data sets share file names (MNIST, Fashion-MNIST), so a mirror of several has a folder for each.
        yield _remote(f"{mirror.rstrip('/')}/{manifest.dataset}", original)
        yield _remote(mirror, original)
    for address in manifest.addresses:
        yield _remote(address, original)


def _local(folder: str, original: Original, manifest: Manifest) -> list[Copy]:
    """Copies in `folder`, flat, below the data set's name or in torchvision's layout; packed or unpacked."""
    layout = str(PurePosixPath(next(iter(original.members))).parent)
    places = [os.path.join(folder, sub) for sub in ("", manifest.dataset, layout)]
    packed = [{os.path.join(place, original.name): original.members} for place in places]
    unpacked = [
        {os.path.join(place, os.path.basename(member)): {member: md5} for member, md5 in original.members.items()}
        for place in places
    ]
    return [copy for copy in packed + unpacked if all(os.path.isfile(path) for path in copy)]


def _remote(address: str, original: Original) -> Copy:
    return {f"{address.rstrip('/')}/{original.name}": original.members}


def _install(copy: Copy, original: Original, cache: Path) -> None:
    """Unpack `copy` in a temporary folder beside its final place, and move what proved whole."""
    with TemporaryDirectory(prefix=".partial-", dir=cache) as partial:
        for where, members in copy.items():
            try:
                unpack(_localized(where, Path(partial)), members, Path(partial))
            except (OSError, ValueError) as error:
                raise ValueError(f"{where}: {_reason(error)}") from None
        for member in original.members:
            (cache / member).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(partial, member), cache / member)


def _localized(where: str, folder: Path) -> Path:
    """`where` itself when it is a path; else a download of it into `folder`."""
    if "://" not in where:
        return Path(where)
    import pooch  # only here, as most runs download nothing

    target = folder / where.rsplit("/", 1)[1]
    pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=CHUNK)(where, str(target), None)
    return target


def _reason(error: BaseException) -> str:
    """The first cause in a few words: a failed connection arrives wrapped in three layers of libraries."""
    if not isinstance(error, OSError):  # from `unpack`, already in words
        return str(error)
    response = getattr(error, "response", None)
    if response is not None:
        return f"{response.status_code} {response.reason}"
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error)
