"""The same rounding on all x86 processors that have AVX2, whatever newer instructions they have.

The libraries below choose their routines by the processor. Another order of the same sums rounds differently, and
after some hundred steps a network is another one: other bytes, and now and then another verdict. The kernels that
train networks need no such choice: their sums have one order on every processor (labelnoise.kernels).

Convolutions of torch are left alone: oneDNN 3.12 has a fault by AVX2, told to stop there (ONEDNN_MAX_CPU_ISA) or
because a processor has no more. One case is known, which labelnoise.nets.layers goes round.
"""

import os
from pathlib import Path

PINNED = {
    "OPENBLAS_CORETYPE": "Haswell",  # products and decompositions of numpy and scipy
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own loops
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # its products, on processors of Intel
}
# numpy's own loops, as exp and cos, on processors that have newer ones; the names are those of numpy 2.4
NEWER = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}
PROCESSOR = Path("/proc/cpuinfo")


def pin() -> None:
    """Take routines for AVX2, in this process and those that it starts. Before numpy and torch are imported, which
    read it then. Without AVX2, or where Linux does not say so, the libraries choose."""
    features = PROCESSOR.read_text().split() if PROCESSOR.exists() else []
    if "avx2" in features:
        os.environ.update(PINNED | (NEWER if "avx512f" in features else {}))
