"""64 MLP runs on the run axis against the same 64 one by one, and the share of the peak that each reaches.

On the GPU where torch sees one (seconds until it is done), else on the CPU (CPU-seconds, one thread). The peak is
the best of several large fp32 matrix products in the same process; the work is counted by torch's FlopCounterMode
over matrix products and convolutions, training and evaluation together.
"""

import argparse
import tempfile
import time
from pathlib import Path

import measure
import numpy as np
import programs
import torch
import workload
from torch.utils.flop_counter import FlopCounterMode
from workload import Size

from labelnoise.device import chosen
from labelnoise.studies.setting import Setting
from labelnoise.train.engine import Job

NOISES = {"symmetric": [0.4]}
EDGE = {"cpu": 2048, "cuda": 8192}  # of the square matrices whose product is the peak


def peak(device: str) -> float:
    """fp32 floating-point operations per second of a large matrix product, the best of ten."""
    edge = EDGE[device]
    a = torch.rand(edge, edge, device=device)
    return 2 * edge**3 / min(_once(a, device) for _ in range(10))


def _once(a: torch.Tensor, device: str) -> float:
    clock = time.process_time if device == "cpu" else time.perf_counter
    start = clock()
    a @ a
    if device == "cuda":
        torch.cuda.synchronize()
    return clock() - start


def work(jobs: list[Job], device: str) -> int:
    """Floating-point operations of the programs' matrix products and convolutions; also warms up."""
    with FlopCounterMode(display=False) as counter:
        programs.seconds(jobs, device)
    return counter.get_total_flops()


def lines(of: Setting, repetitions: int) -> list[str]:
    """Measure in turn, and the table."""
    device, runs = of.main.training.device, workload.runs(of, "cross_entropy")
    together, alone = [workload.job(of, runs)], [workload.job(of, [run]) for run in runs]
    operations, pairs, shares = work(together, device), [], []
    for _ in range(repetitions):
        top = peak(device)
        slow, fast = (programs.seconds(jobs, device) for jobs in (alone, together))
        pairs.append((slow, fast))
        shares.append((operations / slow / top, operations / fast / top))
    share = np.median(shares, axis=0)  # one by one, side by side
    return [
        measure.facts(device) + ".",
        "",
        "| runs | one by one / side by side | share of the fp32 peak: one by one | side by side |",
        "|---|---|---|---|",
        f"| {len(runs)} | {measure.ratio(pairs)} | {share[0]:.0%} | {share[1]:.0%} |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="does it run? 4 runs, 2 epochs, nothing is written")
    args = parser.parse_args()
    count, epochs, repetitions = (4, 2, 1) if args.quick else (args.runs, args.epochs, args.repetitions)
    torch.set_num_threads(1)
    device = chosen("auto")
    with tempfile.TemporaryDirectory() as temporary:
        workload.prepare(Path(temporary), Size(NOISES, count, epochs=epochs))
        of = workload.load(Path(temporary))
        training = of.main.training._replace(device=device)
        found = lines(of._replace(main=of.main._replace(training=training)), repetitions)
    measure.report(f"Run axis, {device}", found, None if args.quick else measure.RESULTS)


if __name__ == "__main__":
    main()
