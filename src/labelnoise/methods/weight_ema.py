"""Cross-entropy, evaluated at the moving average of the weights. The average is that of Tarvainen and Valpola,
Mean teachers are better role models, NeurIPS 2017, and of ELR+ (Liu et al. 2020), without the rest of either.

L = -log p_label; w' <- decay w' + (1 - decay) w after every step, and w' predicts. Differs from cross-entropy in
the weights that are evaluated, not in those that are trained: the average lags 1 / (1 - decay) steps behind, and
what a step does to please a single wrong label is averaged out. That lag is a share of the training, so that the
method is the same whatever the number of examples.
"""

from dataclasses import dataclass, field

from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class WeightEma(Method):
    """Cross-entropy with averaged weights: a cheap baseline."""

    share: float = field(metadata={"gt": 0})  # 1 / (1 - decay), of all steps

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return losses.cross_entropy(logits, batch.labels)

    def weight_average(self, steps: int) -> float:
        return 1 - 1 / max(self.share * steps, 1 + 1e-6)
