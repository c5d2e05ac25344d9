"""The entry point: one at a time, signals passed on, settings of this machine; how stages end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labelnoise import quiet_dvc, reproduce

ROOT = Path(__file__).parents[1]
STOPPED = "interrupted: what is done is kept, run it again to go on\n"


def start(folder: Path, module: str, ignored: int = 0) -> subprocess.Popen:
    """The entry point, in a process group of its own, with a module in place of DVC: as from a terminal, which
    ignores no signal, whatever the tests run under, or with the number of one `ignored`, as by nohup."""
    program = (
        "import signal\nfrom pathlib import Path\nfrom labelnoise import reproduce\n"
        "for each in reproduce.ENDING:\n"
        f"    signal.signal(each, signal.SIG_IGN if each == {ignored} else signal.SIG_DFL)\ndef work():\n"
        "    with reproduce.locked(Path()) as lock:\n"
        f"        reproduce.run(Path(), lock, signal.SIGINT, {module!r})\nreproduce.started(work)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        process_group=0, env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip


def test_a_second_one_ends_with_one_line(tmp_path):
    with reproduce.locked(tmp_path), pytest.raises(SystemExit) as stopped, reproduce.locked(tmp_path):
        pass
    assert (
        str(stopped.value)
        == f"error: process {os.getpid()} reproduces {tmp_path} already: wait for it, or stop it"
    )
    with reproduce.locked(tmp_path):
        pass


def test_what_it_starts_holds_the_project_when_it_is_killed(tmp_path):
    (tmp_path / "slow.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    process = start(tmp_path, "slow")
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    with pytest.raises(SystemExit, match=f"error: process {child} reproduces"), reproduce.locked(tmp_path):
        pass
    os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_waits_for_what_runs_and_ends_with_one_line(tmp_path, number):
    """The stage puts away its work, and no traceback is printed."""
    (tmp_path / "slow.py").write_text(
        "import time\ntry:\n    print('started', flush=True)\n"
        "    for _ in range(600):\n        time.sleep(0.1)\n"  # in one, a signal just before it waits to its end
        "except KeyboardInterrupt:\n    time.sleep(0.5)\n    open('kept', 'w').close()\n"
    )
    process = start(tmp_path, "slow")
    assert process.stdout.readline() == "started\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, STOPPED) and (tmp_path / "kept").exists()


def test_what_nohup_ignores_ends_nothing(tmp_path):
    (tmp_path / "short.py").write_text("import time\nprint('started', flush=True)\ntime.sleep(0.5)\n")
    process = start(tmp_path, "short", signal.SIGHUP)
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGHUP)
    assert (process.communicate(timeout=30)[1], process.returncode) == ("", 0)


def test_what_does_not_stop_is_stopped_at_the_third_signal(tmp_path):
    (tmp_path / "deaf.py").write_text(
        "import signal, time\nfor number in (signal.SIGINT, signal.SIGTERM):\n"
        "    signal.signal(number, lambda *_: print('no', flush=True))\nprint('started', flush=True)\n"
        "while True:\n    time.sleep(60)\n"
    )
    process = start(tmp_path, "deaf")
    for said in ("started\n", "no\n", "no\n"):
        assert process.stdout.readline() == said
        process.send_signal(signal.SIGINT)
    assert (process.communicate(timeout=30)[1], process.returncode) == (STOPPED, 130)


def test_an_interrupt_while_dvc_is_loaded_tells_nothing(monkeypatch, capfd):
    """DVC itself says what it is told later; its code is passed on."""
    monkeypatch.setattr(quiet_dvc, "hush", lambda: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr("sys.argv", ["dvc", "version"])
    assert (quiet_dvc.main(), capfd.readouterr().err) == (252, "")


def test_what_a_killed_one_leaves_is_ended(tmp_path, capfd):
    (tmp_path / "parent.py").write_text(
        "import os, subprocess, sys\nchild = subprocess.Popen(['sleep', '60'])\n"
        "open('child', 'w').write(str(child.pid))\nos.kill(os.getpid(), 9)\n"
    )
    with reproduce.locked(tmp_path) as lock, pytest.raises(SystemExit) as stopped:
        reproduce.run(tmp_path, lock, signal.SIGINT, "parent")
    assert stopped.value.code == 137
    assert capfd.readouterr().err == "parent was killed by signal 9: run again to go on\n"
    status = Path("/proc", (tmp_path / "child").read_text(), "stat")
    deadline = time.monotonic() + 10
    while status.exists() and status.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not status.exists() or status.read_text().split()[2] == "Z"


@pytest.mark.parametrize(
    ("command", "code", "last"),
    [
        ("date > out", 0, None),
        ("echo seen; echo error: why >&2; exit 1", 255, "error: why"),  # said once, and last
        ("echo seen; exit 137", 255, "exited with 137"),  # what was killed could not say why
        ("echo seen", 255, "output 'out' does not exist"),  # DVC's own to say
    ],
)
def test_dvc_advises_nothing_and_keeps_its_words_and_exit_code(tmp_path, capfd, command, code, last):
    """In a git repository, where it would speak of `git add`, and after a stage that ran, of `dvc push`."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "dvc.yaml").write_text(f'stages:\n  one: {{cmd: "{command}", outs: [out]}}\n')
    with reproduce.locked(tmp_path) as lock:
        try:
            reproduce.dvc(tmp_path, lock, "one")
        except SystemExit as stopped:
            assert stopped.code == code != 0
    out, errors = capfd.readouterr()
    assert "Running stage 'one'" in out and ("Updating lock file 'dvc.lock'" in out) == (code == 0)
    assert not {"git", "push", "autostage"} & set(out.replace("`", " ").split())
    assert ("seen" in out) == (code > 0)
    if last is not None:
        assert errors.strip().endswith(last)
    assert ("ERROR: failed to reproduce 'one'" in errors) == (last not in (None, "error: why"))


def test_settings_of_dvc_follow_the_machine(tmp_path):
    """A downloaded archive has no git: DVC must be told so, and told again when there is one."""
    config = tmp_path / ".dvc" / "config.local"
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "dvc.yaml").write_text("stages:\n  one: {cmd: date > out, outs: [out]}\n")
    with reproduce.locked(tmp_path) as lock:
        reproduce.configure(tmp_path, lock)
        reproduce.dvc(tmp_path, lock, "one")
        assert (tmp_path / "out").exists() and "no_scm = true" in config.read_text()
        site = tmp_path / ".dvc" / "tmp" / "site"
        assert f"site_cache_dir = {site}" in config.read_text() and site.stat().st_mode & 0o77 == 0
        written = config.stat().st_mtime_ns
        reproduce.configure(tmp_path, lock)
        assert config.stat().st_mtime_ns == written
        (tmp_path / ".git").mkdir()
        reproduce.configure(tmp_path, lock)
    assert "no_scm" not in config.read_text() and "site_cache_dir" in config.read_text()
