"""Augmentation by shifts: every draw of an image moves by its own number of pixels, background comes in."""

import torch
from torch import Generator, Tensor


def shifted(inputs: Tensor, pixels: int, generators: list[Generator]) -> Tensor:
    """inputs [rows, B, channels, height, width], each image moved by -pixels..pixels both ways.

    A generator per run; the rows of a run's peers share its moves. What comes in at the edge repeats the edge.
    """
    batch, (height, width) = inputs.shape[1], inputs.shape[-2:]
    moves = torch.stack([torch.randint(-pixels, pixels + 1, (2, batch), generator=g) for g in generators])
    moves = moves.to(inputs.device).repeat_interleave(len(inputs) // len(generators), 0)  # [rows, 2, B]
    down = (torch.arange(height, device=inputs.device) - moves[:, 0, :, None]).clamp(0, height - 1)
    right = (torch.arange(width, device=inputs.device) - moves[:, 1, :, None]).clamp(0, width - 1)
    rows = down[:, :, None, :, None].expand_as(inputs)
    columns = right[:, :, None, None, :].expand_as(inputs)
    return inputs.gather(-2, rows).gather(-1, columns)
