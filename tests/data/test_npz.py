"""A data set written and read back."""

import numpy as np
import pytest

from labelnoise.data import npz
from labelnoise.types import Dataset


def example(**changes):
    rng = np.random.default_rng(0)
    dataset = Dataset(
        images=rng.integers(0, 256, (7, 4, 5, 3), np.uint8).transpose(0, 3, 1, 2),  # not contiguous
        clean_labels=np.array([0, 1, 2, 0, 1, 2, -1]),
        test_fold=np.array([-1, -1, -1, -1, 0, 0, 0]),
        class_names=["naïve", "b", "c c"],
        asymmetric_map={2: 0, 0: 1},
        human_labels={"worse": np.arange(7) % 3, "random1": np.arange(7) % 2},
        files=[f"ü {number}.png" for number in range(7)],
    )
    return dataset._replace(**changes)


def test_round_trip(tmp_path):
    dataset = example()
    npz.save(dataset, tmp_path / "new" / "d.npz")
    back = npz.read(tmp_path / "new" / "d.npz")
    for name in ("images", "clean_labels", "test_fold"):
        np.testing.assert_array_equal(getattr(back, name), getattr(dataset, name))
        assert getattr(back, name).dtype == getattr(dataset, name).dtype
    assert back.class_names == dataset.class_names and back.files == dataset.files
    assert back.asymmetric_map == dataset.asymmetric_map
    assert sorted(back.human_labels) == ["random1", "worse"]
    np.testing.assert_array_equal(back.human_labels["worse"], [0, 1, 2, 0, 1, 2, 0])
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["d.npz"]


def test_no_map_no_human_labels_and_no_files(tmp_path):
    npz.save(example(asymmetric_map={}, human_labels={}, files=[]), tmp_path / "d.npz")
    back = npz.read(tmp_path / "d.npz")
    assert back.asymmetric_map == {} and back.human_labels == {} and back.files == []


def test_predictions_are_stored_where_there_are_some(tmp_path):
    probs = np.full((7, 3), 1 / 3, np.float32)
    npz.save(example(pred_probs=probs), tmp_path / "d.npz")
    np.testing.assert_array_equal(npz.read(tmp_path / "d.npz").pred_probs, probs)
    npz.save(example(), tmp_path / "d.npz")
    assert npz.read(tmp_path / "d.npz").pred_probs is None


def test_rewriting_changes_no_byte(tmp_path):
    npz.save(example(), tmp_path / "a.npz")
    reordered = example(asymmetric_map={0: 1, 2: 0}, images=np.ascontiguousarray(example().images))
    npz.save(reordered, tmp_path / "b.npz")
    npz.save(npz.read(tmp_path / "a.npz"), tmp_path / "c.npz")
    first = (tmp_path / "a.npz").read_bytes()
    assert first == (tmp_path / "b.npz").read_bytes() == (tmp_path / "c.npz").read_bytes()


def test_other_files_are_named(tmp_path):
    path = tmp_path / "d.npz"
    np.savez(path, images=np.zeros(3))
    with pytest.raises(ValueError, match=r"d\.npz: not a data set.*clean_labels"):
        npz.read(path)
    npz.save(example(), path)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ValueError, match=r"d\.npz: not a data set"):
        npz.read(path)


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "d.npz"
    np.savez(path, images=np.array([{}], object))
    with pytest.raises(ValueError, match=r"d\.npz: not a data set.*allow_pickle"):
        npz.read(path)
