"""Made pictures, and copies of them as people make them."""

import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter


def pictures(count, seed=0, size=64):
    """uint8 [count, size, size]: blurred noise, of which no two look alike."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(count):
        rough = Image.fromarray(rng.integers(0, 256, (8, 8)).astype(np.uint8)).resize((size, size), Image.BICUBIC)
        fine = Image.fromarray(rng.integers(0, 256, (size, size)).astype(np.uint8)).filter(
            ImageFilter.GaussianBlur(2)
        )
        made.append(np.asarray(Image.blend(rough, fine, 0.4)))
    return np.stack(made)


def jittered(picture, rng):
    """Cropped by 1 to 6%, turned by up to 2 degrees, 8% brighter or darker, as a JPEG of quality 50 to 85."""
    image, size = Image.fromarray(picture), len(picture)
    left, top, right, bottom = (size * rng.uniform(0.01, 0.06, 4) * rng.random(4)).tolist()
    turned = image.rotate(rng.uniform(-2, 2), Image.BICUBIC)
    box = (left, top, size - right, size - bottom)
    image = ImageEnhance.Brightness(turned.resize((size, size), Image.BICUBIC, box)).enhance(
        rng.uniform(0.92, 1.08)
    )
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=int(rng.integers(50, 86)))
    return np.asarray(Image.open(stream).convert("L"))


def features(images):
    """float32 [n, 256]: means of 4 x 4 pixels, as an encoder that blurs a little."""
    count, size = len(images), images.shape[1] // 4
    return images.reshape(count, size, 4, size, 4).mean((2, 4)).reshape(count, -1).astype(np.float32)
