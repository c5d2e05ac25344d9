"""Training dynamics of every example, streamed: O(n C) memory whatever the number of epochs.

At the end of every epoch the network is evaluated on the run's training examples, in evaluation mode and
without augmentation; `update` folds the logits into running statistics of the given label. Sources: margin
(AUM, Pleiss et al. 2020), forgetting (Toneva et al. 2019), mean and variability (Swayamdipta et al. 2020).
"""

import torch
from torch import Tensor

LAST_EPOCHS = 10  # Tanaka et al. 2018 average the same number of epochs

Dynamics = dict[str, Tensor]  # each [R, n] or [R, n, C]


def init(labels: Tensor, num_classes: int, dtype: torch.dtype) -> Dynamics:
    """Empty statistics for given labels [R, n]."""
    zeros = torch.zeros(labels.shape, dtype=dtype, device=labels.device)
    names = ("prob_mean", "prob_m2", "prob_time", "margin_mean", "loss_rank_mean")
    counts = ("forgetting", "flips", "argmax", "correct")
    state = {name: zeros.clone() for name in names}
    state |= {name: torch.zeros_like(labels) for name in counts}
    state["first_learned"] = torch.full_like(labels, -1)  # -1: never
    return state | {"last_probs": zeros.unsqueeze(-1).repeat(1, 1, num_classes)}


def update(state: Dynamics, epoch: int, epochs: int, logits: Tensor, labels: Tensor) -> Dynamics:
    """Fold one epoch's logits [R, n, C] of the training examples in; epoch counts from 0."""
    probs = torch.softmax(logits, -1)
    given = labels.unsqueeze(-1)
    prob = probs.gather(-1, given).squeeze(-1)
    argmax = logits.argmax(-1)
    correct = argmax == labels
    delta = prob - state["prob_mean"]
    mean = state["prob_mean"] + delta / (epoch + 1)  # Welford's recurrence
    new = state | {
        "prob_mean": mean,
        "prob_m2": state["prob_m2"] + delta * (prob - mean),
        "prob_time": state["prob_time"] + epoch * prob,
        "margin_mean": _running(state["margin_mean"], _margin(logits, given), epoch),
        "loss_rank_mean": _running(
            state["loss_rank_mean"], _rank_within_class(_log_odds_against(logits, given), labels), epoch
        ),
        "forgetting": state["forgetting"] + ((state["correct"] == 1) & ~correct),
        "flips": state["flips"] + ((argmax != state["argmax"]) & (epoch > 0)),
        "argmax": argmax,
        "correct": correct.to(labels.dtype),
        "first_learned": torch.where((state["first_learned"] < 0) & correct, epoch, state["first_learned"]),
    }
    if epoch >= epochs - LAST_EPOCHS:
        new["last_probs"] = state["last_probs"] + probs / min(epochs, LAST_EPOCHS)
    return new


def summary(state: Dynamics, epochs: int) -> Dynamics:
    """The statistics by name: mean, variance and slope per epoch of the given label's probability, mean margin
    of the logits, mean rank of the loss within the given class (0 smallest, 1 largest), forgetting events,
    changes of the argmax, first epoch learned (-1 never), mean probabilities of the last ten epochs."""
    times = torch.arange(epochs, dtype=torch.float64)
    spread = float(((times - times.mean()) ** 2).sum()) or 1.0
    kept = (
        "prob_mean",
        "margin_mean",
        "loss_rank_mean",
        "forgetting",
        "flips",
        "first_learned",
        "last_probs",
    )
    return {name: state[name] for name in kept} | {
        "prob_variance": state["prob_m2"] / epochs,
        "prob_slope": (state["prob_time"] - epochs * float(times.mean()) * state["prob_mean"]) / spread,
    }


def _running(mean: Tensor, value: Tensor, epoch: int) -> Tensor:
    return mean + (value - mean) / (epoch + 1)


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
