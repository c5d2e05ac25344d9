"""What each method costs relative to cross-entropy in the same program: five digits runs of the MLP side by side.

CPU-seconds of the whole training with evaluation, without start-up; of a method with a second round,
per round. Cross-entropy and the other methods take turns.
"""

import argparse
import tempfile
from pathlib import Path

import measure
import programs
import workload
from workload import Size

from labelnoise import params
from labelnoise.studies.setting import Setting
from labelnoise.train import engine

BASELINE = "cross_entropy"
NOISES = {"symmetric": [0.4]}
RUNS = 5


def seconds(of: Setting, name: str) -> float:
    """CPU-seconds per round of one program of the row `name` of `methods:`."""
    stack = workload.runs(of, name)
    rounds = engine.rounds(stack[0].method, dict(stack[0].section))
    return programs.seconds([workload.job(of, stack)], "cpu") / rounds


def pairs(of: Setting, repetitions: int) -> dict[str, list[tuple[float, float]]]:
    """(method, cross-entropy) in CPU-seconds for each repetition; cross-entropy is timed just before."""
    seconds(of, BASELINE)  # the first run of a process also pays for lazy imports
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in params.grid_names(of.params)}
    for _ in range(repetitions):
        for name, timed in found.items():
            baseline = seconds(of, BASELINE)
            timed.append((seconds(of, name), baseline))
    return found


def lines(found: dict[str, list[tuple[float, float]]], epochs: int) -> list[str]:
    """A row per method, in the order of params.yaml; cross-entropy against itself shows the noise."""
    head = [
        f"{measure.facts()}; {epochs} epochs, {RUNS} runs side by side.",
        "",
        "| method | CPU-seconds / those of cross-entropy |",
        "|---|---|",
    ]
    return head + [f"| {method} | {measure.ratio(part)} |" for method, part in found.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="does it run? 2 epochs, once, nothing is written")
    args = parser.parse_args()
    epochs, repetitions = (2, 1) if args.quick else (args.epochs, args.repetitions)
    with tempfile.TemporaryDirectory() as temporary:
        workload.prepare(Path(temporary), Size(NOISES, RUNS, epochs=epochs))
        found = pairs(workload.load(Path(temporary)), repetitions)
    measure.report("Methods", lines(found, epochs), None if args.quick else measure.RESULTS)


if __name__ == "__main__":
    main()
