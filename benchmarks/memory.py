"""Peak memory and CPU seconds against the number of examples and of classes, each point in a fresh process.

    .venv/bin/python benchmarks/memory.py                     # memory.csv and memory.svg beside this file
    .venv/bin/python benchmarks/memory.py evaluation 10000 10 # one point, as one line of JSON

What is measured is made up here: clouds of DIMENSIONS features around a centre per class, and a fifth of the
labels wrong. A point that would take more than --seconds of CPU time or --gib of memory is left out, and named.
One thread.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from labelnoise import files
from labelnoise.figures import style

FOLDER = Path(__file__).resolve().parent
EXAMPLES, CLASSES = (1_000, 10_000, 100_000), (10, 100, 1_000)
DIMENSIONS, WRONG, FOLDS = 64, 0.2, 5
METHODS, SEEDS, RESAMPLES = 5, 3, 200  # of the cell that is evaluated: 30 sets of predictions; memory grows by 37
# bytes per test example and 2 per training example with each, and does not depend on resamples
EPOCHS = 2  # of training: memory does not depend on them
GROWTH = 8  # times as long takes a point of ten times the examples or classes, at least


def labels(n: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """True classes and labels as given, [n] each."""
    rng = np.random.default_rng(0)
    truth = np.arange(n) % classes
    return truth, np.where(rng.random(n) < WRONG, (truth + rng.integers(1, classes, n)) % classes, truth)


def features(truth: np.ndarray, classes: int) -> np.ndarray:
    """float32 [n, DIMENSIONS], classes about a standard deviation apart in each dimension."""
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(classes, DIMENSIONS)).astype(np.float32)
    return centres[truth] + rng.normal(size=(len(truth), DIMENSIONS)).astype(np.float32)


def detection(n: int, classes: int) -> None:
    """One run of the noise model on features as they are, without the gate; its tables and what is stored."""
    from labelnoise import params
    from labelnoise.detect import run_tables, study
    from labelnoise.noise.noisy_labels import NoisyLabels
    from labelnoise.types import Dataset

    truth, given = labels(n, classes)
    fold, matrix, names = np.arange(n) % FOLDS, np.eye(classes)[None], [f"class {k}" for k in range(classes)]
    images = np.zeros((n, 1, 1, 0), np.float32)
    dataset = Dataset(images, truth, fold, names, {}, {}, [])
    own = np.where(fold == 0, -1, given).astype(np.int16)[None]
    cell = np.array(["symmetric"]), np.array([WRONG]), np.array([0])
    columns = NoisyLabels(*cell, own, matrix, matrix, np.array([WRONG]), own, np.full_like(own, -1))
    section = params.read(FOLDER.parent / "params.yaml")["detect"]
    section = SimpleNamespace(**section | {"gate": SimpleNamespace(**section["gate"])})
    plan = study.Plan(section, range(1), range(0), "symmetric", 0.95, 15)
    found = study.runs(dataset, columns, {"0_given": features(truth, classes)}, plan, 1, "memory")
    run_tables.all_tables(found, dataset, columns, plan)
    study.arrays(found)


def evaluation(n: int, classes: int) -> None:
    """The tables of one cell, from predictions that are read run by run."""
    from labelnoise.uncertainty import interval_table, tables

    truth, given = labels(n, classes)
    tested = [np.arange(n) % FOLDS == seed for seed in range(SEEDS)]
    told = [tables.Labels(given[~at], truth[~at]) for at in tested]
    runs = _predicted(truth, tested, classes)
    cell = {f"method {k}": {} for k in range(METHODS - 1)} | {interval_table.BASELINE: {}}
    for selections in cell.values():
        made = [next(runs) for _ in tested]
        selections |= {name: list(of) for name, of in zip(interval_table.BASELINE_SELECTIONS, zip(*made))}
    key = {"network": "mlp", "noise": "symmetric", "noise_rate": WRONG, "realised_rate": WRONG}
    plan = interval_table.Plan(RESAMPLES, 0.95, 15)
    interval_table.interval_rows(key, cell, told, plan, np.random.default_rng(3))
    tables.calibration_rows([key] * SEEDS, cell, 15)
    tables.reliability_rows(key, cell, 15, 0.95)


def _predicted(truth: np.ndarray, tested: list[np.ndarray], classes: int) -> Iterator[tuple]:
    """Of each run what is kept, for both selections. As an entry of the store has it: float32 [n, C] twice."""
    from labelnoise.uncertainty import calibration
    from labelnoise.uncertainty.tables import Predictions

    rng = np.random.default_rng(2)
    while True:
        for at in tested:
            entry = [rng.random((len(truth), classes), np.float32) for _ in range(2)]
            for probs in entry:
                probs /= probs.sum(1, keepdims=True)
            yield tuple(
                Predictions(
                    calibration.judged(probs[at], truth[at]),
                    calibration.predictions(probs)[~at].astype(np.int16),
                )
                for probs in entry
            )


def training(n: int, classes: int) -> None:
    """One run of cross-entropy on the default network, its evaluation, and its entry in the run store."""
    import labelnoise

    truth, given = labels(n, classes)
    labelnoise.fit(features(truth, classes), given, "cross_entropy", epochs=EPOCHS)


PARTS = {"detection": detection, "evaluation": evaluation, "training": training}


def point(part: str, n: int, classes: int) -> dict[str, float]:
    """Peak memory [GiB] and CPU seconds of this process, start and imports included."""
    PARTS[part](n, classes)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"gib": peak(used.ru_maxrss) / 2**30, "cpu_seconds": used.ru_utime + used.ru_stime}


def peak(known: int) -> int:
    """Bytes that this process held at most. `known`, what getrusage says, begins on Linux with what the process
    held that started this one; what the kernel counts for the program alone is better, where it tells it."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 2**10 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return known * (1 if sys.platform == "darwin" else 2**10)  # bytes there, else KiB


