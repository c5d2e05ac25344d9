"""One image file as pixels: whatever its format, to 8 bits, grey or RGB, square."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

CHANNELS = {"rgb": ("RGB", 3), "grey": ("L", 1)}  # mode in params.yaml -> Pillow's mode, channels
# Pillow also has readers that start other programs or fetch what a file points to: only these are asked.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm", ".pbm")
SIXTEEN_BITS = 65535


def decode(path: Path, size: int, mode: str, max_pixels: int) -> np.ndarray:
    """uint8 [channels, size, size]: the centre square of the image, scaled so that the shorter side is `size`.

    Smaller images are enlarged. As a viewer would show it: turned as its EXIF data say, the first frame of
    several, what is transparent on white, 16 bits per pixel scaled to 8. mode: rgb or grey. ValueError with the
    reason, in few words, when it cannot be read; an image of more than `max_pixels` is refused from its header,
    before it is decoded.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check_size(image, max_pixels)
            image.draft(
                None, (2 * size, 2 * size)
            )  # JPEG only: several times faster where photographs shrink a lot
            shown = _flat(ImageOps.exif_transpose(image), CHANNELS[mode][0])
            square = ImageOps.fit(shown, (size, size), Image.Resampling.BICUBIC)
            return np.atleast_3d(np.asarray(square)).transpose(2, 0, 1)
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
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB").convert(mode) if image.mode == "CMYK" else image.convert(mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey levels as 8-bit ones; Pillow's own conversion would cut off all above 255."""
    levels = np.asarray(image)
    if levels.dtype.kind == "f" or levels.min() < 0 or levels.max() > SIXTEEN_BITS:
        raise _RefusedError("more than 16 bits per pixel; allowed: 8 or 16")
    return Image.fromarray(np.rint(levels * (255 / SIXTEEN_BITS)).astype(np.uint8))


def _reason(error: Exception, path: Path, max_pixels: int) -> str:
    if isinstance(error, Image.DecompressionBombError):
        return f"far too many pixels; allowed: max_pixels = {max_pixels}"
    if isinstance(error, Image.UnidentifiedImageError):
        return f"no image, or damaged; allowed: {', '.join(FORMATS)}"
    text = " ".join(str(error).replace(str(path), path.name).split())
    return f"damaged ({text or type(error).__name__})"
