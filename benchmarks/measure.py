"""What the benchmarks share: CPU time, ratios of interleaved measurements, machine-free facts, the results file.

CPU time (user and system) counts, never wall time: other work on the machine then changes little.
"""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from labelnoise import files

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.md"
HEADER = "# Results\n\nWritten by the scripts beside this file; README.md says what is measured and how.\n"


class Ratio(NamedTuple):
    """A ratio over pairings of interleaved measurements."""

    median: float
    low: float
    high: float
    pairings: int

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f}, {self.pairings} pairings)"


def child_cpu_seconds(command: list[str], folder: Path) -> float:
    """CPU-seconds of a Python command in a fresh process, with all processes that it starts and waits for.

    One thread per process. subprocess.CalledProcessError, with the output on stderr, where it fails.
    """
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        print(run.stdout, run.stderr, sep="\n", file=sys.stderr)
    run.check_returncode()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ratio(pairs: list[tuple[float, float]]) -> Ratio:
    """Summary of numerator / denominator over pairings of neighbouring measurements."""
    values = [above / below for above, below in pairs]
    return Ratio(float(np.median(values)), min(values), max(values), len(values))


def facts(device: str = "cpu", threads: int = 1) -> str:
    """What a reader needs to compare: versions and kernels, nothing that names a machine."""
    name = torch.cuda.get_device_name() if device == "cuda" else f"CPU {torch.backends.cpu.get_cpu_capability()}"
    return f"torch {torch.__version__}, {name}, {threads} thread{'s' if threads > 1 else ''} per process"


def report(section: str, lines: list[str], path: Path | None) -> None:
    """Print a section and, where `path` is given, put it into that Markdown file in place of its older self."""
    text = "\n".join([f"## {section}", "", *lines, ""])
    print(text)
    if path is not None:
        old = path.read_text(encoding="utf-8") if path.exists() else HEADER
        files.write_text(path, _replaced(old, section, text))


def _replaced(old: str, section: str, text: str) -> str:
    pattern = re.compile(rf"^## {re.escape(section)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if pattern.search(old):
        return pattern.sub(lambda _: f"{text}\n", old).rstrip("\n") + "\n"
    return f"{old.rstrip()}\n\n{text}"
