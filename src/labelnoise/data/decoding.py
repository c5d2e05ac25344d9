"""All images of a folder as one array: read once, in parallel, and kept beside the downloads."""

import hashlib
import json
import os
import stat
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np
import PIL

from labelnoise import files
from labelnoise.data import images
from labelnoise.data.counted import counted
from labelnoise.data.faults import some
from labelnoise.data.words import skipping
from labelnoise.types import Note

CHUNK = 64  # images that a thread decodes at a time: some tens of milliseconds at least
DARK = 4  # 16-bit images that use less than this part of the range come out almost black
SHOWN = 8  # reasons in a message


class Arrays(NamedTuple):
    """What is kept of n files."""

    pixels: np.ndarray  # uint8 [n, channels, size, size]
    reasons: np.ndarray  # unicode [n] why it cannot be read; "": it can
    sha256: np.ndarray  # uint8 [n, 32] of the file
    highest: np.ndarray  # int32 [n] grey level of a 16-bit image; images.EIGHT_BITS for others


class Images(NamedTuple):
    """The images that can be read, and what is to be told of all."""

    pixels: np.ndarray  # uint8 [n, channels, size, size]
    contents: tuple[str, ...]  # [n] sha256 of each file, in hex
    left_out: list[int]  # positions of those that cannot be read
    reasons: list[str]  # of all files; "" where it can be read
    notes: tuple[Note, ...]


def decoded(
    title: str, paths: list[Path], origin: str, where: Callable[[int], str], section, cache: Path
) -> Images:
    """The images at `paths`, of the data set `title`.

    origin: what names them; where: position -> its place there, for messages. section: size, mode, max_pixels,
    white and unreadable. With `unreadable: stop`, ValueError counts the images that cannot be read. What was
    decoded is kept in `cache` until a file or a setting changes, and is so before anything stops.
    """
    stored, key = cache / f"decoded-{title}.npz", _key(paths, section)
    kept = files.load_arrays(stored) if stored.exists() else {}
    if kept and kept.pop("key").item() == key:
        found = Arrays(**kept)
    else:
        found = _decode_all(title, paths, section)
        files.save_arrays(stored, {**found._asdict(), "key": np.array(key)})
    bad = np.flatnonzero(found.reasons != "").tolist()
    told = _unreadable(where, found.reasons, bad)
    _check(title, origin, len(paths), len(bad), told, section.unreadable)
    good = np.delete(np.arange(len(paths)), bad)
    notes = [*_left_out(len(paths), len(bad), told), *_dark(found.highest[good], title, section.white)]
    contents = tuple(row.tobytes().hex() for row in found.sha256[good])
    pixels = found.pixels[good] if bad else found.pixels
    return Images(pixels, contents, bad, found.reasons.tolist(), tuple(notes))


def _unreadable(where: Callable[[int], str], reasons: np.ndarray, bad: list[int]) -> str:
    """Why the images at positions `bad` cannot be read, and which those are."""
    alike: dict[str, list[int]] = {}
    for at in bad:
        alike.setdefault(str(reasons[at]), []).append(at)
    places = {reason: some([where(at) for at in them]) for reason, them in alike.items()}
    several = [
        f"{where(them[0])}: {reason}" if len(them) == 1 else f"{len(them):,} times {reason} ({places[reason]})"
        for reason, them in alike.items()
    ]
    return some(several, SHOWN)


def _check(title: str, origin: str, count: int, bad: int, told: str, unreadable: str) -> None:
    if bad and (unreadable == "stop" or bad == count):
        skip = f" ({skipping(title)} leaves such images out)" if bad < count else ""
        raise ValueError(f"{origin}: {bad:,} of {count:,} images cannot be read: {told}{skip}")


def _left_out(count: int, bad: int, told: str) -> list[Note]:
    return [Note("unreadable", f"left out {bad:,} of {count:,} images: {told}", bad, told)] if bad else []


