"""Layouts that people have: parts above classes, folders below them, and all that lies about beside images."""

import os
import signal
import socket

import numpy as np
import pytest
from made_folder import load, message, note, notes, pictures, table

from labelnoise.data import images, listing

CLASSES = ("ant", "bee")


@pytest.fixture
def root(tmp_path):
    """Two classes of three images."""
    pictures(tmp_path / "root", [f"{name}/{number}.png" for name in CLASSES for number in range(3)])
    return tmp_path / "root"


@pytest.fixture
def in_time():
    """Ends what waits for ever, as one who reads a pipe does."""
    signal.alarm(20)
    yield
    signal.alarm(0)


def parted(root, **counts):
    """counts: folder -> images per class."""
    names = [f"{part}/{name}/{at}.png" for part, of in counts.items() for name in CLASSES for at in range(of)]
    pictures(root, names)
    return root


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [("train", "val", "test"), ("Training", "validation", "Testing"), ("TRAIN", "dev", "holdout")],
)
def test_parts_above_class_folders(tmp_path, train, val, test):
    mine = load(parted(tmp_path / "root", **{train: 3, val: 2, test: 1}), folds=1)
    assert mine.class_names == ["ant", "bee"] and len(mine.files) == 12
    fold = dict(zip(mine.files, mine.test_fold.tolist()))
    assert {file.partition("/")[0] for file, of in fold.items() if of == 0} == {test}
    assert {file.partition("/")[0] for file, of in fold.items() if of == -1} == {train, val}
    labels = [CLASSES.index(file.split("/")[1]) for file in mine.files]
    assert mine.human_labels["given"].tolist() == labels
    told = note(mine, "parts").what
    assert "train (6), validation (4), test (2): test is the test part; validation counts as training" in told


def test_validation_is_tested_on_where_there_is_no_test_part(tmp_path):
    mine = load(parted(tmp_path / "root", train=3, val=2), folds=1)
    assert {file.partition("/")[0] for file, of in zip(mine.files, mine.test_fold) if of == 0} == {"val"}
    assert note(mine, "parts").what.endswith("train (6), validation (4): validation is the test part")


def test_folds_of_parts_are_one(tmp_path):
    got = message(parted(tmp_path / "root", train=3, test=2), folds=5)
    assert got.startswith("datasets.mine.data.folds: 5 is not 1, as ") and got.endswith(
        "names a test part; allowed: 1"
    )


def test_a_single_part_is_no_split(tmp_path):
    """As where the test part holds images without a class, which is how competitions give them."""
    root = parted(tmp_path / "root", train=4)
    pictures(root, ["test/1.png", "test/2.png"])
    mine = load(root, folds=2)
    assert len(mine.files) == 8 and sorted(np.bincount(mine.test_fold)) == [4, 4]
    assert note(mine, "parts").what.startswith("only train holds images in class folders")
    assert note(mine, "no_class").where == "test/1.png, test/2.png"
    assert not listing.has_test_part(root)


def test_validation_and_test_alone(tmp_path):
    mine = load(parted(tmp_path / "root", test=3, val=2), folds=1)
    assert {file.partition("/")[0] for file, of in zip(mine.files, mine.test_fold) if of == 0} == {"test"}


def test_whether_there_is_a_test_part(tmp_path):
    assert listing.has_test_part(parted(tmp_path / "a", train=1, val=1))
    assert not listing.has_test_part(parted(tmp_path / "b", train=1))
    pictures(tmp_path / "c", ["train/1.png", "test/1.png"])
    assert not listing.has_test_part(tmp_path / "c")


def test_folders_named_as_parts_are_classes_beside_others_and_without_classes_in_them(tmp_path):
    pictures(tmp_path / "a", [f"{name}/{at}.png" for name in ("train", "test", "bus") for at in range(2)])
    mine = load(tmp_path / "a")
    assert mine.class_names == ["bus", "test", "train"] and note(mine, "parts").where == "test, train"
    pictures(tmp_path / "b", [f"{name}/{at}.png" for name in ("train", "test") for at in range(2)])
    mine = load(tmp_path / "b")
    assert mine.class_names == ["test", "train"] and "are read as classes" in note(mine, "parts").what
    pictures(tmp_path / "c", [f"{name}/{at}.png" for name in ("train", "bus") for at in range(2)])  # no doubt
    assert not notes(load(tmp_path / "c"), "parts")


def test_images_of_any_depth_belong_to_the_class_folder(root):
    pictures(root, ["ant/2021/may/1.png", "ant/2021/2.png", "bee/x/0.png"])
    mine = load(root)
    assert mine.class_names == ["ant", "bee"] and len(mine.files) == 9
    assert mine.human_labels["given"][mine.files.index("ant/2021/may/1.png")] == 0
    assert mine.human_labels["given"][mine.files.index("bee/x/0.png")] == 1
    told = note(mine, "nested")
    assert told.count == 3 and told.where == "ant/2021/2.png, ant/2021/may/1.png, bee/x/0.png"


def test_below_parts_it_is_the_folder_below_the_part(tmp_path):
    root = parted(tmp_path / "root", train=2, test=2)
    pictures(root, ["train/ant/deep/9.png"])
    mine = load(root, folds=1)
    assert mine.human_labels["given"][mine.files.index("train/ant/deep/9.png")] == 0
    assert note(mine, "nested").count == 1


