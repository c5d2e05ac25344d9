"""Augmentation of a batch where it is: shifts, crops of padded images, mirror images, and holes.

Every image of every run has draws of its own; the networks of a run, its peers, see the same images. Only what is
set is drawn, so that nothing changes for who leaves the rest at zero.

Shape letters: rows (the peers of R runs side by side), B images of a batch.
"""

from typing import Any

import torch
from torch import Tensor

from labelnoise.draws import Draws


def used(settings: Any) -> bool:
    """Whether images are changed in training."""
    return bool(settings.shift or settings.crop or settings.flip or settings.cutout)


def augmented(inputs: Tensor, settings: Any, draws: Draws) -> Tensor:
    """inputs [rows, B, channels, height, width] as `settings` have it; draws: a stream per run."""
    if settings.shift:
        inputs = shifted(inputs, settings.shift, draws)
    if settings.crop:
        inputs = cropped(inputs, settings.crop, draws)
    if settings.flip:
        inputs = flipped(inputs, draws)
    if settings.cutout:
        inputs = cut_out(inputs, settings.cutout, draws)
    return inputs


def shifted(inputs: Tensor, pixels: int, draws: Draws) -> Tensor:
    """Each image moved by -pixels..pixels both ways; what comes in at the edge repeats the edge."""
    down, right = _moved(inputs, pixels, draws)
    return _taken(inputs, down.clamp(0, inputs.shape[-2] - 1), right.clamp(0, inputs.shape[-1] - 1))


def cropped(inputs: Tensor, pixels: int, draws: Draws) -> Tensor:
    """Of each image with a border of `pixels` zeros, a part of its old size (He et al. 2016, section 4.2). Zero is
    what images are standardised to on average."""
    (height, width), moved = inputs.shape[-2:], _moved(inputs, pixels, draws)
    down, right = moved[0].clamp(0, height - 1), moved[1].clamp(0, width - 1)
    border = (down != moved[0])[:, :, :, None] | (right != moved[1])[:, :, None]  # [rows, B, height, width]
    return _taken(inputs, down, right).masked_fill(border[:, :, None], 0)


def flipped(inputs: Tensor, draws: Draws) -> Tensor:
    """Each image, or as likely its mirror image, left for right."""
    mirrored = _of_rows(draws.below(2, inputs.shape[1]), inputs) == 1
    return torch.where(mirrored[:, :, None, None, None], inputs.flip(-1), inputs)


def cut_out(inputs: Tensor, pixels: int, draws: Draws) -> Tensor:
    """Each image with a square of `pixels` a side set to zero around a pixel that is drawn; at the edge it sticks
    out (DeVries and Taylor 2017, arXiv 1708.04552, section 3.2)."""
    within = []
    for size in inputs.shape[-2:]:
        first = _of_rows(draws.below(size, inputs.shape[1]), inputs) - pixels // 2
        at = torch.arange(size, device=inputs.device) - first[:, :, None]  # [rows, B, size]
        within.append((at >= 0) & (at < pixels))
    return inputs.masked_fill((within[0][:, :, :, None] & within[1][:, :, None])[:, :, None], 0)


def _moved(inputs: Tensor, pixels: int, draws: Draws) -> tuple[Tensor, Tensor]:
    """Rows [rows, B, height] and columns [rows, B, width] that moved images are taken from; some are outside."""
    batch, (height, width) = inputs.shape[1], inputs.shape[-2:]
    moves = _of_rows(draws.below(2 * pixels + 1, 2, batch) - pixels, inputs)
    return (
        torch.arange(height, device=inputs.device) - moves[:, 0, :, None],
        torch.arange(width, device=inputs.device) - moves[:, 1, :, None],
    )


def _of_rows(drawn: Tensor, inputs: Tensor) -> Tensor:
    """What was drawn for the runs, for their peers."""
    return drawn.repeat_interleave(len(inputs) // len(drawn), 0)


def _taken(inputs: Tensor, down: Tensor, right: Tensor) -> Tensor:
    rows = down[:, :, None, :, None].expand_as(inputs)
    columns = right[:, :, None, None, :].expand_as(inputs)
    return inputs.gather(-2, rows).gather(-1, columns)
