"""How a stack of networks takes a step and is evaluated: by torch's autograd, or by the kernel.

Both change the parameters of the same torch module in place, and keep their momentum beside it, so that all else
need not know which of the two it is.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from labelnoise.kernels import NARROW
from labelnoise.methods.base import Group
from labelnoise.nets import Mlp, SmallCnn
from labelnoise.nets.layers import dropped

Arrays = tuple[np.ndarray, ...]
Weights = dict[str, Tensor]  # name of a parameter or buffer -> [R, ...]
Own = list[tuple[Tensor, Group]]
# Images per evaluation step: on a CPU what stays in cache (128 takes 0.6 of the time of 2048), on a GPU what
# fills it, over all runs. Of images that are convolved a GPU takes so many times a training batch, of which it
# keeps every layer for the gradient: where a step fits, so does an evaluation, which keeps none.
EVALUATED, OF_A_BATCH = {"cpu": 128, "cuda": 1 << 18}, 8


class Steps(Protocol):
    """A network and its optimiser."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits [R, B, C] of a batch [R, B, ...], in training mode; their gradient is known to `descend`."""

    def descend(self, loss: Tensor) -> None:
        """One step on the mean loss of every run, [R]."""

    def evaluate(self, weights: Weights, rows: Tensor, inputs: Tensor, index: Tensor) -> Tensor:
        """Logits [len(rows), m, C], in evaluation mode, of the images index [len(rows), m] of `inputs` [N, ...],
        by the networks `rows` of `weights`."""

    def rate(self, factor: float) -> None:
        """Every learning rate as this factor of what it was at first."""

    def momentum(self) -> list[Tensor]:
        """Of each parameter, the method's own last; tensors that the steps go on changing."""


def chosen(network: nn.Module, own: Own, settings: Any, by_kernel: bool) -> Steps:
    """The steps of `network`. own: the method's own tensors, and how each is trained."""
    device = next(network.parameters()).device.type
    if by_kernel and suits(type(network), vars(network), device, settings.plain):
        return KERNELS[type(network)](network, own, settings)
    return Autograd(network, own, settings)


def suits(network: type[nn.Module], section: Mapping[str, Any], device: str, plain: bool = True) -> bool:
    """Whether there is a kernel for networks of a type, built from `section`; plain: as Settings has it."""
    if network not in KERNELS or device != "cpu" or not plain or find_spec("numba") is None:
        return False
    return KERNELS[network].takes(section)


def kernel_name() -> str:
    """What decides the kernel's bytes beside its code: its compiler."""
    return f"numba {version('numba')}"


