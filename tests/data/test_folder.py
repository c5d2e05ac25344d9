"""Own folders of images: class folders and CSVs that are in order, and every way in which they are not."""

import hashlib
import os

import numpy as np
import pytest
from made_folder import NAMES, ROWS, load, message, note, notes, picture, table
from PIL import Image

from labelnoise.data import decoding, npz


@pytest.fixture
def root(tmp_path):
    """Three classes of 4, 3 and 2 images; every image has a grey level of its own."""
    for level, name in enumerate(NAMES):
        picture(tmp_path / "root" / f"{name}.png", 10 * level)
    return tmp_path / "root"


def test_class_folders(root):
    mine = load(root)
    assert mine.class_names == ["10", "cat", "Äpfel"]
    assert mine.files[:3] == ["10/a.png", "10/b.png", "cat/1.png"]
    assert mine.images.shape == (9, 1, 4, 4) and mine.images.dtype == np.uint8
    assert mine.images[:, 0, 0, 0].tolist() == [70, 80, 0, 10, 20, 30, 40, 50, 60]
    assert mine.human_labels["given"].tolist() == [0, 0, 1, 1, 1, 1, 2, 2, 2]
    assert mine.clean_labels.tolist() == [-1] * 9 and mine.asymmetric_map == {}
    assert sorted(np.bincount(mine.test_fold)) == [4, 5]


def test_classes_that_are_taken_for_others_have_names(root):
    assert load(root, trusted=True, similar={"cat": "10", "Äpfel": "cat"}).asymmetric_map == {1: 0, 2: 1}
    said = message(root, trusted=True, similar={"cat": "dog"})
    assert said == "datasets.mine.data.folder.similar: 'dog' is no class; allowed: 10, cat, Äpfel"


def test_names_that_are_numbers_are_in_the_order_of_the_numbers(tmp_path):
    for name in ("10", "9", "2"):
        picture(tmp_path / "root" / name / "1.png", int(name))
        picture(tmp_path / "root" / name / "2.png", int(name))
    assert load(tmp_path / "root").class_names == ["2", "9", "10"]


def test_trusted_labels_are_the_truth(root):
    mine = load(root, trusted=True)
    np.testing.assert_array_equal(mine.clean_labels, mine.human_labels["given"])


def test_csv_with_truth_and_split(root):
    header = ("split", "picture", "said", "true", "other")
    rows = [
        ("train", "./cat/2.png", "dog", "cat", "x"),
        ("test", "cat/1.png", " cat ", "", "y"),
        ("train", "10/a.png", "dog", "dog", ""),
        ("test", "10/b.png", "cat", "cat", ""),
    ]
    columns = {"file": "picture", "label": "said", "clean": "true", "split": "split"}
    mine = load(root, folds=1, columns=columns, **table(root, rows, header))
    assert mine.files == ["10/a.png", "10/b.png", "cat/1.png", "cat/2.png"] and mine.class_names == ["cat", "dog"]
    assert mine.human_labels["given"].tolist() == [1, 0, 0, 1]
    assert mine.clean_labels.tolist() == [1, 0, -1, 0]
    assert mine.test_fold.tolist() == [-1, 0, 0, -1]
    assert mine.images[:, 0, 0, 0].tolist() == [70, 80, 0, 10]


def test_accents_written_in_two_ways_are_one_class(root):
    rows = [("cat/1.png", "\u00e9"), ("cat/2.png", "e\u0301"), ("10/a.png", "b"), ("10/b.png", "b")]
    assert load(root, **table(root, rows)).class_names == ["b", "\u00e9"]


def test_subset_keeps_files_and_labels_in_step(tmp_path):
    for level in range(60):
        picture(tmp_path / "root" / f"{level % 3}" / f"{level:02}.png", level)
    mine = load(tmp_path / "root", folds=3, subset=20)
    assert len(mine.images) == len(mine.files) == len(mine.human_labels["given"]) == 30
    levels = mine.images[:, 0, 0, 0]
    assert mine.files == [f"{level % 3}/{level:02}.png" for level in levels]
    digests = [hashlib.sha256((tmp_path / "root" / file).read_bytes()).hexdigest() for file in mine.files]
    assert list(mine.contents) == digests
    assert mine.human_labels["given"].tolist() == (levels % 3).tolist()
    tail = load(tmp_path / "root", folds=3, imbalance=4.0, trusted=True)
    assert np.bincount(tail.human_labels["given"]).tolist() == [20, 10, 5] and len(tail.files) == 35
    npz.save(mine, tmp_path / "d.npz")
    assert npz.read(tmp_path / "d.npz").files == mine.files


