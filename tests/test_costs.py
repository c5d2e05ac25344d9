"""What is said before anything starts, worked out by hand: what `make own` takes, and whether a study fits."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from sklearn.datasets import load_digits

from labelnoise import costs, params, reproduce, sizes
from labelnoise.classifier import training
from labelnoise.commands import beforehand
from labelnoise.features import patches
from labelnoise.one import TRAINING
from labelnoise.runs import demand
from labelnoise.sections import Training

ROOT = Path(__file__).parents[1]


def section(features=None, folder=None, arrays=None, subset=None):
    data = SimpleNamespace(folder=folder, arrays=arrays, subset=subset, folds=5)
    return SimpleNamespace(data=data, features=features)


def folder(root, size=32, csv=None):
    columns = SimpleNamespace(file="file", label="label")
    return SimpleNamespace(root=str(root), csv=csv, columns=columns, missing=["", "NA"], size=size, mode="rgb")


def arrays(path, holds="features", **parts):
    np.savez(path, **parts)
    return SimpleNamespace(file=str(path), holds=holds)


def memory(examples, stored, columns, classes, sets):
    """Bytes, of at most 6,000 examples."""
    kernels = [0, 7, 12][sets]
    kernel, by_class = 4 * min(examples, 1500), 8 * costs.PER_CLASS * classes * max(sets, 1)
    return pytest.approx(600 * 2**20 + examples * (stored + 16 * columns + kernels * kernel + by_class))


def test_photographs_are_decoded_for_each_encoder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    rows = [f"{at}.png,{'x' if at < 2900 else 'y'}" for at in range(3000)]
    (tmp_path / "list.csv").write_text("\n".join(["file,label", *rows, *rows[:50], "7.png,NA"]))
    cost = costs.of_dataset(section(folder=folder(tmp_path, csv=str(tmp_path / "list.csv"))))
    assert cost.images == 3000
    fitted = 5 + 2 * 4 / 2  # seconds for the filters of patches, from 1,000 images that are decoded twice besides
    assert cost.seconds == pytest.approx(30 + 3 * ((3 * 4 + 3 + 11) / 2 + 2 * 4) + fitted)
    assert costs.FITTED == patches.SAMPLE
    assert cost.bytes == memory(3000, 3 * 32**2, 768 + 1280, 2, 2)
    large = SimpleNamespace(encoder="efficientnet_lite0", size=320)
    thorough = costs.of_dataset(section([large], folder(tmp_path, csv=str(tmp_path / "list.csv"))))
    assert thorough.seconds == pytest.approx(30 + 3 * ((2 * 4 + 4 * 11) / 2 + 4))
    fewer = section(folder=folder(tmp_path, csv=str(tmp_path / "list.csv")), subset=1200)
    assert costs.of_dataset(fewer).images == 1500  # of which a seed tests on a fifth


def test_small_images_and_tables_are_their_own_features(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").touch()
    (tmp_path / "a" / ".2.png").touch()
    assert sizes.size_of(section(folder=folder(tmp_path, size=8)).data) == (1, 1, (3, 8, 8))
    table = arrays(tmp_path / "mine.npz", labels=np.arange(70) % 7, features=np.zeros((70, 20)))
    cost = costs.of_dataset(section(arrays=table))
    assert cost.images == 70 and cost.seconds == pytest.approx(30 + 0.07 * 4)
    assert cost.bytes == memory(70, 4 * 20, 20, 7, 1)


def test_images_in_parts_and_of_any_depth_are_counted_by_class(tmp_path):
    for name in ("train/a/1.png", "train/a/deep/2.png", "train/b/1.JPG", "test/a/1.png", "test/a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sizes.size_of(section(folder=folder(tmp_path, size=8)).data) == (4, 2, (3, 8, 8))


def test_arrays_of_images_are_encoded_by_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    labels = np.array(["x", "y"] * 25)
    small = arrays(tmp_path / "small.npz", "images", labels=labels, images=np.zeros((50, 28, 20), np.uint8))
    cost = costs.of_dataset(section(arrays=small))
    assert cost.seconds == pytest.approx(30 + 0.05 * 4) and cost.bytes == memory(50, 560, 560, 2, 1)
    photos = np.zeros((50, 40, 30, 3), np.uint8)
    large = arrays(tmp_path / "large.npz", "images", labels=labels, images=photos)
    cost = costs.of_dataset(section(arrays=large))
    assert cost.seconds == pytest.approx(30 + 0.05 * ((3 + 11) / 2 + 2 * 4 + 5))  # all 50 are fitted to
    assert cost.bytes == memory(50, 3600, 768 + 1280, 2, 2)
    four = arrays(tmp_path / "four.npz", "images", labels=labels, images=np.zeros((50, 40, 30, 4), np.uint8))
    assert costs.of_dataset(section(arrays=four)).seconds == pytest.approx(30 + 0.05 * (3 / 2 + 4 + 5))


def test_probabilities_alone_need_no_encoder(tmp_path):
    alone = arrays(tmp_path / "p.npz", "pred_probs", labels=np.arange(60) % 3, pred_probs=np.ones((60, 3)) / 3)
    cost = costs.of_dataset(section(arrays=alone))
    assert cost.images == 60 and cost.seconds == 30 and cost.bytes == memory(60, 0, 0, 3, 0)


@pytest.mark.parametrize("kind", ["no zip", "empty", "damaged", "no images"])
def test_what_cannot_be_read_is_left_to_the_stages(tmp_path, kind):
    path = tmp_path / "mine.npz"
    np.savez_compressed(path, labels=np.arange(5000), features=np.random.default_rng(0).random((5000, 2)))
    whole = path.read_bytes()
    middle = 300  # within the labels
    damaged = {"no zip": b"no zip", "empty": b"", "damaged": whole[:middle] + b"\0" * 99 + whole[middle + 99 :]}
    path.write_bytes(damaged.get(kind, whole))
    own = SimpleNamespace(file=str(path), holds="images" if kind == "no images" else "features")
    study = SimpleNamespace(
        study=SimpleNamespace(datasets=["digits", "mine"]),
        datasets={"mine": section(arrays=own), "digits": section()},
    )
    assert costs.of_study(study) is None
    study.study.datasets = ["digits"]
    assert costs.of_study(study) is None


@pytest.mark.parametrize(
    "text", ["", "file,class\na.png,x\n", "file,label\na.png\n", 'file,label\n"' + "x" * 200_000]
)
def test_lists_that_do_not_fit_are_left_to_the_stages(tmp_path, text):
    (tmp_path / "list.csv").write_text(text)
    own = section(folder=folder(tmp_path, csv=str(tmp_path / "list.csv")))
    assert costs.of_study(SimpleNamespace(study=SimpleNamespace(datasets=["a"]), datasets={"a": own})) is None


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The parameters of presets/own.yaml with arrays of ours in place of a folder."""

    def made(holds, full=False, **parts):
        np.savez(tmp_path / "mine.npz", **parts)
        over = params.read(ROOT / "presets" / "own.yaml")
        over["study"] |= {"datasets": ["arrays"], "full": full}
        over["datasets"] = {"arrays": {"data": {"arrays": {"file": str(tmp_path / "mine.npz"), "holds": holds}}}}
        (tmp_path / "own.yaml").write_text(yaml.safe_dump(over))
        monkeypatch.chdir(ROOT)
        return beforehand.of_preset(tmp_path / "own.yaml")

    return made


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("holds", "parts", "shape"),
    [
        ("pred_probs", {"pred_probs": np.ones((60, 3)) / 3}, (1, 1, 0)),
        ("images", {"images": np.zeros((60, 20, 28), np.uint8)}, (1, 20, 28)),
        ("images", {"images": np.zeros((60, 28, 20, 3), np.uint8)}, (3, 28, 20)),
        ("features", {"features": np.zeros((60, 5))}, (1, 1, 5)),
    ],
)
def test_own_data_of_any_shape_fit(own, holds, parts, shape, full):
    study = own(holds, full, labels=np.arange(60) % 3, **parts)
    section, size = study.datasets["arrays"], sizes.size_of(study.datasets["arrays"].data)
    assert costs.too_large(study) is None and costs.shape_of(section, size) == shape
    images = costs.PARENT_BYTES + 60 * size.values
    detected = costs.BASE_BYTES + costs._bytes(size, ["pixels"] if size.values else [])
    left = 4 * (costs.BASE_BYTES + costs.TRAINED * costs.TOGETHER * 180 + 4 * 60 * size.values)
    seen = 4 * demand.of_section(section, study.networks, shape, 3) if size.values else 0
    assert costs.peak(section, size, 4, study) == images + (left + seen if full else detected)
    assert beforehand._dataset(section, size).images.shape == (60, *shape)
    assert beforehand.memory(study, "arrays", 4).startswith("arrays: about ")


