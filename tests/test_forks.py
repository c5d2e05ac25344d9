"""Stages as forks: what they see, how they end, and who is told."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from dvc.stage import run as dvc_run
from dvc.stage.exceptions import StageCmdFailedError

from labelnoise import forks

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OF_A_STAGE": "1"}
TELL = "print(os.getpid(), flush=True)"


@pytest.fixture(scope="module")
def server():
    made = ready()
    yield made
    made.pipe.close()
    assert made.process.wait(10) == 0


def ready() -> forks.Server:
    made, deadline = forks.Server(), time.monotonic() + 60
    signal.pthread_sigmask(signal.SIG_BLOCK, forks.CTRL_C)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT / "src"))
        while not made.is_ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, forks.CTRL_C)
    return made


def script(folder: Path, text: str) -> list[str]:
    (folder / "stages").mkdir(exist_ok=True)
    (folder / "stages" / "one.py").write_text(text)
    return ["stages/one.py", "--dataset", "digits"]


def test_a_stage_is_the_program_that_it_would_be(server, tmp_path):
    """But for torch, which is there; of this package it has nothing but what it imports."""
    words = script(
        tmp_path,
        "import atexit, os, signal, sys\nfound = [name for name in sys.modules if 'labelnoise' in name]\n"
        "handler = signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "said = [__name__, os.getcwd(), os.environ['OF_A_STAGE'], 'torch' in sys.modules, found, handler]\n"
        "said += [sys.argv[1:], sys.path[0], os.path.basename(sys.modules['__main__'].__file__)]\n"
        "atexit.register(lambda: open('said', 'w').write(repr(said)))\n",
    )
    assert server.run(words, str(tmp_path), ENVIRONMENT) == 0
    stages = str(tmp_path / "stages")
    assert eval((tmp_path / "said").read_text()) == [
        "__main__", str(tmp_path), "1", True, [], True, ["--dataset", "digits"], stages, "one.py"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("raise SystemExit('error: why')", 1, "error: why\n"),
        ("raise SystemExit(3)", 3, ""),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
        ("raise ValueError('why')", 1, "ValueError: why\n"),
    ],
)
def test_its_exit_code_and_last_words_are_its_own(server, tmp_path, text, code, said):
    words = script(tmp_path, "import sys\nsys.stderr = open('said', 'w')\n" + text)
    assert server.run(words, str(tmp_path), ENVIRONMENT) == code
    assert (tmp_path / "said").read_text().endswith(said)


def waiting(folder: Path, text: str) -> tuple[subprocess.Popen, int]:
    """A process, the first of a group, that runs a stage; and the stage's number, which it prints."""
    words = script(folder, "import os, time\n" + text)
    program = (
        "import os, signal, time\nfrom labelnoise.forks import Server\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\nserver = Server()\n"
        "deadline = time.monotonic() + 60\nwhile not server.is_ready():\n"
        "    assert time.monotonic() < deadline\n    time.sleep(0.05)\n"
        f"print('ended', server.run({words}, {str(folder)!r}, dict(os.environ)))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        process_group=0, env=ENVIRONMENT,
    )  # fmt: skip
    return process, int(process.stdout.readline())


def test_a_stage_gets_ctrl_c_and_puts_its_work_away(tmp_path):
    text = (
        f"try:\n    {TELL}\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    open('kept', 'w').close()\n    raise SystemExit('kept')"
    )
    process, _ = waiting(tmp_path, text)
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    assert (out, errors, (tmp_path / "kept").exists()) == ("ended 1\n", "kept\n", True)


def test_a_stage_has_another_parent_once_dvc_is_gone(tmp_path):
    """By which it knows that it shall end (stages/checkout.py)."""
    text = (
        f"parent = os.getppid()\n{TELL}\nwhile os.getppid() == parent:\n    time.sleep(0.01)\n"
        "open('alone', 'w').close()"
    )
    process, _ = waiting(tmp_path, text)
    process.kill()
    process.communicate(timeout=30)
    deadline = time.monotonic() + 10
    while not (tmp_path / "alone").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_stage_whose_process_is_killed_has_failed(tmp_path):
    process, stage = waiting(tmp_path, f"{TELL}\ntime.sleep(60)")
    parent = int(re.search(r"PPid:\s+(\d+)", Path(f"/proc/{stage}/status").read_text())[1])
    os.kill(parent, signal.SIGKILL)
    ended = process.stdout.readline()
    os.kill(stage, signal.SIGKILL)
    assert (ended, process.communicate(timeout=30)) == (f"ended {forks.LOST}\n", ("", ""))


def test_ctrl_c_before_the_fork_ends_the_stage(tmp_path):
    made = ready()
    os.kill(made.process.pid, signal.SIGINT)
    assert made.run(script(tmp_path, "open('ran', 'w').close()"), str(tmp_path), ENVIRONMENT) == 1
    assert not (tmp_path / "ran").exists()
    made.pipe.close()
    assert made.process.wait(10) == 0


def test_once_it_was_killed_stages_run_as_ever():
    made = ready()
    made.process.kill()
    made.process.wait()
    assert not made.is_ready() and not made.is_ready()


PLAIN = ["plain"]


@pytest.mark.parametrize(
    ("command", "code", "interrupted", "raised"),
    [
        ("python stages/one.py --dataset digits", 0, False, None),
        ("python stages/one.py --dataset digits", 3, False, StageCmdFailedError),
        ("python stages/one.py --dataset digits", 0, True, KeyboardInterrupt),
        ("python stages/one.py --dataset digits", 1, True, StageCmdFailedError),  # which says of it what it has to
        ("python stages/one.py --dataset digits", None, False, PLAIN),  # no memory for it
        ("python stages/one.py --dataset digits", None, True, KeyboardInterrupt),
        ("python stages/one.py > said", 0, False, PLAIN),
        ("python -m http.server", 0, False, PLAIN),
    ],
)
def test_dvc_runs_stages_so_and_all_else_as_ever(monkeypatch, command, code, interrupted, raised):
    def run(self, *stage):
        done.append(stage)
        if interrupted:
            signal.raise_signal(signal.SIGINT)
        return code

    done = []
    monkeypatch.setattr(dvc_run, "_run", lambda *command, **how: done.append(PLAIN))
    monkeypatch.setattr(forks.Server, "is_ready", lambda self: True)
    monkeypatch.setattr(forks.Server, "run", run)
    monkeypatch.setattr(forks, "NVIDIA", Path("/none"))
    forks.speed_up()
    with pytest.raises(raised) if isinstance(raised, type) else nullcontext():
        dvc_run._run("/bin/sh", command, cwd="/", env={})
    asked = [(command.split()[1:], "/", {})] if "--dataset" in command else []
    assert done == asked + ([PLAIN] if raised is PLAIN else [])
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) and not signal.sigpending()


def test_beside_a_gpu_nothing_is_forked(monkeypatch, tmp_path):
    monkeypatch.setattr(dvc_run, "_run", PLAIN)
    monkeypatch.setattr(forks, "NVIDIA", tmp_path)
    forks.speed_up()
    assert dvc_run._run is PLAIN


def test_it_is_started_with_the_second_stage_and_until_it_is_ready_stages_run_as_ever():
    made = forks.Server()
    assert (made.is_ready(), made.process) == (False, None)
    assert not made.is_ready()
    made.process.kill()
    made.process.wait()
    assert not made.is_ready()
