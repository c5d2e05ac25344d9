"""Processors of several generations round alike: their newest instructions are left alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labelnoise import arithmetic

ROOT = Path(__file__).parents[1]
LIBRARIES = """
import numpy, scipy.linalg, torch
from threadpoolctl import threadpool_info
blas = sorted({one["architecture"] for one in threadpool_info() if one["internal_api"] == "openblas"})
print(*blas, torch.backends.cpu.get_cpu_capability())
"""
ENTRIES = {"stages": "import checkout", "commands": "from labelnoise import cli\ncli.main(['why', '--help'])"}


def last_line(code: str, folder: Path) -> str:
    """What Python prints last in `folder`, where nothing was chosen before."""
    asked = {name: value for name, value in os.environ.items() if name not in arithmetic.PINNED | arithmetic.NEWER}
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT / "stages"), str(ROOT / "src")])}
    command, how = [sys.executable, "-c", code], {"capture_output": True, "text": True, "timeout": 60}
    told = subprocess.run(command, env=asked | paths, cwd=folder, **how)
    assert told.stderr == ""
    return told.stdout.splitlines()[-1]


@pytest.mark.parametrize("entry", ENTRIES)
def test_stages_and_commands_take_the_routines_of_avx2(entry):
    if "avx2" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no AVX2")
    assert last_line(f"{ENTRIES[entry]}\n{LIBRARIES}", ROOT) == "Haswell AVX2"


def test_only_what_a_processor_has_is_left_out(tmp_path, monkeypatch):
    told = tmp_path / "cpuinfo"
    newest = arithmetic.PINNED | arithmetic.NEWER
    for flags, found in (("sse4_2 avx", {}), ("avx avx2 fma", arithmetic.PINNED), ("avx2 avx512f", newest)):
        told.write_text(f"flags\t\t: {flags}\n")
        monkeypatch.setattr(arithmetic, "PROCESSOR", told)
        monkeypatch.setattr(arithmetic.os, "environ", {})
        arithmetic.pin()
        assert arithmetic.os.environ == found
