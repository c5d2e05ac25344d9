"""Features from a trained network: images as it was trained to see them, the input of its last layer."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from labelnoise.features import weights
from labelnoise.features.types import Encoder

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pixels, per channel
BLOCK = 8  # images: activations then stay in a core's cache


def encoder(
    network: Callable[[Tensor], Tensor], size: int, mean: Sequence[float], std: Sequence[float]
) -> Encoder:
    """network: [B, 3, size, size] -> [B, D], or [B, D, h, w], which is averaged over positions."""

    def encode(images: Tensor) -> Tensor:
        output = network(normalized(images, mean, std))
        return output.mean((2, 3)) if output.ndim == 4 else output.flatten(1)

    return Encoder(size, BLOCK, encode)


def normalized(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """[B, 1 or 3, H, W] in 0..1 -> [B, 3, H, W], grey as equal channels, less `mean` and by `std`; channels last,
    which is faster for depthwise convolutions."""
    center, scale = (torch.tensor(tuple(values), device=images.device)[:, None, None] for values in (mean, std))
    return ((images.expand(-1, 3, -1, -1) - center) / scale).contiguous(memory_format=torch.channels_last)


def check_size(network: nn.Module, size: int, where: str) -> None:
    """ValueError, which begins with `where`, for a network that takes images of other sizes only."""
    try:
        with torch.inference_mode():
            network(torch.zeros(1, 3, size, size))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ValueError(f"{where}: size {size} does not suit the network ({weights.short(error)})") from None
