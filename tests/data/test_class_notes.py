"""Names that look alike, tiny classes, classes that nobody trains on: against what people see."""

import numpy as np
import pytest
from made_folder import load, note, notes, pictures, table

from labelnoise.data import class_notes


@pytest.mark.parametrize(
    "names",
    [
        ("Cat", "cat"), ("golden retriever", "golden_retriever"), ("t-shirt", "T shirt"), ("01", "1"),
        ("1", "1.0"), ("1.50", "1.5"), ("+3", "3"), ("cat", "ca\u200bt"), ("cat", "\u202ecat"),
        ("fish", "\ufb01sh"), ("Straße", "STRASSE"), ("C0", "c0"), ("-1", "-1.0"), ("0", "0.0"),
        ("klass 2", "klass2"), ("½", "1⁄2"),
    ],
)  # fmt: skip
def test_alike(names):
    first, second = map(class_notes.look, names)
    assert first == second


@pytest.mark.parametrize(
    "names",
    [
        ("cat", "cats"), ("1", "10"), ("1", "-1"), ("1.5", "15"), ("1-0", "10"), ("1_1", "11"), ("a", "b"),
        ("é", "e"), ("10", "1e1"), ("no", "No. 1"), ("3_1", "31"),
    ],
)  # fmt: skip
def test_different(names):
    first, second = map(class_notes.look, names)
    assert first != second


def made(root, counts):
    pictures(root, [f"{name}/{at}.png" for name, count in counts.items() for at in range(count)])
    return load(root)


def test_classes_that_look_alike_are_told_and_stay_two(tmp_path):
    mine = made(tmp_path / "root", {"Cat": 6, "cat": 7, "dog": 5, "01": 5, "1": 6, "1.0": 5})
    assert len(mine.class_names) == 6
    told = note(mine, "class_names")
    assert told.count == 5 and "'Cat' (6) and 'cat' (7)" in told.what
    assert "'01' (5) and '1' (6) and '1.0' (5)" in told.what and "give all its examples one name" in told.what


def test_invisible_characters_are_told(tmp_path):
    mine = made(tmp_path / "root", {"ca\u200bt": 5, "dog": 5})
    assert note(mine, "class_names").where == "'ca\\u200bt'"


def test_tiny_classes(tmp_path):
    mine = made(tmp_path / "root", {"a": 4, "b": 5, "c": 2})
    told = note(mine, "tiny_class")
    assert told.count == 2 and told.where == "a (4), c (2)" and "2 classes have fewer than 5 labels" in told.what


def test_classes_that_only_the_test_part_has(tmp_path):
    root = tmp_path / "root"
    pictures(root, [f"train/{name}/{at}.png" for name in "ab" for at in range(6)])
    pictures(root, [f"test/{name}/{at}.png" for name in "abc" for at in range(6)])
    told = note(load(root, folds=1), "no_training")
    assert told.count == 1 and "1 class is in the test part only" in told.what and told.where == "c"
    assert not notes(made(tmp_path / "other", {"a": 6, "b": 6}), "no_training")


def test_examples_without_a_label_count_for_no_class():
    given, fold = np.array([0, 0, -1, 1, 1, 1, 1, 1, -1, -1]), np.arange(10) % 2
    (tiny,) = class_notes.notes(["a", "b"], given, fold)
    assert tiny.kind == "tiny_class" and tiny.where == "a (2)"


def test_spelling_in_a_csv(tmp_path):
    pictures(tmp_path / "root", [f"{at}.png" for at in range(12)])
    words = ["cat", "Cat ", " cat", "dog"] * 3
    mine = load(
        tmp_path / "root", **table(tmp_path / "root", [(f"{at}.png", word) for at, word in enumerate(words)])
    )
    assert mine.class_names == ["Cat", "cat", "dog"]
    assert "'Cat' (3) and 'cat' (6)" in note(mine, "class_names").what
