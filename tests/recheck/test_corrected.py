"""The corrected labels: every state by hand, read back as own data; and the script that moves files, run."""

import csv
import hashlib
import io
import subprocess
import sys
import unicodedata
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from labelnoise import data
from labelnoise.noise.noisy_labels import LEFT_OUT, UNANSWERED, UNSURE
from labelnoise.recheck import corrected
from labelnoise.sections import Data
from labelnoise.types import Dataset

FILES = ["cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png", "dog/4.png", "dog/5.png", "dog/6.png"]
GIVEN = np.array([0, 0, 0, 1, 1, 1, 1])
SAID = np.array([1, 0, UNSURE, UNANSWERED, LEFT_OUT, 0, 0], np.int16)


def answered(label, said=None):
    """As Answers has them; one answer to each label unless told otherwise."""
    label = np.asarray(label, np.int16)
    return label, {at: [of] for at, of in enumerate(label.tolist()) if of != UNANSWERED} if said is None else said


def own(files=FILES, given=GIVEN, names=("cat", "dog"), contents=()):
    fold = np.arange(len(files)) % 2
    images = np.zeros((len(files), 1, 2, 2), np.uint8)
    labels = {"given": np.array(given)}
    return Dataset(images, fold * 0 - 1, fold, list(names), {}, labels, list(files), contents=tuple(contents))


def parsed(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_state_by_hand():
    given = np.array([0, 0, 0, 1, 1, -1, -1])
    label = [1, 0, UNSURE, UNANSWERED, LEFT_OUT, 1, UNANSWERED]
    said = {0: [1, 0, 1], 1: [0], 2: [0, 1], 4: [LEFT_OUT], 5: [1]}
    made = corrected.texts(own(), given, *answered(label, said))
    assert list(made) == ["labels_corrected.csv"]
    rows = parsed(made["labels_corrected.csv"])
    assert [row["file"] for row in rows] == FILES
    assert [(row["label"], row["given"], row["state"]) for row in rows] == [
        ("dog", "cat", "changed"),
        ("cat", "cat", "right"),
        ("cat", "cat", "unsure"),
        ("dog", "dog", "given"),
        ("", "dog", "left out"),
        ("dog", "", "changed"),
        ("", "", "unlabelled"),
    ]
    assert [(int(row["votes"]), int(row["against"])) for row in rows] == [
        (3, 1), (1, 0), (2, 2), (0, 0), (1, 0), (1, 0), (0, 0)
    ]  # fmt: skip


def test_examples_without_files_have_an_index_and_no_answer_leaves_all_as_given():
    data, nothing = own()._replace(files=[]), np.full(len(FILES), UNANSWERED)
    rows = parsed(corrected.texts(data, GIVEN, nothing, {})["labels_corrected.csv"])
    assert [row["index"] for row in rows] == list("0123456") and {row["state"] for row in rows} == {"given"}
    assert [row["label"] for row in rows] == [("cat", "dog")[label] for label in GIVEN]


def picture(path, level):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 4), level, np.uint8)).save(path)


def load(root, **own):
    section = {"root": str(root), "size": 4, "mode": "grey", "max_pixels": 1000, **own}
    chosen = Data(folds=2, subset=None, imbalance=1.0, source="folder", folder=section)
    return data.load("mine", chosen, SimpleNamespace(cache=str(root.parent / "cache")))


@pytest.mark.parametrize("left_out", [False, True])
def test_it_is_own_data_again(tmp_path, left_out):
    """Names that need quotes and all; what was left out has no label then."""
    names = ['a, "b"', "ça va"]
    files = [f"{name}/{at}.png" for name in names for at in range(4)]
    for level, name in enumerate(files):
        picture(tmp_path / "root" / name, 10 * level)
    given = np.repeat([0, 1], 4)
    said = np.array([1, 0, -1, -1, 0, UNSURE, -1, LEFT_OUT if left_out else -1])
    made = corrected.texts(own(files, given, names), given, *answered(said))
    (tmp_path / "labels.csv").write_bytes(made["labels_corrected.csv"].encode())
    again = load(tmp_path / "root", csv=str(tmp_path / "labels.csv"))
    assert again.files == files and again.class_names == names
    expected = [1, 0, 0, 0, 0, 1, 1, -1 if left_out else 1]
    np.testing.assert_array_equal(again.human_labels["given"], expected)


@pytest.fixture
def root(tmp_path):
    """FILES, each of a content of its own."""
    for level, name in enumerate(FILES):
        picture(tmp_path / "photos" / name, 10 * level)
    return tmp_path / "photos"


def there(folder):
    """file -> sha256"""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def script(root, said=SAID, files=FILES, given=GIVEN, names=("cat", "dog")):
    contents = [hashlib.sha256((root / name).read_bytes()).hexdigest() for name in files]
    made = corrected.texts(own(files, given, names, contents), np.array(given), *answered(said), root)
    path = root.parent / "move_files.py"
    path.write_bytes(made["move_files.py"].encode())
    return path


def run(path, *words):
    """In a folder of its own, without this package."""
    command = [sys.executable, "-I", str(path), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent, timeout=60)


def test_the_script_only_says_what_it_would_do(root):
    before = there(root.parent)
    path = script(root)
    done = run(path)
    assert done.returncode == 1 and done.stderr.startswith("not moved: cat/1.png: there is a file ")
    lines = done.stdout.splitlines()
    assert f"{root / 'dog/5.png'} -> {root / 'cat/5.png'}" in lines and len(lines) == 4
    assert f"{root / 'dog/4.png'} -> {root.parent / 'photos_left_out/dog/4.png'}" in lines
    assert lines[-1] == "3 to move, 0 moved before, 1 not moved; to move: python move_files.py --do"
    assert there(root.parent) == before | {"move_files.py": there(root.parent)["move_files.py"]}


