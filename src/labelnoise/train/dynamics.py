"""Training dynamics of every example, streamed: O(n) memory whatever the number of epochs.

At the end of every epoch the network is evaluated on the run's training examples, in evaluation mode and
without augmentation; `update` folds the logits into running statistics of the given label. Sources: margin
(AUM, Pleiss et al. 2020), forgetting (Toneva et al. 2019), mean and variability (Swayamdipta et al. 2020).
"""

import torch
from torch import Tensor

Dynamics = dict[str, Tensor]  # each [R, n]

EARLY, HALF = 6, 2  # the first sixth of the epochs, and the first half: patterns are learned before exceptions
KEPT = (
    "prob_mean",
    "margin_mean",
    "loss_mean",
    "loss_last",
    "loss_rank_mean",
    "early_prob",
    "early_disagreement",
    "half_disagreement",
    "forgetting",
    "flips",
    "first_learned",
)


def init(labels: Tensor, dtype: torch.dtype) -> Dynamics:
    """Empty statistics for given labels [R, n]."""
    zeros = torch.zeros(labels.shape, dtype=dtype, device=labels.device)
    counts = ("forgetting", "flips", "argmax", "correct")
    state = {name: zeros.clone() for name in (*KEPT, "prob_m2", "prob_time")}
    state |= {name: torch.zeros_like(labels) for name in counts}
    state["first_learned"] = torch.full_like(labels, -1)  # -1: never
    return state


def update(state: Dynamics, epoch: int, epochs: int, logits: Tensor, labels: Tensor) -> Dynamics:
    """Fold one epoch's logits [R, n, C] of the training examples in; epoch counts from 0."""
    given = labels.unsqueeze(-1)
    loss = -torch.log_softmax(logits, -1).gather(-1, given).squeeze(-1)
    prob, argmax = torch.exp(-loss), logits.argmax(-1)
    correct = argmax == labels
    wrong = (~correct).to(prob.dtype)
    rank = _rank_within_class(_log_odds_against(logits, given), labels)
    delta = prob - state["prob_mean"]
    mean = _running(state["prob_mean"], prob, epoch)  # Welford's recurrence
    return state | {
        "prob_mean": mean,
        "prob_m2": state["prob_m2"] + delta * (prob - mean),
        "prob_time": state["prob_time"] + epoch * prob,
        "margin_mean": _running(state["margin_mean"], _margin(logits, given), epoch),
        "loss_mean": _running(state["loss_mean"], loss, epoch),
        "loss_last": loss,
        "loss_rank_mean": _running(state["loss_rank_mean"], rank, epoch),
        "early_prob": _running_to(first(epochs, EARLY), state["early_prob"], prob, epoch),
        "early_disagreement": _running_to(first(epochs, EARLY), state["early_disagreement"], wrong, epoch),
        "half_disagreement": _running_to(first(epochs, HALF), state["half_disagreement"], wrong, epoch),
        "forgetting": state["forgetting"] + ((state["correct"] == 1) & ~correct),
        "flips": state["flips"] + ((argmax != state["argmax"]) & (epoch > 0)),
        "argmax": argmax,
        "correct": correct.to(labels.dtype),
        "first_learned": torch.where((state["first_learned"] < 0) & correct, epoch, state["first_learned"]),
    }


def first(epochs: int, part: int) -> int:
    """How many epochs the first `part`-th of a training has; one at least."""
    return max(1, epochs // part)


def summary(state: Dynamics, epochs: int) -> Dynamics:
    """The statistics by name, of the given label: mean, variance and slope per epoch of its probability; mean
    margin of the logits; mean and last loss in nats; mean rank of the loss within the given class (0 smallest, 1
    largest); mean probability over the first sixth of the epochs; share of the epochs of the first sixth, and of
    the first half, whose prediction is another class; forgetting events; changes of the prediction; first epoch
    learned (-1 never)."""
    times = torch.arange(epochs, dtype=torch.float64)
    spread = float(((times - times.mean()) ** 2).sum()) or 1.0
    return {name: state[name] for name in KEPT} | {
        "prob_variance": state["prob_m2"] / epochs,
        "prob_slope": (state["prob_time"] - epochs * float(times.mean()) * state["prob_mean"]) / spread,
    }


def _running(mean: Tensor, value: Tensor, epoch: int) -> Tensor:
    return mean + (value - mean) / (epoch + 1)


def _running_to(end: int, mean: Tensor, value: Tensor, epoch: int) -> Tensor:
    """The mean over epochs before `end`; later ones leave it."""
    return _running(mean, value, epoch) if epoch < end else mean


def _margin(logits: Tensor, given: Tensor) -> Tensor:
    """Logit of the given label minus the largest other logit, [R, n]."""
    others = logits.scatter(-1, given, -torch.inf)
    return (logits.gather(-1, given)).squeeze(-1) - others.amax(-1)


def _log_odds_against(logits: Tensor, given: Tensor) -> Tensor:
    """log((1 - p) / p) of the given label, [R, n]: ordered as the loss, but not all 0 where p rounds to 1."""
    others = logits.scatter(-1, given, -torch.inf)
    return torch.logsumexp(others, -1) - logits.gather(-1, given).squeeze(-1)


def _rank_within_class(values: Tensor, labels: Tensor) -> Tensor:
    """Rank of each value among those with the same label, scaled to [0, 1]; [R, n]."""
    by_value = values.argsort(dim=-1, stable=True)
    order = by_value.gather(-1, labels.gather(-1, by_value).argsort(dim=-1, stable=True))  # by label, then value
    sizes = torch.zeros(labels.shape[0], int(labels.max()) + 1, dtype=labels.dtype, device=labels.device)
    sizes.scatter_add_(1, labels, torch.ones_like(labels))
    starts = sizes.cumsum(1) - sizes
    sorted_labels = labels.gather(-1, order)
    position = torch.arange(labels.shape[1], device=labels.device) - starts.gather(1, sorted_labels)
    scaled = position / (sizes.gather(1, sorted_labels) - 1).clamp_min(1)
    return torch.empty_like(values).scatter_(-1, order, scaled.to(values.dtype))