def test_images_are_decoded_once(root, monkeypatch):
    first = load(root)
    monkeypatch.setattr(decoding, "_decode_all", lambda *_: pytest.fail("decoded again"))
    again = load(root, folds=3)
    np.testing.assert_array_equal(first.images, again.images)
    os.utime(root / "cat" / "1.png", ns=(1, 1))  # as good as changed
    with pytest.raises(pytest.fail.Exception):
        load(root)


def test_another_size_or_mode_is_decoded_anew(root):
    assert load(root).images.shape == (9, 1, 4, 4)
    assert load(root, size=2).images.shape == (9, 1, 2, 2)
    assert load(root, mode="rgb").images.shape == (9, 3, 4, 4)


def test_many_images_stay_in_order(tmp_path):
    for level in range(200):
        picture(tmp_path / "root" / f"{level % 2}" / f"{level:03}.png", level)
    mine = load(tmp_path / "root")
    assert mine.files == [f"{level % 2}/{level:03}.png" for level in mine.images[:, 0, 0, 0]]


def test_hidden_files_do_not_count(root):
    for name in (".DS_Store", "Thumbs.db", "cat/.hidden.txt", "cat/desktop.ini", ".git/x"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("")
    assert len(load(root).images) == 9


def test_small_classes_are_named_all_at_once(root):
    picture(root / "one" / "1.png", 1)
    expected = "root: class 'one' has 1 example (one/1.png); allowed: 2 or more: add some, or take the class out"
    assert expected in message(root)
    picture(root / "two" / "x.png", 1)
    got = message(root)
    assert "root: 2 classes have too few examples (class 'one' has 1 example (one/1.png); class 'two' has" in got


def test_a_name_of_blanks(root):
    picture(root / " " / "1.png", 1)
    assert "root: ' ' has a name of blanks; allowed: the name of a class" in message(root)


def test_too_few_classes(root):
    (root.parent / "empty").mkdir()
    assert "empty: names no image; allowed: 2 classes or more" in message(root.parent / "empty")
    assert "none: no such folder" in message(root.parent / "none")
    picture(root.parent / "lonely" / "x" / "1.png", 1)
    picture(root.parent / "lonely" / "x" / "2.png", 2)
    assert "lonely: 1 class (x); allowed: 2 to 1000" in message(root.parent / "lonely")


def test_too_many_classes(root):
    rows = [("cat/1.png", "x")] + [(f"no/{number}.png", f"{number // 2}") for number in range(2002)]
    assert "labels.csv: 1,002 classes; allowed: 2 to 1000" in message(root, unreadable="skip", **table(root, rows))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([*ROWS, ("", "cat")], "labels.csv: line 6: no file name"),
        ([*ROWS, ("cat/3.png",)], "labels.csv: line 6: 1 cells; allowed: 2 cells, as in the header"),
        ([*ROWS, ("cat/3.png", "c\tt")], "labels.csv: line 6: class 'c\\tt': control characters"),
        ([*ROWS, ("cat/9.png", "cat")], "labels.csv: line 6: cat/9.png: no such file; allowed: names relative"),
        (
            [*ROWS, ("../root/cat/1.png", "cat")],
            "line 6: '../root/cat/1.png' is no name below the root; allowed: names",
        ),
        ([*ROWS, ("/etc/passwd", "cat")], "line 6: '/etc/passwd' is no name below the root"),
        ([*ROWS, ("cat/\0.png", "cat")], "labels.csv"),
        (
            [*ROWS, ("cat/1.png", "dog")],
            "labels.csv: line 6: cat/1.png is also in line 2, with another label, class, split or group; allowed: "
            "one row per file, or columns.annotator",
        ),
        ([*ROWS, ("./cat//1.png", "dog")], "line 6: cat/1.png is also in line 2"),
        ([], "labels.csv: names no image"),
        (ROWS[:3], "labels.csv: class 'cat' has 1 example (line 2: cat/1.png); allowed: 2 or more"),
    ],
)
def test_bad_rows_are_named_with_their_line(root, rows, expected):
    assert expected in message(root, **table(root, rows))
    assert not (root.parent / "cache").exists()  # nothing half-written


