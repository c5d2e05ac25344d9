"""How stages run and end."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from labelnoise import stage

ROOT = Path(__file__).parents[1]
SCRIPT = """import checkout
from labelnoise import places, slow, stage

if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        slow.work()
"""


def test_stages_that_look_at_images_draw_labels_count_intervals_or_write_pages_do_without_all_distributions():
    """scipy.stats takes a third of a second to import, and scikit-learn, which needs it, as much again, in each
    stage."""
    names = ("inspection.study", "noise.grid", "coverage.table", "report.render")
    modules = ", ".join(f"labelnoise.{name}" for name in names)
    code = f"import sys, {modules}; assert not {{'scipy.stats', 'sklearn'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("error", [ValueError("key: allowed is x"), OSError("disk full")])
def test_bad_input_ends_with_one_line(error):
    with pytest.raises(SystemExit) as stopped, stage.running({}):
        raise error
    assert stopped.value.code == f"error: {error}"


def test_a_missing_file_is_named_first(tmp_path):
    with pytest.raises(SystemExit) as stopped, stage.running({}):
        (tmp_path / "images.npz").read_bytes()
    assert stopped.value.code == f"error: {tmp_path / 'images.npz'}: No such file or directory"


def test_an_interrupt_ends_with_one_line():
    with pytest.raises(SystemExit, match="run again to go on"), stage.running({}):
        raise KeyboardInterrupt


def test_traceback_on_request_and_for_bugs(monkeypatch):
    with pytest.raises(KeyError), stage.running({}):
        raise KeyError("a bug, not bad input")
    monkeypatch.setenv("LABELNOISE_TRACEBACK", "1")
    with pytest.raises(ValueError), stage.running({}):
        raise ValueError


def test_one_thread_of_linear_algebra():
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(2):
        assert 2 in {library["num_threads"] for library in threadpool_info()}
        with stage.running({}):
            assert {library["num_threads"] for library in threadpool_info()} == {1}


def test_too_little_memory_is_one_line():
    with pytest.raises(SystemExit, match="out of memory: Unable to allocate 1"), stage.running({}):
        np.empty(2**57)


def _killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_is_one_line():
    with pytest.raises(SystemExit, match="error: a worker process was killed"), stage.running({}):
        joblib.Parallel(2)(joblib.delayed(_killed)(at) for at in range(2))


@pytest.fixture
def project(tmp_path) -> Path:
    """A checkout with a stage, other than the one that is installed."""
    package = tmp_path / "src" / "labelnoise"
    for folder in (package, tmp_path / "stages", tmp_path / "notebooks"):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "stages" / "checkout.py", tmp_path / "stages")
    for name in ("arithmetic", "stage", "places"):
        shutil.copy(ROOT / "src" / "labelnoise" / f"{name}.py", package)
    (package / "__init__.py").write_text("")
    (tmp_path / "stages" / "one.py").write_text(SCRIPT)
    (tmp_path / "notebooks" / "one.py").write_text("# text")
    (tmp_path / "params.yaml").write_text("a: 1  # one\n")
    return tmp_path


def start(project: Path, work: str) -> subprocess.Popen:
    """The stage in a process of its own, which imports or runs `work`."""
    (project / "src" / "labelnoise" / "slow.py").write_text(work)
    return subprocess.Popen(
        [sys.executable, "stages/one.py"], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        stdin=subprocess.PIPE, env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip


@pytest.mark.parametrize("where", ["import", "work"])
def test_ctrl_c_is_one_line_also_during_imports(project, where):
    body = "import time\nprint('here', flush=True)\ntime.sleep(60)\n"
    process = start(project, body if where == "import" else "def work():\n    " + body.replace("\n", "\n    "))
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert errors.startswith("interrupted: ") and errors.count("\n") == 1


def test_ctrl_c_is_not_lost_while_python_shuts_down(project):
    """DVC would go on with the next stage."""
    work = "import threading, time\ndef last():\n    time.sleep(0.5)\n    print('here', flush=True)\n"
    process = start(project, f"{work}    time.sleep(60)\ndef work():\n    threading.Thread(target=last).start()\n")
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (1, "interrupted: run again to go on\n")


def test_a_checkout_runs_its_own_code_and_its_kernels_too(project):
    work = """import os, subprocess, sys
