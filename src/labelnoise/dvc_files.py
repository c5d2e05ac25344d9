"""DVC's reading of params.yaml and writing of dvc.lock, which it does again and again while it reproduces a study.

After each stage it reads and writes all of dvc.lock, which takes up to a second; here the text of that stage
alone is made. The text is DVC's own, byte for byte: what is in a stage does not change how those beside it are
written, but where YAML numbers what occurs twice; then all is written at once. The file is replaced, so that a
kill leaves no half of it.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from labelnoise.mending import TMP

STAGES = "stages"
ANCHOR = "&id"  # of YAML, before what occurs twice


def speed_up() -> None:
    """Let DVC, in this process, read params.yaml once, and write of dvc.lock what changes."""
    from dvc import dvcfile
    from dvc.dependency import param

    whole, locks = dvcfile.modify_yaml, defaultdict(Lock)
    dvcfile.modify_yaml = lambda path, fs=None: (
        locks[path].modified(Path(path)) if dvcfile.is_lock_file(path) else whole(path, fs=fs)
    )
    param.load_path = once(param.load_path)


def once(load: Callable) -> Callable:
    """`load` of DVC's, called anew for other bytes of a file."""
    known: dict[tuple[str, bytes], Any] = {}

    def loaded(path: str, fs: Any) -> Any:
        of = path, Path(path).read_bytes()
        if of not in known:
            known[of] = load(path, fs)
        return deepcopy(known[of])  # nobody changes what is known

    return loaded


class Lock:
    """A dvc.lock as it was last seen: its text, what that says, and the text of each stage that was made."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.said: dict[str, Any] = {}
        self.parts: dict[str, str] = {}

    @contextmanager
    def modified(self, path: Path) -> Iterator[dict[str, Any]]:
        """What the file says, for DVC to put stages into; afterwards the file says it. It is left alone where it
        did before."""
        self._read(path)
        before, text, self.text = dict(self.said.get(STAGES, {})), self.text, None
        beside = deepcopy(self._beside())
        yield self.said
        changed = {name for name, of in self.said[STAGES].items() if of != before.get(name)}
        if text and not changed and self.said[STAGES].keys() == before.keys() and self._beside() == beside:
            self.text = text
            return
        for name, of in self.said[STAGES].items():
            if name in changed or name not in self.parts:
                self.parts[name] = _part(name, of)
        self._write(path)

    def _read(self, path: Path) -> None:
        """Unless it is known: others may have changed it; and what was read shares what the file has once."""
        from dvc.utils.serialize import parse_yaml

        text = path.read_text("utf-8") if path.exists() else ""
        if text != self.text or ANCHOR in text:
            self.text, self.said, self.parts = text, parse_yaml(text, path), {}

    def _beside(self) -> dict[str, Any]:
        """What the file says beside its stages: a version, data sets of DVC's."""
        return {name: of for name, of in self.said.items() if name != STAGES}

    def _write(self, path: Path) -> None:
        from dvc.utils.serialize import dumps_yaml

        head = dumps_yaml(self._beside())
        self.text = f"{head}{STAGES}:\n" + "".join(self.parts[name] for name in self.said[STAGES])
        if ANCHOR in self.text:
            self.text = dumps_yaml(self.said)
        partial = path.parent / TMP / f"{path.name}.partial"
        with partial.open("w", encoding="utf-8") as file:
            file.write(self.text)
            file.flush()
            os.fsync(file.fileno())  # else it may have its new name before its content
        os.replace(partial, path)


def _part(name: str, stage: dict[str, Any]) -> str:
    """Text of a stage, as it is below `stages:`."""
    from dvc.utils.serialize import dumps_yaml

    return dumps_yaml({STAGES: {name: stage}}).partition("\n")[2]
