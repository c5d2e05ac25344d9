"""CIFAR with labels by people, on a tiny made-up CIFAR and a file as its authors write it."""

import numpy as np
import pytest
import torch
from test_torchvision_sets import cifar_archive, md5, parameters, sources

from labelnoise import data
from labelnoise.data import cifar_n, torchvision_sets

TRAIN, TEST = [9, 0, 5, 5], [1, 2]
PEOPLE = {
    "clean_label": np.array(TRAIN), "aggre_label": np.array([9, 0, 5, 3]), "random_label1": np.array([9, 2, 5, 3]),
    "random_label2": np.array([9, 0, 5, 5]), "random_label3": np.array([1, 0, 5, 3]),
    "worse_label": np.array([1, 2, 5, 3]),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Of CIFAR-10 with four training images and two to test on."""
    reader = torchvision_sets._reader("cifar10")
    batches = {
        "data_batch_1": {"data": np.arange(4 * 3072).reshape(4, -1).astype(np.uint8), "labels": TRAIN},
        "test_batch": {"data": np.ones((2, 3072), np.uint8), "labels": TEST},
        "batches.meta": {"label_names": [f"class {c}" for c in range(10)]},
    }
    archive, sums = cifar_archive(reader, batches)
    (tmp_path / reader.filename).write_bytes(archive)
    monkeypatch.setattr(reader, "train_list", [["data_batch_1", sums["data_batch_1"]]])
    monkeypatch.setattr(reader, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(reader, "meta", {**reader.meta, "md5": sums["batches.meta"]})
    return tmp_path


@pytest.fixture
def load(folder, monkeypatch):
    """The data set with what is saved in the place of the authors' file; `checked`: under its own checksum."""

    def loaded(people, checked=True, **own):
        path = folder / "CIFAR-10_human.pt"
        torch.save(people, path)
        if checked:
            known = cifar_n.FILES["cifar10n"]._replace(md5=md5(path.read_bytes()))
            monkeypatch.setitem(cifar_n.FILES, "cifar10n", known)
        return data.load("cifar10n", parameters(**own), sources(folder, str(folder)))

    return loaded


def test_training_images_have_the_labels_of_people_and_test_images_none(load):
    mine = load(PEOPLE)
    assert mine.clean_labels.tolist() == TRAIN + TEST and mine.test_fold.tolist() == [-1] * 4 + [0] * 2
    assert list(mine.human_labels) == ["aggregate", "random1", "random2", "random3", "worse"]
    assert mine.human_labels["aggregate"].tolist() == [9, 0, 5, 3, -1, -1]
    assert mine.human_labels["worse"].tolist() == [1, 2, 5, 3, -1, -1]
    assert mine.asymmetric_map == torchvision_sets.SOURCES["cifar10"].asymmetric_map


def test_nothing_is_read_before_its_checksum_matched(load, monkeypatch):
    monkeypatch.setattr(cifar_n, "ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setattr(cifar_n.saved_arrays, "read", lambda path: pytest.fail("read"))
    with pytest.raises(
        ValueError, match=r"CIFAR-10_human\.pt: checksum mismatch, expected md5 96644db5574813cae939"
    ):
        load(PEOPLE, checked=False)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"clean_label": np.array([0, 9, 5, 5])},
            r"2 clean labels are not those of the images: it is in another order",
        ),
        ({"worse_label": np.array([1, 2, 5])}, r"worse_label has shape \(3,\); allowed: \(4,\), one per image"),
        ({"worse_label": np.array([1, 2, 5, 10])}, r"worse_label goes from 1 to 10; allowed: 0 to 9"),
        ({"aggre_label": np.array([[9], [0], [5], [3]])}, r"aggre_label has shape \(4, 1\); allowed: \(4,\)"),
    ],
)
def test_labels_that_do_not_fit_the_images_are_told(load, changed, said):
    with pytest.raises(ValueError, match=rf"CIFAR-10_human\.pt: {said}"):
        load(PEOPLE | changed)


def test_a_column_that_is_not_there_is_told(load):
    without = {name: labels for name, labels in PEOPLE.items() if name != "random_label3"}
    with pytest.raises(ValueError, match=r"no array 'random_label3'; the file has aggre_label, clean_label"):
        load(without)


@pytest.mark.parametrize("name", ["cifar10n", "cifar100n"])
def test_without_the_authors_file_one_line_says_where_to_put_it(folder, monkeypatch, name):
    monkeypatch.setattr(cifar_n, "ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setattr(torchvision_sets, "published", lambda *given: None)
    with pytest.raises(ValueError, match=rf"datasets\.{name}: no source has CIFAR-100?_human\.pt") as caught:
        data.load(name, parameters(), sources(folder))
    assert "name their folder in params.yaml, download.folder" in str(caught.value)


def test_there_is_one_published_test_part(folder):
    with pytest.raises(ValueError, match=r"datasets\.cifar10n\.data\.folds: 5 is not 1"):
        data.load("cifar10n", parameters(folds=5), sources(folder))
