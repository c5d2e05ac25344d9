"""Pieces that two methods share. Logits and probabilities are [..., C]; results are unreduced, [...]."""

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """-log p_label in nats. logits [..., C], labels int64 [...]."""
    return -torch.log_softmax(logits, -1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def kl_divergence(targets: Tensor, log_probs: Tensor) -> Tensor:
    """KL(targets || p) = sum_j y_j log(y_j / p_j) in nats, with 0 log 0 = 0 (its limit). Both [..., C]."""
    return (torch.special.xlogy(targets, targets) - targets * log_probs).sum(-1)


def entropy(log_probs: Tensor) -> Tensor:
    """-sum_j p_j log p_j in nats. log_probs [..., C], finite."""
    return -(log_probs.exp() * log_probs).sum(-1)


def log_transition(transition: Tensor) -> Tensor:
    """log T of a fixed transition matrix [..., C, C].

    An estimated T may have a column of zeros; log 0 would make the loss of every example with that label
    infinite. The floor 1e-12 is of the size of the one in Patrini et al.'s code.
    """
    return transition.clamp_min(1e-12).log()


def forward_nll(log_probs: Tensor, log_transition: Tensor, labels: Tensor) -> Tensor:
    """-log (p T)_label = -logsumexp_k(log p_k + log T_{k,label}), in nats (Patrini et al. 2017, eq. 6).

    log_probs [R, B, C], log_transition [R, C, C] (entries may be -inf), labels [R, B]. In log space, since
    p T underflows where a memorising network is sure of the wrong class.
    """
    runs = torch.arange(labels.shape[0], device=labels.device).unsqueeze(-1)
    columns = log_transition.transpose(-1, -2)[runs, labels]  # [R, B, C]: log T_{., label}
    return -torch.logsumexp(log_probs + columns, -1)
