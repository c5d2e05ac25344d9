"""A ResNet-18 of the engine, one run, against torchvision's with the same stem, on images of 32 x 32 pixels.

CPU-seconds of a step of training (forward, backward, SGD) on one thread; the sides take turns. Torchvision's is
measured in torch's usual layout, as most loops have it, and in channels_last.
"""

import argparse
from collections.abc import Callable

import measure
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from labelnoise import params
from labelnoise.data import tv
from labelnoise.nets import NETWORKS

OURS, PLAIN, LAST = "engine's", "torchvision's", "torchvision's, channels_last"
SHAPE, CLASSES = (3, 32, 32), 10


def ours() -> nn.Module:
    p = params.load(measure.FOLDER.parent / "params.yaml")
    section = params.network(p.networks, "resnet18")
    return NETWORKS[section.pop("network")]([torch.Generator().manual_seed(0)], SHAPE, CLASSES, **section)


def plain() -> nn.Module:
    """With the stem for small images, and the last layer that starts at zero."""
    made = tv.models.resnet18(num_classes=CLASSES)
    made.conv1, made.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    nn.init.zeros_(made.fc.weight)
    return made


def step(net: nn.Module, inputs: Tensor, labels: Tensor) -> Callable[[], None]:
    """A step of training; logits may have a run axis of one."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, fused=True)

    def run() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(inputs).view(len(labels), CLASSES), labels).backward()
        optimizer.step()

    return run


def measured(batch: int, turns: int) -> dict[str, list[float]]:
    """CPU-seconds of a step, turn by turn, by side."""
    inputs, labels = torch.randn(batch, *SHAPE), torch.arange(batch) % CLASSES
    last = inputs.contiguous(memory_format=torch.channels_last)
    sides = {
        OURS: step(ours(), inputs[None], labels),
        PLAIN: step(plain(), inputs, labels),
        LAST: step(plain().to(memory_format=torch.channels_last), last, labels),
    }
    for run in sides.values():  # kernels are chosen and memory is claimed
        run()
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, run in sides.items():
            found[name].append(measure.seconds(run))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="check that it runs; the ratios mean nothing")
    args = parser.parse_args()
    batch, turns = (2, 1) if args.quick else (32, args.repetitions)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        found = measured(batch, turns)
    rows = [
        f"| {name} | {measure.ratio(list(zip(found[name], found[OURS], strict=True)))} |" for name in (PLAIN, LAST)
    ]
    lines = [
        f"{measure.facts()}; one thread; ResNet-18, batches of {batch}, {turns} turns.",
        "",
        "| a plain loop of | engine's images per CPU-second / its |",
        "|---|---|",
        *rows,
    ]
    measure.report("Networks", lines, None if args.quick else measure.RESULTS)


if __name__ == "__main__":
    main()
