"""Answers: read as they were written, several put to the vote, files followed, every mistake told."""

import csv
import unicodedata

import numpy as np
import pytest

from labelnoise.noise.noisy_labels import LEFT_OUT, UNANSWERED, UNSURE
from labelnoise.recheck import answers, cell
from labelnoise.recheck.answers import Away
from labelnoise.recheck.seen import Seen
from labelnoise.types import Dataset

NAMES = ["a.png", "sub/b, c.png", 'quo"te.png', "zwei\nZeilen.png", "é\u2028\r.png", "=1+1.png"]
CLASSES = ["cat", "dog, small", "Kätzchen"]
GIVEN = np.array([0, 1, 2, 1, 0, 2])


def dataset(files=(), count=6):
    fold = np.arange(count) % 2
    return Dataset(np.zeros((count, 1, 2, 2), np.uint8), np.full(count, -1), fold, CLASSES, {}, {}, list(files))


def own(files=NAMES, given=GIVEN, contents=()):
    """Own data of labels `given`; the content of example i is "i" unless told otherwise."""
    return dataset(files)._replace(
        human_labels={"given": np.array(given)},
        contents=tuple(contents or map(str, range(len(files)))),
    )


def written(tmp_path, rows, header=("index", "label"), **options):
    path = tmp_path / "rechecked.csv"
    with path.open("w", newline="", encoding=options.pop("encoding", "utf-8")) as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, **options).writerows([header, *rows])
    return path


def read(tmp_path, rows, header=("file", "label"), data=None, record=()):
    return answers.read(written(tmp_path, rows, header), data or own(), record)