def test_many_classes_are_not_held_whole_but_by_the_classifier():
    """100,000 examples of 1,000 classes, one set: 21 numbers of each in detection; five float64 arrays for each of
    two regressions in the classifier, and five more."""
    size = sizes.Size(100_000, 1000, (64,))
    assert costs.by_class(100_000, 1000, 1) == 100_000 * (600 + 40 * 21) + 100 * 1000**2 + 2**29
    needed = training.needed(100_000, 1000, ["given"])
    assert needed == 8 * 15 * 10**8 + 1.2 * 6000 * 100_000 + 6000 * 100_000
    assert costs._bytes(size, ["given"]) == needed + 4 * 100_000 * 64 * 5


def test_kernels_grow_with_the_examples_beyond_those_that_are_halved():
    """Measured on one set of 64 columns: 0.86 GiB for 10,000 examples; 1.63 for 100,000, without the gate, which
    is told of all the same."""
    assert costs.kernels(16_000, 10, 1) == 6000 * (16_000 * 2 + 6000 * 5)
    few, many = (
        costs.BASE_BYTES + costs._bytes(sizes.Size(examples, 10, (64,)), ["given"])
        for examples in (10_000, 100_000)
    )
    assert few / 2**30 == pytest.approx(0.86, rel=0.1)
    assert 1.63 < many / 2**30 < 1.5 * 1.63


