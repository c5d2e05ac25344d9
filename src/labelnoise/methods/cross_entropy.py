"""Cross-entropy on the given labels: the baseline of every comparison.

L = -log p_label. Its gradient with respect to the logits is p - e_label.
"""

from dataclasses import dataclass

from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Outputs


@dataclass(frozen=True)
class CrossEntropy(Method):
    """Plain cross-entropy; early-stopped, it is the row at selection `best_noisy_val`."""

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        return losses.cross_entropy(outputs.logits, batch.labels)
