"""Hard bootstrapping. Reed et al., Training deep neural networks on noisy labels with bootstrapping, ICLR workshop
2015 (arXiv 1412.6596).

L = beta CE(label) + (1 - beta) CE(argmax p). Differs from cross-entropy by the second term: the predicted class is
part of the target. It is a constant for the gradient, which is p - beta e_label - (1 - beta) e_argmax.
"""

from dataclasses import dataclass, field

from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Outputs


@dataclass(frozen=True)
class BootstrappingHard(Method):
    """Cross-entropy against a mixture of the label and the predicted class."""

    beta: float = field(metadata={"ge": 0, "le": 1})  # weight of the label

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        predicted = outputs.logits.argmax(-1)  # an index: no gradient
        of_label = losses.cross_entropy(outputs.logits, batch.labels)
        return self.beta * of_label + (1 - self.beta) * losses.cross_entropy(outputs.logits, predicted)
