"""One image file as pixels: whatever its format, to 8 bits, grey or RGB, square."""

import stat
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

CHANNELS = {"rgb": ("RGB", 3), "grey": ("L", 1)}  # mode in params.yaml -> Pillow's mode, channels
# Pillow also has readers that start other programs or fetch what a file points to: only these are asked.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm", ".pbm",
)  # fmt: skip
SIXTEEN_BITS = 65535
EIGHT_BITS = -1  # highest level of an image without 16-bit grey levels
# images that are not read, by their ending -> what they are, and what to do
PHONE = ("HEIC, HEIF or AVIF", "export them as JPEG, and leave the folders as they are")
RAW = ("raw files of a camera", "export them as JPEG or 16-bit TIFF in grey")
DICOM = ("DICOM", "export each as a PNG of 8 or 16 bits")
OTHERS = dict.fromkeys((".heic", ".heif", ".avif"), PHONE) | dict.fromkeys((".dcm", ".dicom"), DICOM)
OTHERS |= dict.fromkeys((".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2"), RAW)


class Decoded(NamedTuple):
    """One image."""

    pixels: np.ndarray  # uint8 [channels, size, size]
    highest: int  # grey level of a 16-bit image, 0..65535; EIGHT_BITS for all others


def decode(path: Path, size: int, mode: str, max_pixels: int, white: int = SIXTEEN_BITS) -> np.ndarray:
    """uint8 [channels, size, size], as `read`."""
    return read(path, size, mode, max_pixels, white).pixels


def read(path: Path, size: int, mode: str, max_pixels: int, white: int = SIXTEEN_BITS) -> Decoded:
    """The centre square of the image, scaled so that the shorter side is `size`.

    Smaller images are enlarged. As a viewer would show it: turned as its EXIF data say, the first frame of
    several, what is transparent on white, 16-bit grey levels scaled so that `white` and what lies above it become
    255. (Colours of 16 bits are taken by their upper 8 bits, as Pillow reads them.) mode: rgb or grey. ValueError
    with the reason, in few words, when it cannot be read; an image of more than `max_pixels` is refused from its
    header, before it is decoded, and nothing but a regular file is opened, since a pipe would wait for ever.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _RefusedError("no regular file")
        with Image.open(path, formats=FORMATS) as image:
            _check_size(image, max_pixels)
            image.draft(
                None, (2 * size, 2 * size)
            )  # JPEG only: several times faster where photographs shrink a lot
            turned, highest = _eight_bits(ImageOps.exif_transpose(image), white)
            square = ImageOps.fit(_flat(turned, CHANNELS[mode][0]), (size, size), Image.Resampling.BICUBIC)
            return Decoded(np.atleast_3d(np.asarray(square)).transpose(2, 0, 1), highest)
    except FileNotFoundError:
        raise ValueError("no such file") from None
    except _RefusedError:
        raise
    except Exception as error:  # a damaged file leads Pillow's readers to errors of all kinds
        raise ValueError(_reason(error, path, max_pixels)) from None


class _RefusedError(ValueError):
    """An image that is whole, and not allowed; the message says why."""


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise _RefusedError(f"{width} x {height} pixels; allowed: max_pixels = {max_pixels}")


def _flat(image: Image.Image, mode: str) -> Image.Image:
    """`image` in Pillow's mode L or RGB, without transparency."""
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB").convert(mode) if image.mode == "CMYK" else image.convert(mode)


def _eight_bits(image: Image.Image, white: int) -> tuple[Image.Image, int]:
    """16-bit grey levels as 8-bit ones, and the highest of them; Pillow's own conversion would cut off all above
    255. Other images as they are."""
    if not image.mode.startswith(("I", "F")):
        return image, EIGHT_BITS
    levels = np.asarray(image)
    if levels.dtype.kind == "f" or levels.min() < 0 or levels.max() > SIXTEEN_BITS:
        raise _RefusedError("more than 16 bits per pixel; allowed: 8 or 16")
    scaled = np.rint(np.minimum(levels, white) * (255 / white)).astype(np.uint8)
    return Image.fromarray(scaled), int(levels.max())


def _reason(error: Exception, path: Path, max_pixels: int) -> str:
    if isinstance(error, Image.DecompressionBombError):
        return f"far too many pixels; allowed: max_pixels = {max_pixels}"
    if isinstance(error, Image.UnidentifiedImageError):
        what, remedy = OTHERS.get(path.suffix.lower(), ("no image, or damaged", f"allowed: {', '.join(FORMATS)}"))
        return f"{what}; {remedy}"
    text = " ".join(str(error).replace(str(path), path.name).split())
    return f"damaged ({text or type(error).__name__})"
