"""The run store: every finished program, and the checkpoint of an unfinished one, under a key of its content.

The key is a hash of what was asked for, the data, the code that made it, the torch version, the kind of device
and the CPU's capability, so that an entry is never stale.
"""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock

from labelnoise import files
from labelnoise.train.types import Progress


def array_hash(*arrays: np.ndarray) -> str:
    """sha256 of the arrays' types, shapes and bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def code_hash(files: list[Path]) -> str:
    """sha256 of the source of `files`."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def machine(device: str) -> dict[str, str]:
    """What of the machine changes bytes: torch, kind of device, the instructions that its kernels use."""
    capability = torch.backends.cpu.get_cpu_capability()
    return {"torch": torch.__version__, "device": device, "cpu": capability if device == "cpu" else ""}


def key(spec: dict) -> str:
    """Name of the entry for a JSON-serialisable description of a program."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:32]


def finished(store: Path, name: str) -> Path:
    return store / f"{name}.npz"


def checkpoint(store: Path, name: str) -> Path:
    return store / f"{name}.checkpoint"


def ticks(store: Path, name: str) -> Path:
    """A file that holds how many epochs a running program has done, for the progress bar."""
    return store / f"{name}.ticks"


def lock(store: Path, name: str) -> FileLock:
    """Held while a program trains, so that an orphaned trainer never writes beside a new one."""
    return FileLock(store / f"{name}.lock")


def save_checkpoint(path: Path, progress: Progress, earlier: dict[str, torch.Tensor]) -> None:
    """Write where a training stands; `earlier` is what a first round left."""
    buffer = io.BytesIO()
    torch.save({"progress": progress._asdict(), "earlier": earlier}, buffer)
    files.write_bytes(path, buffer.getvalue())


def load_checkpoint(path: Path, device: str) -> tuple[Progress | None, dict[str, torch.Tensor]]:
    """The checkpoint at `path` and what a first round left; (None, {}) where there is none."""
    if not path.exists():
        return None, {}
    saved = torch.load(path, map_location=device, weights_only=True)
    return Progress(**saved["progress"]), saved["earlier"]