class Autograd:
    """Any network, on any device; with precision bfloat16 products and convolutions are rounded to eight bits, and
    logits, loss, weights and steps are float32 as ever (torch's autocast)."""

    def __init__(self, network: nn.Module, own: Own, settings: Any) -> None:
        groups = [{"params": list(network.parameters()), "weight_decay": settings.weight_decay, "lr": settings.lr}]
        adam = settings.optimizer == "adam"
        made = _adam(groups, settings.momentum) if adam else _sgd(groups, settings.momentum, fused=True)
        self.network, self.optimizer = network, made
        self.method = [_of_group(tensor, group, settings) for tensor, group in own]
        self.precise, self.batch = settings.precision == "float32", settings.batch_size

    def forward(self, inputs: Tensor) -> Tensor:
        with self._rounding(inputs):
            return self.network(inputs).to(inputs.dtype)

    def descend(self, loss: Tensor) -> None:
        for one in (self.optimizer, *self.method):
            one.zero_grad(set_to_none=True)
        loss.sum().backward()  # a sum over runs, which do not touch each other
        for one in (self.optimizer, *self.method):
            one.step()

    @torch.no_grad()
    def evaluate(self, weights: Weights, rows: Tensor, inputs: Tensor, index: Tensor) -> Tensor:
        own = {name: value[rows] for name, value in weights.items()}
        self.network.eval()
        with self._rounding(inputs):
            chunks = index.split(self._evaluated(inputs, len(rows)), 1)
            parts = [torch.func.functional_call(self.network, own, inputs[part]) for part in chunks]
        self.network.train()
        return torch.cat(parts, 1).to(inputs.dtype)

    def _rounding(self, inputs: Tensor) -> AbstractContextManager:
        return nullcontext() if self.precise else torch.autocast(inputs.device.type, torch.bfloat16)

    def _evaluated(self, inputs: Tensor, runs: int) -> int:
        """Images of each run that are evaluated at once."""
        if not inputs.is_cuda:
            return EVALUATED["cpu"]
        chunk = max(1, EVALUATED["cuda"] // runs)
        return chunk if type(self.network) is Mlp else min(chunk, OF_A_BATCH * self.batch)

    def rate(self, factor: float) -> None:
        _rate([self.optimizer, *self.method], factor)

    def momentum(self) -> list[Tensor]:
        return [each for one in (self.optimizer, *self.method) for each in _momentum(one)]


class Kernel:
    """Networks on a CPU whose loss is torch's, by the logits, and whose steps are a kernel's. Of each parameter
    `own` has the momentum."""

    def __init__(self, network: nn.Module, own: Own, settings: Any) -> None:
        self.network, self.settings, self.lr = network, settings, settings.lr
        self.own = {name: torch.zeros_like(each.detach()) for name, each in network.named_parameters()}
        self.method = [_of_group(tensor, group, settings) for tensor, group in own]

    def forward(self, inputs: Tensor) -> Tensor:
        self.logits = self._forward(inputs)
        return self.logits.requires_grad_()

    def descend(self, loss: Tensor) -> None:
        for one in self.method:
            one.zero_grad(set_to_none=True)
        loss.sum().backward()
        self._backward(self.logits.grad.contiguous().numpy())
        for one in self.method:
            one.step()

    def rate(self, factor: float) -> None:
        self.lr = self.settings.lr * factor
        _rate(self.method, factor)

    def momentum(self) -> list[Tensor]:
        return [*self.own.values(), *(each for one in self.method for each in _momentum(one))]

    def _step(self) -> NamedTuple:
        from labelnoise.kernels.perceptrons import Step  # only here and below: numba takes a second

        of = next(iter(self.own.values())).numpy().dtype.type
        return Step(of(self.lr), of(self.settings.momentum), of(self.settings.weight_decay))


class Perceptrons(Kernel):
    """Without dropout."""

    def __init__(self, network: Mlp, own: Own, settings: Any) -> None:
        from labelnoise.kernels import perceptrons

        super().__init__(network, own, settings)
        self.kernel = perceptrons
        self.layers = perceptrons.Layers(*_by_kind(network.state_dict()), *_by_kind(self.own))
        self.scratch = perceptrons.scratch(self.layers, max(settings.batch_size, EVALUATED["cpu"]))
        self.hidden: dict[int, Arrays] = {}  # by size of batch

    @staticmethod
    def takes(section: Mapping[str, Any]) -> bool:
        return not section.get("dropout", 0.0)

    def cross_entropy_epoch(self, inputs: Tensor, index: Tensor, labels: Tensor, starts: np.ndarray) -> Tensor:
        """Mean cross-entropy [R] of an epoch of steps on it; index, labels [R, n] in the order of the epoch, whose
        batches begin at `starts`."""
        loss = inputs.new_empty(len(index))
        examples = inputs.flatten(1).numpy(), index.numpy(), labels.numpy(), starts
        self.kernel.cross_entropy_epoch(self.layers, *examples, self._step(), self.scratch, loss.numpy())
        return loss

    def evaluate(self, weights: Weights, rows: Tensor, inputs: Tensor, index: Tensor) -> Tensor:
        layers = self.kernel.Layers(*_by_kind(weights), *self.layers[2:])
        logits = inputs.new_empty(*index.shape, self.layers.weights[-1].shape[2])
        images = inputs.flatten(1).numpy(), index.contiguous().numpy()
        self.kernel.evaluate(layers, rows.numpy(), *images, self.scratch, logits.numpy())
        return logits

    def _forward(self, inputs: Tensor) -> Tensor:
        self.inputs = inputs.flatten(2).numpy()
        logits = inputs.new_empty(*inputs.shape[:2], self.layers.weights[-1].shape[2])
        self.kernel.forward(self.layers, self.inputs, self._hidden(), logits.numpy(), self.scratch)
        return logits

    def _backward(self, slope: np.ndarray) -> None:
        self.kernel.backward(self.layers, self.inputs, self._hidden(), slope, self._step(), self.scratch)

    def _hidden(self) -> Arrays:
        runs, batch = self.inputs.shape[:2]
        if batch not in self.hidden:
            widths = [weight.shape[2] for weight in self.layers.weights[:-1]]
            widths = widths or [0]  # a linear classifier has none, and the kernel indexes no empty tuple
            self.hidden[batch] = tuple(np.empty((runs, batch, width), self.inputs.dtype) for width in widths)
        return self.hidden[batch]


class Convolutions(Kernel):
    """Of as many channels as the kernel takes at once, or several times as many."""

    def __init__(self, network: SmallCnn, own: Own, settings: Any) -> None:
        from labelnoise.kernels import convolutions

        super().__init__(network, own, settings)
        self.kernel, self.rooms = convolutions, {}
        self.parameters, self.running = _of_layers(network.state_dict())
        self.kept, _ = _of_layers(self.own)

    @staticmethod
    def takes(section: Mapping[str, Any]) -> bool:
        return all(channels % NARROW == 0 for channels in section["channels"])

    def evaluate(self, weights: Weights, rows: Tensor, inputs: Tensor, index: Tensor) -> Tensor:
        parameters, running = _of_layers(weights)
        logits = inputs.new_empty(*index.shape, parameters.head[0].shape[2])
        if not index.shape[1]:
            return logits
        batch = -(-index.shape[1] // -(-index.shape[1] // EVALUATED["cpu"]))  # nearly equal parts: nothing is left
        met, room = self._room(1, batch, inputs)
        images = inputs.numpy(), index.contiguous().numpy()
        self.kernel.evaluate(parameters, running, met, rows.numpy(), *images, room, logits.numpy())
        return logits

    def _forward(self, inputs: Tensor) -> Tensor:
        features, classes = self.parameters.head[0].shape[1:]
        logits = inputs.new_empty(*inputs.shape[:2], classes)
        everything = inputs.new_ones(*inputs.shape[:2], features)
        self.factors = dropped(everything, self.network.dropout, self.network.draws).numpy()
        self.place = self._room(*inputs.shape[:2], inputs)
        given = self.parameters, self.running, self.place[0], inputs.contiguous().numpy(), self.factors
        self.kernel.forward(*given, self.place[1], logits.numpy())
        return logits

    def _backward(self, slope: np.ndarray) -> None:
        met, room = self.place
        self.kernel.backward(self.parameters, self.kept, met, self.factors, slope, self._step(), room)

    def _room(self, runs: int, batch: int, inputs: Tensor) -> tuple[tuple, NamedTuple]:
        """Which places meet in images as `inputs`, and room for a batch of them."""
        if (runs, batch) not in self.rooms:
            met = self.kernel.meetings(*inputs.shape[-2:], [conv.stride for conv in self.network.convs])
            room = self.kernel.room(self.parameters, met, runs, batch, inputs.numpy().dtype)
            self.rooms[runs, batch] = met, room
        return self.rooms[runs, batch]


def _by_kind(weights: Weights) -> tuple[Arrays, Arrays]:
    """Weights and biases, which take turns in a network."""
    arrays = [each.detach().numpy() for each in weights.values()]
    return tuple(arrays[::2]), tuple(arrays[1::2])


def _of_layers(weights: Weights) -> tuple[NamedTuple, NamedTuple]:
    """Parameters and running statistics as a kernel takes them; of momentum, which has no statistics, none."""
    from labelnoise.kernels.convolutions import Parameters, Running

    def of(part: str, name: str) -> Arrays:
        known = [key for key in weights if key.startswith(part) and key.endswith(name)]
        return tuple(weights[key].detach().numpy() for key in known)

    filters, head = of("convs.", ".weight"), (of("head.", "weight"), of("head.", "bias"))
    parameters = Parameters(filters, of("norms.", ".weight"), of("norms.", ".bias"), *head)
    return parameters, Running(of("norms.", ".mean"), of("norms.", ".variance"))


KERNELS: dict[type[nn.Module], type[Kernel]] = {Mlp: Perceptrons, SmallCnn: Convolutions}


def _of_group(tensor: Tensor, group: Group, settings: Any) -> torch.optim.Optimizer:
    """Not fused: the last elements of a tensor, of the last run, would round in another way than the others."""
    own = [{"params": [tensor], "lr": group.lr, "scheduled": group.scheduled}]
    if group.adam:
        return _adam(own)
    return _sgd(own, settings.momentum if group.momentum is None else group.momentum, fused=False)


def _sgd(groups: list[dict[str, Any]], momentum: float, fused: bool) -> torch.optim.Optimizer:
    return _started(torch.optim.SGD(groups, momentum=momentum, fused=fused), ("momentum_buffer",))


def _adam(groups: list[dict[str, Any]], first: float = 0.9) -> torch.optim.Optimizer:
    return _started(torch.optim.Adam(groups, betas=(first, 0.999), fused=False), ("exp_avg", "exp_avg_sq"))


def _started(made: torch.optim.Optimizer, buffers: tuple[str, ...]) -> torch.optim.Optimizer:
    """With what it remembers at zero, there before the first step."""
    for group in made.param_groups:
        group["initial_lr"] = group["lr"]
        for parameter in group["params"]:
            made.state[parameter] |= {name: torch.zeros_like(parameter) for name in buffers}
            if "exp_avg" in buffers:
                made.state[parameter]["step"] = torch.tensor(0.0)
    return made


def _rate(optimizers: Iterable[torch.optim.Optimizer], factor: float) -> None:
    for group in (group for one in optimizers for group in one.param_groups):
        group["lr"] = group["initial_lr"] * (factor if group.get("scheduled", True) else 1)


def _momentum(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return [optimizer.state[parameter][name] for parameter in parameters for name in optimizer.state[parameter]]
