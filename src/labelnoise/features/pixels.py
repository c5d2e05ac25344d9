"""The pixels themselves, for small images: nothing else is as good on digits, and they cost nothing."""

from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

BLOCK = 1024


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, D]: all pixels of an image, 0..1 of the largest value in the data set; not standardised."""
    return Encoder(None, BLOCK, lambda images: images.flatten(1))
