"""Conditions change what they say and nothing else."""

import numpy as np
import pytest

from labelnoise.studies.memorization import conditions
from labelnoise.studies.memorization.conditions import RANDOM_LABELS, TRUE_LABELS, Condition
from labelnoise.types import Dataset

N, C, FOLDS = 3000, 5, 3


@pytest.fixture
def dataset():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 100, size=(N, 2, 4, 3), dtype=np.uint8)
    return Dataset(pixels, np.arange(N) % C, np.arange(N) % FOLDS, list("abcde"), {}, {}, [])


def test_true_labels_are_the_labels_and_the_fold_is_left_out(dataset):
    given = conditions.labels(dataset, FOLDS, TRUE_LABELS, seed=4)
    assert ((given == -1) == (dataset.test_fold == 1)).all()
    assert (given[given >= 0] == dataset.clean_labels[given >= 0]).all()


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_a_share_of_the_labels_is_drawn_from_all_classes(dataset, share):
    condition = RANDOM_LABELS if share == 1 else Condition("corrupted_labels", share)
    given = conditions.labels(dataset, FOLDS, condition, seed=0)
    trained = given >= 0
    wrong = (given != dataset.clean_labels)[trained].mean()
    expected = share * (C - 1) / C
    assert wrong == pytest.approx(expected, abs=3 * np.sqrt(expected * (1 - expected) / trained.sum()))
    again = conditions.labels(dataset, FOLDS, condition, seed=0)
    assert (again == given).all() and (conditions.labels(dataset, FOLDS, condition, seed=3) != given).any()


def test_images_whose_label_is_not_known_are_left_out(dataset):
    unknown = dataset._replace(clean_labels=np.where(np.arange(N) < 9, -1, dataset.clean_labels))
    assert (conditions.labels(unknown, FOLDS, RANDOM_LABELS, seed=0)[:9] == -1).all()


def test_shuffled_pixels_move_in_one_order_random_pixels_each_in_its_own(dataset):
    places = np.arange(12, dtype=np.uint8).reshape(1, 1, 4, 3) + np.zeros((N, 2, 1, 1), np.uint8)
    shuffled = conditions.images(places, "shuffled_pixels")
    own = conditions.images(places, "random_pixels")
    for changed in (shuffled, own):
        assert changed.dtype == np.uint8 and changed.shape == places.shape
        assert (np.sort(changed.reshape(N, 2, -1)) == np.arange(12)).all()
        assert (changed[:, 0] == changed[:, 1]).all()  # the channels of a pixel stay together
    assert (shuffled == shuffled[:1]).all() and (shuffled != places).any()
    assert len(np.unique(own[:, 0].reshape(N, -1), axis=0)) > N - 10
    assert conditions.images(dataset.images, "true_labels") is dataset.images


def test_gaussian_pixels_have_mean_and_variance_of_the_data_within_its_range(dataset):
    middle = (40 + dataset.images % 20).astype(np.uint8)
    drawn = conditions.images(middle, "gaussian").astype(float)
    assert drawn.mean() == pytest.approx(middle.mean(), abs=0.3)
    assert middle.min() == drawn.min() and drawn.max() == middle.max()
    assert abs(np.corrcoef(drawn.ravel(), middle.ravel())[0, 1]) < 0.02


def test_limited_keeps_at_most_so_many_images_with_their_labels(dataset):
    part = conditions.limited(dataset, 600)
    assert len(part.images) == len(part.clean_labels) == len(part.test_fold) == 600
    assert 150 < (part.test_fold == 0).sum() < 250
    everything = conditions.limited(dataset, 10_000)
    assert (everything.images == dataset.images).all() and (everything.test_fold == dataset.test_fold).all()


def test_a_reduced_study_has_only_images_whose_label_is_known(dataset):
    known = np.arange(N) % 7 == 0
    part = conditions.limited(dataset._replace(clean_labels=np.where(known, dataset.clean_labels, -1)), 100)
    assert len(part.images) == 100 and (part.clean_labels >= 0).all()
    everything = {image.tobytes() for image in dataset.images[known]}
    assert all(image.tobytes() in everything for image in part.images)
