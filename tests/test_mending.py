"""DVC's own files after a kill at the wrong moment."""

import fcntl
import hashlib
import json
from pathlib import Path

import pytest

from labelnoise import mending

LOCK = """schema: '2.0'
stages:
  one:
    cmd: date > out
    outs:
    - path: out
      hash: md5
      md5: 62ac4b51b5f0f5e0c1f6e6d1a3f4f3a1
      size: 29
"""


@pytest.fixture
def project(tmp_path) -> Path:
    """A project whose dvc.lock was whole when `mend` looked last."""
    (tmp_path / mending.TMP).mkdir(parents=True)
    (tmp_path / "dvc.lock").write_text(LOCK)
    mending.mend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("left", [0, 5, 30, LOCK.index("path: out"), LOCK.index("    - path"), len(LOCK) - 30])
def test_a_half_written_lock_file_is_restored(project, left, capsys):
    (project / "dvc.lock").write_text(LOCK[:left])
    mending.mend(project)
    assert (project / "dvc.lock").read_text() == LOCK
    assert capsys.readouterr().out.startswith("dvc.lock was half-written: ")


def test_without_a_copy_it_is_made_anew(project):
    (project / mending.KEPT).unlink()
    (project / "dvc.lock").write_text("")
    mending.mend(project)
    assert not (project / "dvc.lock").exists()


def test_what_is_whole_stays_and_is_remembered(project, capsys):
    newer = LOCK.replace("size: 29", "size: 30")
    (project / "dvc.lock").write_text(newer)
    mending.mend(project)
    assert (project / "dvc.lock").read_text() == (project / mending.KEPT).read_text() == newer
    (project / "dvc.lock").unlink()  # by its owner, to run all stages again
    mending.mend(project)
    assert not (project / "dvc.lock").exists() and not capsys.readouterr().out


def test_a_conflict_is_left_to_its_owner(project):
    text = LOCK.replace(
        "      size: 29\n", "<<<<<<< HEAD\n      size: 29\n=======\n      size: 30\n>>>>>>> other\n"
    )
    (project / "dvc.lock").write_text(text)
    mending.mend(project)
    assert (project / "dvc.lock").read_text() == text


@pytest.mark.parametrize("text", ["", '{"read": {', '{"write": {}} x'])
def test_a_half_written_list_of_running_stages_is_removed(project, text):
    running = project / mending.TMP / "rwlock"
    running.write_text(text)
    with open(running.with_name("rwlock.lock"), "a") as guard:  # as DVC while it writes that list
        fcntl.flock(guard, fcntl.LOCK_EX)
        mending.mend(project)
        assert running.exists()
    mending.mend(project)
    assert not running.exists()


def test_a_list_of_running_stages_stays(project):
    running = project / mending.TMP / "rwlock"
    running.write_text(json.dumps({"read": {}, "write": {}}))
    mending.mend(project)
    assert running.exists()


def test_a_lock_file_that_dvc_is_writing_is_left_alone(project):
    with open(project / mending.TMP / "lock", "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        (project / "dvc.lock").write_text("")
        mending.mend(project)
        assert (project / "dvc.lock").read_text() == ""


def test_while_dvc_runs_only_whole_files_are_remembered(project):
    (project / "dvc.lock").write_text(LOCK[:30])
    mending.keep(project)
    assert (project / mending.KEPT).read_text() == LOCK


def test_damaged_files_of_the_cache_are_removed(project, capsys):
    """DVC has made them read-only, and believes their names."""
    kept = {}
    for text, suffix in (("good", ""), ("bad", ""), ("[]", ".dir")):
        name = hashlib.md5(text.encode()).hexdigest() + suffix
        kept[text] = project / mending.CACHE / name[:2] / name[2:]
        kept[text].parent.mkdir(parents=True)
        kept[text].write_text(text.replace("bad", "bat"))
        kept[text].chmod(0o444)
    mending.clean(project)
    assert {text: path.exists() for text, path in kept.items()} == {"good": True, "bad": False, "[]": True}
    assert capsys.readouterr().out == f"{kept['bad']}: was damaged, and is removed: run again to make it anew\n"