def _dark(highest: np.ndarray, title: str, white: int | None) -> list[Note]:
    """16-bit images of which none is bright, as those of 12 bits that many devices write."""
    levels = highest[highest != images.EIGHT_BITS]
    most = int(levels.max(initial=0))
    if white is not None or not len(levels) or most > images.SIXTEEN_BITS // DARK:
        return []
    bright = 2 ** max(most.bit_length(), 1) - 1
    what = f"{len(levels):,} images of 16 bits go no higher than {most:,} of {images.SIXTEEN_BITS:,}, almost black"
    return [Note("grey_range", f"{what}: set datasets.{title}.data.folder.white: {bright}", len(levels), "")]


def _key(paths: list[Path], section) -> str:
    """Names, sizes and times of all files, the settings, and what decodes: a change of any decodes again."""
    settings = [section.size, section.mode, section.max_pixels, _white(section), PIL.__version__]
    digest = hashlib.sha256(json.dumps(settings).encode() + Path(images.__file__).read_bytes())
    for path in paths:
        digest.update(f"{path}\0{_state(path)}\n".encode())
    return digest.hexdigest()[:16]


def _state(path: Path) -> tuple[int, int] | None:
    """None where there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _white(section) -> int:
    return images.SIXTEEN_BITS if section.white is None else section.white


def _decode_all(title: str, paths: list[Path], section) -> Arrays:
    shape = (images.CHANNELS[section.mode][1], section.size, section.size)
    found = _empty(len(paths), shape)
    starts = range(0, len(paths), CHUNK)
    settings = (section.size, section.mode, section.max_pixels, _white(section))
    # Threads: Pillow decodes and scales without the interpreter's lock, and processes would first import for
    # seconds.
    parallel = joblib.Parallel(
        n_jobs=min(joblib.cpu_count(), len(starts)), prefer="threads", return_as="generator"
    )
    chunks = parallel(joblib.delayed(_chunk)(paths[start : start + CHUNK], shape, settings) for start in starts)
    reasons, done = [], 0
    with warnings.catch_warnings():  # Pillow's on large images and odd metadata: reasons say enough
        warnings.simplefilter("ignore")
        for part, why in counted(chunks, len(paths), f"decode {title}", lambda chunk: len(chunk[1])):
            for name in ("pixels", "sha256", "highest"):
                getattr(found, name)[done : done + len(why)] = getattr(part, name)
            done, reasons = done + len(why), reasons + why
    return found._replace(reasons=np.array(reasons, np.str_))


def _empty(count: int, shape: tuple[int, int, int]) -> Arrays:
    pixels, sha256 = np.zeros((count, *shape), np.uint8), np.zeros((count, 32), np.uint8)
    return Arrays(pixels, np.empty(0, np.str_), sha256, np.full(count, images.EIGHT_BITS, np.int32))


def _chunk(paths: list[Path], shape: tuple[int, int, int], settings: tuple) -> tuple[Arrays, list[str]]:
    found, reasons = _empty(len(paths), shape), [""] * len(paths)
    for position, path in enumerate(paths):
        try:
            found.pixels[position], found.highest[position] = images.read(path, *settings)
            found.sha256[position] = sha256(path)
        except (ValueError, OSError) as error:
            reasons[position] = str(error)
    return found, reasons


def contents(title: str, paths: list[Path]) -> tuple[str, ...]:
    """sha256 in hex of the bytes of each file, for files that are not decoded."""
    starts = range(0, len(paths), CHUNK)
    parallel = joblib.Parallel(n_jobs=joblib.cpu_count(), prefer="threads", return_as="generator")
    chunks = parallel(joblib.delayed(_hashed)(paths[start : start + CHUNK]) for start in starts)
    return tuple(digest for chunk in counted(chunks, len(paths), f"hash {title}") for digest in chunk)


def _hashed(paths: list[Path]) -> list[str]:
    return [sha256(path).tobytes().hex() for path in paths]


def sha256(path: Path) -> np.ndarray:
    """uint8 [32] of the bytes of a file."""
    with open(path, "rb") as file:
        return np.frombuffer(hashlib.file_digest(file, "sha256").digest(), np.uint8)
