"""Processors of several generations round alike: their newest instructions are left alone."""

import ast
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


MACHINE = """
from labelnoise.train import steps, store
print(store.machine("cpu", steps.kernel_name()))
"""  # of the key of a run


def last_line(code: str, folder: Path) -> str:
    """What Python prints last in `folder`, where nothing was chosen before."""
    asked = {name: value for name, value in os.environ.items() if name not in arithmetic.PINNED}
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


@pytest.mark.parametrize("entry", ENTRIES)
def test_with_native_routines_they_leave_the_libraries_alone(entry, tmp_path):
    (tmp_path / "params.yaml").write_text("run: {routines: native}\n")
    chosen = f"import os; print([name for name in {[*arithmetic.PINNED]} if name in os.environ])"
    assert last_line(f"{ENTRIES[entry]}\n{chosen}", tmp_path) == "[]"


def test_runs_by_other_routines_have_another_key(tmp_path):
    if "avx512f" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no newer instructions than AVX2, and so no other routines")
    made = []
    for routines in ("avx2", "native"):
        (tmp_path / "params.yaml").write_text(f"run: {{routines: {routines}}}\n")
        made.append(ast.literal_eval(last_line(f"import checkout\n{MACHINE}", tmp_path)))
    assert {name for name in made[0] if made[0][name] != made[1][name]} == {"cpu", "kernel"}


@pytest.mark.parametrize(
    "text",
    [None, "", "run: {workers: 2}\n", "run: [native]\n", "run: {routines: nativ", "a\n", "since: 2021-02-30\n"],
)
def test_without_a_word_on_routines_it_is_avx2(text, tmp_path):
    """What is wrong with the file is told later, in one line."""
    path = tmp_path / "params.yaml"
    if text is not None:
        path.write_text(text)
    assert arithmetic.wanted(path) == "avx2"
    path.write_text("run: {workers: 2, routines: native}\n")
    assert arithmetic.wanted(path) == "native"


def test_a_processor_without_avx2_is_left_alone(tmp_path, monkeypatch):
    told = tmp_path / "cpuinfo"
    for flags, found in (("fpu sse4_2 avx", {}), ("fpu avx avx2 fma", arithmetic.PINNED)):
        told.write_text(f"flags\t\t: {flags}\n")
        monkeypatch.setattr(arithmetic, "PROCESSOR", told)
        monkeypatch.setattr(arithmetic.os, "environ", {})
        arithmetic.pin()
        assert arithmetic.os.environ == found
