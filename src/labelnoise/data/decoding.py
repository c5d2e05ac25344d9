"""All images of a folder as one array: decoded once, in parallel, and kept beside the downloads."""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import PIL

from labelnoise import files
from labelnoise.data import images
from labelnoise.data.counted import counted
from labelnoise.data.own import SHOWN

CHUNK = 64  # images that a thread decodes at a time: some tens of milliseconds at least

Chunk = tuple[np.ndarray, list[str]]  # pixels [k, channels, size, size], and why each cannot be read ("": it can)


def decoded(title: str, paths: list[Path], where: list[str], section, cache: Path) -> tuple[np.ndarray, list[str]]:
    """Pixels uint8 [n, channels, size, size] of the images that can be read, and why each of `paths` cannot be
    ("": it can).

    where: the place of each in words, for error messages. section: size, mode, max_pixels and unreadable. With
    `unreadable: stop`, ValueError names the first image that cannot be read. What was decoded is kept in `cache`
    until a file or a setting changes.
    """
    stored, key = cache / f"decoded-{title}.npz", _key(paths, section)
    kept = files.load_arrays(stored) if stored.exists() else {}
    if kept and kept["key"].item() == key:
        pixels, reasons = kept["pixels"], kept["reasons"].tolist()
    else:
        pixels, reasons = _decode_all(title, paths, where, section)
        arrays = {"pixels": pixels, "reasons": np.array(reasons, np.str_), "key": np.array(key)}
        files.save_arrays(stored, arrays)
    bad = [position for position, reason in enumerate(reasons) if reason]
    if not bad:
        return pixels, reasons
    if section.unreadable == "stop":
        raise _unreadable(where[bad[0]], reasons[bad[0]])
    _tell(title, where, reasons, bad)
    return np.delete(pixels, bad, axis=0), reasons


def _key(paths: list[Path], section) -> str:
    """Names, sizes and times of all files, the settings, and what decodes: a change of any decodes again."""
    settings = [section.size, section.mode, section.max_pixels, PIL.__version__]
    digest = hashlib.sha256(json.dumps(settings).encode() + Path(images.__file__).read_bytes())
    for path in paths:
        stat = path.stat() if path.is_file() else None
        digest.update(f"{path}\0{stat and (stat.st_size, stat.st_mtime_ns)}\n".encode())
    return digest.hexdigest()[:16]


def _decode_all(title: str, paths: list[Path], where: list[str], section) -> tuple[np.ndarray, list[str]]:
    pixels = np.empty((len(paths), images.CHANNELS[section.mode][1], section.size, section.size), np.uint8)
    reasons: list[str] = []
    starts = range(0, len(paths), CHUNK)
    settings = (section.size, section.mode, section.max_pixels)
    # Threads: Pillow decodes and scales without the interpreter's lock, and processes would first import for
    # seconds.
    parallel = joblib.Parallel(
        n_jobs=min(joblib.cpu_count(), len(starts)), prefer="threads", return_as="generator"
    )
    chunks = parallel(joblib.delayed(_chunk)(paths[start : start + CHUNK], *settings) for start in starts)
    with warnings.catch_warnings():  # Pillow's on large images and odd metadata: reasons say enough
        warnings.simplefilter("ignore")
        for block, why in counted(chunks, len(paths), f"decode {title}", lambda chunk: len(chunk[1])):
            pixels[len(reasons) : len(reasons) + len(why)] = block
            for position, reason in enumerate(why, len(reasons)):
                if reason and section.unreadable == "stop":
                    raise _unreadable(where[position], reason)
            reasons += why
    return pixels, reasons


def _chunk(paths: list[Path], size: int, mode: str, max_pixels: int) -> Chunk:
    pixels = np.zeros((len(paths), images.CHANNELS[mode][1], size, size), np.uint8)
    reasons = [""] * len(paths)
    for position, path in enumerate(paths):
        try:
            pixels[position] = images.decode(path, size, mode, max_pixels)
        except ValueError as error:
            reasons[position] = str(error)
    return pixels, reasons


def _unreadable(where: str, reason: str) -> ValueError:
    return ValueError(f"{where}: cannot be read: {reason} (unreadable: skip leaves such images out)")


def _tell(title: str, where: list[str], reasons: list[str], bad: list[int]) -> None:
    some = "; ".join(f"{where[position]}: {reasons[position]}" for position in bad[:SHOWN])
    more = " ..." if len(bad) > SHOWN else ""
    text = f"warning: datasets.{title}: left out {len(bad)} of {len(where)} images: {some}{more}"
    print(text, file=sys.stderr)
    if len(bad) == len(where):
        raise ValueError(f"datasets.{title}: no image can be read; the first is {where[0]}: {reasons[0]}")
