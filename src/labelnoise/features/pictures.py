"""The examples of which features are made, at whatever size an encoder wants them.

Where they come from files and more pixels are wanted than are stored, files are decoded again, a block at a time.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from labelnoise.data import images

WHITE = 255
LOOKED_AT = 100  # files of which the usual size is taken


class Pictures(NamedTuple):
    """Pixels, files, or both."""

    stored: np.ndarray | None  # uint8 [N, channels, H, W], or a table of features float32 [N, 1, 1, D]
    files: list[Path]  # [N]; empty where there are none
    mode: str  # of the files: rgb or grey
    max_pixels: int  # of a file
    size: int  # the longer side as stored; of files alone, their usual shorter side
    white: float  # the largest value of `stored`
    levels: int = images.SIXTEEN_BITS  # grey level of 16-bit files that is shown as white


def of_array(
    stored: np.ndarray,
    files: list[Path] | None = None,
    mode: str = "",
    max_pixels: int = 0,
    levels: int = images.SIXTEEN_BITS,
) -> Pictures:
    """Pictures of `stored`, and of the files behind them where there are some."""
    white = float(max(stored.max(), 1)) if stored.dtype == np.uint8 else 1.0
    return Pictures(stored, files or [], mode, max_pixels, max(stored.shape[2:]), white, levels)


def of_files(files: list[Path], mode: str, max_pixels: int) -> Pictures:
    """Pictures that are decoded block by block. ValueError names a file that cannot be read."""
    if not files:
        raise ValueError("no image file; allowed: 1 or more")
    looked_at = files[:: -(-len(files) // LOOKED_AT)]
    return Pictures(
        None, files, mode, max_pixels, int(np.median([_shorter_side(file) for file in looked_at])), 1.0
    )


def count(pictures: Pictures) -> int:
    return len(pictures.files) if pictures.stored is None else len(pictures.stored)


def channels(pictures: Pictures) -> int:
    return images.CHANNELS[pictures.mode][1] if pictures.stored is None else pictures.stored.shape[1]


def are_features(pictures: Pictures) -> bool:
    return pictures.stored is not None and pictures.stored.dtype != np.uint8


def decodes(pictures: Pictures, size: int | None) -> bool:
    """Whether files are read to have the pictures at `size`."""
    return pictures.stored is None or (len(pictures.files) > 0 and size is not None and size > pictures.size)


def at(pictures: Pictures, rows: np.ndarray, size: int | None) -> Tensor:
    """Examples `rows` [B] as float32 [B, channels, size, size] in 0..1; as stored where size is None.

    The centre square, scaled so that its side is `size`, also up; ValueError names a file that cannot be read.
    """
    if decodes(pictures, size):
        side = pictures.size if size is None else size
        block = np.stack([_decoded(pictures, pictures.files[row], side) for row in rows])
        return torch.from_numpy(block).float() / WHITE
    block = torch.from_numpy(pictures.stored[rows]).float() / pictures.white
    return block if size is None else _scaled(_square(block), size)


def _decoded(pictures: Pictures, file: Path, size: int) -> np.ndarray:
    try:
        return images.decode(file, size, pictures.mode, pictures.max_pixels, pictures.levels)
    except ValueError as error:
        raise ValueError(f"{file}: cannot be read: {error}") from None


def _square(block: Tensor) -> Tensor:
    """The centre of images [B, channels, H, W]: what images.decode keeps of a file."""
    height, width = block.shape[2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return block[:, :, top : top + side, left : left + side]


def _scaled(block: Tensor, size: int) -> Tensor:
    """Bicubic and, where it gets smaller, antialiased; that overshoots at edges, so it is clamped."""
    if block.shape[-1] == size:
        return block
    return F.interpolate(block, (size, size), mode="bicubic", antialias=True).clamp(0, 1)


def _shorter_side(file: Path) -> int:
    """Read from its header."""
    try:
        with Image.open(file, formats=images.FORMATS) as image:
            return min(image.size)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or f"no image, or damaged; allowed: {', '.join(images.FORMATS)}"
        raise ValueError(f"{file}: cannot be read: {reason}") from None