def test_lines_count_blank_ones_and_ends_within_quotes(root):
    path = root.parent / "labels.csv"
    path.write_text('\ufefffile,label\n\ncat/1.png,"a\nb"\n', encoding="utf-8")
    assert "labels.csv: line 3: class 'a\\nb'" in message(root, csv=str(path))
    path.write_text("file,label\r\ncat/1.png,a\r\n\r\ncat/2.png,\r\n", encoding="utf-8", newline="")
    got = message(root, csv=str(path), missing=[])
    assert "labels.csv: line 4: column 'label' is empty; allowed: the name of a class" in got


def test_columns_that_are_not_there_are_named(root):
    own = table(root, ROWS, ("name", "label"))
    assert "labels.csv: line 1: column 'file' (columns.file) is not there; the CSV has name, label" in message(
        root, **own
    )
    own = table(root, ROWS)
    expected = "column 'truth' (columns.clean) is not there; the CSV has file, label"
    assert expected in message(root, columns={"clean": "truth"}, **own)
    assert "'label' (columns.label) is twice or more there" in message(
        root, **table(root, [], ("file", "label", "label"))
    )


def test_files_that_are_no_csv(root):
    path = root.parent / "labels.csv"
    path.write_bytes(b"file,label\ncat/1.png,\xff\n")
    assert "labels.csv: not UTF-8" in message(root, csv=str(path))
    path.write_text('file,label\ncat/1.png,"a"b\n')
    assert "labels.csv: line 2: not CSV" in message(root, csv=str(path))
    assert "none.csv: no such file" in message(root, csv=str(root / "none.csv"))


def test_unknown_clean_class_and_split(root):
    rows = [(*row, "cat", "train") for row in ROWS[:3]] + [(*ROWS[3], "cow", "test")]
    header = ("file", "label", "clean", "split")
    columns = {"clean": "clean", "split": None}
    got = message(root, columns=columns, **table(root, rows, header))
    assert "labels.csv: line 5: 10/b.png: unknown clean class 'cow'; allowed: cat, dog" in got
    rows[3] = (*ROWS[3], "", "later")
    columns = {"clean": "clean", "split": "split"}
    got = message(root, folds=1, columns=columns, **table(root, rows, header))
    assert "labels.csv: line 5: split 'later'; allowed: train, training, val, valid, validation, dev, test" in got
    rows[3] = (*ROWS[3], "", "train")
    got = message(root, folds=1, columns=columns, **table(root, rows, header))
    assert "labels.csv: no example has the split 'test'" in got
    rows[3] = (*ROWS[3], "", "test")
    got = message(root, folds=5, columns=columns, **table(root, rows, header))
    assert got.startswith("datasets.mine.data.folds: 5 is not 1, as ") and got.endswith("; allowed: 1")


@pytest.mark.parametrize("folds", [1, 10])
def test_folds_without_a_test_part(root, folds):
    assert message(root, folds=folds).startswith(f"datasets.mine.data.folds: {folds} is not in 2..9")


def test_the_same_row_twice_is_kept_once_with_a_note(root):
    mine = load(root, **table(root, [*ROWS, ROWS[0]]))
    assert mine.files.count("cat/1.png") == 1 and len(mine.files) == 4
    assert note(mine, "repeated").count == 1


def test_links_are_refused(root):
    picture(root.parent / "outside" / "1.png", 1)
    picture(root.parent / "outside" / "2.png", 2)
    (root / "cat" / "5.png").symlink_to(root.parent / "outside" / "1.png")
    assert "root: cat/5.png is a link, or below one; allowed: files that are in " in message(root)
    assert "line 6: cat/5.png is a link" in message(root, **table(root, [*ROWS, ("cat/5.png", "cat")]))
    (root / "10" / "c").symlink_to(root.parent)
    expected = "root: 2 files and folders are links, or below one (10/c; cat/5.png); allowed: files that are in "
    assert expected in message(root)
    (root / "10" / "c").unlink()
    (root / "cat" / "5.png").unlink()
    (root / "linked").symlink_to(root.parent / "outside")
    assert "root: linked is a link, or below one" in message(root)
    rows = [*ROWS, ("linked/1.png", "cat"), ("linked/none/1.png", "cat")]
    got = message(root, **table(root, rows))
    assert "2 rows are links, or below one (line 6: linked/1.png; line 7: linked/none/1.png)" in got
    (root / "linked").unlink()
    (root.parent / "other name").symlink_to(root)  # the root itself may be one
    assert len(load(root.parent / "other name").images) == 9