def test_words():
    said = costs.in_words(costs.Cost(1234, 61.0, 1.5 * 2**30))
    assert said.startswith("1,234 examples: the list takes about 2 minutes on ") and "about 1.5 GB" in said


def study(detection_seeds=1, checked=0, methods=3, seeds=2, workers=4, networks=(), **data):
    """A study of digits with features as pixels."""
    own = SimpleNamespace(
        **{"folder": None, "arrays": None, "source": None, "folds": 5, "subset": None, "crop": None} | data
    )
    digits = SimpleNamespace(
        data=own, features=None, detection=SimpleNamespace(seeds=detection_seeds, checked=checked), inputs=None,
        networks=networks, training=Training(**TRAINING),
    )  # fmt: skip
    return SimpleNamespace(
        study=SimpleNamespace(datasets=["digits"], seeds=seeds, full=True),
        run=SimpleNamespace(workers=workers, device="cpu"),
        methods=dict.fromkeys(range(methods)), datasets={"digits": digits},
        networks={"cnn9": {"width": 4, "dropout": 0.0}, "small_alexnet": {"width": 64, "dropout": 0.0}},
    )  # fmt: skip


def test_published_sizes_are_those_of_scikit_learn_and_of_the_published_parts():
    values = load_digits()
    examples, classes, shape = sizes.PUBLISHED["digits"]
    assert examples == len(values.data) and classes == len(values.target_names)
    assert shape == (1, *values.images.shape[1:])
    assert sizes.PUBLISHED["cifar100"] == (50_000 + 10_000, 100, (3, 32, 32))


def test_a_subset_counts_training_images():
    """With folds, as many of the fold that is tested; else the published test part stays."""
    assert sizes.whole(study(subset=800).datasets["digits"].data, "digits").examples == 1000
    mnist = SimpleNamespace(folder=None, arrays=None, source=None, folds=1, subset=5000)
    assert sizes.whole(mnist, "mnist").examples == 15_000
    assert sizes.whole(mnist, "unheard_of") is None


def test_the_peak_is_that_of_the_stage_that_takes_most():
    of, size = study(), sizes.Size(1000, 10, (1, 8, 8))
    images, base = costs.PARENT_BYTES + 64_000, costs.BASE_BYTES
    own = costs.TRAINED * costs.TOGETHER * 10_000 + 4 * 64_000
    assert costs.peak(of.datasets["digits"], size, 4, of) == images + 4 * (base + own)  # training
    alone = costs.peak(study(50).datasets["digits"], size, 1, of)
    assert alone == images + base + costs._bytes(size, ["pixels"])  # detection, of more kernels than classes
    many = study(methods=100_000, seeds=5)
    judged = base + 1000 * (costs.JUDGED * 2 * 100_000 * 5 + costs.READ * 10)
    assert costs.peak(of.datasets["digits"], size, 1, many) == images + judged