def test_the_script_moves_and_overwrites_nothing(root):
    """cat/1 -> dog/1 is there already; 5 and 6 of dog -> cat; 4 is left out."""
    before, path = there(root), script(root)
    done = run(path, "--do")
    assert done.returncode == 1  # since something was refused
    assert (
        done.stderr
        == f"not moved: cat/1.png: there is a file {root / 'dog/1.png'} already (--rename: take another name)\n"
    )
    assert done.stdout == "3 moved, 0 moved before, 1 not moved\n"
    expected = {
        name: content for name, content in before.items() if name not in ("dog/4.png", "dog/5.png", "dog/6.png")
    }
    expected |= {"cat/5.png": before["dog/5.png"], "cat/6.png": before["dog/6.png"]}
    assert there(root) == expected
    assert there(root.with_name("photos_left_out")) == {"dog/4.png": before["dog/4.png"]}
    again = run(path, "--do")
    assert again.stdout == "0 moved, 3 moved before, 1 not moved\n" and there(root) == expected


def test_names_of_files_may_look_like_the_script(root):
    names = ['cat/ROOT = "".png', "cat/MOVES = [].png"]
    for name in names:
        picture(root / name, 7)
    done = run(script(root, [1, 1], names, [0, 0]), "--do")
    assert done.stdout == "2 moved, 0 moved before, 0 not moved\n" and done.stderr == ""
    assert all((root / name.replace("cat", "dog")).exists() for name in names)


def test_the_script_leaves_alone_what_has_changed_or_is_gone(root):
    path = script(root, [UNANSWERED, 1, 1, 0, UNANSWERED, 0, UNANSWERED])
    picture(root / "cat/2.png", 200)
    (root / "cat/3.png").unlink()
    before = there(root)
    done = run(path, "--do")
    told = ["cat/2.png: has another content than what people saw", "cat/3.png: is not there any more"]
    told += [f"dog/1.png: there is a file {root / 'cat/1.png'} already (--rename: take another name)"]
    assert done.stderr.splitlines() == [f"not moved: {line}" for line in told] and done.returncode == 1
    moved = {"cat/5.png" if name == "dog/5.png" else name: content for name, content in before.items()}
    assert there(root) == moved


def test_the_script_takes_another_name_on_request(root):
    """Files are often numbered anew in each class."""
    before, path = there(root), script(root, [1, 1, *[UNANSWERED] * 5])
    picture(root / "dog/1-2.png", 250)
    assert run(path, "--do", "--rename").stdout == "2 moved, 0 moved before, 0 not moved\n"
    now = there(root)
    assert (now["dog/1-3.png"], now["dog/2.png"]) == (before["cat/1.png"], before["cat/2.png"])
    assert now["dog/1.png"] == before["dog/1.png"] and set(now) >= {"dog/1-2.png", "cat/3.png"} and len(now) == 8
    assert run(path, "--do").stdout == "0 moved, 2 moved before, 0 not moved\n"


def test_two_files_do_not_move_to_the_same_place(tmp_path):
    root, files = tmp_path / "photos", ["a/1.png", "b/1.png", "c/2.png"]
    for level, name in enumerate(files):
        picture(root / name, level)
    path = script(root, [2, 2, UNANSWERED], files, [0, 1, 2], ("a", "b", "c"))
    done = run(path, "--do")
    assert "1 moved" in done.stdout and "b/1.png: there is a file" in done.stderr
    assert set(there(root)) == {"c/1.png", "b/1.png", "c/2.png"}


def test_the_root_may_be_elsewhere_by_now(root):
    path = script(root, [UNANSWERED, 1, *[UNANSWERED] * 5])
    root.rename(root.with_name("elsewhere"))
    assert run(path, "--do").stderr.startswith(f"error: {root}: no such folder; allowed: --root")
    done = run(path, "--do", "--root", str(root.with_name("elsewhere")))
    assert done.returncode == 0 and (root.with_name("elsewhere") / "dog/2.png").exists()


def test_files_go_into_the_folder_that_the_class_has_in_their_part(tmp_path):
    """Data in parts, with folders below class folders; folders in another Unicode form, and with blanks."""
    nfd = unicodedata.normalize("NFD", "ché")
    files = ["train/cat /in/1.png", f"train/{nfd}/2.png", "test/cat/3.png", "test/cat/4 ' \\ \u00fc.png"]
    root = tmp_path / "photos"
    for level, name in enumerate(files):
        picture(root / name, level)
    run(script(root, [1, 0, 1, 1], files, [0, 1, 0, 0], ("cat", "ché")), "--do")
    assert set(there(root)) == {
        f"train/{nfd}/in/1.png",
        "train/cat /2.png",
        f"test/{nfd}/3.png",  # called as elsewhere, where this part has none
        f"test/{nfd}/4 ' \\ \u00fc.png",
    }


def test_without_anything_to_move_there_is_no_script(root):
    contents = ["0"] * len(FILES)
    said = answered([0, 0, UNSURE, UNANSWERED, 1, 1, 1])
    assert list(corrected.texts(own(contents=contents), GIVEN, *said, root)) == ["labels_corrected.csv"]
    unknown = corrected.texts(own(), GIVEN, *answered(SAID), root)  # what the files hold
    assert list(unknown) == ["labels_corrected.csv"]
