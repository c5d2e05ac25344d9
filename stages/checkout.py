"""Imported first by every stage: the package of this checkout, whatever is installed, and what its sources are.

An experiment that DVC queues runs in a copy of the project: `labelnoise` is installed from the project itself, but
the copy's own code must run. What is read here is compared when the stage ends (labelnoise.stage), so it must be
read before anything else is imported.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src"


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
        print("interrupted: run again to go on", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _one_line
sys.path.insert(0, str(PACKAGE))
os.environ["PYTHONPATH"] = f"{PACKAGE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(
    os.pathsep
)  # of kernels
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: BLAS threads of idle cores spin beside training
SOURCES = _sources()
