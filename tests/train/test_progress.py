"""What is done is read from the run store: finished entries, and how many epochs the others have counted."""

import pytest

from labelnoise.train import progress, store
from labelnoise.train.progress import Done, Part

PARTS = [
    Part("finished", 5, 60, 100, "one"), Part("running", 2, 60, 100, "two"), Part("waiting", 3, 30, 10, "three")
]  # fmt: skip


def test_counts(tmp_path):
    store.finished(tmp_path, "one").touch()
    store.ticks(tmp_path, "running").write_text("7")
    assert progress.done(PARTS, tmp_path) == Done(5, 5 * 60 + 2 * 7, 5 * 60 * 100 + 2 * 7 * 100)
    assert progress.done(PARTS, tmp_path / "nothing") == Done(0, 0, 0)


@pytest.mark.parametrize(("ticks", "epochs"), [("60", 59), ("", 0)])
def test_a_part_is_done_only_when_its_entry_is_written(tmp_path, ticks, epochs):
    store.ticks(tmp_path, "running").write_text(ticks)
    assert progress.done(PARTS, tmp_path) == Done(0, 2 * epochs, 2 * epochs * 100)


def test_a_part_that_has_no_name_yet_has_not_begun(tmp_path):
    unnamed = Part("", 2, 60, 100)
    for file in (store.finished(tmp_path, ""), store.ticks(tmp_path, "")):
        file.write_text("7")
    assert progress.done([unnamed], tmp_path) == Done(0, 0, 0)
    with progress.shown([unnamed], tmp_path, "train"):
        pass
    assert store.ticks(tmp_path, "").exists()


def test_a_plain_log_gets_a_line_with_the_totals(tmp_path, capfd):
    for part in PARTS:
        store.finished(tmp_path, part.last).touch()
    with progress.shown(PARTS, tmp_path, "train mae"):
        pass
    assert "train mae: 10/10 runs, epoch 510/510" in capfd.readouterr().out
