"""Mean absolute error. Ghosh, Kumar and Sastry, Robust loss functions under label noise for deep neural
networks, AAAI 2017, eq. 4.

L = ||e_label - p||_1 = 2 - 2 p_label. Differs from cross-entropy in being symmetric (its sum over labels is
2C - 2 for every p), so that symmetric noise keeps the minimiser of the risk; its gradient vanishes where
p_label is small, so that hard examples are learned late or never.
"""

from dataclasses import dataclass

from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class Mae(Method):
    """Mean absolute error between the softmax and the one-hot label; the factor 2 is the paper's."""

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return 2 - 2 * losses.label_probs(logits, batch.labels)
