"""CSVs as people have them: words of splits, several people, groups, names nearly right, missing labels."""

import time
import unicodedata

import pytest
from made_folder import load, message, note, notes, picture, pictures, table

from labelnoise.data import tree
from labelnoise.sections import Folder

FILES = [f"{number}.png" for number in range(6)]
LABELS = ["a", "b"] * 3


@pytest.fixture
def root(tmp_path):
    pictures(tmp_path / "root", FILES)
    return tmp_path / "root"


def split(root, words, name="split", folds=1):
    rows = list(zip(FILES, LABELS, words))
    return load(root, folds=folds, columns={"split": name}, **table(root, rows, ("file", "label", name)))


@pytest.mark.parametrize(
    ("name", "words", "tested"),
    [
        ("split", "train Train val TEST validation testing", [3, 5]),
        ("split", "train train train valid dev train", [3, 4]),
        ("is_valid", "True False False TRUE false true", [0, 3, 5]),
        ("valid", "1 0 0 0 0 0", [0]),
        ("is_test", "0.0 1.0 0.0 0.0 1.0 0.0", [1, 4]),
        ("Is Train", "True False True True True True", [1]),
        ("train", "yes no train test 1 0", [1, 3, 5]),
    ],
)
def test_words_of_splits(root, name, words, tested):
    mine = split(root, words.split(), name)
    assert [at for at, fold in enumerate(mine.test_fold) if fold == 0] == tested
    assert set(mine.test_fold) == {-1, 0} and note(mine, "parts").kind == "parts"


def test_words_that_are_no_split_are_counted_and_the_allowed_ones_named(root):
    with pytest.raises(ValueError) as caught:
        split(root, ["train", "True", "1", "test", "fold3", ""])
    expected = (
        "labels.csv: 4 rows have another split (line 3: split 'True'; line 4: split '1'; line 6: split 'fold3'; "
    )
    assert expected in str(caught.value)
    assert "; allowed: train, training, val, valid, validation, dev, test, testing, eval" in str(caught.value)
    with pytest.raises(ValueError, match=r"split 'maybe'; allowed: train, .*, or True and False$"):
        split(root, ["True", "False", "maybe", "True", "False", "True"], "is_valid")


def by_people(root, rows, **options):
    header = ("file", "label", "who", *options.pop("more", ()))
    columns = {"annotator": "who", **options.pop("columns", {})}
    return load(root, columns=columns, **table(root, rows, header), **options)


def test_the_majority_of_people_counts(root):
    said = {
        "0.png": "aab", "1.png": "bbb", "2.png": "a", "3.png": "ab", "4.png": "bba", "5.png": "abc",
    }  # fmt: skip
    rows = [(file, label, f"p{at}") for file, labels in said.items() for at, label in enumerate(labels)]
    rows += [("3.png", "NA", "p9"), ("2.png", "NA", "p9"), ("1.png", "c", "p9"), ("4.png", "a", "p8")]
    rows += [("4.png", "b", "p7"), ("0.png", "c", "p7"), *((file, "c", "q") for file in ())]
    mine = by_people(root, rows)
    names = [mine.class_names[label] if label >= 0 else None for label in mine.human_labels["given"]]
    assert names == ["a", "b", "a", None, "b", None]  # 3.png: one each; 5.png: one each of three
    told = note(mine, "annotators")
    assert told.count == 5 and told.where == "0.png, 1.png, 3.png, 4.png, 5.png"
    assert "people disagree on 5 of 5 files with labels of several people (100%)" in told.what
    assert "2 ties count as unlabelled" in told.what
    assert note(mine, "unlabelled").where == "ties between people 2"


def test_people_who_agree(root):
    rows = [(file, label, who) for file, label in zip(FILES, LABELS) for who in "xy"]
    mine = by_people(root, [*rows, rows[0]])
    assert mine.human_labels["given"].tolist() == [0, 1] * 3
    assert "disagree on 0 of 6 files" in note(mine, "annotators").what and note(mine, "repeated").count == 1


def test_what_people_may_not_say(root):
    rows = [
        ("0.png", "a", "x", "p1"),
        ("0.png", "b", "x", "p1"),
        ("1.png", "b", "y", "p2"),
        ("1.png", "b", "z", "p3"),
    ]
    got = _refused(root, [*rows, ("2.png", "a", "", "p1")])
    assert "1 have nothing in column 'who' (line 6)" in got
    assert "line 3: 0.png is also in line 2, with another label, by the same person (x)" in got
    assert "line 5: 1.png is also in line 4, with another true class, split or group" in got


def _refused(root, rows):
    with pytest.raises(ValueError) as caught:
        by_people(root, rows, more=("patient",), columns={"group": "patient"})
    return str(caught.value)


