"""`labelnoise.fit`: what it returns, that it is the study's training, and what it refuses."""

import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from sklearn.datasets import load_digits

import labelnoise
from labelnoise import nets, one

ROOT = Path(__file__).parents[1]
DIGITS = load_digits()
IMAGES, TRUTH = DIGITS.images[:300].astype(np.uint8), DIGITS.target[:300]
RNG = np.random.default_rng(0)
LABELS = np.where(RNG.random(300) < 0.3, RNG.integers(10, size=300), TRUTH)
LABELS[::5] = -1
ELR = {"beta": 0.7, "lam": 3.0, "clamp": 1e-4}


def fit(method="cross_entropy", section=None, **options):
    return labelnoise.fit(IMAGES, LABELS, method, section, **{"epochs": 3} | options)


def test_what_comes_out():
    threads = torch.get_num_threads()
    fitted = fit("elr", ELR, truth=TRUTH, epochs=15)
    assert fitted.classes == list(range(10)) and fitted.probs.shape == (300, 10) == fitted.early_probs.shape
    assert np.allclose(fitted.probs.sum(1), 1, atol=1e-5) and torch.get_num_threads() == threads
    assert len(fitted.index) == int(240 * 0.9) and (LABELS[fitted.index] >= 0).all()
    assert {len(part) for part in fitted.history.values()} == {15} and 0 <= fitted.early_epoch < 15
    test = LABELS < 0
    right = (fitted.probs[test].argmax(1) == TRUTH[test]).mean()
    assert right > 0.6 and np.isclose(fitted.history["test_accuracy"][-1], right)
    assert {"train_loss", "val_accuracy", "fitted_wrong"} <= set(fitted.history)


def test_the_truth_is_for_the_history_alone():
    plain, told = fit(), fit(truth=TRUTH)
    assert set(plain.history) == {"train_loss", "val_accuracy"} < set(told.history)
    assert np.array_equal(plain.probs, told.probs)


def test_classes_may_have_names_and_a_seed_decides():
    names = np.array(list("abcdefghij"), object)[LABELS]
    names[LABELS < 0] = None
    fitted = labelnoise.fit(IMAGES, names, "cross_entropy", epochs=3)
    assert fitted.classes == list("abcdefghij") and np.array_equal(fitted.probs, fit().probs)
    assert not np.array_equal(fit(seed=1).probs, fitted.probs)


def test_features_networks_and_methods_that_wait_for_estimates(tmp_path):
    features = IMAGES.reshape(300, 64).astype(float)
    assert labelnoise.fit(features, LABELS, "mae", epochs=2).probs.shape == (300, 10)
    assert fit(network="small_cnn", epochs=1).probs.shape == (300, 10)
    section = {"transition": "anchor_points", "transposed": False}
    fitted = fit("forward", section, store=tmp_path, epochs=2)
    kept = sorted(tmp_path.glob("*.npz"))
    row = fit("forward_estimated", params=ROOT / "params.yaml", store=tmp_path, epochs=2)
    assert np.array_equal(row.probs, fitted.probs)
    assert sorted(tmp_path.glob("*.npz")) == kept and len(kept) == 1 + 5 + 1  # a first run, its folds, the method


def test_every_type_of_network_is_there_as_params_yaml_has_it():
    rows = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))["networks"]
    assert one.NETWORKS.keys() == nets.NETWORKS.keys()
    assert {name: rows[name] for name in one.NETWORKS} == one.NETWORKS
    fitted = labelnoise.fit(IMAGES[:60], LABELS[:60], "cross_entropy", network="small_inception", epochs=1)
    assert fitted.probs.shape == (60, 10)


def own(folder, training):
    """params.yaml with a row `plain`: cross-entropy with a training of its own."""
    rows = {"cross_entropy": {}, "plain": {"method": "cross_entropy", "training": training}}
    (folder / "params.yaml").write_text(yaml.safe_dump({"methods": rows}))
    return folder / "params.yaml"


