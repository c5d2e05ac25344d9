"""The benchmarks run, count what they say, and keep no absolute times. Their ratios are not tested here."""

import runpy
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import measure  # noqa: E402  (scripts, not a package)
import methods  # noqa: E402
import stacked  # noqa: E402
import sweep  # noqa: E402
import workload  # noqa: E402


def test_ratio_is_the_median_of_the_pairings():
    assert measure.ratio([(10.0, 1.0), (6.0, 2.0), (20.0, 5.0)]) == (4.0, 3.0, 10.0, 3)


def test_report_replaces_its_own_section_only(tmp_path):
    path = tmp_path / "results.md"
    for section, line in [("A", "old"), ("B", "kept"), ("A", "new")]:
        measure.report(section, [line], path)
    text = path.read_text()
    assert text == measure.HEADER + "\n## A\n\nnew\n\n## B\n\nkept\n"


def test_cpu_time_of_grandchildren_counts(tmp_path):
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    assert 0.5 <= measure.child_cpu_seconds(["-c", nested], tmp_path) < 1.5


def test_a_failing_command_is_not_a_measurement(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        measure.child_cpu_seconds(["-c", "raise SystemExit(3)"], tmp_path)


FEW = ["cross_entropy", "elr", "cascade"]  # a loss, a memory, a second round; tests/methods train them all


def _few(folder, load=workload.load):
    of = load(folder)
    methods = {name: of.params.methods[name] for name in FEW}
    return of._replace(params=of.params.model_copy(update={"methods": methods}))


def _in_process(command, folder):
    """As measure.child_cpu_seconds, without the start of a process."""
    started = time.process_time()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", command)
        runpy.run_path(command[0], run_name="__main__")
    return time.process_time() - started


@pytest.mark.parametrize("script", [sweep, methods, stacked])
def test_script_runs(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(workload, "load", _few)
    monkeypatch.setattr(measure, "child_cpu_seconds", _in_process)
    threads = torch.get_num_threads()
    monkeypatch.setattr(measure, "RESULTS", tmp_path / "results.md")
    monkeypatch.setattr(sys, "argv", ["script", "--quick"])
    try:
        script.main()
    finally:
        torch.set_num_threads(threads)  # training sets it to one
    assert "1 pairings" in capsys.readouterr().out
    assert not measure.RESULTS.exists()  # a quick run measures nothing worth keeping
