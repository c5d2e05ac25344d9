"""benchmarks/obvious.py: a line per labelling, with the truth beside it, and none twice."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import obvious  # noqa: E402  (a script, not a package)

PER_CLASS = 30


def published(folder: Path) -> np.ndarray:
    """Files as Fashion-MNIST has them, of ten classes that differ in where they are bright."""
    rng, truth = np.random.default_rng(0), np.repeat(np.arange(10), PER_CLASS)
    pixels = rng.integers(0, 60, (len(truth), 28, 28), np.uint8)
    for image, k in zip(pixels, truth, strict=True):
        image[2 * k : 2 * k + 3] += 150
    for what, header, values in (("images-idx3", 16, pixels), ("labels-idx1", 8, truth.astype(np.uint8))):
        (folder / f"train-{what}-ubyte.gz").write_bytes(gzip.compress(bytes(header) + values.tobytes()))
    return truth


def test_lines_have_the_truth_and_are_not_made_twice(tmp_path, monkeypatch, capsys):
    truth = published(tmp_path)
    monkeypatch.setattr(obvious, "FILE", tmp_path / "obvious.csv")
    monkeypatch.setattr(obvious, "CACHE", tmp_path)
    monkeypatch.setattr(obvious, "INJECTED", [("symmetric", 0.2)])
    words = ["fashion_mnist", str(tmp_path), "--seeds", "1"]
    obvious.main(words)
    line = pd.read_csv(tmp_path / "obvious.csv").iloc[0]
    labels = obvious.injected("fashion_mnist", truth, "symmetric", 0.2, 0)
    assert line[obvious.KEYS].tolist() == ["fashion_mnist", "pixels", len(truth), "symmetric 0.2", 0]
    assert abs(line["wrong"] - (labels != truth).mean()) < 0.0001 and line["auprc"] > 0.95
    assert line["obvious"] > 30 and line["obvious_wrong"] > 0.9
    low, high = sorted(line[["rate_low", "rate_high"]])
    assert line["told"] in ("about", "between") and line["contradicted"] == pytest.approx(line["wrong"], abs=0.02)
    assert line["within"] == (low <= line["wrong"] <= high)
    capsys.readouterr()
    obvious.main(words)
    assert "fashion_mnist" not in capsys.readouterr().out and len(pd.read_csv(tmp_path / "obvious.csv")) == 1


def test_labels_by_people_are_found_by_the_end_of_their_path(tmp_path):
    (tmp_path / "people.csv").write_text("file,clean,some\ntrain/a/1.jpg,0,1\ntrain/a/0.jpg,0,0\n")
    images = obvious.Images(np.zeros((2, 4, 4), np.uint8), np.array([0, 0]), ["a/0.jpg", "a/1.jpg"])
    found = list(obvious.labellings("cifar10", images, tmp_path / "people.csv", 1))
    assert [(key["labels"], key["features"]) for key, _, _ in found] == [
        ("some", one) for one in obvious.BY_PEOPLE
    ]
    np.testing.assert_array_equal(found[0][2], [0, 1])
