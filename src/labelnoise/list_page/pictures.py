"""Small pictures within the page: the original file where there is one, else the stored pixels enlarged."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from labelnoise.data import images
from labelnoise.types import Dataset

SIDE = 112  # pixels on the page
QUALITY = 82  # of JPEG


def address(dataset: Dataset, at: int, root: Path | None, max_pixels: int, white: int) -> str:
    """The example at position `at` as a data URI; empty where there is nothing to see.

    root: folder of the files, None where examples have none; white: as of images.read. Stored pixels are shown
    where a file is gone or damaged.
    """
    if root is not None and dataset.files:
        pixels = _decoded(root / dataset.files[at], max_pixels, white)
        if pixels is not None:
            return _encoded(pixels)
    if dataset.images.dtype != np.uint8:
        return ""
    stored, brightest = dataset.images[at], 255 if dataset.files else max(int(dataset.images.max()), 1)
    return _encoded(np.rint(stored * (255 / brightest)).astype(np.uint8))


def _decoded(path: Path, max_pixels: int, white: int) -> np.ndarray | None:
    """uint8 [3, size, size], not enlarged; None where it cannot be read."""
    try:
        with Image.open(path, formats=images.FORMATS) as image:
            shorter = min(image.size)
        return images.decode(path, min(SIDE, shorter), "rgb", max_pixels, white)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _encoded(pixels: np.ndarray) -> str:
    """uint8 [channels, height, width]; small ones are enlarged by whole pixels, so that they stay sharp."""
    times = max(SIDE // max(min(pixels.shape[1:]), 1), 1)
    large = pixels.repeat(times, 1).repeat(times, 2)
    picture = Image.fromarray(large[:3].transpose(1, 2, 0) if len(large) >= 3 else large[0])
    picture.thumbnail((2 * SIDE, 2 * SIDE))
    stream = io.BytesIO()
    kind = "png" if times > 1 else "jpeg"
    picture.save(stream, kind, **({"optimize": True} if kind == "png" else {"quality": QUALITY}))
    return f"data:image/{kind};base64," + base64.b64encode(stream.getvalue()).decode()