@pytest.mark.parametrize(
    ("examples", "data", "trained"),
    [(1797, {}, 1437.6), (2400, {}, 1920), (2600, {}, 0), (12_000, {"folds": 1, "subset": 2000}, 2000),
     (1797, {"arrays": "data.npz"}, 0)],
)  # fmt: skip
def test_halves_are_kept_of_few_images_with_several_labels(examples, data, trained):
    """Six of them, 100 bytes for each pair of the half of what is trained on; none where nothing is checked."""
    size, own = sizes.Size(examples, 10, (1, 8, 8)), study(checked=1, **data).datasets["digits"]
    assert costs._halves(own, size, 1) == pytest.approx(6 * 100 * (trained / 2) ** 2)
    assert costs._halves(study(**data).datasets["digits"], size, 1) == 0
    of = study(methods=1, seeds=1, workers=1, checked=1, **data)
    more = costs.peak(own, size, 1, of) - costs.peak(study(**data).datasets["digits"], size, 1, of)
    assert (more > 0) == (trained > 0)


def test_networks_count_while_they_are_trained():
    """A big one in two processes, twice, since a method may train a pair: weights, in six copies, and what a batch
    of 64 keeps, twice. Of images of 28 pixels, cut from 32."""
    size, plain = sizes.Size(1000, 10, (3, 32, 32)), study(crop=28)
    of = study(networks=["small_alexnet"], crop=28)
    found = demand.of("small_alexnet", of.networks["small_alexnet"], (3, 28, 28), 10)
    more = costs.peak(of.datasets["digits"], size, 2, of) - costs.peak(plain.datasets["digits"], size, 2, plain)
    assert more == 2 * 2 * (24 * found.parameters + 128 * found.kept) > 2**28


def test_parameters_are_checked_without_torch_s_compiler():
    """It takes a second to import, before anything starts."""
    code = "import sys; from labelnoise import params; params.check(); assert 'torch._dynamo' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_what_convolves_is_told_before_it_is_trained():
    of = study(networks=["linear", "small_alexnet"])
    of.networks["linear"] = {"network": "mlp", "hidden": []}
    assert reproduce.convolves(of)
    of.datasets["digits"].networks = ["linear"]
    assert not reproduce.convolves(of)


def test_a_network_that_cannot_take_the_images_is_told():
    said = costs.too_large(study(networks=["cnn9"]))
    assert said.startswith("datasets.digits.networks.cnn9: ") and said.count("\n") == 0


def test_one_line_names_the_key_to_lower(monkeypatch):
    of = study()
    two, one = (costs.peak(of.datasets["digits"], sizes.PUBLISHED["digits"], n, of) for n in (4, 1))
    monkeypatch.setattr(costs, "available", lambda: two)
    assert costs.too_large(of) is None
    monkeypatch.setattr(costs, "available", lambda: one)
    said = costs.too_large(of)
    assert said.startswith("digits: 1,797 examples of 10 classes take about ") and said.count("\n") == 0
    assert said.endswith(f"with 4 workers, and {one / 2**30:.1f} GB are free: lower run.workers (4)")
    monkeypatch.setattr(costs, "available", lambda: one - 1)
    assert costs.too_large(of).endswith("lower datasets.digits.data.subset")


@pytest.mark.parametrize(("crop", "allowed"), [(None, 7), (6, 5)])
def test_images_are_not_moved_out_of_sight(crop, allowed):
    of = study(methods=0, crop=crop)
    of.methods = {"moved": {"training": {"cutout": allowed}}}
    assert sizes.too_far(of) is None
    of.methods["moved"]["training"]["cutout"] += 1
    line = f"training.{{}} = {allowed + 1}: images of datasets.digits have {allowed + 1} pixels; allowed: less"
    assert sizes.too_far(of) == "methods.moved." + line.format("cutout")
    of.datasets["digits"].training = Training(**TRAINING | {"crop": allowed + 1})
    assert sizes.too_far(of) == "datasets.digits." + line.format("crop")
    of.study.full = False  # nothing is trained
    assert sizes.too_far(of) is None


def test_own_data_that_cannot_be_read_are_left_to_the_stages(tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "available", lambda: 0)
    missing = study(arrays=SimpleNamespace(file=str(tmp_path / "none.npz"), holds="features"))
    assert costs.too_large(missing) is None


def test_what_is_available_is_no_more_than_there_is():
    assert 2**20 < costs.available() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_the_parameters_are_refused_where_the_study_does_not_fit(monkeypatch):
    monkeypatch.setattr(costs, "available", lambda: 2**20)
    with pytest.raises(
        SystemExit, match=r"error: .*params\.yaml: digits: 1,797 examples .* lower datasets\.digits"
    ):
        params.check(ROOT / "params.yaml")
