"""The same rounding on all x86 processors that have AVX2, whatever newer instructions they have.

The libraries below choose their routines by the processor. Another order of the same sums rounds differently, and
after some hundred steps a network is another one: other bytes, and now and then another verdict. What decides was
found by telling a processor with AVX-512 to do without, one library after the other; numpy's own loops and numba's
code changed no byte.

Convolutions of torch are left alone: oneDNN 3.12, told to stop at AVX2 (ONEDNN_MAX_CPU_ISA), writes where it must
not in the backward pass of some, and the process dies.
"""

import os
from pathlib import Path

PINNED = {
    "OPENBLAS_CORETYPE": "Haswell",  # products of numpy and scipy, and so of our kernel
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own loops
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # its products, on processors of Intel
}
PROCESSOR = Path("/proc/cpuinfo")


def pin() -> None:
    """Take routines for AVX2, in this process and those that it starts. Before numpy and torch are imported, which
    read it then. Without AVX2, or where Linux does not say so, the libraries choose."""
    if PROCESSOR.exists() and "avx2" in PROCESSOR.read_text().split():
        os.environ.update(PINNED)