def message(tmp_path, *arguments, **options):
    with pytest.raises(ValueError) as caught:
        read(tmp_path, *arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{tmp_path / 'rechecked.csv'}: ")


def test_by_index(tmp_path):
    path = written(tmp_path, [(3, "cat"), (0, "Kätzchen"), (5, "dog, small")])
    found = answers.read(path, dataset())
    assert found.label.dtype == np.int16
    np.testing.assert_array_equal(found.label, [2, -1, -1, 0, -1, 1])
    assert found.votes == {3: [0], 0: [2], 5: [1]}
    assert answers.summary("rechecked.csv", found) == "rechecked.csv: 3 answers to 3 labels"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_by_file_whatever_the_names_hold(tmp_path, ending, encoding):
    rows = [(name, "x", CLASSES[at % 3]) for at, name in reversed(list(enumerate(NAMES)))]
    path = written(tmp_path, rows, (" file", "note", "label "), lineterminator=ending, encoding=encoding)
    np.testing.assert_array_equal(answers.read(path, dataset(NAMES)).label, [0, 1, 2, 0, 1, 2])


def test_files_count_where_there_are_files_and_indices_elsewhere(tmp_path):
    path = written(tmp_path, [("a.png", 4, "cat")], ("file", "index", "label"))
    assert answers.read(path, dataset(NAMES)).label[0] == 0
    assert answers.read(path, dataset()).label[4] == 0


def test_an_index_is_refused_where_examples_have_files(tmp_path):
    """It means another image once files come or go."""
    found = message(tmp_path, [(0, "cat", "cat")], ("index", "given", "label"))
    assert found.startswith("line 1: examples of this data set have files; allowed: a column file")


def test_what_people_say_who_name_no_class(tmp_path):
    """Cannot tell, leave the image out, and nothing yet: in the list that they were handed most rows are empty."""
    rows = [("?",), (" Unsure ",), ("-",), ("none of these",), ("",), ("  ",)]
    found = read(tmp_path, [(name, *row) for name, row in zip(NAMES, rows)])
    expected = [UNSURE, UNSURE, LEFT_OUT, LEFT_OUT, UNANSWERED, UNANSWERED]
    np.testing.assert_array_equal(found.label, expected)
    assert (found.label < 0).all()  # what is 0 or more is answered with a class
    assert (found.counts.answers, found.counts.unanswered) == (4, 2)
    told = "x.csv: 4 answers to 4 labels (2 cannot tell, 2 left out); 2 rows not answered yet"
    assert answers.summary("x.csv", found) == told


def test_a_class_of_that_name_comes_first(tmp_path):
    data = own()._replace(class_names=["?", "Unsure", "None of these"])
    rows = [("a.png", "?"), (NAMES[1], "Unsure"), (NAMES[2], "cannot tell")]
    np.testing.assert_array_equal(read(tmp_path, rows, data=data).label[:3], [0, 1, UNSURE])
    assert "unknown class 'none of these'" in message(tmp_path, [("a.png", "none of these")], data=data)


def test_several_people_are_put_to_the_vote(tmp_path):
    """Two agree; two disagree; two against one; a tie of four; with and without a column that names them."""
    said = {
        "a.png": ["cat", "cat"],
        NAMES[1]: ["cat", "dog, small"],
        NAMES[2]: ["cat", "dog, small", "cat"],
        NAMES[3]: ["cat", "cat", "?", "?"],
        NAMES[4]: ["-", "-", "cat"],
    }
    rows = [(name, of, person) for name, all_ in said.items() for person, of in enumerate(all_)]
    found = read(tmp_path, rows, ("file", "label", "annotator"))
    np.testing.assert_array_equal(found.label, [0, UNSURE, 0, UNSURE, LEFT_OUT, UNANSWERED])
    assert found.votes[2] == [0, 1, 0] and found.votes[3] == [0, 0, UNSURE, UNSURE]
    assert (found.counts.shared, found.counts.apart) == (5, 4)
    several = "5 labels answered more than once, 4 of them differently"
    told = f"x.csv: 14 answers to 5 labels (2 cannot tell, 1 left out); {several}"
    assert answers.summary("x.csv", found) == told
    again = read(tmp_path, [row[:2] for row in rows])
    np.testing.assert_array_equal(again.label, found.label)


def test_an_answer_of_label_studio_counts_once_in_exports_of_two_days(tmp_path):
    """Second answers have numbers of their own; skipped tasks have no label."""
    rows = [("a.png", 7, "cat"), (NAMES[1], 8, ""), ("a.png", 9, "dog, small"), ("a.png", 7, "Kätzchen")]
    rows += [("a.png", "", "cat"), ("a.png", "", "Kätzchen")]
    found = read(tmp_path, rows, ("file", "annotation_id", "label"))
    assert sorted(found.votes[0]) == [0, 1, 2, 2] and list(found.votes) == [0]
    assert (found.counts.repeated, found.counts.unanswered) == (1, 1) and found.label[0] == 2


MOVED = ["dog, small/a.png", *NAMES[1:]]  # a.png of class cat was put where it belongs


def test_a_moved_file_is_found_by_its_content(tmp_path):
    """The record knows it by its old name and, since the download stage ran again, by its new one."""
    data, now = own(MOVED, [1, *GIVEN[1:]]), Seen("dog, small/a.png", "0", "dog, small")
    record = [Seen("a.png", "0", "cat"), now]
    rows = [("a.png", "cat", "dog, small"), (NAMES[1], "dog, small", "cat")]
    found = read(tmp_path, rows, ("file", "given", "label"), data, record)
    np.testing.assert_array_equal(found.label, [1, 0, -1, -1, -1, -1])
    assert found.moved == [Away("a.png", 0, "cat", 1, (1,))] and not found.gone
    assert "(1 of files that have another name now)" in answers.summary("x.csv", found)


def test_of_copies_the_one_that_kept_its_last_name_is_meant(tmp_path):
    files = ["x/1.png", "x/2.png", "x/3.png", "x/4.png", "x/5.png", "x/6.png"]
    data = own(files, contents=["same", "same", "2", "3", "4", "5"])
    record = [Seen("y/2.png", "same", "cat"), Seen("y/7.png", "same", "cat")]
    found = read(tmp_path, [("y/2.png", "cat")], data=data, record=record)
    assert found.moved[0].at == 1
    assert read(tmp_path, [("y/7.png", "cat")], data=data, record=record).moved[0].at == 0


def test_answers_about_deleted_files_are_kept_and_counted_apart(tmp_path):
    """With the label that they were asked about, else the one that was seen last."""
    record = [
        Seen("old/1.png", "gone", "cat"),
        Seen("old/2.png", "gone too", "cat"),
        Seen("old/2.png", "", "sloth"),
    ]
    rows = [("old/1.png", "", "dog, small"), ("old/2.png", "cat", "cat"), ("old/2.png", "cat", "-")]
    rows += [("never.png", "", "cat"), ("a.png", "cat", "cat")]
    found = read(tmp_path, rows, ("file", "given", "label"), record=record)
    assert (found.label >= 0).sum() == 1 and list(found.votes) == [0] and not found.moved
    assert found.gone == [
        Away("never.png", -1, "", 0, (0,)),
        Away("old/1.png", -1, "cat", 1, (1,)),
        Away("old/2.png", -1, "cat", UNSURE, (0, LEFT_OUT)),
    ]
    told = "5 answers to 4 labels (2 of files that are gone, 1 of files that were never seen here)"
    assert answers.summary("x.csv", found).startswith(f"x.csv: {told}")
    without = read(tmp_path, [("old/2.png", "cat"), ("a.png", "cat")], record=record)
    assert without.gone == [Away("old/2.png", -1, "sloth", 0, (0,))]


def test_a_file_of_answers_to_other_data_is_refused(tmp_path):
    found = message(tmp_path, [("images/a.png", "cat"), ("images/b.png", "cat"), ("a.png", "")])
    expected = "none of its 2 answers names a file of the data set, not even of once, as 'images/a.png'; "
    assert found == expected + "allowed: names like 'a.png'"


@pytest.mark.parametrize(("there", "said"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_accents_in_either_form_are_the_same_name(tmp_path, there, said):
    """macOS takes letters apart."""
    name = "Kätzchen/é.png"
    data = own([unicodedata.normalize(there, name), *NAMES[1:]])
    rows = [(unicodedata.normalize(said, name), unicodedata.normalize(said, "Kätzchen"))]
    assert read(tmp_path, rows, data=data).label[0] == 2
    record = [Seen(unicodedata.normalize(there, "é.png"), "0", "cat")]
    found = read(tmp_path, [(unicodedata.normalize(said, "./é.png "), "cat")], data=own(), record=record)
    assert found.moved[0].at == 0


def test_names_that_differ_in_their_form_only_are_not_mixed_up(tmp_path):
    names = [unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD")]
    found = read(tmp_path, [(names[1], "cat")], data=own([*names, *NAMES[2:]]))
    np.testing.assert_array_equal(found.label[:2], [-1, 0])


def test_a_file_with_another_content_than_once_is_told(tmp_path):
    record = [Seen("a.png", "before", "cat"), Seen("a.png", "0", "cat")]
    found = read(tmp_path, [("a.png", "cat"), ("a.png", "cat"), (NAMES[1], "cat")], record=record)
    assert found.label[0] == 0 and found.counts.changed == 1
    assert "(1 of files with another content than once)" in answers.summary("x.csv", found)


def test_a_name_whose_picture_is_under_another_one_now_is_a_fault(tmp_path):
    """Nobody knows which of the two pictures the answer is about."""
    data = own(contents=["new", "0", "2", "3", "4", "5"])
    record = [Seen("a.png", "0", "cat"), Seen("a.png", "new", "cat"), Seen(NAMES[1], "0", "cat")]
    told = message(tmp_path, [("a.png", "cat"), (NAMES[2], "cat")], data=data, record=record)
    assert told.startswith(f"line 2: a.png: its earlier picture is {NAMES[1]} now; allowed: names that always")
    assert read(tmp_path, [(NAMES[1], "cat")], data=data, record=record).label[1] == 0


@pytest.mark.parametrize(
    ("given", "label", "right"),
    [
        ("dog, small", "Kätzchen", True),  # as it is
        (" dog, small", "?", True),
        ("", "cat", True),  # not told
        ("Kätzchen", "cat", True),  # as it was once
        ("sloth", "cat", True),  # the same, of a class that is no more
        ("cat", "dog, small", True),  # never was, but the answer is in place already
        ("cat", "Kätzchen", False),
        ("cat", "?", False),
    ],
)
def test_given_must_be_the_label_of_that_image(tmp_path, given, label, right):
    """Else the answer is about another one."""
    record = [Seen(NAMES[3], "3", name) for name in ("Kätzchen", "sloth", "dog, small")]
    arguments = [(NAMES[3], given, label)], ("file", "given", "label"), own(), record
    if right:
        assert len(read(tmp_path, *arguments).votes[3]) == 1
    else:
        assert message(tmp_path, *arguments).startswith("line 2: given is 'cat', where the label is 'dog, small'")


def test_given_is_compared_for_an_index_too(tmp_path):
    """The same index means another example once examples have been added or taken out."""
    data = own()._replace(files=[], contents=())
    header = ("index", "given", "label")
    assert read(tmp_path, [(3, "dog, small", "Kätzchen")], header, data).label[3] == 2
    found = message(tmp_path, [(3, "cat", "Kätzchen")], header, data)
    assert found.startswith("line 2: given is 'cat', where the label is 'dog, small'; allowed: the label as it is")
    without = data._replace(human_labels={})  # injected noise: what was given is another seed's business
    assert read(tmp_path, [(3, "cat", "Kätzchen")], header, without).label[3] == 2


def test_an_example_without_label_gets_one(tmp_path):
    data = own(given=[-1, *GIVEN[1:]])
    found = read(tmp_path, [("a.png", "", "cat")], ("file", "given", "label"), data)
    assert found.label[0] == 0
    assert "where the label is ''" in message(tmp_path, [("a.png", "cat", "?")], ("file", "given", "label"), data)


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        (
            [(0, "cat"), (1, "cow")],
            ("index", "label"),
            "line 3: unknown class 'cow'; allowed: cat, dog, small, Kätzchen; ? (cannot tell), - (leave out)",
        ),
        ([(0, "Cat")], ("index", "label"), "line 2: unknown class 'Cat'"),
        ([(0, "cat\ndog")], ("index", "label"), r"line 2: unknown class 'cat\ndog'"),
        ([(0, "")], ("index", "label"), "holds no answer (1 row with an empty label); fill in labels, or take"),
        ([(6, "cat")], ("index", "label"), "line 2: index '6' is not allowed; allowed: 0 to 5"),
        ([(-1, "cat")], ("index", "label"), "line 2: index '-1' is not allowed"),
        ([("1.0", "cat")], ("index", "label"), "line 2: index '1.0' is not allowed"),
        ([("", "cat")], ("index", "label"), "line 2: index '' is not allowed"),
        ([("²", "cat")], ("index", "label"), "line 2: index '²' is not allowed"),
        ([("9" * 5000, "cat")], ("index", "label"), f"line 2: index '{'9' * 40}...' is not allowed"),
        ([("  ", "cat")], ("file", "label"), "line 2: no file name; allowed: the name of an image's file"),
        ([(1, "cat")], ("index", "class"), "line 1: needs a column label, and file or index; it has 'index', 'cl"),
        ([("cat",)], ("label",), "line 1: needs a column label, and file or index; it has 'label'"),
        ([("1;cat",)], ("index;label",), "line 1: columns are separated by ';'; allowed: a comma"),
        ([(1, 2, "cat")], ("index", "index", "label"), "line 1: column 'index' stands there twice"),
        ([(1, "cat", 3)], ("index", "label"), "line 2: has 3; allowed: 2 fields, as in the header"),
        ([], ("index", "label"), "holds no answer; fill in"),
    ],
)
def test_mistakes(tmp_path, rows, header, expected):
    found = message(tmp_path, rows, header, own() if "file" in header else dataset())
    assert found.startswith(expected)


def test_all_mistakes_are_told_at_once_and_counted(tmp_path):
    rows = [(0, "cow")] * 30 + [(1, "sheep"), (99, "cat"), (2,), (3, "cat"), (4, "")]
    found = message(tmp_path, rows, ("index", "label"), dataset())
    assert found.startswith("33 rows cannot be used: 31 name an unknown class (line 2: unknown class 'cow'; ")
    assert "line 32: unknown class 'sheep'; line 3: unknown class 'cow'" in found  # what differs comes first
    assert "1 have an index that is not allowed (line 33: index '99' is not allowed)" in found
    assert "1 have too many or too few fields (line 34: has 1)" in found and "allowed: cat, dog, small" in found


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
        (b'\n[{"id": 1, "label": "cat"}]', "a JSON file; allowed: CSV; in Label Studio export CSV$"),
        (b'{"label": "cat"}', "a JSON file; allowed: CSV"),
    ],
)
def test_damaged_files(tmp_path, content, expected):
    path = tmp_path / "rechecked.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=expected):
        answers.read(path, dataset())


def test_answers_replace_labels_but_give_none_to_test_examples():
    """Nor do those who cannot tell; and what is left out has none."""
    labels = np.array([[0, 1, -1, 2, 1, 1], [-1, 1, 0, 2, 1, -1]], np.int16)
    found = cell.apply(labels, np.array([2, -1, 1, 2, UNSURE, LEFT_OUT], np.int16))
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, [[2, 1, -1, 2, 1, -1], [-1, 1, 1, 2, 1, -1]])
