"""What `make own` says before it starts, worked out by hand."""

import os
from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import costs


def section(features=None, folder=None, arrays=None):
    data = SimpleNamespace(folder=folder, arrays=arrays)
    return SimpleNamespace(data=data, features=features)


def folder(root, size=32, csv=None):
    return SimpleNamespace(root=str(root), csv=csv, size=size, mode="rgb")


def test_photographs_are_decoded_for_each_encoder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    (tmp_path / "list.csv").write_text("file,label\n" + "a.png,x\n" * 3000)
    cost = costs.of_dataset(section(folder=folder(tmp_path, csv=str(tmp_path / "list.csv"))))
    assert cost.images == 3000
    assert cost.seconds == pytest.approx(30 + 3 * ((3 * 4 + 3 + 11) / 2 + 2 * 4))
    assert cost.bytes == 600 * 2**20 + 3000 * (3 * 32**2 + 16 * (768 + 1280))
    large = SimpleNamespace(encoder="efficientnet_lite0", size=320)
    thorough = costs.of_dataset(section([large], folder(tmp_path, csv=str(tmp_path / "list.csv"))))
    assert thorough.seconds == pytest.approx(30 + 3 * ((2 * 4 + 4 * 11) / 2 + 4))


def test_small_images_and_tables_are_their_own_features(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").touch()
    (tmp_path / "a" / ".2.png").touch()
    assert costs.of_dataset(section(folder=folder(tmp_path, size=8))).images == 1
    np.savez(tmp_path / "mine.npz", labels=np.zeros(70), features=np.zeros((70, 2)))
    arrays = SimpleNamespace(file=str(tmp_path / "mine.npz"))
    assert costs.of_dataset(section(arrays=arrays)).images == 70


def test_what_cannot_be_read_is_left_to_the_stages(tmp_path):
    (tmp_path / "mine.npz").write_bytes(b"no zip")
    parts = {"mine": section(arrays=SimpleNamespace(file=str(tmp_path / "mine.npz"))), "digits": section()}
    study = SimpleNamespace(study=SimpleNamespace(datasets=["digits", "mine"]), datasets=parts)
    assert costs.of_study(study) is None
    study.study.datasets = ["digits"]
    assert costs.of_study(study) is None


def test_words():
    said = costs.told(costs.Cost(1234, 61.0, 1.5 * 2**30))
    assert said.startswith("1,234 examples: the list takes about 2 minutes on ") and "about 1.5 GB" in said