def test_without_the_column_of_people_contradictions_name_it(root):
    rows = [*zip(FILES, LABELS), ("0.png", "b"), ("1.png", "a")]
    got = message(root, **table(root, rows))
    assert "labels.csv: 2 rows name a file again, and say something else (line 8: 0.png is also in line 2" in got
    assert got.endswith("columns.annotator (a column that says who gave the label)")


def test_groups(root):
    words = ["p2", " p1", "", "p10", "p2", "p1"]
    mine = load(
        root, columns={"group": "pat"}, **table(root, list(zip(FILES, LABELS, words)), ("file", "label", "pat"))
    )
    assert mine.groups.tolist() == [2, 0, -1, 1, 2, 0]
    assert load(root, **table(root, list(zip(FILES, LABELS)))).groups is None


def test_missing_labels_are_no_class(root):
    picture(root / "6.png", 99)
    picture(root / "7.png", 98)
    words = ["a", "b", "NA", "b", "a", "", "nan", "?"]
    header = ("file", "label", "true")
    rows = [(f"{at}.png", word, "b") for at, word in enumerate(words)]
    mine = load(root, columns={"clean": "true"}, **table(root, rows, header))
    assert mine.class_names == ["a", "b"]
    assert mine.human_labels["given"].tolist() == [0, 1, -1, 1, 0, -1, -1, -1]
    assert mine.clean_labels.tolist() == [1] * 8  # what is known of the truth stays
    told = note(mine, "unlabelled")
    assert told.count == 4 and "datasets.mine.data.folder.missing" in told.what
    assert set(told.where.split(", ")) == {"'NA' 1", "empty 1", "'nan' 1", "'?' 1"}


def test_words_of_classes_may_be_taken_out_of_the_missing_ones(root):
    rows = list(zip(FILES, ["None", "some"] * 3))
    assert "1 class (some)" in message(root, **table(root, rows))
    mine = load(root, missing=["", "NA"], **table(root, rows))
    assert mine.class_names == ["None", "some"] and not notes(mine, "unlabelled")
    got = message(root, missing=["NA"], **table(root, [*rows[:4], ("4.png", ""), ("5.png", " ")]))
    assert (
        "labels.csv: 2 rows have nothing in column 'label' (line 6; line 7); allowed: the name of a class" in got
    )


def test_words_that_people_use_as_classes_are_not_missing():
    words = Folder(root="x", size=1, mode="grey", max_pixels=1).missing
    assert not {"none", "unknown", "other", "0", "-1", "no", "false"} & set(words)


def test_names_with_outer_blanks(root):
    picture(root / " 7.png", 90)
    rows = [(" 0.png", "a"), ("1.png ", "b"), (" 7.png", "a"), ("3.png", "b")]
    assert load(root, **table(root, rows)).files == [" 7.png", "0.png", "1.png", "3.png"]


def test_names_whose_letters_are_put_together_otherwise(root):
    composed, apart = unicodedata.normalize("NFC", "é/ü.png"), unicodedata.normalize("NFD", "é/ü.png")
    assert composed != apart
    picture(root / apart, 77)
    rows = [(composed, "a"), ("1.png", "b"), ("2.png", "a"), ("3.png", "b")]
    mine = load(root, **table(root, rows))
    assert apart in mine.files and mine.images[mine.files.index(apart)].max() == 77


def test_backslashes_and_endings_that_are_not_there_are_told(root):
    pictures(root, ["c/0.png", "c/1.JPG"][:1])
    (root / "c" / "1.JPG").write_bytes((root / "0.png").read_bytes())
    rows = [("c\\0.png", "a"), ("c/1", "b"), ("2", "a"), ("none.png", "b"), ("c\\5.png", "b")]
    got = message(root, **table(root, rows))
    assert "labels.csv: 5 rows cannot be used: 1 have \\ between folders (line 2: c\\0.png)" in got
    assert (
        "2 name a file without its ending (line 3: no file c/1, but c/1.JPG; line 4: no file 2, but 2.png)" in got
    )
    assert "2 name no file that is there (line 5: none.png; line 6: c\\5.png)" in got
    assert "(datasets.<name>.data.folder.unreadable: skip, in presets/own.yaml for make own, leaves missing" in got
    assert "allowed: / between folders; names with their endings; names relative to " in got


