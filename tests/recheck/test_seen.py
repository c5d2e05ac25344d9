"""The record of files: it only grows, the same data give the same bytes, and what was seen last stands last."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from labelnoise import data
from labelnoise.recheck import answers, seen
from labelnoise.recheck.seen import Seen
from labelnoise.sections import Data
from labelnoise.types import Dataset

AWKWARD = ["a, b.png", 'quo"te.png', " x.png", "é.png"]


def own(files, labels, contents=()):
    empty = np.zeros((len(files), 1, 1, 1), np.uint8)
    given = {"given": np.array(labels)}
    fold = np.zeros(len(files), int)
    return Dataset(empty, fold - 1, fold, ["cat", "dog"], {}, given, list(files), contents=tuple(contents))


def test_it_only_grows_and_ends_with_what_is_there():
    first = seen.grown([], own(["1", "2", "3"], [0, 1, -1], "abc"))
    assert first == [Seen("1", "a", "cat"), Seen("2", "b", "dog"), Seen("3", "c", "")]
    moved = own(["1", "3", "new/2"], [1, -1, 0], "acb")
    second = seen.grown(first, moved)
    assert second[:2] == [Seen("1", "a", "cat"), Seen("2", "b", "dog")]
    assert second[2:] == [Seen("1", "a", "dog"), Seen("3", "c", ""), Seen("new/2", "b", "cat")]
    assert seen.grown(second, moved) == second
    back = seen.grown(second, own(["1", "2", "3"], [0, 1, -1], "abc"))
    assert set(back) == set(second) and back[-3:] == first


def test_other_data_have_none():
    assert seen.grown([], own([], [])) == []
    without = own(["1"], [0])._replace(human_labels={"worse": np.array([0])})
    assert seen.grown([], without) == []
    assert seen.text([]) == "file,content,given\n"


def test_what_was_written_comes_back(tmp_path):
    path = tmp_path / "seen_files.csv"
    assert seen.read(path) == []
    rows = seen.grown([], own(AWKWARD, [0, 1, 0, -1]))
    path.write_bytes(seen.text(rows).encode())
    assert seen.read(path) == rows


@pytest.mark.parametrize(
    "content", [b"", b"file,content\na,b\n", b"file,content,given\na,b\n", b"\xff\xfe", b'file,"']
)
def test_a_damaged_record_is_not_begun_anew(tmp_path, content):
    path = tmp_path / "seen_files.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"no record of files, or damaged .*; restore it") as caught:
        seen.read(path)
    assert "\n" not in str(caught.value)


def test_names_in_one_form():
    assert seen.plain("./a//b.png ") == seen.plain("a/b.png") == "a/b.png" and seen.plain("  ") == ""
    assert seen.plain("e\u0301.png") == "é.png"


def test_round_two_goes_on_after_people_moved_and_deleted_files(tmp_path):
    """With the loader itself: one file of the first round is put into its right folder, one is deleted."""
    root = tmp_path / "root"
    for level, name in enumerate(["c0/a", "c0/b", "c0/c", "c1/a", "c1/b", "c1/c"]):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), 10 * level, np.uint8)).save(root / f"{name}.png")
    section = {"root": str(root), "size": 4, "mode": "grey", "max_pixels": 1000}
    chosen = Data(folds=2, subset=None, imbalance=1.0, source="folder", folder=section)

    def loaded():
        return data.load("mine", chosen, SimpleNamespace(cache=str(tmp_path / "cache")))

    first = loaded()
    if not first.contents:
        pytest.skip("the loader tells no contents")
    record = seen.grown([], first)
    (root / "c1/a.png").rename(root / "c0/moved.png")
    (root / "c1/b.png").unlink()
    Image.fromarray(np.full((4, 4), 77, np.uint8)).save(root / "c1/d.png")
    now = loaded()
    with open(tmp_path / "answers.csv", "w", newline="") as stream:
        rows = [("c1/a.png", "c1", "c0"), ("c1/b.png", "c1", "-"), ("c0/a.png", "c0", "c0")]
        csv.writer(stream).writerows([("file", "given", "label"), *rows])
    found = answers.read(tmp_path / "answers.csv", now, seen.grown(record, now))
    assert now.files == ["c0/a.png", "c0/b.png", "c0/c.png", "c0/moved.png", "c1/c.png", "c1/d.png"]
    np.testing.assert_array_equal(found.label, [0, -1, -1, 0, -1, -1])
    assert [(one.file, one.given) for one in found.gone] == [("c1/b.png", "c1")]
    assert [(one.file, one.at) for one in found.moved] == [("c1/a.png", 3)]
