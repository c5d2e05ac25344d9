"""Label smoothing. Szegedy et al., Rethinking the inception architecture, CVPR 2016, section 7; as a remedy for
label noise Lukasik et al., Does label smoothing mitigate label noise?, ICML 2020; negative epsilon Wei et al., To
smooth or not? When label smoothing meets noisy labels, ICML 2022.

L = (1 - epsilon) CE(label) + epsilon mean_k CE(k), cross-entropy against (1 - epsilon) e_label + epsilon / C.
Differs from cross-entropy in keeping the prediction off the vertices: the soft label is the posterior of the class
under symmetric noise of rate epsilon. With epsilon < 0 it sharpens, as backward correction does, and is then
unbounded below: the gradient on every other class is at least -epsilon / C however sure the network is, and the
logits grow, ever faster in a deep network without normalisation, until it overflows or its units die.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class LabelSmoothing(Method):
    """Cross-entropy against a mixture of the label and the uniform distribution."""

    epsilon: float = field(metadata={"ge": -1, "lt": 1})

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        uniform = -torch.log_softmax(logits, -1).mean(-1)
        return (1 - self.epsilon) * losses.cross_entropy(logits, batch.labels) + self.epsilon * uniform
