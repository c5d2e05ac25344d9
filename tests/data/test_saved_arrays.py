"""Arrays out of a file of torch.save: as numpy and torch read them, and nothing is executed."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch

from labelnoise.data import saved_arrays


def saved(path, values):
    torch.save(values, path)
    return path


def test_arrays_are_those_that_were_saved(tmp_path):
    values = {
        "clean_label": np.array([3, 0, 9]), "small": np.array([[1, 255]], np.uint8), "list": [4, 5],
        "big endian": np.array([1, -2], ">i4"),
    }  # fmt: skip
    found = saved_arrays.read(saved(tmp_path / "a.pt", values))
    assert list(found) == list(values) and all(array.dtype == np.int64 for array in found.values())
    for name, array in values.items():
        np.testing.assert_array_equal(found[name], array)


def test_names_of_the_older_numpy_are_known(tmp_path):
    """As numpy 1 wrote them: the authors' files."""
    content = pickle.dumps({"a": np.array([1, 2])}, protocol=2)
    older = content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert older != content
    packed(tmp_path / "a.pt", older)
    assert saved_arrays.read(tmp_path / "a.pt")["a"].tolist() == [1, 2]


def packed(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
    return path


class Malicious:
    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def attack(folder):
    one = Malicious()
    one.folder = folder
    return one


def as_module(module, name, argument):
    """A pickle that calls module.name(argument)."""
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


def test_a_pickle_that_calls_something_is_refused_and_not_executed(tmp_path):
    folder = tmp_path / "made"
    path = saved(tmp_path / "a.pt", {"clean_label": np.arange(3), "noisy_label": attack(folder)})
    with pytest.raises(
        ValueError, match=r"a\.pt: asks for posix\.mkdir; allowed: a torch\.save of a dict of arrays"
    ):
        saved_arrays.read(path)
    assert not folder.exists()
    torch.load(path, weights_only=False)  # it would have done it: else the lines above say nothing
    assert folder.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [("builtins", "eval"), ("os", "system"), ("numpy", "load"), ("builtins", "getattr"), ("numpy", "memmap")],
)
def test_every_other_name_is_refused(tmp_path, module, name):
    path = packed(tmp_path / "a.pt", as_module(module, name, "1+1"))
    with pytest.raises(ValueError, match=rf"asks for {module}\.{name};"):
        saved_arrays.read(path)


def test_text_in_another_code_is_refused(tmp_path):
    path = packed(tmp_path / "a.pt", b"c_codecs\nencode\n(Vb\nVzip\ntR.")
    with pytest.raises(ValueError, match="has text in 'zip'"):
        saved_arrays.read(path)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"a": np.array([1.5])}, "holds an array of type 'f8'"),
        ({"a": np.array(["x"], object)}, "holds an array of type 'O8'"),
        ({"a": np.asfortranarray(np.ones((2, 2), int))}, "holds an array of type 'i8'"),
        ({"a": "text"}, "holds str"),
        ({"a": [1, "b"]}, "holds list"),
        ({"a": torch.tensor([1])}, "asks for torch._utils._rebuild_tensor_v2"),
        ([1, 2], "is damaged"),
    ],
)
def test_other_content_is_told(tmp_path, values, reason):
    with pytest.raises(ValueError) as caught:
        saved_arrays.read(saved(tmp_path / "a.pt", values))
    assert str(caught.value).startswith(f"{tmp_path / 'a.pt'}: {reason}") and "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [20, 300])
def test_a_truncated_file_is_told(tmp_path, keep):
    path = saved(tmp_path / "a.pt", {"a": np.arange(50)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"a\.pt: is no zip archive; allowed: "):
        saved_arrays.read(path)


def test_a_bare_pickle_is_no_such_file(tmp_path):
    (tmp_path / "a.pt").write_bytes(pickle.dumps({"a": np.arange(3)}))
    with pytest.raises(ValueError, match="is no zip archive"):
        saved_arrays.read(tmp_path / "a.pt")


def test_content_that_does_not_fill_the_shape_is_damaged(tmp_path):
    content = pickle.dumps({"a": np.arange(4)}, protocol=2)
    broken = content.replace(b"K\x04\x85", b"K\x05\x85")
    assert broken != content
    with pytest.raises(ValueError, match=r"is damaged \(ValueError\)"):
        saved_arrays.read(packed(tmp_path / "a.pt", broken))


def test_an_archive_without_a_pickle_is_damaged(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x", b"")
    (tmp_path / "a.pt").write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match=r"is damaged \(ValueError\)"):
        saved_arrays.read(tmp_path / "a.pt")
