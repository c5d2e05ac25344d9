"""What the benchmarks share: ratios of interleaved measurements, the peak, facts without a machine, the results.

CPU time of this process (user and system, all threads) counts, never wall time: other work on the machine then
changes little.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from threadpoolctl import threadpool_info

from labelnoise import files

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.md"
HEADER = "# Results\n\nWritten by the scripts beside this file; README.md says what is measured and how.\n"
EDGE = 2048  # of the square matrices whose product is the peak


class Ratio(NamedTuple):
    """A ratio over pairings of interleaved measurements."""

    median: float
    low: float
    high: float
    pairings: int

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio(pairs: list[tuple[float, float]]) -> Ratio:
    """Summary of numerator / denominator over pairings of neighbouring measurements."""
    values = [above / below for above, below in pairs]
    return Ratio(float(np.median(values)), min(values), max(values), len(values))


def seconds(work: Callable[[], object]) -> float:
    """CPU-seconds of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def peak() -> float:
    """fp32 floating-point operations per CPU-second of a large matrix product: the median of seven, by the faster
    of torch's and numpy's BLAS."""
    a = torch.rand(EDGE, EDGE)
    b = a.numpy()
    by_torch, by_numpy = ([seconds(product) for _ in range(7)] for product in (lambda: a @ a, lambda: b @ b))
    return 2 * EDGE**3 / min(np.median(by_torch), np.median(by_numpy))


def facts() -> str:
    """What a reader needs to compare: versions and kernels, nothing that names a machine."""
    known, blas = threadpool_info(), "openblas"
    kinds = ", ".join(sorted({one["architecture"] for one in known if one["internal_api"] == blas}))
    chosen = f"CPU {torch.backends.cpu.get_cpu_capability()}, OpenBLAS {kinds}"
    return f"torch {torch.__version__}, numpy {np.__version__}, {chosen}"


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
