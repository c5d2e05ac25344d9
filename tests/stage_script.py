"""Runs stages as scripts, in the test's own process and folder."""

import runpy
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from labelnoise import preset

ROOT = Path(__file__).parents[1]
STAGES = ROOT / "stages"


def parameters(*presets: dict) -> None:
    """What stages read in this folder: params.yaml with `presets` merged into it, claims.yaml and dvc.yaml."""
    values = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    for over in presets:
        values = preset.merged(values, over)
    Path("params.yaml").write_text(yaml.safe_dump(values), "utf-8")
    for name in ("claims.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, ".")


def run(name: str, dataset: str | None = None) -> None:
    """stages/<name>.py for a data set; SystemExit with its one line when it fails.

    What `checkout` is for is left out: the package is imported already, and may be edited while tests run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "checkout", SimpleNamespace(SOURCES={}))
        patch.setattr(sys, "argv", [name, *(["--dataset", dataset] if dataset else [])])
        runpy.run_path(str(STAGES / f"{name}.py"), run_name="__main__")