def test_a_row_may_change_the_training_and_an_argument_has_the_last_word(tmp_path):
    row = own(tmp_path, {"epochs": 2, "lr": 0.1})
    expected = fit(epochs=2, lr=0.1)
    assert np.array_equal(labelnoise.fit(IMAGES, LABELS, "plain", params=row).probs, expected.probs)
    said = fit("plain", params=row, epochs=3)
    assert len(said.history["train_loss"]) == 3 and np.array_equal(said.probs, fit(epochs=3, lr=0.1).probs)
    assert not np.array_equal(said.probs, fit(epochs=3).probs)


def test_the_training_of_a_row_is_checked(tmp_path):
    for training, said in (({"lrr": 1}, "unknown 'lrr'; allowed: "), ({"epochs": 0}, "epochs = 0: must be")):
        with pytest.raises(ValueError, match=f"training: {said}"):
            labelnoise.fit(IMAGES, LABELS, "plain", params=own(tmp_path, training))


REFUSED = {
    "method: unknown 'elrr'; allowed: ": {"method": "elrr"},
    "elr: beta: missing key": {"method": "elr"},
    "elr: lam = -1: must be greater than or equal to 0": {"method": "elr", "section": ELR | {"lam": -1}},
    "forward: is told the truth about the noise": {
        "method": "forward", "section": {"transition": "oracle", "transposed": False}
    },
    "network: unknown 'cnn'; allowed: cnn9, mlp, resnet, small_alexnet": {"network": "cnn"},
    "training: unknown 'epoch'; allowed: batch_size, crop, cutout": {"epoch": 3},
    "training: epochs = 0: must be greater than or equal to 1": {"epochs": 0},
    "truth: 'Cat' is no class of labels": {"truth": ["Cat", *TRUTH[1:]]},
    "truth: 299; allowed: 300, one per label": {"truth": TRUTH[1:]},
    "gone.yaml: no such file; allowed: a params.yaml": {"params": "gone.yaml"},
    "validation_fraction = 1": {"validation_fraction": 1},
}  # fmt: skip


@pytest.mark.parametrize("said", REFUSED)
def test_what_does_not_fit_is_one_line(said):
    with pytest.raises(ValueError) as error:
        fit(**REFUSED[said])
    assert str(error.value).startswith(said) and "\n" not in str(error.value)


def test_arrays_that_do_not_fit():
    with pytest.raises(
        ValueError, match=r"examples are float64 of shape \(300, 8, 8\); allowed: uint8 \(300, H, W\)"
    ):
        labelnoise.fit(IMAGES.astype(float), LABELS, "mae")
    with pytest.raises(ValueError, match="labels: 1 classes; allowed: 2 or more"):
        labelnoise.fit(IMAGES, np.zeros(300, int), "mae")
    with pytest.raises(ValueError, match="labels: '1' is text, 1 is none; allowed: one of the two"):
        labelnoise.fit(IMAGES, ["1", 1, None] * 100, "mae")


@pytest.mark.parametrize(("key", "value"), [("crop", 4), ("shift", 1), ("flip", True), ("cutout", 2)])
def test_features_are_not_augmented(tmp_path, key, value):
    features = IMAGES.reshape(300, 64).astype(float)
    line = rf"training\.{key}: features are no images; allowed: (0|false)"
    with pytest.raises(ValueError, match=f"^{line}$"):
        labelnoise.fit(features, LABELS, "cross_entropy", epochs=1, **{key: value})
    with pytest.raises(ValueError, match=rf"^methods\.plain\.{line}$"):
        labelnoise.fit(features, LABELS, "plain", params=own(tmp_path, {key: value}), epochs=1)
    with pytest.raises(ValueError, match=r"^network: features are no images; allowed: mlp$"):
        labelnoise.fit(features, LABELS, "cross_entropy", network="small_cnn", epochs=1)


def test_the_example_shows_what_it_says(capsys):
    runpy.run_path(str(ROOT / "examples" / "one_method.py"), run_name="__main__")
    said = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    right = {name: float(share.split("%")[0]) for name, share in said.items()}
    assert right["elr"] > right["cross_entropy"] + 5 and right["elr"] > 85
