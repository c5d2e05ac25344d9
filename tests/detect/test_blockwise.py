"""What is computed block by block, and on disk, is what it is in one piece; neighbours by cells are near ones."""

import errno
import os

import numpy as np
import pytest
from made_features import clouds, encoded, symmetric

from labelnoise import scratch
from labelnoise.data.standardised import standardised
from labelnoise.detect import cells, detector, neighbours, probe, ridge, scaling
from labelnoise.detect.predictors import Features

FLOOR = 0.003


@pytest.fixture
def data():
    return clouds(300, 4, gap=3.0, dimensions=8)


@pytest.fixture
def tiny(monkeypatch):
    """Seven or so blocks, all arrays in files."""

    def use():
        monkeypatch.setattr(scratch, "ROWS", 46)
        monkeypatch.setattr(scratch, "LARGEST", 0)

    return use


def test_arrays_beyond_a_size_lie_in_a_file_that_nobody_sees(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(scratch.tempfile, "tempdir", None)
    monkeypatch.setattr(scratch, "LARGEST", 4 * 12)
    assert not isinstance(scratch.empty((3, 4)).base, np.memmap)
    large = scratch.empty((4, 4))
    assert isinstance(large.base, np.memmap) and list(tmp_path.iterdir()) == [] and not large.any()
    large[:] = 2
    assert large.sum() == 32


def test_a_full_folder_is_told_before_anything_is_written(monkeypatch):
    def full(file, offset, size):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(scratch, "LARGEST", 4)
    monkeypatch.setattr(scratch.os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match=r"0\.0 GB of temporary files: No space left .* TMPDIR=<"):
        scratch.empty((2, 4))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this system cannot")
def test_there_is_room_for_the_whole_file(monkeypatch):
    asked = []
    monkeypatch.setattr(scratch, "LARGEST", 4)
    monkeypatch.setattr(scratch.os, "posix_fallocate", lambda file, *part: asked.append(part))
    assert scratch.empty((2, 4), np.float64).shape == (2, 4) and asked == [(0, 64)]


def test_blocks_cover_all_in_order():
    found = [(at.start, at.stop) for at in scratch.blocks(10, 4)]
    assert found == [(0, 4), (4, 8), (8, 10)] and list(scratch.blocks(0)) == []


def test_rows_are_taken_as_an_index_does_and_all_of_them_without_a_copy(tiny):
    values = np.arange(400.0).reshape(200, 2)
    rows = np.random.default_rng(0).permutation(200)
    tiny()
    np.testing.assert_array_equal(scratch.taken(values, rows), values[rows])
    np.testing.assert_array_equal(scratch.taken(values, rows[:60]), values[rows[:60]])
    assert scratch.taken(values, np.arange(200)) is values


@pytest.mark.parametrize("scaled", [False, True])
def test_features_are_scaled_alike(data, tiny, scaled):
    values = 3 * data[0] + 100
    whole = scaling.fitted(values, scaled)
    expected = scaling.applied(whole, values)
    tiny()
    found = scaling.fitted(values, scaled)
    np.testing.assert_allclose(found.mean, whole.mean, rtol=1e-6)
    np.testing.assert_allclose(found.deviation, whole.deviation, rtol=1e-5)
    np.testing.assert_allclose(scaling.applied(found, values), expected, atol=2e-4)


@pytest.mark.parametrize("folds", [np.arange(300) % 5, np.where(np.arange(300) < 60, 0, -1)])
def test_own_features_are_standardised_alike(data, tiny, folds):
    values = np.append(data[0], np.full((300, 1), 2.0), 1)  # a constant column too
    by_hand = values - values[folds < 0].mean(0) if (folds < 0).any() else values - values.mean(0)
    by_hand /= np.maximum(by_hand[folds < 0].std(0) if (folds < 0).any() else by_hand.std(0), 1e-9)
    tiny()
    found, told = standardised(values, folds)
    np.testing.assert_allclose(found[:, 0, 0], np.where(values.std(0) > 0, by_hand, 0), atol=1e-5)
    assert told.all()


def test_components_and_ridge_regressions_are_alike(data, tiny):
    values, truth = data
    targets, groups = np.eye(4)[truth], [np.array([3, 200]), np.array([50, 51, 299])]

    def made():
        phi = ridge.kernel_features(values, 1.0)
        of = ridge.factorize(phi, 0.3, groups)
        assert isinstance(phi.base, np.memmap) == (scratch.LARGEST == 0)
        return probe.components(values, 5), phi, ridge.left_out(of, targets), ridge.weights(of, targets), of

    whole = made()
    tiny()
    parts = made()
    np.testing.assert_allclose(np.abs(parts[0]), np.abs(whole[0]), atol=1e-4)  # a component's sign is free
    for found, expected in zip(parts[1:4], whole[1:4], strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4)
    by_labels = ridge.weights_of_labels(parts[4], truth, 4)
    np.testing.assert_allclose(by_labels, whole[3], atol=1e-4)


def test_detection_in_blocks_and_files_is_that_in_memory(data, tiny, tmp_path):
    """Rounds too: they go through rows of the largest array. Features come from a file that is mapped."""
    values, truth = data
    labels = detector.plain(symmetric(truth, 0.2), 4)
    group = np.where(np.arange(300) == 7, 8, np.arange(300))
    np.save(tmp_path / "values.npy", values)
    whole = detector.detect(detector.prepare(encoded(values), group), labels, FLOOR)
    tiny()
    mapped = np.load(tmp_path / "values.npy", mmap_mode="r")
    parts = detector.detect(detector.prepare(encoded(mapped), group), labels, FLOOR)
    assert parts.round == whole.round
    np.testing.assert_allclose(parts.lead.posterior, whole.lead.posterior, atol=2e-3)
    np.testing.assert_allclose(parts.low.transition, whole.low.transition, atol=1e-3)


def test_mapped_features_change_no_byte(data, tmp_path):
    values, truth = data
    np.save(tmp_path / "values.npy", values)
    mapped = np.load(tmp_path / "values.npy", mmap_mode="r")
    own = detector.plain(symmetric(truth, 0.2), 4)
    found = [detector.detect(detector.prepare(encoded(of)), own, FLOOR).low for of in (values, mapped)]
    assert found[0].posterior.tobytes() == found[1].posterior.tobytes()


def test_a_set_of_all_examples_is_not_copied(data):
    own = Features("encoded", data[0])
    assert own.of(np.arange(300)).values is data[0]
    np.testing.assert_array_equal(own.of(np.array([5, 2])).values, data[0][[5, 2]])


@pytest.mark.parametrize("grouped", [False, True])
def test_neighbours_by_cells_are_nearly_all_of_the_nearest(grouped, monkeypatch):
    values, _ = clouds(3000, 20, gap=4.0, dimensions=8)
    group = np.arange(3000) // 2 if grouped else None
    exact, cosine = neighbours.nearest(values, 10, group)
    monkeypatch.setattr(neighbours, "EVERY", 2999)
    monkeypatch.setattr(cells, "PER_CELL", 100)
    monkeypatch.setattr(cells, "COSINES", 10_000)
    found, near = neighbours.nearest(values, 10, group)
    assert np.mean([len({*a} & {*b}) for a, b in zip(exact, found, strict=True)]) > 9
    first = found[:, 0] == exact[:, 0]
    assert first.mean() > 0.95
    np.testing.assert_allclose(near[first, 0], cosine[first, 0], atol=1e-5)
    assert (np.diff(near, axis=1) <= 0).all() and (found != np.arange(3000)[:, None]).all()
    assert not grouped or (found // 2 != np.arange(3000)[:, None] // 2).all()


def test_rows_that_are_all_alike_end_up_in_one_cell(monkeypatch):
    monkeypatch.setattr(neighbours, "EVERY", 10)
    monkeypatch.setattr(cells, "PER_CELL", 10)
    found, near = neighbours.nearest(np.ones((60, 3)), 5)
    np.testing.assert_allclose(near, 1, atol=1e-6)
    assert (found != np.arange(60)[:, None]).all()
