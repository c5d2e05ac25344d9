"""Where torch computes."""

import torch


def chosen(wanted: str) -> str:
    """`cuda` or `cpu` for `run.device`; auto takes a GPU where torch sees one."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("params.yaml: run.device = cuda: torch sees no CUDA GPU; allowed here: auto, cpu")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"
