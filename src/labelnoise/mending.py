"""DVC's own files, which it rewrites in place, so that a kill at the wrong moment leaves half of one; its cache.

Half a dvc.lock, or half of the list of running stages, would end every later run. So would a damaged file in the
cache, which DVC takes for what its name says. What `make` starts replaces dvc.lock (dvc_files.py); `dvc repro` by
hand does not.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TMP = Path(".dvc", "tmp")
CACHE = Path(".dvc", "cache", "files", "md5")
KEPT = TMP / "dvc.lock.kept"  # the last dvc.lock that was whole


def keep(folder: Path) -> None:
    """Remember dvc.lock where it is whole."""
    lock, kept = folder / "dvc.lock", folder / KEPT
    found = lock.read_bytes() if lock.exists() else b""
    if found != (kept.read_bytes() if kept.exists() else b"") and whole(found):
        partial = kept.with_name(f"{kept.name}.partial")
        partial.write_bytes(found)
        os.replace(partial, kept)


def whole(lock: bytes) -> bool:
    """Whether DVC can read this text of dvc.lock."""
    # imported here: each takes a fifth of a second, in which Ctrl-C must already end in one line
    import yaml
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from voluptuous import Invalid

    try:
        COMPILED_LOCKFILE_SCHEMA(yaml.load(lock, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, Invalid):
        return False
    return lock.endswith(b"\n")


def mend(folder: Path) -> None:
    """Restore DVC's lock file, and remove its list of running stages, where a kill left them half-written."""
    with _free(folder / TMP / "lock") as free:
        if free:
            keep(folder)
            _mend_lock(folder / "dvc.lock", folder / KEPT)
    with _free(folder / TMP / "rwlock.lock") as free:
        if free:
            _mend_stages(folder / TMP / "rwlock")


def clean(folder: Path) -> None:
    """Remove from DVC's cache what is not what its name says: DVC would put it in place of what a stage has just
    made anew. It reads all of the cache, and so is for when something failed."""
    for path in sorted((folder / CACHE).glob("??/*")):
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
        if found != f"{path.parent.name}{path.name}".removesuffix(".dir"):
            path.unlink()
            print(f"{path}: was damaged, and is removed: run again to make it anew", flush=True)


@contextmanager
def _free(path: Path) -> Iterator[bool]:
    """Whether no DVC process holds the lock at `path`; until the end none gets it."""
    with open(path, "a") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _mend_lock(lock: Path, kept: Path) -> None:
    before = kept.read_bytes() if kept.exists() else None  # what is there, unless that is damaged
    found = lock.read_bytes() if lock.exists() else before
    if found == before or b"<<<<<<< " in found:  # a conflict of git's is for its owner to solve
        return
    lock.unlink()
    if kept.exists():
        shutil.copy(kept, lock)
    print("dvc.lock was half-written: it is as `make` knew it last, or made anew", flush=True)


def _mend_stages(running: Path) -> None:
    try:
        json.loads(running.read_text("utf-8"))
    except FileNotFoundError:
        return
    except ValueError:
        running.unlink()
