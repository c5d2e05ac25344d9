"""Unhinged loss. Van Rooyen, Menon and Williamson, Learning with symmetric label noise: the importance of being
unhinged, NeurIPS 2015; here for C classes.

L = -g_label with g = z - mean(z), scaled by 1 / max(1, ||g|| / rho). Differs from cross-entropy in being linear
in the scores. Centring makes the sum over labels zero for every g, hence the loss symmetric; the paper's binary
loss 1 - y v has it for free. Being linear it has no minimum: the paper's theory needs bounded scores, which
`rho` supplies (the paper bounds the weights).

Inside the ball the gradient with respect to the logits is 1/C - e_label, however well the example is fitted;
outside only its part along the sphere is left, times rho / ||g||: rho sets the scale of the loss, which multiplies
the learning rate, and the norm of z divides it, which is why z is the batch-normalised logit: raw ones are free to
grow. Softmax of z is not a calibrated probability.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise.methods.base import State, WithNormalisedLogits
from labelnoise.types import Batch


@dataclass(frozen=True)
class Unhinged(WithNormalisedLogits):
    """Minus the label's centred and bounded logit."""

    rho: float = field(metadata={"gt": 0})  # largest norm of the scores

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        z = self.normalised(logits, state)
        g = z - z.mean(-1, keepdim=True)
        g = g / (torch.linalg.vector_norm(g, dim=-1, keepdim=True) / self.rho).clamp_min(1)
        return -g.gather(-1, batch.labels.unsqueeze(-1)).squeeze(-1)
