"""Ramp loss. Collobert et al., Trading convexity for scalability, ICML 2006; for s = -1 the hinge clipped
at 2 of Brooks, Support vector machines with the ramp loss and the hard margin loss, Operations Research 2011.

L = min(1 - s, max(0, 1 - m)) = H_1(m) - H_s(m), H_a(m) = max(0, a - m), with the margin of C classes
m = z_label - max_{k != label} z_k. Differs from cross-entropy in being bounded by 1 - s and in having no gradient
where m < s: an example that contradicts the network by more than that is left alone. Symmetric for C = 2 and
s = -1 only.

Nothing brings an example back from beyond s, not even a right one that large first steps have thrown there: at a
high learning rate training can stop far from the minimum, since all gradients are gone. A lower s leaves room.

Works on batch-normalised logits, whose scale suits the margin 1: raw ones of a new network exceed it, and never
come back. Their softmax is not a calibrated probability.
"""

import math
from dataclasses import dataclass, field

from torch import Tensor

from labelnoise.methods.base import State, WithNormalisedLogits
from labelnoise.types import Batch


@dataclass(frozen=True)
class Ramp(WithNormalisedLogits):
    """Hinge loss on the margin to the best other class, clipped."""

    s: float = field(metadata={"lt": 1})  # margin below which the loss is constant

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        logits, label = self.normalised(logits, state), batch.labels.unsqueeze(-1)
        best_other = logits.scatter(-1, label, -math.inf).max(-1).values
        margin = logits.gather(-1, label).squeeze(-1) - best_other
        return (1 - margin).clamp(0, 1 - self.s)
