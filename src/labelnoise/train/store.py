"""The run store: every finished run, and the checkpoint of an unfinished stack, under a key of its content.

The key is a hash of what was asked for, the data, the code that a run uses, the torch version, the kind of device
and the CPU's capability, so that an entry is never stale. A file of the store carries its key and a seal, the hash
of its content. What does not match is set aside with a warning, and its run is trained again.
"""

import hashlib
import io
import json
import pickle
import sys
import zipfile
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock, Timeout

from labelnoise import files
from labelnoise.train.types import Checkpoint

SPEC = "spec.json"  # the member of an entry that says what was asked for
SEAL = 64  # bytes: a sha256 in hex, as the comment of the file's zip archive


class Damaged(ValueError):
    """A file of the store that is not what its name says."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why

    def __str__(self) -> str:
        return f"{self.path}: damaged: {self.why}"


def array_hash(*arrays: np.ndarray) -> str:
    """sha256 of the arrays' types, shapes and bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def machine(device: str, kernel: str) -> dict[str, str]:
    """What of the machine changes bytes: torch, our kernel where it is used, the instructions of the processor or
    the kind of GPU."""
    known = {"torch": torch.__version__, "device": device, "kernel": kernel}
    if device == "cpu":
        return known | {"cpu": torch.backends.cpu.get_cpu_capability()}
    return known | {"gpu": torch.cuda.get_device_name()}


def text(spec: dict) -> str:
    """A JSON-serialisable description of a program as an entry carries it."""
    return json.dumps(spec, sort_keys=True)


def key(spec: dict) -> str:
    """Name of the entry for a description of a program."""
    return _name(text(spec).encode())


def _name(spec: bytes) -> str:
    return hashlib.sha256(spec).hexdigest()[:32]


def finished(store: Path, name: str) -> Path:
    return store / f"{name}.npz"


def checkpoint(store: Path, name: str) -> Path:
    return store / f"{name}.checkpoint"


def ticks(store: Path, name: str) -> Path:
    """A file that holds how many epochs a running stack has done, for the progress bar."""
    return store / f"{name}.ticks"


def lock(store: Path, name: str) -> FileLock:
    """Held while a stack trains, so that an orphaned trainer never writes beside a new one."""
    return FileLock(store / f"{name}.lock")


def sweep(store: Path) -> None:
    """Remove what stacks that nobody trains any more left unfinished: of other parameters, or of runs that have
    finished since."""
    for path in store.glob("*.checkpoint"):
        with suppress(Timeout), lock(store, path.stem).acquire(timeout=0):
            path.unlink(missing_ok=True)
            ticks(store, path.stem).unlink(missing_ok=True)


def write(store: Path, name: str, spec: str, arrays: dict[str, np.ndarray]) -> None:
    """Write the entry `name` of the program whose `text` is `spec`; equal arrays are equal bytes."""
    carried = {SPEC: np.frombuffer(spec.encode(), np.uint8)}
    files.write_bytes(finished(store, name), _sealed(files.packed(carried | arrays)))


def read(store: Path, name: str, *patterns: str) -> dict[str, np.ndarray]:
    """The arrays of the entry `name`, or of them those whose names match one of the patterns; Damaged where they
    are not what `write` wrote under this name."""
    arrays = _members(finished(store, name), patterns or ("*",))
    return {member: array for member, array in arrays.items() if member != SPEC}


def sound(store: Path, name: str, keep: bool = False) -> bool:
    """Whether the entry `name` is there and whole; a damaged one is set aside, unless `keep`. About 1 ms."""
    path = finished(store, name)
    try:
        return path.exists() and bool(_members(path, (SPEC,)))
    except Damaged as error:
        if not keep:
            set_aside(path, error.why)
        return False


def _members(path: Path, patterns: tuple[str, ...]) -> dict[str, np.ndarray]:
    """What an entry holds under names that match one of the patterns; an array takes about 0.1 ms."""
    data = _unsealed(path)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as entry:
            name = _name(entry[SPEC].tobytes())
            arrays = {member: entry[member] for member in entry if _matches(member, patterns)}
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise Damaged(path, "not an entry of this store") from error
    if name != path.stem:
        raise Damaged(path, "the entry of another program")
    return arrays


def _matches(member: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(member, pattern) for pattern in patterns)


def set_aside(path: Path, why: str) -> None:
    """Rename a damaged file, so that its run is trained again, and say so."""
    kept = path.rename(path.with_name(f"{path.name}.damaged"))
    print(f"warning: {path}: damaged: {why}; kept as {kept.name}, trained again", file=sys.stderr, flush=True)


def _sealed(data: bytes) -> bytes:
    """A zip archive with the hash of all before it as its comment, whose length is the last that it says."""
    data = data[:-2] + SEAL.to_bytes(2, "little")
    return data + hashlib.sha256(data).hexdigest().encode()


def _unsealed(path: Path) -> bytes:
    data = path.read_bytes()
    if hashlib.sha256(data[:-SEAL]).hexdigest().encode() != data[-SEAL:]:
        raise Damaged(path, "its content is not what was written")
    return data


def save_checkpoint(path: Path, progress: Checkpoint, earlier: dict[str, torch.Tensor]) -> None:
    """Write where a training stands; `earlier` is what a first round left."""
    buffer = io.BytesIO()
    torch.save({"name": path.stem, "progress": progress._asdict(), "earlier": earlier}, buffer)
    files.write_bytes(path, _sealed(buffer.getvalue()))


def load_checkpoint(path: Path, device: str) -> tuple[Checkpoint | None, dict[str, torch.Tensor]]:
    """The checkpoint at `path` and what a first round left; (None, {}) where there is none, or a damaged one,
    which is set aside."""
    if not path.exists():
        return None, {}
    try:
        return _checkpoint(path, device)
    except Damaged as error:
        set_aside(path, error.why)
        return None, {}


def _checkpoint(path: Path, device: str) -> tuple[Checkpoint, dict[str, torch.Tensor]]:
    data = _unsealed(path)
    try:
        saved = torch.load(io.BytesIO(data), map_location=device, weights_only=True)
        name, progress, earlier = saved["name"], Checkpoint(**saved["progress"]), saved["earlier"]
    except (pickle.UnpicklingError, KeyError, TypeError) as error:  # a RuntimeError may be that of a full GPU
        raise Damaged(path, "not a checkpoint of this version") from error
    if name != path.stem:
        raise Damaged(path, "the checkpoint of another program")
    return progress, earlier
