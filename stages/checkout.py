"""Imported first by every stage: the package of this checkout, whatever is installed, and what its sources are.

An experiment that DVC queues runs in a copy of the project: `labelnoise` is installed from the project itself, but
the copy's own code must run. What is read here is compared when the stage ends (labelnoise.stage), so it must be
read before anything else is imported.
"""

import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src"
INTERRUPTED = "interrupted: run again to go on"


def _sources() -> dict[Path, bytes]:
    """The parameters and the code, file by file."""
    folders = (PACKAGE / "labelnoise", ROOT / "stages", ROOT / "notebooks")
    code = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".jinja")]
    own = ("params.yaml", "claims.yaml", "registration.yaml")
    files = [*(Path(name).absolute() for name in own), *code]
    return {path: path.read_bytes() for path in files if path.is_file()}


def _one_line(kind: type, error: BaseException, trace: object) -> None:
    """Ctrl-C while Python imports ends without a traceback, as later on."""
    if issubclass(kind, KeyboardInterrupt):
        print(INTERRUPTED, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def _not_lost(ignored: Any) -> None:
    """Ctrl-C while Python shuts down, which would ignore it: DVC, which leaves it to the stage, would go on."""
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        print(INTERRUPTED, file=sys.stderr, flush=True)
        os._exit(1)
    sys.__unraisablehook__(ignored)


def _end_with(parent: int) -> None:
    """Ctrl-C once DVC, which started this stage, is gone: it would train on for hours, and nothing be recorded."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGINT)


gc.disable()  # until labelnoise.stage runs what is imported: imports leave no garbage, and are a fifth faster so
sys.excepthook, sys.unraisablehook = _one_line, _not_lost
if "DVC_STAGE" in os.environ:  # set by DVC; else a stage was started by hand, and may outlive its shell
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
sys.path.insert(0, str(PACKAGE))
os.environ["PYTHONPATH"] = f"{PACKAGE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(
    os.pathsep
)  # of kernels
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: BLAS threads of idle cores spin beside training
from labelnoise import arithmetic  # noqa: E402, where this checkout's package is known

arithmetic.pin()  # also before numpy
SOURCES = _sources()
