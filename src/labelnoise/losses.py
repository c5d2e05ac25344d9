"""Pieces of losses. Logits and probabilities are [..., C]; results are unreduced, [...]."""

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """-log p_label in nats. logits [..., C], labels int64 [...]."""
    return -torch.log_softmax(logits, -1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def label_probs(logits: Tensor, labels: Tensor) -> Tensor:
    """p_label. logits [..., C], labels int64 [...]."""
    return torch.softmax(logits, -1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def reverse_cross_entropy(logits: Tensor, labels: Tensor, log_zero: float) -> Tensor:
    """-sum_k p_k log e_k = -log_zero (1 - p_label): e the one-hot label, log_zero < 0 in place of log 0."""
    return -log_zero * (1 - label_probs(logits, labels))


def hinges(scores: Tensor, labels: Tensor) -> Tensor:
    """max(0, 1 - f_label + f_k) of every class k [..., C], and 0 at the label. Positive: k violates the margin."""
    label = labels.unsqueeze(-1)
    return (1 - scores.gather(-1, label) + scores).clamp_min(0).scatter(-1, label, 0)


def rank_weight(rank: Tensor, alpha: Tensor) -> Tensor:
    """L(r) = alpha_1 + ... + alpha_r, L(0) = 0 (Weston et al. 2011). rank int64 [...], alpha [C-1]."""
    sums = torch.ones(len(alpha), len(alpha), dtype=alpha.dtype, device=alpha.device).tril() @ alpha
    return torch.cat([alpha.new_zeros(1), sums])[rank]  # no cumsum: a GPU does not give the same twice


def soft_cross_entropy(targets: Tensor, log_probs: Tensor) -> Tensor:
    """-sum_j y_j log p_j in nats. targets and log_probs [..., C], log_probs finite."""
    return -(targets * log_probs).sum(-1)


def mean_over_kept(values: Tensor, kept: Tensor) -> Tensor:
    """Values [R, B] scaled so that the mean over B is the mean over the kept examples, kept [R, B] being 0 or 1.

    0 for a run of which nothing is kept.
    """
    return values * kept * (kept.shape[1] / kept.sum(1, keepdim=True).clamp_min(1))


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


def importance_weight(log_probs: Tensor, log_transition: Tensor, labels: Tensor) -> Tensor:
    """p_label / (p T)_label, at most 1 / T_label,label (Liu and Tao 2016); arguments as in forward_nll."""
    label = log_probs.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    return (label + forward_nll(log_probs, log_transition, labels)).exp()


def nonlinear_nll(probs: Tensor, w: Tensor, labels: Tensor) -> Tensor:
    """-log softmax(W p)_label in nats (Jindal et al. 2019). probs [R, B, C], w [R, C, C], labels [R, B]."""
    return cross_entropy(probs @ w.transpose(-1, -2), labels)


def quasi_clustering(log_probs: Tensor, labels: Tensor, beta: float) -> Tensor:
    """-sum_k (beta p_k + (1 - beta) [k = label]) log p_k in nats (Jindal et al. 2019); p is not detached."""
    label = log_probs.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    return beta * entropy(log_probs) - (1 - beta) * label


def first_rate(rate: Tensor, num_classes: int) -> Tensor:
    """An estimated noise rate [R] from which a learned layer can start: neither none nor that of chance (ours)."""
    return rate.clamp(0.01, 0.9 * (num_classes - 1) / num_classes)


def symmetric_transition(epsilon: Tensor, num_classes: int) -> Tensor:
    """[R, C, C] with 1 - epsilon on the diagonal and equal entries beside it. epsilon [R]."""
    identity = torch.eye(num_classes, dtype=epsilon.dtype, device=epsilon.device)
    epsilon = epsilon.view(-1, 1, 1)
    return (1 - epsilon) * identity + epsilon / (num_classes - 1) * (1 - identity)


def kappa(epsilon: Tensor, num_classes: int) -> Tensor:
    """log((1 - epsilon)(C - 1) / epsilon): the softmax of a row of kappa I has 1 - epsilon on the diagonal."""
    return ((1 - epsilon) * (num_classes - 1) / epsilon).log()


def second_form(log_probs: Tensor, matrix: Tensor, labels: Tensor) -> Tensor:
    """-sum_k M_{label,k} log p_k in nats: cross-entropy against row `label` of M, a soft label per class.

    log_probs [R, B, C], finite; matrix [R, C, C]; labels [R, B]. M = T^-1 is backward correction.
    """
    runs = torch.arange(labels.shape[0], device=labels.device).unsqueeze(-1)
    return soft_cross_entropy(matrix[runs, labels], log_probs)


def reverse_channel(transition: Tensor, prior: Tensor) -> Tensor:
    """R[j, i] = P(clean = i | noisy = j) = prior_i T_ij / sum_k prior_k T_kj by Bayes, [..., C, C].

    transition [..., C, C], prior [..., C]. Where the estimates say that no label is j, Bayes says 0 / 0 and
    nothing speaks for a flip: row j is one-hot, so that such a label stands as it was given.
    """
    joint = (prior.unsqueeze(-1) * transition).transpose(-1, -2)
    noisy = joint.sum(-1, keepdim=True)
    identity = torch.eye(transition.shape[-1], dtype=transition.dtype, device=transition.device)
    return torch.where(noisy == 0, identity, joint / noisy)


def mixed(own: Tensor, partner: Tensor, share: Tensor) -> Tensor:
    """Mixup (Zhang et al. 2018, eq. 1): share own + (1 - share) own[partner], of own [R, B, ...], share [R] and
    partner [R, B] within the batch."""
    runs = torch.arange(len(own), device=own.device).unsqueeze(-1)
    return torch.lerp(own[runs, partner], own, share.to(own.dtype).view(-1, *[1] * (own.dim() - 1)))


def backward_weights(transition: Tensor, ridge: float) -> Tensor:
    """(T^T T + ridge I)^-1 T^T, the inverse of T [..., C, C] for ridge = 0.

    A singular value s of T becomes s / (s^2 + ridge) <= 1 / (2 sqrt(ridge)) in place of 1 / s. In double
    precision, since T^T T squares the condition number; without checks, so that a T of NaN or a singular one
    with ridge = 0 gives non-finite weights in its own run only.
    """
    t = transition.double()
    identity = torch.eye(t.shape[-1], dtype=t.dtype, device=t.device)
    gram = t.transpose(-1, -2) @ t + ridge * identity
    return torch.linalg.solve_ex(gram, t.transpose(-1, -2)).result.to(transition.dtype)
