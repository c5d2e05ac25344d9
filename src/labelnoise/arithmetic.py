"""The same rounding on all x86 processors that have AVX2, whatever newer instructions they have.

The libraries below choose their routines by the processor. Another order of the same sums rounds differently, and
after some hundred steps a network is another one: other bytes, and now and then another verdict. What decides was
found by telling a processor with AVX-512 to do without, one library after the other; numpy's own loops and numba's
code changed no byte. Whoever wants speed in place of the same bytes sets `run.routines: native` in params.yaml.

Convolutions of torch are left alone: oneDNN 3.12, told to stop at AVX2 (ONEDNN_MAX_CPU_ISA), writes where it must
not in the backward pass of some, and the process dies.
"""

import os
from pathlib import Path

import yaml

PINNED = {
    "OPENBLAS_CORETYPE": "Haswell",  # products of numpy and scipy, and so of our kernel
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own loops
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # its products, on processors of Intel
}
AVX2, NATIVE = "avx2", "native"  # values of `run.routines`
PROCESSOR = Path("/proc/cpuinfo")


def pin(routines: str = AVX2) -> None:
    """Take routines for AVX2, in this process and those that it starts. Before numpy and torch are imported, which
    read it then. For native ones, without AVX2, or where Linux does not say so, the libraries choose."""
    if routines == AVX2 and PROCESSOR.exists() and "avx2" in PROCESSOR.read_text().split():
        os.environ.update(PINNED)


def wanted(path: Path = Path("params.yaml")) -> str:
    """`run.routines` of a project. `labelnoise.params` checks it later, as reading all would import numpy; where
    there is no such file or key, AVX2."""
    try:
        section = (yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {})["run"]
        return NATIVE if section["routines"] == NATIVE else AVX2
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError):  # of a date that there is not
        return AVX2