def work():
    print(__file__, flush=True)
    subprocess.run([sys.executable, "-c", "import labelnoise; print(labelnoise.__file__)"])
    print(os.environ["OMP_NUM_THREADS"])
"""
    told, errors = start(project, work).communicate(timeout=30)
    package = project / "src" / "labelnoise"
    assert (told.splitlines()[:2], errors) == ([str(package / "slow.py"), str(package / "__init__.py")], "")


def test_while_a_stage_imports_python_looks_for_no_garbage(project):
    """It would take a fifth of the time. What the stage does leaves some."""
    told = "print(gc.isenabled(), gc.get_freeze_count() > 1000)\n"
    work = f"import gc\n{told}def work():\n    {told}"
    assert start(project, work).communicate(timeout=30) == ("False False\nTrue True\n", "")


def test_a_stage_ends_when_dvc_is_killed(project):
    """As `dvc queue stop --kill` does it."""
    work = "import time\ndef work():\n    print('here', flush=True)\n    time.sleep(60)\n"
    (project / "src" / "labelnoise" / "slow.py").write_text(work)
    dvc = "import subprocess, sys\nsubprocess.run([sys.executable, 'stages/one.py'])"
    process = subprocess.Popen(
        [sys.executable, "-c", dvc], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "DVC_STAGE": "one"},
    )  # fmt: skip
    assert process.stdout.readline() == "here\n"
    process.kill()
    _, errors = process.communicate(timeout=30)  # which waits for the stage
    assert errors == f"{stage.INTERRUPTED}\n"


EDITS = {
    "params.yaml": ("a: 2\n", True),
    "src/labelnoise/places.py": ("VALUE = 2\n", True),
    "src/labelnoise/stage.py": ("def (", True),
    "notebooks/one.py": ("# other text", True),
    "stages/one.py": (SCRIPT.replace("slow.work()", "slow.work()  # a remark"), False),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_is_edited_while_a_stage_runs_is_not_recorded(project, name):
    text, fails = EDITS[name]
    process = start(project, "def work():\n    print('here', flush=True)\n    input()\n")
    assert process.stdout.readline() == "here\n"
    (project / name).write_text(text)
    _, errors = process.communicate("\n", timeout=30)
    said = f"error: {name} changed while this stage ran: run again (finished runs are kept)\n"
    assert (process.returncode, errors) == ((1, said) if fails else (0, ""))


def test_another_comment_in_the_parameters_changes_nothing(project):
    process = start(project, "def work():\n    print('here', flush=True)\n    input()\n")
    assert process.stdout.readline() == "here\n"
    (project / "params.yaml").write_text("a: 1  # uno\n")
    (project / "src" / "labelnoise" / "new.py").write_text("")
    process.communicate("\n", timeout=30)
    assert process.returncode == 0


def test_a_file_that_is_gone_is_a_change(project):
    process = start(project, "def work():\n    print('here', flush=True)\n    input()\n")
    assert process.stdout.readline() == "here\n"
    (project / "params.yaml").unlink()
    assert "params.yaml changed" in process.communicate("\n", timeout=30)[1]


@pytest.mark.parametrize("path", sorted((ROOT / "stages").glob("*.py")), ids=lambda path: path.stem)
def test_every_stage_is_guarded(path):
    text = path.read_text("utf-8")
    if path.stem != "checkout":
        assert "\nimport checkout" in text and "with stage.running(checkout.SOURCES):" in text
        before = text[: text.index("\nimport checkout")].split('"""', 2)[2]
        assert not re.search(r"^(from|import) (labelnoise|numpy|pandas|torch|joblib)", before, re.M)
