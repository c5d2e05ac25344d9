"""Own arrays that are in order, and every way in which they are not."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import data
from labelnoise.data import npz
from labelnoise.nets.mlp import Mlp
from labelnoise.runs import data as run_data
from labelnoise.sections import Data

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 4, 5, 3), np.uint8)
FEATURES = RNG.normal(3, 2, (6, 4))
LABELS = np.array([2, 0, 2, 0, 1, 1])
WORDS = np.array(["dog", "ant", "dog", "ant", "cat", "cat"])


def load(path, arrays, holds="features", folds=2, **own):
    np.savez(path / "d.npz", **arrays)
    section = {"file": str(path / "d.npz"), "holds": holds, **own}
    chosen = Data(folds=folds, subset=None, imbalance=1.0, source="arrays", arrays=section)
    return data.load("mine", chosen, SimpleNamespace())


def message(*arguments, **options):
    with pytest.raises(ValueError) as caught:
        load(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_images_with_and_without_channels(tmp_path):
    mine = load(tmp_path, {"images": IMAGES, "labels": LABELS}, "images")
    np.testing.assert_array_equal(mine.images, IMAGES.transpose(0, 3, 1, 2))
    assert mine.images.dtype == np.uint8 and mine.files == [] and mine.class_names == ["0", "1", "2"]
    assert mine.human_labels["given"].tolist() == LABELS.tolist() and mine.clean_labels.tolist() == [-1] * 6
    grey = load(tmp_path, {"images": IMAGES[..., 0], "labels": LABELS}, "images")
    np.testing.assert_array_equal(grey.images, IMAGES[:, None, :, :, 0])


def test_features_are_standardized_one_by_one(tmp_path):
    features = np.column_stack([FEATURES, np.full(6, 0.1)]).astype(np.float32)
    mine = load(tmp_path, {"features": features, "labels": LABELS})
    assert mine.images.shape == (6, 1, 1, 5) and mine.images.dtype == np.float32
    flat = mine.images[:, 0, 0].astype(float)
    np.testing.assert_allclose(flat[:, :4].mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(flat[:, :4].std(0), 1, atol=1e-6)
    assert (flat[:, 4] == 0).all()
    npz.save(mine, tmp_path / "saved.npz")
    back = npz.read(tmp_path / "saved.npz")
    np.testing.assert_array_equal(back.images, mine.images)
    assert back.images.dtype == np.float32 and back.files == []


def test_features_are_standardized_by_the_training_part(tmp_path):
    split = np.array(["train", "train", "train", "train", "train", "test"])
    features = np.array([[1.0], [2], [3], [4], [5], [100]])
    mine = load(tmp_path, {"features": features, "labels": LABELS, "split": split}, folds=1)
    np.testing.assert_allclose(mine.images.ravel(), (features.ravel() - 3) / np.sqrt(2), rtol=1e-6)
    assert mine.test_fold.tolist() == [-1, -1, -1, -1, -1, 0]


def test_features_suit_the_networks(tmp_path):
    """Standardised once more over all values, as images are, they stay finite; the mlp takes their shape."""
    import torch

    mine = load(tmp_path, {"features": FEATURES, "labels": LABELS})
    images = run_data.standardized(mine)
    assert abs(images.mean) < 1e-6 and abs(images.std - 1) < 1e-6
    network = Mlp([torch.Generator().manual_seed(0)], mine.images.shape[1:], 3, [8], 0.0)
    assert network(torch.from_numpy(mine.images)[None]).shape == (1, 6, 3)


def test_words_as_labels_with_truth(tmp_path):
    clean = np.array(["dog", "ant", "cat", "", "", "cat"])
    mine = load(tmp_path, {"features": FEATURES, "labels": WORDS, "clean_labels": clean})
    assert mine.class_names == ["ant", "cat", "dog"]
    assert mine.human_labels["given"].tolist() == [2, 0, 2, 0, 1, 1]
    assert mine.clean_labels.tolist() == [2, 0, 1, -1, -1, 1]


def test_numbers_with_names_and_truth(tmp_path):
    names = np.array(["zebra", "yak", "xerus"])
    clean = np.array([2, 0, 1, -1, 1, 1], np.int8)
    arrays = {"features": FEATURES, "labels": LABELS.astype(np.uint8), "clean_labels": clean, "class_names": names}
    mine = load(tmp_path, arrays)
    assert mine.class_names == ["zebra", "yak", "xerus"]
    assert mine.human_labels["given"].tolist() == LABELS.tolist() and mine.clean_labels.tolist() == clean.tolist()


def test_numbers_with_gaps_become_classes_in_their_order(tmp_path):
    mine = load(tmp_path, {"features": FEATURES, "labels": np.array([10, 9, 10, 9, 200, 200])})
    assert mine.class_names == ["9", "10", "200"] and mine.human_labels["given"].tolist() == [1, 0, 1, 0, 2, 2]


def test_trusted(tmp_path):
    arrays = {"features": FEATURES, "labels": LABELS}
    assert load(tmp_path, arrays, trusted=True).clean_labels.tolist() == LABELS.tolist()
    got = message(tmp_path, {**arrays, "clean_labels": LABELS}, trusted=True)
    assert "d.npz: has clean_labels; allowed: datasets.mine.data.arrays.trusted: false" in got


def changed(at, value):
    features = FEATURES.copy()
    features[at] = value
    return features


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"features": None}, "d.npz: no array 'features'; the file has labels"),
        ({"labels": None}, "d.npz: no array 'labels'; the file has features"),
        ({"lables": LABELS}, "d.npz: unknown array 'lables'; allowed: features, labels, clean_labels"),
        (
            {"images": IMAGES},
            "unknown array 'images'; allowed: features, labels, clean_labels, class_names, split, group, files, p",
        ),
        ({"features": changed((4, 1), np.nan)}, "features[4, 1] = nan (row 4, column 1); allowed: finite"),
        ({"features": changed((0, 3), -np.inf)}, "features[0, 3] = -inf (row 0, column 3)"),
        ({"features": FEATURES[:, 0]}, "features are float64 of shape (6,); allowed: float [N, D]"),
        ({"features": IMAGES[:, :, 0, 0]}, "features are uint8 of shape (6, 4); allowed: float [N, D]"),
        ({"features": FEATURES[:5]}, "labels has shape (6,); allowed: as many rows as features has"),
        ({"features": np.full((6, 2), 7.0)}, "d.npz: all values are equal"),
        ({"labels": LABELS[:, None]}, "labels is int64 of shape (6, 1); allowed: whole numbers or text [N]"),
        ({"labels": LABELS / 2}, "labels is float64 of shape (6,)"),
        ({"labels": WORDS.astype(bytes)}, "labels is |S3 of shape (6,)"),
        (
            {"labels": WORDS.astype(object)},
            "labels holds Python objects; allowed: numbers, or labels.astype(str)",
        ),
        (
            {"labels": LABELS - 1},
            "2 entries of labels are not allowed (labels[1] = -1; labels[3] = -1); allowed: 0 or more",
        ),
        ({"labels": np.array([1, 0, -5, 0, 1, 1])}, "d.npz: labels[2] = -5; allowed: 0 or more"),
        ({"class_names": np.array(["a", "b"])}, "(labels[0] = 2; labels[2] = 2); allowed: 0 to 1"),
        ({"class_names": np.array(["a", "b", "a"])}, "class_names repeat a name"),
        ({"class_names": np.array(["a", "b", "c", "d"])}, "d.npz: class 'd' has 0 examples; allowed: 2 or more"),
        ({"labels": np.array([0, 0, 0, 1, 1, 2])}, "class '2' has 1 example ("),
        ({"labels": np.zeros(6, int)}, "d.npz: 1 class (0); allowed: 2 to 1000"),
        (
            {"clean_labels": np.array([0, 1, 2, 3, 0, 0])},
            "example 3 of 0..5: unknown clean class '3'; allowed: 0, 1, 2",
        ),
        (
            {"clean_labels": LABELS - 3},
            "d.npz: 4 entries of clean_labels are not allowed (clean_labels[1] = -3; clean_labels[3] = -3; clean_",
        ),
        ({"clean_labels": LABELS[:4]}, "clean_labels has shape (4,)"),
        (
            {"split": np.array(["train", "later"] * 3)},
            "3 entries of split are not allowed (split[1] = 'later'; split[3] = 'later'; split[5] = 'later'); "
            "allowed: train, training, val, valid, validation, dev, test",
        ),
        (
            {"split": np.array(["train"] * 6)},
            "d.npz: no example has the split 'test'; allowed: both train and test",
        ),
        ({"group": LABELS[:, None]}, "group is int64 of shape (6, 1); allowed: whole numbers or text [N]"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, change, expected):
    arrays = {"features": FEATURES, "labels": LABELS, **change}
    assert expected in message(tmp_path, {key: array for key, array in arrays.items() if array is not None})


PROBS = np.array([[0, 0, 1], [0.5, 0.5, 0], [0.2, 0.2, 0.6], [1, 0, 0], [0, 0.9, 0.1], [0.3, 0.4, 0.3]])
FILES = np.array([f"a b/é {position}.png" for position in range(6)])


def test_predictions_beside_features_and_alone(tmp_path):
    mine = load(tmp_path, {"features": FEATURES, "labels": WORDS, "pred_probs": PROBS})
    np.testing.assert_array_equal(mine.pred_probs, PROBS.astype(np.float32))  # ant, cat, dog
    assert mine.pred_probs.dtype == np.float32 and mine.images.shape == (6, 1, 1, 4)
    alone = load(tmp_path, {"pred_probs": PROBS.astype(np.float16), "labels": WORDS}, "pred_probs")
    np.testing.assert_allclose(alone.pred_probs, PROBS, atol=1e-3)
    assert alone.images.shape == (6, 1, 1, 0) and alone.human_labels["given"].tolist() == [2, 0, 2, 0, 1, 1]
    assert load(tmp_path, {"features": FEATURES, "labels": WORDS}).pred_probs is None
    got = message(tmp_path, {"pred_probs": PROBS, "labels": WORDS, "images": IMAGES}, "pred_probs")
    assert (
        "unknown array 'images'; allowed: labels, pred_probs, clean_labels, class_names, split, group, files ("
        in got
    )


def test_files_are_names_as_they_are(tmp_path):
    arrays = {"features": FEATURES, "labels": LABELS, "files": FILES}
    assert load(tmp_path, arrays).files == FILES.tolist()
    for name in FILES:
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text("")
    assert load(tmp_path, arrays, root=str(tmp_path / "root")).files == FILES.tolist()
    (tmp_path / "root" / FILES[4]).unlink()
    got = message(tmp_path, arrays, root=str(tmp_path / "root"))
    assert "d.npz: files[4] = 'a b/é 4.png': no such file below" in got
    del arrays["files"]
    got = message(tmp_path, arrays, root=str(tmp_path / "root"))
    assert "d.npz: no array 'files'; allowed: datasets.mine.data.arrays.root: null" in got


def put(array, at, value):
    changed = array.astype(array.dtype if array.dtype.kind == "f" else "U40")
    changed[at] = value
    return changed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"pred_probs": put(PROBS, (2, 1), np.nan)}, "pred_probs[2, 1] = nan (row 2, column 1); allowed: finite"),
        (
            {"pred_probs": put(PROBS, (3, 2), -0.25)},
            "pred_probs[3, 2] = -0.25 (row 3, column 2); allowed: 0 or more",
        ),
        ({"pred_probs": put(PROBS, (5, 0), 0.302)}, "pred_probs of row 5 sum to 1.002; allowed: 1 (to 0.001)"),
        ({"pred_probs": PROBS[:, :2]}, "pred_probs have 2 columns; allowed: 3, a class each: 0, 1, 2"),
        ({"pred_probs": PROBS[:, 0]}, "pred_probs are float64 of shape (6,); allowed: float [N, C]"),
        (
            {"pred_probs": np.eye(3, dtype=int)[LABELS]},
            "pred_probs are int64 of shape (6, 3); allowed: float [N, C]",
        ),
        ({"pred_probs": PROBS[:4]}, "pred_probs has shape (4, 3); allowed: as many rows as features has"),
        ({"files": LABELS}, "files is int64 of shape (6,); allowed: text [N]"),
        ({"files": FILES[:3]}, "files has shape (3,); allowed: as many rows as features has"),
        (
            {"files": put(FILES, 2, "../x.png")},
            "files[2] = '../x.png'; allowed: the name of a file below a folder",
        ),
        ({"files": put(FILES, 2, "/x.png")}, "files[2] = '/x.png'; allowed: the name of a file below a folder"),
        ({"files": put(FILES, 2, "")}, "files[2] = ''; allowed: the name of a file below a folder"),
        ({"files": put(FILES, 2, "a\nb")}, "files[2] = 'a\\nb'; allowed: the name of a file below a folder"),
        ({"files": put(FILES, 4, FILES[1])}, "files[4] = 'a b/é 1.png', as files[1]; allowed: a file per example"),
    ],
)
def test_files_and_predictions_that_do_not_fit_are_named(tmp_path, change, expected):
    assert f"d.npz: {expected}" in message(tmp_path, {"features": FEATURES, "labels": LABELS, **change})


@pytest.mark.parametrize("images", [IMAGES.astype(float), RNG.integers(0, 256, (6, 7, 5, 9), np.uint8)])
def test_images_of_other_types_and_shapes(tmp_path, images):
    got = message(tmp_path, {"images": images, "labels": LABELS}, "images")
    assert got.endswith("allowed: uint8 [N, H, W] or [N, H, W, channels] with 1 to 4 channels")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_that_come_first_are_told_from_those_that_come_last(tmp_path, channels):
    first = RNG.integers(0, 256, (6, channels, 8, 9), np.uint8)
    got = message(tmp_path, {"images": first, "labels": LABELS}, "images")
    assert got.endswith("channels that come first go last by images.transpose(0, 2, 3, 1)")
    last = load(tmp_path, {"images": first.transpose(0, 2, 3, 1), "labels": LABELS}, "images")
    np.testing.assert_array_equal(last.images, first)
    assert "axes" not in {note.kind for note in last.notes}
    either = RNG.integers(0, 256, (6, channels, 8, 4), np.uint8)
    (note,) = [n for n in load(tmp_path, {"images": either, "labels": LABELS}, "images").notes if n.kind == "axes"]
    assert note.count == 6 and f"(6, {channels}, 8, 4) are read as [N, H, W, channels]" in note.what


def test_values_that_overflow_are_told(tmp_path):
    wild = np.array([1e308, -1e308] * 3)
    got = message(tmp_path, {"features": np.column_stack([FEATURES, wild]), "labels": LABELS})
    expected = "d.npz: features[:, 4] goes from -1e+308 to 1e+308; allowed: values of which a mean and a deviation"
    assert expected in got
    got = message(tmp_path, {"features": np.column_stack([FEATURES, wild, wild / 2]), "labels": LABELS})
    assert "d.npz: 2 columns of features are too large or too small (features[:, 4] goes from" in got
    fine = load(tmp_path, {"features": np.column_stack([FEATURES, wild / 1e200]), "labels": LABELS})
    np.testing.assert_allclose(fine.images[:, 0, 0, 4], np.sign(wild), rtol=1e-6)


def test_all_values_that_are_not_finite_are_counted(tmp_path):
    features = changed((4, 1), np.nan)
    features[2] = np.inf
    expected = (
        "d.npz: 2 rows have an entry that is not finite (features[2, 0] = inf (row 2, column 0); "
        "features[4, 1] = nan (row 4, column 1)); allowed: finite"
    )
    assert expected in message(tmp_path, {"features": features, "labels": LABELS})


def test_words_for_a_missing_label(tmp_path):
    words = np.array(["dog", "ant", "dog", "ant", "cat", "cat", "NA", "", "nan", "NA"])
    features = RNG.normal(size=(10, 3))
    mine = load(tmp_path, {"features": features, "labels": words})
    assert mine.class_names == ["ant", "cat", "dog"]
    assert mine.human_labels["given"].tolist() == [2, 0, 2, 0, 1, 1, -1, -1, -1, -1]
    assert mine.clean_labels.tolist() == [-1] * 10
    (note,) = [note for note in mine.notes if note.kind == "unlabelled"]
    assert note.count == 4 and note.where == "'NA' 2, empty 1, 'nan' 1"
    assert "4 examples have no label" in note.what and "datasets.mine.data.arrays.missing" in note.what
    named = np.array(["NA", "ant", "cat", "dog"])  # a class of the user's own
    told = np.where(words == "", "NA", np.where(words == "nan", "NA", words))
    mine = load(tmp_path, {"features": features, "labels": told, "class_names": named})
    assert mine.human_labels["given"].tolist() == [3, 1, 3, 1, 2, 2, 0, 0, 0, 0]
    assert load(tmp_path, {"features": features, "labels": told}, missing=["?"]).class_names[0] == "NA"
    got = message(tmp_path, {"features": features, "labels": words}, missing=["NA", "nan"])
    assert "d.npz: labels[7] is empty; allowed: the name of a class" in got


def test_groups(tmp_path):
    arrays = {"features": FEATURES, "labels": LABELS}
    assert load(tmp_path, arrays).groups is None
    mine = load(tmp_path, {**arrays, "group": np.array(["p2", "p1", "", "p2", "p10", "p1"])})
    assert mine.groups.tolist() == [2, 0, -1, 2, 1, 0] and mine.groups.dtype == np.int64
    groups = load(tmp_path, {**arrays, "group": np.array([7, 7, -1, 30, 30, 7])}).groups
    assert groups[0] == groups[1] == groups[5] != groups[3] == groups[4] and groups[2] == -1
    npz.save(mine, tmp_path / "saved.npz")
    assert npz.read(tmp_path / "saved.npz").groups.tolist() == [2, 0, -1, 2, 1, 0]


def test_words_of_splits(tmp_path):
    split = np.array(["Training", "val", "train", "holdout", "TEST", "validation"])
    mine = load(tmp_path, {"features": FEATURES, "labels": LABELS, "split": split}, folds=1)
    assert mine.test_fold.tolist() == [-1, -1, -1, 0, 0, -1]
    (note,) = [note for note in mine.notes if note.kind == "parts"]
    assert "train (2), validation (2), test (2): test is the test part; validation counts as training" in note.what


def test_files_below_the_root_have_their_content(tmp_path):
    for name in FILES:
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(name)
    arrays = {"features": FEATURES, "labels": LABELS, "files": FILES}
    mine = load(tmp_path, arrays, root=str(tmp_path / "root"))
    assert mine.contents == tuple(hashlib.sha256(name.encode()).hexdigest() for name in FILES.tolist())
    assert load(tmp_path, arrays).contents == ()


def test_files_that_are_no_npz(tmp_path):
    chosen = Data(folds=2, subset=None, imbalance=1.0, arrays={"file": str(tmp_path / "x"), "holds": "images"})
    for write in (None, b"", b"text", b"PK\x03\x04 cut off"):
        if write is not None:
            (tmp_path / "x").write_bytes(write)
        with pytest.raises(ValueError, match=r"x: no (such file|npz file of numpy, or damaged)") as caught:
            data.load("arrays", chosen, None)
        assert "\n" not in str(caught.value)
    np.save(tmp_path / "x.npy", LABELS)
    (tmp_path / "x.npy").rename(tmp_path / "x")
    with pytest.raises(ValueError, match="x: no npz file"):
        data.load("arrays", chosen, None)


def test_a_damaged_array_is_named(tmp_path):
    np.savez(tmp_path / "d.npz", images=IMAGES, labels=LABELS)
    content = bytearray((tmp_path / "d.npz").read_bytes())
    content[200] ^= 255  # a pixel
    (tmp_path / "d.npz").write_bytes(content)
    chosen = Data(folds=2, subset=None, imbalance=1.0, arrays={"file": str(tmp_path / "d.npz"), "holds": "images"})
    with pytest.raises(ValueError, match=r"d\.npz: images is damaged \(Bad CRC-32"):
        data.load("arrays", chosen, None)
