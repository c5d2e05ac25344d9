"""The grid of columns: training images only, cells that do not touch each other, files equal byte by byte."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise.noise import grid, noisy_labels
from labelnoise.types import Dataset

RNG = np.random.default_rng(0)
N = 200
DATA = Dataset(
    images=RNG.integers(0, 256, (N, 1, 3, 3)).astype(np.uint8),
    clean_labels=np.arange(N) % 4,
    test_fold=RNG.permutation(N) % 5,
    class_names=["a", "b", "c", "d"],
    asymmetric_map={0: 1},
    human_labels={"worse": (np.arange(N) // 2) % 4},
    files=[],
)
SECTION = SimpleNamespace(
    class_dependent=SimpleNamespace(sparsity=0.4),
    instance_dependent=SimpleNamespace(std=0.1, temperature=1.0),
)
NOISES = {"symmetric": [0.2, 0.4], "instance_dependent": [0.4], "human_worse": [0.5]}


def draw_all(noises=NOISES, data=DATA, folds=5, seeds=6):
    cells = {(noise, rate): range(seeds) for noise, rates in noises.items() for rate in rates}
    return grid.draw_all("tiny", data, cells, folds, SECTION)


def column(columns, noise, rate, seed):
    found = (columns.noise == noise) & (columns.noise_rate == rate) & (columns.seed == seed)
    assert found.sum() == 1
    return columns.labels[found][0]


def test_shapes_and_types():
    columns, rows = draw_all()
    assert columns.labels.shape == (24, N) and columns.labels.dtype == np.int16
    assert columns.designed.shape == columns.realised.shape == (24, 4, 4)
    assert columns.answers.shape == (24, N) and columns.answers.dtype == np.int16
    assert (columns.answers == -1).all()  # nobody rechecked drawn labels
    assert columns.noise.dtype.kind == "U" and columns.seed.dtype == np.int64
    assert columns.noise_rate.dtype == columns.realised_rate.dtype == np.float64
    assert len(rows) == 24 and {row["examples"] for row in rows} == {160}


def test_test_images_have_no_label_and_training_images_have_one():
    columns, _ = draw_all()
    for labels, seed in zip(columns.labels, columns.seed):
        np.testing.assert_array_equal(labels == -1, DATA.test_fold == seed % 5)


def test_a_cell_may_have_seeds_of_its_own():
    cells = {("symmetric", 0.2): [5, 22], ("symmetric", 0.4): range(1, 3)}  # that are not the first, and have gaps
    own, rows = grid.draw_all("tiny", DATA, cells, 5, SECTION)
    drawn = [(0.4, 1), (0.4, 2), (0.2, 5), (0.2, 22)]
    assert [(row["noise_rate"], row["seed"]) for row in rows] == drawn
    assert list(zip(own.noise_rate, own.seed, strict=True)) == drawn
    every, _ = draw_all()
    for rate, seed in drawn[:3]:
        np.testing.assert_array_equal(column(own, "symmetric", rate, seed), column(every, "symmetric", rate, seed))
    np.testing.assert_array_equal(column(own, "symmetric", 0.2, 22) == -1, DATA.test_fold == 2)


def test_one_fold_tests_on_fold_zero_with_every_seed():
    data = DATA._replace(test_fold=np.where(np.arange(N) < 50, 0, -1))
    columns, _ = draw_all(data=data, folds=1, seeds=2)
    assert ((columns.labels == -1) == (np.arange(N) < 50)).all()


def test_realised_values_are_those_of_the_stored_column():
    columns, rows = draw_all()
    for k, row in enumerate(rows):
        trained = columns.labels[k] >= 0
        wrong = columns.labels[k][trained] != DATA.clean_labels[trained]
        assert columns.realised_rate[k] == row["realised_rate"] == wrong.mean()
        class_share = np.bincount(DATA.clean_labels[trained]) / trained.sum()
        assert class_share @ (1 - np.diag(columns.realised[k])) == pytest.approx(wrong.mean())


def test_a_new_rate_noise_or_seed_changes_no_other_cell():
    columns, _ = draw_all()
    more = {"pair_flip": [0.3], "instance_dependent": [0.2, 0.4], "symmetric": [0.1, 0.4, 0.2]}
    changed, _ = draw_all(noises=more, seeds=7)
    for noise, rate in (("symmetric", 0.2), ("symmetric", 0.4), ("instance_dependent", 0.4)):
        for seed in range(6):
            np.testing.assert_array_equal(column(columns, noise, rate, seed), column(changed, noise, rate, seed))


def test_seeds_on_the_same_fold_differ():
    columns, _ = draw_all()
    assert (column(columns, "symmetric", 0.4, 0) != column(columns, "symmetric", 0.4, 5)).any()


def test_instance_noise_does_not_see_test_images():
    columns, _ = draw_all({"instance_dependent": [0.4]}, seeds=1)
    images = DATA.images.copy()
    images[DATA.test_fold == 0] = 255
    blind, _ = draw_all({"instance_dependent": [0.4]}, DATA._replace(images=images), seeds=1)
    np.testing.assert_array_equal(columns.labels, blind.labels)
    np.testing.assert_array_equal(columns.designed, blind.designed)


def test_bad_cell_stops_before_anything_is_drawn():
    with pytest.raises(ValueError, match=r"datasets\.tiny\.noises\.none: rate 0.1"):
        draw_all({"symmetric": [0.2], "none": [0.1]})


def test_saved_file_reads_back_and_is_equal_byte_by_byte(tmp_path):
    columns, _ = draw_all()
    noisy_labels.save(columns, tmp_path / "a" / "noise.npz")
    noisy_labels.save(draw_all()[0], tmp_path / "again.npz")
    for stored, original in zip(noisy_labels.load(tmp_path / "again.npz"), columns):
        np.testing.assert_array_equal(stored, original)
    assert (tmp_path / "a" / "noise.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "again.npz", "noise.npz"]
