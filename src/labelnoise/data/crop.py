"""The centre of images, as Zhang et al. 2017 cut 28 x 28 pixels out of CIFAR-10's 32 x 32."""

from labelnoise.types import Dataset


def centre(name: str, dataset: Dataset, side: int) -> Dataset:
    """`dataset` with images [N, channels, side, side]; of an odd rest, one pixel more goes below and right.

    ValueError when the images are smaller.
    """
    height, width = dataset.images.shape[2:]
    if side > min(height, width):
        raise ValueError(
            f"datasets.{name}.data.crop: {side} is more than the images have, {height} x {width}; allowed: null, "
            f"or 1 to {min(height, width)}"
        )
    top, left = (height - side) // 2, (width - side) // 2
    return dataset._replace(images=dataset.images[:, :, top : top + side, left : left + side].copy())
