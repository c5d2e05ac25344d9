"""Answers: read as they were written, every kind of mistake told with its line, and put in place of labels."""

import csv

import numpy as np
import pytest

from labelnoise.recheck import answers
from labelnoise.types import Dataset

NAMES = ["a.png", "sub/b, c.png", 'quo"te.png', "zwei\nZeilen.png", "é\u2028\r.png", "=1+1.png"]
CLASSES = ["cat", "dog, small", "Kätzchen"]


def dataset(files=(), count=6):
    fold = np.arange(count) % 2
    return Dataset(np.zeros((count, 1, 2, 2), np.uint8), np.full(count, -1), fold, CLASSES, {}, {}, list(files))


def written(tmp_path, rows, header=("index", "label"), **options):
    path = tmp_path / "rechecked.csv"
    with path.open("w", newline="", encoding=options.pop("encoding", "utf-8")) as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, **options).writerows([header, *rows])
    return path


def test_by_index(tmp_path):
    path = written(tmp_path, [(3, "cat"), (0, "Kätzchen"), (5, "dog, small"), (3, "cat")])
    found = answers.read(path, dataset())
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, [2, -1, -1, 0, -1, 1])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_by_file_whatever_the_names_hold(tmp_path, ending, encoding):
    rows = [(name, "x", CLASSES[at % 3]) for at, name in reversed(list(enumerate(NAMES)))]
    path = written(tmp_path, rows, ("file", "note", "label"), lineterminator=ending, encoding=encoding)
    np.testing.assert_array_equal(answers.read(path, dataset(NAMES)), [0, 1, 2, 0, 1, 2])


def test_files_count_where_there_are_files_and_indices_elsewhere(tmp_path):
    path = written(tmp_path, [("a.png", 4, "cat")], ("file", "index", "label"))
    assert answers.read(path, dataset(NAMES))[0] == 0
    assert answers.read(path, dataset())[4] == 0


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        (
            [(0, "cat"), (1, "cow")],
            ("index", "label"),
            "line 3: unknown class 'cow'; allowed: cat, dog, small, Kät",
        ),
        ([(0, "Cat")], ("index", "label"), "line 2: unknown class 'Cat'"),
        ([(0, "")], ("index", "label"), "line 2: label is empty; allowed: cat"),
        ([(6, "cat")], ("index", "label"), "line 2: index '6' is not allowed; allowed: 0 to 5"),
        ([(-1, "cat")], ("index", "label"), "line 2: index '-1' is not allowed"),
        ([("1.0", "cat")], ("index", "label"), "line 2: index '1.0' is not allowed"),
        ([("", "cat")], ("index", "label"), "line 2: index '' is not allowed"),
        ([("²", "cat")], ("index", "label"), "line 2: index '²' is not allowed"),
        ([("b.png", "cat")], ("file", "label"), "line 2: unknown file 'b.png'; allowed: files of the data set"),
        ([(1, "cat"), (2, "cat"), (1, "Kätzchen")], ("index", "label"), "line 4: 'Kätzchen' contradicts line 2"),
        ([(1, "cat")], ("index", "class"), "line 1: needs a column label, and file or index; it has 'index', 'cl"),
        ([("cat",)], ("label",), "line 1: needs a column label, and file or index; it has 'label'"),
        ([(1, 2, "cat")], ("index", "index", "label"), "line 1: column 'index' stands there twice"),
        ([(1, "cat", 3)], ("index", "label"), "line 2: has 3 fields, not 2"),
        ([], ("index", "label"), "holds no answer"),
    ],
)
def test_mistakes(tmp_path, rows, header, expected):
    path = written(tmp_path, rows, header)
    with pytest.raises(ValueError) as caught:
        answers.read(path, dataset(NAMES if "file" in header else ()))
    assert str(caught.value).startswith(f"{path}: {expected}") and "\n" not in str(caught.value)


def test_a_column_of_files_needs_files(tmp_path):
    with pytest.raises(ValueError, match="no file; allowed: column index"):
        answers.read(written(tmp_path, [("a.png", "cat")], ("file", "label")), dataset())


def test_lines_are_those_of_the_file(tmp_path):
    """A name over two lines and a blank line come before the mistake."""
    path = tmp_path / "rechecked.csv"
    path.write_text('file,label\n"zwei\nZeilen.png",cat\n\na.png,cow\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 5: unknown class 'cow'"):
        answers.read(path, dataset(NAMES))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "line 1: needs a column label"),
        ("index,label\n0,Kätzchen\n".encode("latin-1"), "not UTF-8"),
        (b'index,label\n0,"cat\n', "line 2: not CSV"),
    ],
)
def test_damaged_files(tmp_path, content, expected):
    path = tmp_path / "rechecked.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=expected):
        answers.read(path, dataset())


def test_answers_replace_labels_but_give_none_to_test_examples():
    labels = np.array([[0, 1, -1, 2], [-1, 1, 0, 2]], np.int16)
    found = answers.apply(labels, np.array([2, -1, 1, 2], np.int16))
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, [[2, 1, -1, 2], [-1, 1, 1, 2]])


def test_an_index_that_means_another_example_by_now_is_refused(tmp_path):
    """The list's column `given` is kept by whoever answers: it must still be that example's label."""
    own = dataset()._replace(human_labels={"given": np.array([0, 1, 2, 1, 0, 2])})
    path = tmp_path / "answers.csv"
    for given, right in (("dog, small", True), (" dog, small", True), ("cat", False)):
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([["index", "given", "label"], ["3", given, "Kätzchen"]])
        if right:
            assert answers.read(path, own)[3] == 2
        else:
            with pytest.raises(
                ValueError, match="line 2: given is 'cat'; allowed: 'dog, small', the label of exam"
            ):
                answers.read(path, own)
