"""Bootstrapping. Reed et al., Training deep neural networks on noisy labels with bootstrapping, ICLR workshop
2015 (arXiv 1412.6596).

L = beta CE(label) + (1 - beta) CE(b), b the network's own belief. Differs from cross-entropy by the second term.
`target: soft`, b = p: that term is the entropy H(p). The p in the target is not detached: detached, its gradient
would be p - p = 0 and leave beta (p - e), cross-entropy at a smaller learning rate. `target: hard`, b = argmax p:
a constant for the gradient, which is p - beta e_label - (1 - beta) e_argmax.
"""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class Bootstrapping(Method):
    """Cross-entropy against a mixture of the label and the prediction, or the predicted class."""

    target: Literal["soft", "hard"]
    beta: float = field(metadata={"ge": 0, "le": 1})  # weight of the label

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        if self.target == "soft":
            of_belief = losses.entropy(torch.log_softmax(logits, -1))
        else:
            of_belief = losses.cross_entropy(logits, logits.argmax(-1))  # an index: no gradient
        return self.beta * losses.cross_entropy(logits, batch.labels) + (1 - self.beta) * of_belief
