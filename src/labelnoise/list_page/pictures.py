"""Small pictures within the page: the original file where there is one, else the stored pixels enlarged."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from labelnoise.data import images
from labelnoise.types import Dataset

SIDE, THUMBNAIL = 112, 64  # pixels on the page
QUALITY = 82  # of JPEG


def address(dataset: Dataset, at: int, root: Path | None, max_pixels: int, white: int) -> str:
    """The example at position `at` as a data URI; empty where there is nothing to see.

    root: folder of the files, None where examples have none; white: as of images.read. Stored pixels are shown
    where a file is gone or damaged.
    """
    pixels = _pixels(dataset, at, root, max_pixels, white, SIDE)
    if pixels is None:
        return ""
    times = max(SIDE // max(min(pixels.shape[1:]), 1), 1)  # so that small ones stay sharp
    return _encoded(pixels.repeat(times, 1).repeat(times, 2), "png" if times > 1 else "jpeg")


def thumbnail(dataset: Dataset, at: int, root: Path | None, max_pixels: int, white: int) -> str:
    """As `address`, small and not enlarged."""
    pixels = _pixels(dataset, at, root, max_pixels, white, THUMBNAIL)
    if pixels is None:
        return ""
    return _encoded(pixels, "png" if min(pixels.shape[1:]) < THUMBNAIL // 2 else "jpeg")


def _pixels(
    dataset: Dataset, at: int, root: Path | None, max_pixels: int, white: int, side: int
) -> np.ndarray | None:
    """uint8 [channels, height, width]; None where there is nothing to see."""
    if root is not None and dataset.files:
        pixels = _decoded(root / dataset.files[at], max_pixels, white, side)
        if pixels is not None:
            return pixels
    if dataset.images.dtype != np.uint8:
        return None
    return np.rint(dataset.images[at] * (255 / brightest(dataset))).astype(np.uint8)


def brightest(dataset: Dataset) -> int:
    """Of stored pixels: the value that is white."""
    return 255 if dataset.files else max(int(dataset.images.max()), 1)


def _decoded(path: Path, max_pixels: int, white: int, side: int) -> np.ndarray | None:
    """uint8 [3, size, size], not enlarged; None where it cannot be read."""
    try:
        with Image.open(path, formats=images.FORMATS) as image:
            shorter = min(image.size)
        return images.decode(path, min(side, shorter), "rgb", max_pixels, white)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _encoded(pixels: np.ndarray, kind: str) -> str:
    """uint8 [channels, height, width]"""
    picture = Image.fromarray(pixels[:3].transpose(1, 2, 0) if len(pixels) >= 3 else pixels[0])
    picture.thumbnail((2 * SIDE, 2 * SIDE))
    stream = io.BytesIO()
    picture.save(stream, kind, **({"optimize": True} if kind == "png" else {"quality": QUALITY}))
    return f"data:image/{kind};base64," + base64.b64encode(stream.getvalue()).decode()