def measured(part: str, n: int, classes: int, seconds: int, gib: float) -> dict[str, float] | None:
    """A point in a fresh process; None where it takes more than that."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, str(Path(__file__).resolve()), part, str(n), str(classes)]
    command += ["--seconds", str(seconds), "--gib", str(gib)]
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    return json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else None


def limit(seconds: int, gib: float) -> None:
    """End this process beyond that."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (int(gib * 2**30),) * 2)


def grid(part: str, seconds: int, gib: float) -> Iterator[dict]:
    """Rows of the table; a point is not begun where a smaller one shows that it would take too long."""
    took: dict[tuple[int, int], float] = {}
    for n in EXAMPLES:
        for classes in CLASSES:
            smaller = [(n // 10, classes)] * (n > EXAMPLES[0]) + [(n, classes // 10)] * (classes > CLASSES[0])
            hopeless = any(GROWTH * took.get(at, np.inf) > seconds for at in smaller)
            found = None if hopeless else measured(part, n, classes, seconds, gib)
            if found is None:
                print(f"left out: {part}, {n:,} examples, {classes:,} classes", flush=True)
                continue
            took[n, classes] = found["cpu_seconds"]
            yield {"part": part, "examples": n, "classes": classes} | found


def figure(table: pd.DataFrame) -> Figure:
    """Peak GiB against examples, a panel per part and a line per number of classes."""
    looks = style.method_styles(list(map(str, CLASSES)), set()).values()
    with style.context():
        fig, axes = plt.subplots(1, len(PARTS), figsize=(9, 2.9), sharey=True, layout="constrained")
        for axis, part in zip(axes, PARTS):
            for look, classes in zip(looks, CLASSES):
                own = table[(table.part == part) & (table.classes == classes)]
                label = f"{classes:,} classes"
                axis.plot(own.examples, own.gib, color=look.color, marker=look.marker, label=label)
            axis.set(title=part, xscale="log", yscale="log", xlabel="examples", xticks=EXAMPLES)
            axis.minorticks_off()
        axes[0].set_ylabel("peak memory [GiB]")
        axes[0].set_yticks([0.25, 0.5, 1, 2, 4, 8], ["0.25", "0.5", "1", "2", "4", "8"])
        axes[0].legend()
    return fig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", nargs="?", choices=PARTS)
    parser.add_argument("examples", nargs="?", type=int)
    parser.add_argument("classes", nargs="?", type=int)
    parser.add_argument("--seconds", type=int, default=200, help="CPU time of a point at most")
    parser.add_argument("--gib", type=float, default=8.0, help="memory of a point at most")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    if args.classes is not None:
        limit(args.seconds, args.gib)
        print(json.dumps(point(args.part, args.examples, args.classes)))
        return
    parts = [args.part] if args.part else list(PARTS)
    rows = [row for part in parts for row in grid(part, args.seconds, args.gib)]
    table = pd.DataFrame(rows).round({"gib": 3, "cpu_seconds": 1})
    if not args.part:  # one part alone is to be looked at
        files.write_text(args.out / "memory.csv", table.to_csv(index=False, lineterminator="\n"))
        style.save(figure(table), args.out, "memory")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
