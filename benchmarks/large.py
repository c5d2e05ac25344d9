"""What `labelnoise.find` takes where examples and classes are many, step by step, each point in a fresh process.

    .venv/bin/python benchmarks/large.py                  # the points of POINTS, into large.csv beside this file
    .venv/bin/python benchmarks/large.py 100000 100 64    # one point: examples, classes, columns of features
    .venv/bin/python benchmarks/large.py 100000 100 64 --no-gate
    .venv/bin/python benchmarks/large.py 1000000 1000 64 --seconds 9000

What is measured is made up here as in memory.py: clouds around a centre per class, a fifth of the labels wrong.
Time is that of the process, one thread; memory is what cannot be given back, without files that are mapped. A
point that takes more than --seconds is ended, and what it did is told. docs/large.md says what was found.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).resolve().parent
POINTS = ((10_000, 10, 64), (30_000, 100, 64), (10_000, 300, 64), (30_000, 1_000, 64), (100_000, 300, 64))
WRONG, APART = 0.2, 0.6  # share of wrong labels; deviation of the centres, each column's within a class being 1
EVERY = 0.02  # seconds between looks at the memory


class Watch(threading.Thread):
    """The most memory [bytes] that this process held, looked at now and then."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0

    def run(self) -> None:
        while True:
            self.most = max(self.most, held())
            time.sleep(EVERY)


def held() -> int:
    """Bytes of this process that no file stands behind; all of them where the system does not tell these."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 2**10 for line in lines if line.startswith("RssAnon:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 2**10)


def made(n: int, classes: int, columns: int, apart: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features float32 [n, D], true classes [n] and labels as given [n]."""
    rng = np.random.default_rng(0)
    truth = np.arange(n) % classes
    given = np.where(rng.random(n) < WRONG, (truth + rng.integers(1, classes, n)) % classes, truth)
    centres = (apart * rng.normal(size=(classes, columns))).astype(np.float32)
    values = rng.standard_normal((n, columns), np.float32)
    for start in range(0, n, 2**16):
        values[start : start + 2**16] += centres[truth[start : start + 2**16]]
    return values, truth, given


def steps(
    n: int, classes: int, columns: int, judged: bool, apart: float = APART
) -> Iterator[tuple[str, Callable[[], object]]]:
    """The steps of `labelnoise.find`, in order; the last one tells how good its order is."""
    from sklearn.metrics import average_precision_score

    from labelnoise import suspects
    from labelnoise.detect import detector, gate
    from labelnoise.detect.predictors import Features

    values, truth, given = made(n, classes, columns, apart)
    kept: dict = {"raw": [Features("given features", values)]}

    def keep(name: str, value: Callable[[], object]) -> Callable[[], None]:
        return lambda: kept.__setitem__(name, value())

    own = detector.plain(given, classes)
    yield "copies", keep("alike", lambda: suspects._alike(kept["raw"], None, None))
    yield "prepare", keep("sets", lambda: detector.prepare(kept["raw"], kept["alike"].group))
    yield "detect", keep("found", lambda: detector.detect(kept["sets"], own, suspects.LIMITS.floor))
    if judged:
        yield "gate", keep("gate", lambda: gate.judge(kept["sets"], own, kept["found"], suspects.LIMITS))
        names = list(range(classes))
        rest = (kept["alike"], own, kept["found"], kept["gate"], names)
        yield "table", keep("table", lambda: suspects._table(*rest))
    p_wrong = detector.p_wrong(kept["found"].lead, own)
    said = {"auprc": average_precision_score(given != truth, p_wrong), "rate": p_wrong.mean()}
    yield json.dumps({name: round(float(value), 4) for name, value in said.items()}), lambda: None


def point(n: int, classes: int, columns: int, judged: bool, apart: float = APART) -> None:
    """A line of JSON after every step."""
    watch = Watch()
    watch.start()
    for name, step in steps(n, classes, columns, judged, apart):
        if name.startswith("{"):
            print(name, flush=True)
            return
        watch.most, began = held(), (time.process_time(), time.perf_counter())
        step()
        took = {"seconds": time.process_time() - began[0], "wall": time.perf_counter() - began[1]}
        own = {f"{name}_{key}": round(value, 1) for key, value in took.items()}
        print(json.dumps(own | {f"{name}_gib": round(watch.most / 2**30, 2)}), flush=True)


def measured(n: int, classes: int, columns: int, seconds: int) -> dict:
    """A point in a fresh process; as far as it came."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, str(Path(__file__).resolve()), *map(str, (n, classes, columns))]
    run = subprocess.run([*command, "--seconds", str(seconds)], env=environment, stdout=subprocess.PIPE, text=True)
    found: dict = {"examples": n, "classes": classes, "columns": columns}
    for line in run.stdout.splitlines():
        found |= json.loads(line)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("size", nargs="*", type=int, help="examples, classes, columns")
    parser.add_argument("--seconds", type=int, default=600, help="CPU time of a point at most")
    parser.add_argument("--no-gate", action="store_true", help="without the gate")
    parser.add_argument("--apart", type=float, default=APART, help="deviation of the centres")
    args = parser.parse_args()
    if args.size:
        resource.setrlimit(resource.RLIMIT_CPU, (args.seconds, args.seconds))
        point(*args.size, not args.no_gate, args.apart)
        return
    table = pd.DataFrame([measured(*size, args.seconds) for size in POINTS])
    (FOLDER / "large.csv").write_text(table.to_csv(index=False, lineterminator="\n"))
    print(table.T.to_string())


if __name__ == "__main__":
    main()
