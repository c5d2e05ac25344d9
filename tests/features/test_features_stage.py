"""The stage: from an npz file of the download stage to one of features, and what they show of the input."""

from pathlib import Path

import numpy as np
import pytest
import stage_script

from labelnoise import artifacts, files, params
from labelnoise.data import npz
from labelnoise.types import Dataset

RNG = np.random.default_rng(0)
PINNED = {"revision": "0" * 40, "sha256": "0" * 64}
PROBS = np.array([[0.25, 0.75]] * 6, np.float32)


def run(folder: Path, monkeypatch, dataset: Dataset, name: str, **changes) -> dict[str, np.ndarray]:
    """What stages/features.py writes for `dataset`; changes: keys of its section in params.yaml."""
    monkeypatch.chdir(folder)
    stage_script.parameters({"run": {"workers": 1}, "datasets": {name: changes}})
    npz.save(dataset, artifacts.of(name).images)
    stage_script.run("features", name)
    return files.load_arrays(artifacts.of(name).features)


def made(images: np.ndarray, pred_probs=None) -> Dataset:
    return Dataset(images, np.full(6, -1), np.arange(6) % 2, ["a", "b"], {}, {}, [], (), pred_probs)


def test_digits_are_pixels(tmp_path, monkeypatch, capsys):
    images = RNG.integers(0, 17, (6, 1, 8, 8), np.uint8)
    found = run(tmp_path, monkeypatch, made(images), "digits")
    assert list(found) == ["0_pixels"] and found["0_pixels"].shape == (6, 64)
    assert not (tmp_path / "downloads").exists() and capsys.readouterr().out == ""


def test_larger_images_are_encoded_twice_and_kept(tmp_path, monkeypatch, capsys):
    images = RNG.integers(0, 256, (6, 3, 32, 32), np.uint8)
    found = run(tmp_path, monkeypatch, made(images), "cifar10")
    assert {name: part.shape for name, part in found.items()} == {
        "0_patches": (6, 768),
        "1_efficientnet_lite0": (6, 1280),
    }
    assert all(part.dtype == np.float32 for part in found.values())
    before = artifacts.of("cifar10").features.read_bytes()
    assert "measured on the first block" in capsys.readouterr().out
    run(tmp_path, monkeypatch, made(images), "cifar10")
    assert artifacts.of("cifar10").features.read_bytes() == before and capsys.readouterr().out == ""
    assert len(list((tmp_path / "downloads").glob("features-*.npz"))) == 2


def test_predictions_of_ones_own_stand_beside_features(tmp_path, monkeypatch):
    table = RNG.normal(size=(6, 1, 1, 4)).astype(np.float32)
    found = run(tmp_path, monkeypatch, made(table, PROBS), "arrays")
    assert list(found) == ["0_given", "pred_probs"]
    np.testing.assert_array_equal(found["0_given"], table[:, 0, 0])
    np.testing.assert_array_equal(found["pred_probs"], PROBS)
    alone = run(tmp_path, monkeypatch, made(np.empty((6, 1, 1, 0), np.float32), PROBS), "arrays")
    assert list(alone) == ["pred_probs"]


