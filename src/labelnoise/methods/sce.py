"""Symmetric cross-entropy. Wang et al., Symmetric cross entropy for robust learning with noisy labels,
ICCV 2019.

L = alpha CE + beta RCE, RCE = -sum_k p_k log e_k with log 0 := A, which is -A (1 - p_label). Differs from
cross-entropy by the second term, mean absolute error times -A / 2: cross-entropy makes it learn, the reverse
term makes it robust. The paper has A = -4; the authors' code clamps the one-hot label at 1e-4, which is
A = log 1e-4 = -9.21 (-4 is its decimal logarithm) and the same as 2.3 times beta.
"""

from dataclasses import dataclass, field

from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class Sce(Method):
    """Cross-entropy plus cross-entropy with label and prediction in each other's place."""

    alpha: float = field(metadata={"ge": 0})
    beta: float = field(metadata={"ge": 0})
    A: float = field(metadata={"lt": 0})  # stands for log 0

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        ce = losses.cross_entropy(logits, batch.labels)
        rce = losses.reverse_cross_entropy(logits, batch.labels, self.A)
        return self.alpha * ce + self.beta * rce
