"""Probes of a network at the end of an epoch: how near decisions are to examples, and how much the loss depends
on each of them.

Arpit et al. 2017 (arXiv 1706.05394). A critical sample has another class within a box of radius r around it. The
search is theirs (LASS, Langevin adversarial sample search), x' <- clip(x' + r (step sign(gradient) + noise eta)),
eta ~ N(0, 1); its steps are shares of the radius, since that is swept. Loss sensitivity is g = ||dL/dx||_1 of the
cross-entropy with the given label, the mean over the epochs so far.

Both look at a fixed, evenly spread part of each run's examples, without dropout and with the running statistics
of batch normalisation, which would couple the examples of a batch.
"""

from typing import Any

import torch
from torch import Generator, Tensor, nn

from labelnoise import losses

State = dict[str, Tensor]


def init(runs: int, probe: dict[str, Any], inputs: Tensor) -> State:
    """Empty tensors on the device of `inputs`, for the m examples and k epochs of `probe` (Program.spec)."""
    epochs, radii, examples = len(probe["epochs"]), len(probe["radii"]), probe["examples"]
    return {
        "sensitivity_sum": inputs.new_zeros(runs, examples),
        "sensitivity": inputs.new_zeros(runs, epochs, examples),
        "critical": torch.zeros(runs, epochs, radii, examples, dtype=torch.bool, device=inputs.device),
    }


def update(
    state: State, epoch: int, probe: dict[str, Any], network: nn.Module, data: Any, generators: list[Generator]
) -> State:
    """Add every epoch's sensitivity, and look for critical samples where the probe asks for it.

    probe: `epochs` (0-based), `examples`, `radii` (of standardised inputs), `step`, `noise`, `steps`. data: the
    trainer's inputs [N, ...], index and labels [R, n]; generators: one per run.
    """
    place = torch.linspace(0, data.index.shape[1] - 1, probe["examples"]).long().to(data.index.device)
    inputs, labels = data.inputs[data.index[:, place]], data.labels[:, place]
    network.eval()
    state["sensitivity_sum"] += sensitivity(network, inputs, labels)
    if epoch in probe["epochs"]:
        at = probe["epochs"].index(epoch)
        state["sensitivity"][:, at] = state["sensitivity_sum"] / (epoch + 1)
        for k, radius in enumerate(probe["radii"]):
            state["critical"][:, at, k] = critical(network, inputs, radius, probe, generators)
    network.train()
    return state


def sensitivity(network: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    """||dL/dx||_1 [R, m] of inputs [R, m, ...] and their given labels [R, m]."""
    inputs = inputs.clone().requires_grad_()
    # a sum, since a mean would divide each example's gradient by their number
    loss = losses.cross_entropy(network(inputs), labels).sum()
    return torch.autograd.grad(loss, inputs)[0].abs().flatten(2).sum(-1)


def critical(
    network: nn.Module, inputs: Tensor, radius: float, probe: dict[str, Any], generators: list[Generator]
) -> Tensor:
    """bool [R, m]: the search met another class than that of the example itself within `radius`."""
    with torch.no_grad():
        predicted = network(inputs).argmax(-1)
    found, point = torch.zeros_like(predicted, dtype=torch.bool), inputs
    for step in range(probe["steps"] + 1):  # never fewer: when to stop must not depend on the other runs
        logits, uphill = _climb(network, point, predicted)
        found |= logits.argmax(-1) != predicted
        if step < probe["steps"]:
            drawn = torch.stack([torch.randn(inputs.shape[1:], generator=g) for g in generators]).to(inputs)
            move = probe["step"] * uphill + probe["noise"] * drawn
            point = inputs + (point - inputs + radius * move).clamp(-radius, radius)
    return found


def _climb(network: nn.Module, point: Tensor, predicted: Tensor) -> tuple[Tensor, Tensor]:
    """Logits [R, m, C] at `point`, and the sign of the gradient of the cross-entropy with the predicted class.

    Taken of the log-odds against that class, of which cross-entropy is an increasing function: its own gradient
    is zero where the probability rounds to one.
    """
    point = point.clone().requires_grad_()
    logits = network(point)
    own = predicted.unsqueeze(-1)
    against = torch.logsumexp(logits.scatter(-1, own, -torch.inf), -1) - logits.gather(-1, own).squeeze(-1)
    return logits.detach(), torch.autograd.grad(against.sum(), point)[0].sign()
