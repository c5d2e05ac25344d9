"""Where runs are kept, also for an experiment that DVC runs in a folder of its own."""

from pathlib import Path
from typing import Any

# within a project: below it, a folder per experiment of `dvc exp run --temp`, `--queue`
QUEUED = (".dvc", "tmp", "exps")


def store(params: Any) -> Path:
    """`run.store`, in the project's folder: an experiment in a copy of the project then finds what is trained."""
    for folder in Path.cwd().parents:
        if folder.parts[-len(QUEUED) :] == QUEUED:
            return folder.parents[2] / params.run.store
    return Path(params.run.store)
