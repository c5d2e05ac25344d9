"""Mean squared error on probabilities, the Brier score. Ghosh, Kumar and Sastry, Robust loss functions under
label noise for deep neural networks, AAAI 2017.

L = ||e_label - p||_2^2 = ||p||^2 + 1 - 2 p_label. Differs from cross-entropy in being bounded (by 2), so that
one wrong label cannot outweigh many right ones; unlike mean absolute error it is not symmetric (its sum over
labels is C ||p||^2 + C - 2), but it is proper: its minimiser is the noisy posterior, as that of cross-entropy.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class Mse(Method):
    """Squared distance between the softmax and the one-hot label, summed over classes."""

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        squared_norm = torch.softmax(logits, -1).square().sum(-1)
        return squared_norm + 1 - 2 * losses.label_probs(logits, batch.labels)
