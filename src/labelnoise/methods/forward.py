"""Forward correction. Patrini et al., Making deep neural networks robust to label noise: a loss correction
approach, CVPR 2017, eq. 6, theorem 2 and section 4 (estimation).

L = -log (p T)_label, T[i, j] = P(noisy = j | clean = i). Differs from cross-entropy in comparing the label
with the noisy prediction p T; the clean head p is what is evaluated. The gradient is p - q with
q_k = p_k T_{k,label} / sum_l p_l T_{l,label}: the posterior of the true class in place of the one-hot label.

T is fixed, and `transition` says where it comes from. `anchor_points`: of a first run of cross-entropy, as in the
paper. `confident_joint` (Northcutt, Jiang and Chuang, Confident learning, JAIR 2021, eq. 1-3): counts of confident
out-of-sample predictions, which use every example and not one per class. `dual_t` (Yao et al., Dual T, NeurIPS
2020): T = T_a T_b, anchor points for the step from the true class to the first run's prediction, counts for the
step from there to the label. `oracle`: the true T, the bound that an estimate can be held against.

`transposed` is an ablation with T on the wrong side, L = -log (T p)_label = -log sum_k T[label, k] p_k: what
y^T T p says where T should be transposed. It mixes the labels that a class of the label's name would get in place
of the classes that the label may come from, and its values do not sum to one over labels. Equal for a symmetric T
only.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithTransition
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Forward(WithTransition):
    """Cross-entropy corrected by a transition matrix, or by its transpose."""

    transposed: bool

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        matrix = self.matrix(estimates)
        return {"log_transition": losses.log_transition(matrix.transpose(-1, -2) if self.transposed else matrix)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1)
        return losses.forward_nll(log_probs, state["log_transition"], batch.labels)