def test_damaged_images_stop_or_are_left_out(root):
    (root / "cat" / "2.png").write_bytes(b"nothing")
    picture(root / "cat" / "5.png", 1, size=40)
    got = message(root)
    assert "root: 2 of 10 images cannot be read: cat/2.png: no image, or damaged; allowed: PNG" in got
    assert got.endswith(
        "; cat/5.png: 40 x 40 pixels; allowed: max_pixels = 1000 (datasets.mine.data.folder.unreadable: skip, in "
        "presets/own.yaml for make own, leaves such images out)"
    )
    mine = load(root, unreadable="skip")
    assert len(mine.images) == 8 and "cat/2.png" not in mine.files and "cat/5.png" not in mine.files
    assert mine.human_labels["given"].tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    assert mine.images[:, 0, 0, 0].tolist() == [70, 80, 0, 20, 30, 40, 50, 60]
    assert np.bincount(mine.test_fold).tolist() == [4, 4]
    (first, why), (second, _) = mine.left_out
    assert (first, second) == ("cat/2.png", "cat/5.png") and "damaged" in why
    told = note(mine, "unreadable")
    assert told.count == 2 and "left out 2 of 10 images: " in told.what and "40 x 40 pixels" in told.what
    again = load(root, unreadable="skip")  # from the cache, and told again
    assert again.left_out == mine.left_out and again.notes == mine.notes and again.contents == mine.contents


def test_unreadable_images_are_all_counted_and_the_next_try_reads_nothing_twice(root, monkeypatch):
    for name in ("cat/1", "cat/2", "10/a"):
        (root / f"{name}.png").write_bytes(b"nothing")
    got = message(root)
    assert "root: 3 of 9 images cannot be read: 3 times no image, or damaged; allowed: PNG" in got
    assert "(10/a.png; cat/1.png; cat/2.png)" in got
    monkeypatch.setattr(decoding, "_decode_all", lambda *_: pytest.fail("decoded again"))
    assert message(root) == got


def test_contents_are_those_of_the_files(root):
    (root / "cat" / "2.png").write_bytes(b"nothing")
    (root / "cat" / "4.png").write_bytes((root / "cat" / "3.png").read_bytes())
    mine = load(root, unreadable="skip")
    assert len(mine.contents) == len(mine.files) == 8
    for file, content in zip(mine.files, mine.contents):
        assert content == hashlib.sha256((root / file).read_bytes()).hexdigest()
    at = mine.files.index("cat/3.png")
    assert mine.contents[at] == mine.contents[at + 1] != mine.contents[0]


def test_a_class_of_which_too_few_can_be_read(root):
    (root / "10" / "a.png").write_bytes(b"")
    assert "root: class '10' has 1 example (10/b.png)" in message(root, unreadable="skip")


def test_no_image_at_all_can_be_read(root):
    for path in root.rglob("*.png"):
        path.write_bytes(b"")
    assert "root: 9 of 9 images cannot be read: 9 times no image, or damaged" in message(root, unreadable="skip")


def test_images_that_are_all_alike(tmp_path):
    for name in ("a/1", "a/2", "b/1", "b/2"):
        picture(tmp_path / "root" / f"{name}.png", 7)
    assert "root: all values are equal" in message(tmp_path / "root")


def deep(path, highest):
    """An image of 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.linspace(0, highest, 16).reshape(4, 4).astype(np.uint16)).save(path)


def test_dark_images_of_sixteen_bits_are_told_with_the_level_to_set(tmp_path):
    for at, name in enumerate(("a/1", "a/2", "b/1", "b/2")):
        deep(tmp_path / "root" / f"{name}.png", 4000 + at)
    dark = load(tmp_path / "root")
    told = note(dark, "grey_range")
    assert told.count == 4 and dark.images.max() == 16  # 4003 / 257
    assert "4 images of 16 bits go no higher than 4,003 of 65,535" in told.what
    assert told.what.endswith("set datasets.mine.data.folder.white: 4095")
    bright = load(tmp_path / "root", white=4095)
    assert bright.images.max() == 249 and not notes(bright, "grey_range")  # 255 * 4003 / 4095
    assert load(tmp_path / "root", white=2000).images.max() == 255  # what lies above is white too
    deep(tmp_path / "root" / "b" / "3.png", 30_000)
    assert not notes(load(tmp_path / "root"), "grey_range")
