"""Every method in the engine against the same method in a plain loop, one run after the other.

CPU-seconds per run, whole trainings with all rounds and the same evaluation; the two take turns.
"""

import argparse

import measure
import numpy as np
import plain
import torch
import workload
from threadpoolctl import threadpool_limits
from workload import Size

from labelnoise import params
from labelnoise.methods import METHODS
from labelnoise.studies.setting import Setting
from labelnoise.train.program import Stack
from labelnoise.types import Estimates

FULL = [Size(hidden, 24, 8) for hidden in ((256, 256), (128, 128))]
QUICK = [Size((16, 16), 2, 3)]
AIM = 1.5
ALONE = 2  # runs of the plain loop in one measurement
FIELDS = Estimates._fields
Pairs = dict[str, list[tuple[float, float]]]  # method -> CPU-seconds per run: plain loop, engine


def told(of: Setting, made: Stack, row: int) -> Estimates:
    """What the method of run `row` is told, [1, ...]; NaN for what it does not ask for."""
    program, classes = made.programs[row], of.main.training.num_classes
    unknown = {name: torch.full((1,) if name in ("rate", "clock") else (1, classes), torch.nan) for name in FIELDS}
    known = {name: torch.from_numpy(np.asarray(value))[None] for name, value in program.arrays.items()}
    known["half_run"] = torch.tensor([program.spec["settings"]["epochs"] // 2])
    return Estimates(**{name: known[name].float() if name in known else unknown[name] for name in FIELDS})


def pair(of: Setting, name: str, size: Size) -> tuple[float, float]:
    """CPU-seconds per run of row `name` of `methods:` in the plain loop and in the engine."""
    made = workload.stack(of, name, size)
    method, settings = METHODS[made.spec["method"]](**made.spec["method_section"]), made.spec["settings"]
    alone = [(workload.split(of, made, row), told(of, made, row)) for row in range(min(ALONE, size.runs))]

    def loop() -> None:
        for run in alone:
            plain.train_method(method, *run, size.hidden, settings)

    return measure.seconds(loop) / len(alone), workload.engine(made).seconds / size.runs


def measured(of: Setting, size: Size, repetitions: int) -> Pairs:
    found: Pairs = {name: [] for name in params.grid_names(of.params)}
    for name in list(found)[:2]:  # a plain epoch and a loss in torch: compiled, and lazy imports paid for
        pair(of, name, size)
    for _ in range(repetitions):
        for name, pairs in found.items():
            pairs.append(pair(of, name, size))
    return found


def lines(sizes: list[Size], repetitions: int) -> list[str]:
    """A row per method, in the order of params.yaml."""
    of = workload.load(max(size.runs for size in sizes), sizes[0].epochs)
    found = [measured(of, size, repetitions) for size in sizes]
    names = " | ".join(f"{list(size.hidden)}" for size in sizes)
    what = f"{measure.facts()}; one thread; {sizes[0].runs} runs, {sizes[0].epochs} epochs, {repetitions} turns."
    head = [
        what,
        "",
        f"CPU-seconds of the plain loop / of the engine; aim: at least {AIM}.",
        "",
        f"| method | {names} |",
        "|---|" + len(sizes) * "---|",
    ]
    rows = [" | ".join(str(measure.ratio(own[name])) for own in found) for name in found[0]]
    return head + [f"| {name} | {row} |" for name, row in zip(found[0], rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="does it run? tiny, once, nothing is written")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        found = lines(QUICK, 1) if args.quick else lines(FULL, args.repetitions)
    measure.report("Methods", found, None if args.quick else measure.RESULTS)


if __name__ == "__main__":
    main()
