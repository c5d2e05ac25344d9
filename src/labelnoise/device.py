"""Where torch computes."""

import os

import torch


def chosen(wanted: str) -> str:
    """`cuda` or `cpu` for `run.device`; auto takes a GPU where torch sees one."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("params.yaml: run.device = cuda: torch sees no CUDA GPU; allowed here: auto, cpu")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def repeatable() -> None:
    """Make a GPU give the same bytes for the same stack, and refuse what it cannot give twice."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when the first product is asked for
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = (
        False  # nothing reads it, and small steps would be doubled
    )
