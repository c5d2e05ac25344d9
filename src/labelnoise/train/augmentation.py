"""Augmentation by shifts: every draw of an image moves by its own number of pixels, background comes in."""

import torch
from torch import Tensor

from labelnoise.draws import Draws


def shifted(inputs: Tensor, pixels: int, draws: Draws) -> Tensor:
    """inputs [rows, B, channels, height, width], each image moved by -pixels..pixels both ways.

    draws: a stream per run; the rows of a run's peers share its moves. What comes in at the edge repeats the edge.
    """
    batch, (height, width) = inputs.shape[1], inputs.shape[-2:]
    moves = draws.below(2 * pixels + 1, 2, batch) - pixels
    moves = moves.repeat_interleave(len(inputs) // len(moves), 0)  # [rows, 2, B]
    down = (torch.arange(height, device=inputs.device) - moves[:, 0, :, None]).clamp(0, height - 1)
    right = (torch.arange(width, device=inputs.device) - moves[:, 1, :, None]).clamp(0, width - 1)
    rows = down[:, :, None, :, None].expand_as(inputs)
    columns = right[:, :, None, None, :].expand_as(inputs)
    return inputs.gather(-2, rows).gather(-1, columns)
