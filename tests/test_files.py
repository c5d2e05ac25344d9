"""Files are written whole or not at all."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from labelnoise import files, scratch

ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "names": np.array(["x", "yy"])}


def test_arrays_come_back_and_equal_arrays_are_equal_bytes(tmp_path):
    for name in ("one.npz", "two.npz"):
        files.save_arrays(tmp_path / "new" / name, ARRAYS)
    back = files.load_arrays(tmp_path / "new" / "one.npz")
    assert back.keys() == ARRAYS.keys()
    assert all((back[name] == ARRAYS[name]).all() for name in ARRAYS)
    assert (tmp_path / "new" / "one.npz").read_bytes() == (tmp_path / "new" / "two.npz").read_bytes()


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "bad.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        files.load_arrays(tmp_path / "bad.npz")


def test_full_disk_leaves_the_old_file_and_no_partial_one(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    files.write_text(path, "old")

    def half(self, data):
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match=r"table.csv: cannot be written: No space left on device"):
        files.write_text(path, "new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
def test_whatever_ends_a_write_leaves_no_partial_file(tmp_path, monkeypatch, kind):
    def broken(file):
        raise kind

    files.write_text(tmp_path / "table.csv", "old")
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(kind):
        files.write_text(tmp_path / "table.csv", "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_content_is_on_the_disk_before_the_name(tmp_path, monkeypatch):
    done, sync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda file: (done.append("content"), sync(file)))
    monkeypatch.setattr(os, "replace", lambda *paths: (done.append("name"), replace(*paths)))
    files.write_text(tmp_path / "table.csv", "new")
    assert done == ["content", "name"]


def test_a_damaged_file_is_named(tmp_path):
    files.save_arrays(tmp_path / "run.npz", ARRAYS)
    (tmp_path / "run.npz").write_bytes((tmp_path / "run.npz").read_bytes()[:100])
    with pytest.raises(ValueError, match=r"run.npz: damaged .*; delete it and run again"):
        files.load_arrays(tmp_path / "run.npz")


@pytest.mark.parametrize("order", ["C", "F"])
def test_large_arrays_are_read_where_they_lie_and_small_ones_whole(tmp_path, monkeypatch, order):
    arrays = {
        "large": np.asarray(np.arange(120.0).reshape(10, 3, 4), order=order),
        "a": np.arange(9),
        "b": np.array("x"),
    }
    arrays["turned"] = arrays["large"].transpose(0, 2, 1)
    files.save_arrays(tmp_path / "two.npz", arrays)
    monkeypatch.setattr(scratch, "LARGEST", 800)
    back = files.load_arrays(tmp_path / "two.npz")
    assert {name for name, array in back.items() if isinstance(array, np.memmap)} == {"large", "turned"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
    back["large"][0] = -1  # changes no file
    np.testing.assert_array_equal(files.load_arrays(tmp_path / "two.npz")["large"], arrays["large"])


def test_arrays_are_written_as_they_are_packed(tmp_path):
    turned = {"turned": np.arange(24).reshape(2, 3, 4).transpose(0, 2, 1), "f": np.asfortranarray(np.eye(3))}
    files.save_arrays(tmp_path / "a.npz", turned)
    assert (tmp_path / "a.npz").read_bytes() == files.packed(turned)
    whole = {name: np.ascontiguousarray(array) for name, array in turned.items()}
    assert files.packed(whole) == files.packed(turned)


def test_compressed_arrays_and_objects_are_not_mapped(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "small.npz", a=np.zeros(1000))
    np.savez(tmp_path / "bad.npz", a=np.array([{}] * 100, dtype=object))
    monkeypatch.setattr(scratch, "LARGEST", 0)
    back = files.load_arrays(tmp_path / "small.npz")["a"]
    assert not isinstance(back, np.memmap) and not back.any()
    with pytest.raises(ValueError, match="allow_pickle"):
        files.load_arrays(tmp_path / "bad.npz")