def test_what_is_no_image_is_left_out_and_counted_once(root):
    for name in ("README.md", "labels.csv", "ant/1.txt", "ant/2.txt", "bee/note", "bee/deep/1.json"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("")
    mine = load(root)
    assert len(mine.files) == 6
    told = note(mine, "skipped")
    assert told.count == 6 and "6 files are no images by their names: left out (2 .txt, 1 " in told.what


def test_images_that_are_not_read_are_told_with_what_to_do(root):
    for name in ("ant/1.HEIC", "ant/2.heif", "bee/1.avif", "bee/scan.dcm", "bee/photo.NEF"):
        (root / name).write_bytes(b"")
    mine = load(root)
    told = {of.what: of.count for of in notes(mine, "format")}
    assert len(mine.files) == 6 and sorted(told.values()) == [1, 1, 3]
    assert any("3 images are HEIC, HEIF or AVIF: left out; export them as JPEG" in what for what in told)
    assert any("1 image is DICOM: left out; export each as a PNG of 8 or 16 bits" in what for what in told)


def test_jfif_is_jpeg(root):
    from PIL import Image

    Image.fromarray(np.full((4, 4), 200, np.uint8)).save(root / "ant" / "9.jfif", "JPEG")
    mine = load(root)
    assert mine.images[mine.files.index("ant/9.jfif")].tolist() == [[[200] * 4] * 4]


def test_empty_class_folders_are_left_out(root):
    (root / "wasp").mkdir()
    (root / "fly" / "deep").mkdir(parents=True)
    (root / "fly" / "deep" / "x.txt").write_text("")
    mine = load(root)
    assert mine.class_names == ["ant", "bee"]
    assert note(mine, "empty_class").where == "fly, wasp" and note(mine, "skipped").count == 1


def test_images_in_no_class_folder_are_left_out(root):
    pictures(root, ["7.png", "8.png"])
    mine = load(root)
    assert len(mine.files) == 6 and note(mine, "no_class").count == 2


def test_a_folder_without_class_folders_says_what_it_holds(tmp_path):
    pictures(tmp_path / "root", ["1.png", "2.png"])
    got = message(tmp_path / "root")
    assert "root: names no image; allowed: 2 classes or more" in got and "2 images lie in no class folder" in got


def test_one_folder_too_many_is_told(tmp_path):
    pictures(tmp_path / "root", [f"archive/{name}/{at}.png" for name in CLASSES for at in range(2)])
    got = message(tmp_path / "root")
    assert "root: 1 class folder (archive), with 2 folders in it" in got and got.endswith("root/archive")


def test_pipes_and_sockets_are_left_out_and_nobody_waits(root, in_time, monkeypatch):
    os.mkfifo(root / "ant" / "x.png")
    monkeypatch.chdir(root)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("bee/y.png")
        mine = load(root)
    assert len(mine.files) == 6 and note(mine, "no_file").where == "ant/x.png, bee/y.png"


@pytest.mark.parametrize("unreadable", ["stop", "skip"])
def test_a_pipe_named_in_a_csv_is_a_fault(root, in_time, unreadable):
    os.mkfifo(root / "x.png")
    rows = [("ant/1.png", "a"), ("x.png", "a"), ("ant", "b"), ("bee/1.png", "b")]
    got = message(root, unreadable=unreadable, **table(root, rows))
    assert "labels.csv: 2 rows name no regular file (line 3: x.png; line 4: ant); allowed: images" in got


def test_a_pipe_is_not_opened_by_the_decoder(tmp_path, in_time):
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(ValueError, match=r"^no regular file$"):
        images.decode(tmp_path / "x.png", 4, "grey", 1000)


def test_a_csv_that_is_a_pipe_is_none(root, in_time):
    os.mkfifo(root.parent / "labels.csv")
    assert "labels.csv: no such file" in message(root, csv=str(root.parent / "labels.csv"))


def test_class_folders_named_as_missing_labels_stay_classes(root):
    pictures(root, ["NA/1.png", "NA/2.png"])
    mine = load(root)
    assert mine.class_names == ["NA", "ant", "bee"] and (mine.human_labels["given"] >= 0).all()
    assert "class folder NA has a name that usually stands for a missing label" in note(mine, "missing_word").what
    assert not notes(mine, "unlabelled")


def test_names_that_no_table_can_hold_are_counted(root):
    pictures(root, ["ant/a\nb.png", "be\te/1.png"])
    got = message(root)
    assert "2 files and folders have control characters in their names ('ant/a\\nb.png'; 'be\\te')" in got


def test_names_of_what_is_left_out_can_be_written_whatever_they_are(root):
    (root / "ant" / os.fsdecode(b"\xff.txt")).write_text("")
    (root / "ant" / "a\nb").write_text("")
    told = note(load(root), "skipped")
    assert told.where == "'ant/a\\nb', 'ant/\\udcff.txt'"
    assert (told.what + told.where).encode()


def test_a_folder_in_order_has_no_notes(root):
    pictures(root, [f"{name}/{number}.png" for name in CLASSES for number in range(3, 6)])
    assert load(root).notes == ()
