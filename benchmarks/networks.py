"""Networks with convolutions against the same in a plain torch loop.

A ResNet-18 of the engine, one run, on images of 32 x 32 pixels, against torchvision's with the same stem. The
small CNN of the digits study, five runs side by side, against one run of the same layers; and without its kernel.
CPU-seconds of steps of training (forward, backward, SGD) on one thread; the sides take turns. Plain loops are
measured in torch's usual layout, as most have it, and in channels_last.
"""

import argparse
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import measure
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from labelnoise import losses, params
from labelnoise.data import tv
from labelnoise.nets import NETWORKS
from labelnoise.train import steps
from labelnoise.train.types import Settings

OURS, PLAIN, LAST, TORCH = "engine's", "torch's", "torch's, channels_last", "engine's, without the kernel"
SHAPE, SMALL, CLASSES, RUNS = (3, 32, 32), (1, 8, 8), 10, 5
Sides = dict[str, Callable[[], None]]


def section(name: str) -> dict[str, Any]:
    found = params.load(measure.FOLDER.parent / "params.yaml")
    return params.network(found.networks, name)


def ours() -> nn.Module:
    own = section("resnet18")
    return NETWORKS[own.pop("network")]([torch.Generator().manual_seed(0)], SHAPE, CLASSES, **own)


def plain() -> nn.Module:
    """With the stem for small images, and the last layer that starts at zero."""
    made = tv.models.resnet18(num_classes=CLASSES)
    made.conv1, made.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    nn.init.zeros_(made.fc.weight)
    return made


def plain_small() -> nn.Module:
    """The small CNN as a sequence of torch's layers."""
    channels, layers = section("small_cnn")["channels"], []
    for number, (enter, leave) in enumerate(pairwise([SMALL[0], *channels])):
        convolution = nn.Conv2d(enter, leave, 3, stride=2 if number == 1 else 1, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(leave), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels[-1], CLASSES))


def step(net: nn.Module, inputs: Tensor, labels: Tensor) -> Callable[[], None]:
    """A step of training; logits may have a run axis of one."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, fused=True)

    def run() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(inputs).view(len(labels), CLASSES), labels).backward()
        optimizer.step()

    return run


def stack(by_kernel: bool, inputs: Tensor, labels: Tensor) -> Callable[[], None]:
    """A step of RUNS small CNNs of the engine, each on all inputs."""
    generators = [torch.Generator().manual_seed(run) for run in range(RUNS)]
    own = section("small_cnn")
    net = NETWORKS[own.pop("network", "small_cnn")](generators, SMALL, CLASSES, **own)
    made = steps.chosen(net, [], Settings(1, len(labels), 0.01, 0.9, 0.0), by_kernel)
    together, given = inputs.expand(RUNS, *inputs.shape).contiguous(), labels.expand(RUNS, -1)

    def run() -> None:
        made.descend(losses.cross_entropy(made.forward(together), given).mean(1))

    return run


def large_sides(batch: int) -> Sides:
    inputs, labels = torch.randn(batch, *SHAPE), torch.arange(batch) % CLASSES
    last = inputs.contiguous(memory_format=torch.channels_last)
    return {
        OURS: step(ours(), inputs[None], labels),
        PLAIN: step(plain(), inputs, labels),
        LAST: step(plain().to(memory_format=torch.channels_last), last, labels),
    }


def small_sides(batch: int) -> Sides:
    """Each trains as many runs: loops one after the other."""
    inputs, labels = torch.randn(batch, *SMALL), torch.arange(batch) % CLASSES
    last = inputs.contiguous(memory_format=torch.channels_last)
    loops = {
        PLAIN: step(plain_small(), inputs, labels),
        LAST: step(plain_small().to(memory_format=torch.channels_last), last, labels),
    }
    stacks = {OURS: stack(True, inputs, labels), TORCH: stack(False, inputs, labels)}
    return stacks | {name: partial(repeated, loop, RUNS) for name, loop in loops.items()}


def repeated(run: Callable[[], None], times: int) -> None:
    for _ in range(times):
        run()


def measured(sides: Sides, turns: int, times: int = 1) -> dict[str, list[float]]:
    """CPU-seconds of so many steps, turn by turn, by side."""
    for run in sides.values():  # kernels are chosen and compiled, and memory is claimed
        run()
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, run in sides.items():
            found[name].append(measure.seconds(partial(repeated, run, times)))
    return found


def table(what: str, found: dict[str, list[float]]) -> list[str]:
    others = [name for name in found if name != OURS]
    ratios = {name: measure.ratio(list(zip(found[name], found[OURS], strict=True))) for name in others}
    head = ["", what, "", "| trained by | engine's images per CPU-second / its |", "|---|---|"]
    return head + [f"| {name} | {ratio} |" for name, ratio in ratios.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="check that it runs; the ratios mean nothing")
    args = parser.parse_args()
    batch, small, turns, times = (2, 2, 1, 1) if args.quick else (32, 64, args.repetitions, 50)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        large = measured(large_sides(batch), turns)
        tiny = measured(small_sides(small), turns, times)
    lines = [
        f"{measure.facts()}; one thread; {turns} turns.",
        *table(f"ResNet-18, one run, batches of {batch}; torchvision's.", large),
        *table(f"Small CNN on 8 × 8 pixels, {RUNS} runs, batches of {small}.", tiny),
    ]
    measure.report("Networks", lines, None if args.quick else measure.RESULTS)


if __name__ == "__main__":
    main()