def test_all_faults_of_a_csv_are_in_one_line(root):
    rows = (
        [(f"none{at}.png", "a") for at in range(300)] + [("1.png",)] * 12 + [("../x.png", "a"), ("2.png", "c\td")]
    )
    got = message(root, **table(root, rows))
    expected = (
        "labels.csv: 314 rows cannot be used: 300 name no file that is there (line 2: none0.png; line 3: none1"
        ".png; line 4: none2.png; line 5: none3.png ...), 12 have too many or too few cells (line 302: 1 cells; "
    )
    assert expected in got
    assert "1 name something outside the root (line 314: '../x.png'), 1 have control characters in a class" in got


def test_missing_files_are_left_out_where_unreadable_ones_are(root):
    mine = load(root, unreadable="skip", **table(root, [*zip(FILES, LABELS), ("none.png", "a")]))
    assert mine.left_out == (("none.png", "no such file"),) and len(mine.files) == 6


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_marks_between_cells_are_told(root, mark):
    (root.parent / "labels.csv").write_text(f"file{mark}label\n0.png{mark}a\n")
    got = message(root, csv=str(root.parent / "labels.csv"))
    assert (
        "column 'file' (columns.file) is not there" in got
        and f"(between cells it has {mark!r}; allowed: com" in got
    )


def test_each_folder_is_read_once(root, monkeypatch):
    pictures(root, [f"deep/er/{at}.png" for at in range(3)])
    read = []
    scanned = tree._scanned
    monkeypatch.setattr(tree, "_scanned", lambda path: read.append(path) or scanned(path))
    rows = [
        *zip(FILES, LABELS),
        *((f"deep/er/{at}.png", "a") for at in range(3)),
        ("no/1.png", "a"),
        ("no/2.png", "a"),
    ]
    assert "2 rows name no file" in message(root, **table(root, rows))
    assert len(read) == len(set(read)) == 3  # the root, deep, deep/er


def test_many_rows_take_seconds(root):
    """200,000 rows of few files; two looks at the disk for each row took 10 CPU-s."""
    rows = [*zip(FILES, LABELS)] * 30_000
    own, began = table(root, rows), time.process_time()
    assert note(load(root, **own), "repeated").count == len(rows) - 6
    assert time.process_time() - began < 15


SEVERAL = [(file, label, "b", label) for file, label in zip(FILES, LABELS)]


def several(root, rows, human=None, **options):
    header = ("file", "truth", "crowd", "expert 2")
    columns = {"label": "truth", "human": human or {"crowd": "crowd", "second": "expert 2"}}
    return load(root, columns=columns, **table(root, rows, header), **options)


def test_several_columns_of_labels_are_labels_by_people(root):
    mine = several(root, SEVERAL[::-1], trusted=True)
    assert mine.files == FILES and mine.human_labels["crowd"].tolist() == [1] * 6
    assert mine.human_labels["second"].tolist() == mine.clean_labels.tolist() == [0, 1] * 3
    assert sorted(mine.human_labels) == ["crowd", "given", "second"]


@pytest.mark.parametrize("word", ["", "NA"])
def test_every_image_has_a_label_in_each_of_several_columns(root, word):
    with pytest.raises(ValueError, match=r"labels.csv: line 4: no class in a column of columns.human; allowed"):
        several(root, [*SEVERAL[:2], (FILES[2], "a", word, "b"), *SEVERAL[3:]])


def test_a_class_that_only_people_name_is_told(root):
    with pytest.raises(ValueError, match=r"unknown crowd class 'c'; allowed: a, b"):
        several(root, [*SEVERAL[:5], (FILES[5], "b", "c", "b")])


def test_a_file_named_again_with_another_label_by_people_is_told(root):
    with pytest.raises(ValueError, match=r"line 8: 0.png is also in line 2, with another label, class"):
        several(root, [*SEVERAL, (FILES[0], "a", "a", "a")])


def test_a_column_of_labels_by_people_must_be_there(root):
    with pytest.raises(
        ValueError, match=r"column 'nobody' \(columns.human.crowd\) is not there; the CSV has file, "
    ):
        several(root, SEVERAL, {"crowd": "nobody"})


def test_several_labels_are_of_a_csv(root):
    with pytest.raises(
        ValueError, match=r"columns: human: of a CSV; allowed: csv: a file, or null for these \(\{\}"
    ):
        load(root, columns={"human": {"crowd": "crowd"}})
    with pytest.raises(ValueError, match=r"'given' is the name of the labels in columns.label"):
        several(root, SEVERAL, {"given": "crowd"})


def test_labels_by_people_of_what_cannot_be_read_are_left_out(root):
    (root / FILES[0]).write_bytes(b"no image")
    mine = several(root, SEVERAL, unreadable="skip")
    assert mine.files == FILES[1:] and len(mine.human_labels["crowd"]) == 5
    assert mine.human_labels["second"].tolist() == mine.human_labels["given"].tolist() == [1, 0, 1, 0, 1]
