"""Cross-entropy on the given labels: the baseline of every comparison.

L = -log p_label. Its gradient with respect to the logits is p - e_label. Where a program brings soft labels y, L =
-sum_j y_j log p_j.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class CrossEntropy(Method):
    """Plain cross-entropy; early-stopped, it is the row at selection `best_noisy_val`."""

    plain: ClassVar[bool] = True

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        if batch.targets is not None:
            return losses.soft_cross_entropy(batch.targets, torch.log_softmax(logits, -1))
        return losses.cross_entropy(logits, batch.labels)
