"""A sweep of 100 runs on the run axis against one process per run of the usual DataLoader loop.

Both sides in CPU-seconds, start-up, imports and evaluation after every epoch included. The two take turns, and a
sweep is compared with the single runs that follow it, scaled linearly to the number of runs of the sweep.
"""

import argparse
import tempfile
from pathlib import Path

import measure
import workload
from workload import Size

AIMS = {"mlp": 20, "small_cnn": 5}
FULL = Size(workload.CELLS, seeds=20)
QUICK = Size({"symmetric": [0.4]}, seeds=5, epochs=2)


def ours(folder: Path) -> float:
    """CPU-seconds of the sweep, start-up and the reading of data and labels included."""
    return measure.child_cpu_seconds([str(measure.FOLDER / "axis.py")], folder)


def usual(folder: Path, network: str, column: int) -> float:
    """CPU-seconds of one run of the baseline."""
    script = str(measure.FOLDER / "dataloader_loop.py")
    return measure.child_cpu_seconds([script, "--network", network, "--column", str(column)], folder)


def pairs(folder: Path, size: Size, repetitions: int, samples: int) -> list[tuple[float, float]]:
    """(baseline scaled to the sweep, sweep) in CPU-seconds, for each baseline run after each sweep."""
    runs, found = count(size), []
    for repetition in range(repetitions):
        sweep = ours(folder)
        columns = [(repetition * samples + sample) * 7 % runs for sample in range(samples)]  # from all cells
        found += [(runs * usual(folder, size.network, column), sweep) for column in columns]
        print(f"repetition {repetition + 1} of {repetitions}: {measure.ratio(found[-samples:])}", flush=True)
    return found


def count(size: Size) -> int:
    """Number of runs in the sweep."""
    return size.seeds * sum(len(rates) for rates in size.noises.values())


def lines(size: Size, found: measure.Ratio, repetitions: int) -> list[str]:
    return [
        measure.facts() + ".",
        "",
        "| network | runs | sweeps | DataLoader loop / sweep, CPU-seconds | aim |",
        "|---|---|---|---|---|",
        f"| {size.network} | {count(size)} | {repetitions} | {found} | at least {AIMS[size.network]} |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=list(AIMS), default="mlp")
    parser.add_argument("--repetitions", type=int, default=3, help="sweeps")
    parser.add_argument("--samples", type=int, default=3, help="baseline runs after each sweep")
    parser.add_argument("--quick", action="store_true", help="does it run? 5 runs, 2 epochs, nothing is written")
    args = parser.parse_args()
    size = (QUICK if args.quick else FULL)._replace(network=args.network)
    repetitions, samples = (1, 1) if args.quick else (args.repetitions, args.samples)
    with tempfile.TemporaryDirectory() as temporary:
        workload.prepare(Path(temporary), size)
        found = measure.ratio(pairs(Path(temporary), size, repetitions, samples))
    path = None if args.quick else measure.RESULTS
    measure.report(f"Sweep, {size.network}", lines(size, found, repetitions), path)


if __name__ == "__main__":
    main()
