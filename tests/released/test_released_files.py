"""Files of a paper: read from an npz, from a clone or the network; bad ones end with one line."""

import hashlib
import json
from types import SimpleNamespace

import made_released
import numpy as np
import pytest

from labelnoise.released import files

ARRAYS = made_released.arrays()


def changed(name: str, at: tuple, value: float) -> dict[str, np.ndarray]:
    array = ARRAYS[name].copy()
    array[at] = value
    return {name: array}


def test_an_npz_file(tmp_path):
    made = made_released.write(tmp_path / "made.npz")
    released = files.load(made["file"], made["sha256"], None)
    assert [(of.noise_rate, of.sparsity) for of in released.settings] == [(0.2, 0.0), (0.7, 0.2)]
    np.testing.assert_array_equal(released.clean_labels, ARRAYS["clean_labels"])
    np.testing.assert_array_equal(released.settings[1].labels, ARRAYS["labels"][1])
    np.testing.assert_array_equal(released.settings[1].probs, ARRAYS["pred_probs"][1])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"labels": None, "sparsity": None}, "has no labels, sparsity; allowed: clean_labels, labels,"),
        (
            {"labels": ARRAYS["labels"][:, 1:]},
            "labels is uint8 of shape (2, 119); allowed: labels: integers [S, N]",
        ),
        ({"pred_probs": ARRAYS["pred_probs"][0]}, "5 arrays"),
        ({"clean_labels": ARRAYS["clean_labels"].astype(float)}, "clean_labels is float64 of shape (120,)"),
        (changed("labels", (1, 7), 3), "labels[1, 7] names no class; allowed: labels: 0 to 2"),
        (changed("clean_labels", (5,), 9), "clean_labels[5] names no class"),
        (changed("pred_probs", (0, 4, 1), np.nan), "pred_probs[0, 4] has an entry below 0 or not finite"),
        (changed("pred_probs", (0, slice(3, 9)), 0.3), "6 entries do not sum to 1 (pred_probs[0, 3]; "),
        (changed("noise_amount", (1,), 0.5), "sparsity, noise_amount[1] is no setting of the paper"),
        (changed("noise_amount", (0,), np.nan), "sparsity, noise_amount[0] is no setting of the paper"),
        (
            changed("labels", (0, slice(0, 2)), 7) | changed("pred_probs", (1, 3, 0), -1),
            "3 entries cannot be used: 2 name no class (labels[0, 0]; labels[0, 1]), 1 have an entry below 0",
        ),
    ],
)
def test_a_bad_file_ends_with_one_line(tmp_path, wrong, said):
    made = made_released.write(tmp_path / "made.npz", **wrong)
    with pytest.raises(ValueError) as error:
        files.load(made["file"], made["sha256"], None)
    assert said in str(error.value) and str(error.value).startswith(made["file"]) and "\n" not in str(error.value)


def test_rows_cut_as_the_authors_cut_them_are_taken(tmp_path):
    cut = (ARRAYS["pred_probs"].astype(float) * 0.986).astype(np.float16)
    made = made_released.write(tmp_path / "made.npz", pred_probs=cut)
    assert len(files.load(made["file"], made["sha256"], None).settings) == 2


def test_another_checksum(tmp_path):
    made = made_released.write(tmp_path / "made.npz")
    with pytest.raises(ValueError, match=rf"sha256 is {made['sha256']}; allowed: released\.\w+\.sha256 = 0"):
        files.load(made["file"], "0" * 64, None)


def test_what_is_no_npz_and_what_is_not_there(tmp_path):
    (tmp_path / "text.npz").write_text("nothing")
    digest = hashlib.sha256(b"nothing").hexdigest()
    with pytest.raises(ValueError, match=r"text\.npz: is no npz file without pickles"):
        files.load(str(tmp_path / "text.npz"), digest, None)
    with pytest.raises(ValueError, match=r"released.northcutt2021.file: .*none.npz: no such file; allowed"):
        files.load(str(tmp_path / "none.npz"), digest, None)


def test_pickles_are_refused(tmp_path):
    made = made_released.write(tmp_path / "made.npz", labels=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="is no npz file without pickles"):
        files.load(made["file"], made["sha256"], None)


@pytest.fixture
def originals(tmp_path, monkeypatch):
    """Files as in the authors' repository, two images of two classes in one setting, and their checksums."""
    probs, labels = files._paths(2, 6)
    for path in (probs, labels):
        (tmp_path / "clone" / path).parent.mkdir(parents=True, exist_ok=True)
    with open(tmp_path / "clone" / probs, "wb") as file:
        np.save(file, np.array([[0.25, 0.75], [1, 0], [0.5, 0.5]], np.float16))
    images = {"/data/train/cat/7_cat.png": 1, "/data/train/cat/8_cat.png": 0, "/data/train/dog/1_dog.png": 1}
    (tmp_path / "clone" / labels).write_text(json.dumps(images))
    md5 = tuple(hashlib.md5((tmp_path / "clone" / path).read_bytes()).hexdigest() for path in (probs, labels))
    monkeypatch.setattr(files, "MD5", {(2, 6): md5})
    monkeypatch.setattr(files, "ADDRESS", "http://127.0.0.1:9")  # where nobody answers
    return tmp_path


def test_a_clone_of_the_repository(originals):
    download = SimpleNamespace(folder=str(originals / "clone"), mirrors=[], cache=str(originals / "cache"))
    released = files.load(None, None, download)
    np.testing.assert_array_equal(released.clean_labels, [0, 0, 1])
    [of] = released.settings
    assert (of.noise_rate, of.sparsity) == (0.7, 0.2)
    np.testing.assert_array_equal(of.labels, [1, 0, 1])
    np.testing.assert_array_equal(of.probs, [[0.25, 0.75], [1, 0], [0.5, 0.5]])


def test_no_file_and_no_network(originals):
    download = SimpleNamespace(folder=None, mirrors=[], cache=str(originals / "cache"))
    with pytest.raises(ValueError) as error:
        files.load(None, None, download)
    said = str(error.value)
    assert said.startswith("released.northcutt2021: the authors' files cannot be had (http://127.0.0.1:9/cifar10/")
    assert "\n" not in said and said.endswith("an npz file of the same arrays (docs/papers.md)")
    assert not [path for path in (originals / "cache").rglob("*") if path.is_file()]


def test_a_damaged_clone_is_refused(originals):
    (originals / "clone" / files._paths(2, 6)[1]).write_text("{}")
    download = SimpleNamespace(folder=str(originals / "clone"), mirrors=[], cache=str(originals / "cache"))
    with pytest.raises(ValueError, match="checksum mismatch"):
        files.load(None, None, download)