@pytest.mark.parametrize(
    ("dataset", "value", "expected"),
    [
        (
            "cifar10",
            [{"encoder": "resnet"}],
            "features.0: encoder = 'resnet'; allowed: efficientnet_lite0, given, ",
        ),
        (
            "cifar10",
            [{"size": 9}],
            "features.0: encoder = None; allowed: efficientnet_lite0, given, onnx, patches",
        ),
        ("cifar10", [], "features: is empty; allowed: null, or one encoder or more, as [{encoder: patches}]"),
        ("cifar10", "patches", "features = 'patches': must be a valid list"),
        (
            "cifar10",
            [{"encoder": "patches", "size": 9}],
            "features.0.patches: unknown key 'size'; allowed: encoder",
        ),
        (
            "cifar10",
            [{"encoder": "pixels"}, {"encoder": "efficientnet_lite0", "size": 16}],
            "features.1.efficientnet_lite0.size = 16: must be greater than or equal to 32",
        ),
        ("cifar10", [{"encoder": "onnx", "file": "x", "size": 64}], "features.0.onnx.sha256: missing key"),
        (
            "cifar10",
            [{"encoder": "onnx", "file": "x", "size": 64, "sha256": "ab"}],
            "features.0.onnx.sha256 = 'ab': allowed: 64 digits, 0 to 9 and a to f: the sha256 of the file",
        ),
        (
            "cifar10",
            [{"encoder": "state_dict", "file": "x", "size": 64, "sha256": "0" * 64, "network": "timm/vit"}],
            "features.0.state_dict.network = 'timm/vit': allowed: efficientnet_lite0, torchvision/<name>",
        ),
        (
            "cifar10",
            [{"encoder": "torchvision"}],
            "features.0: encoder = 'torchvision'; allowed: efficientnet_lite0, given, onnx, patches, pixels, "
            "state_dict, timm/<name>, torchvision/<name>",
        ),
        (
            "cifar10",
            [{"encoder": "torchvision/"}],
            "features.0.torchvision/<name>.encoder = 'torchvision/': allowed: torchvision/<name>, as torchvision/",
        ),
        (
            "cifar10",
            [{"encoder": "torchvision/resnet18", "mean": [0.5] * 3}],
            "features.0.torchvision/<name>: unknown key 'mean'; allowed: encoder, weights, size",
        ),
        (
            "cifar10",
            [{"encoder": "timm/resnet18.a1_in1k", "sha256": "0" * 64}],
            "features.0.timm/<name>.revision: missing key",
        ),
        (
            "cifar10",
            [{"encoder": "timm/resnet18.a1_in1k", "sha256": "0" * 64, "revision": "main"}],
            "features.0.timm/<name>.revision = 'main': allowed: 40 digits, 0 to 9 and a to f: a commit",
        ),
        (
            "arrays",
            [{"encoder": "timm/x", **PINNED}],
            "features: timm/x cannot encode features; allowed: null, given",
        ),
        (
            "cifar10",
            [{"encoder": "efficientnet_lite0", "mean": [0.5, 0.5]}],
            "features.0.efficientnet_lite0.mean: List should have at least 3 items",
        ),
        (
            "cifar10",
            [{"encoder": "efficientnet_lite0", "std": [0.5, 0.5, 0.0]}],
            "features.0.efficientnet_lite0.std.2 = 0.0: must be greater than 0",
        ),
        (
            "cifar10",
            [{"encoder": "given"}],
            "features: given cannot encode images; allowed: null, pixels, patches",
        ),
        ("arrays", [{"encoder": "patches"}], "features: patches cannot encode features; allowed: null, given"),
    ],
)
def test_parameters_that_do_not_fit_are_named(tmp_path, monkeypatch, dataset, value, expected):
    monkeypatch.chdir(tmp_path)
    stage_script.parameters({"datasets": {dataset: {"features": value}}})
    with pytest.raises(SystemExit) as stopped:
        params.load()
    message = str(stopped.value)
    assert "\n" not in message and f": datasets.{dataset}.{expected}" in message, message


def test_every_encoder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = {"file": "x", "sha256": "0" * 64, "size": 64}
    chosen = [
        {"encoder": "pixels"},
        {"encoder": "patches"},
        {"encoder": "efficientnet_lite0", "size": 128},
        {"encoder": "onnx", **own, "output": "pooled", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
        {"encoder": "state_dict", **own, "network": "torchvision/resnet18"},
        {"encoder": "state_dict", **own, "network": "efficientnet_lite0"},
        {"encoder": "torchvision/resnet18", "weights": "IMAGENET1K_V1", "size": 64},
        {"encoder": "timm/vit_small_patch14_dinov2.lvd142m", **PINNED, "size": 224},
    ]
    stage_script.parameters({"datasets": {"cifar10": {"features": chosen}}})
    loaded = params.load().datasets["cifar10"].features
    assert [section.model_dump(exclude_none=True) for section in loaded] == chosen
