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


@pytest.mark.parametrize("entry", ENTRIES)
def test_stages_and_commands_take_the_routines_of_avx2(entry):
    if "avx2" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no AVX2")
    asked = {name: value for name, value in os.environ.items() if name not in arithmetic.PINNED}
    paths = os.pathsep.join([str(ROOT / "stages"), str(ROOT / "src")])
    command = [sys.executable, "-c", f"{ENTRIES[entry]}\n{LIBRARIES}"]
    told = subprocess.run(command, env=asked | {"PYTHONPATH": paths}, capture_output=True, text=True, timeout=60)
    assert (told.stdout.splitlines()[-1:], told.stderr) == (["Haswell AVX2"], "")


def test_a_processor_without_avx2_is_left_alone(tmp_path, monkeypatch):
    told = tmp_path / "cpuinfo"
    for flags, found in (("fpu sse4_2 avx", {}), ("fpu avx avx2 fma", arithmetic.PINNED)):
        told.write_text(f"flags\t\t: {flags}\n")
        monkeypatch.setattr(arithmetic, "PROCESSOR", told)
        monkeypatch.setattr(arithmetic.os, "environ", {})
        arithmetic.pin()
        assert arithmetic.os.environ == found
