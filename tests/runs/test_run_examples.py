"""Which examples a run trains on, and who judges whom."""

import numpy as np
import pytest
import tiny_study

from labelnoise.runs import data as of_data
from labelnoise.runs import examples
from labelnoise.train import program

TRAINING, RUN = tiny_study.training(seeds=5), tiny_study.runs(seeds=5)[1]
COLUMN = examples.labels(RUN, TRAINING).astype(int)
POOL = set(np.flatnonzero(COLUMN >= 0))


def together(runs):
    """[R, ...] each."""
    parts = [examples.arrays(run, TRAINING) for run in runs]
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def test_splits_have_equal_sizes_and_do_not_overlap():
    for run in tiny_study.runs(seeds=4):
        train, val = examples.split(run, TRAINING)
        pool = np.flatnonzero(examples.labels(run, TRAINING) >= 0)
        assert len(train) == int(31 * 0.75)  # the same for pools of 31 and of 32 images
        assert np.array_equal(np.sort(np.concatenate([train, val])), pool)
        assert not (tiny_study.FOLD_OF[np.concatenate([train, val])] == run.seed % tiny_study.FOLDS).any()


def test_a_seed_has_the_same_split_at_every_rate_and_another_one_than_other_seeds():
    runs = tiny_study.runs(seeds=5)
    parts = {(run.noise_rate, run.seed): examples.split(run, TRAINING)[0].tolist() for run in runs}
    assert all(parts[0.2, seed] == parts[0.4, seed] for seed in range(5))
    assert parts[0.2, 0] != parts[0.2, 4]  # seeds 0 and 4 test on the same fold


def test_a_split_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match=r"validation_fraction = 0.99 leaves no image to train on"):
        examples.split(RUN, TRAINING._replace(validation_fraction=0.99))
    with pytest.raises(ValueError, match=r"noise symmetric, seed 1: answers leave out so much that 31 images"):
        examples.split(RUN, TRAINING._replace(smallest_pool=60))


def test_arrays_hold_the_given_labels_of_each_run():
    for run in tiny_study.runs(rates=(0.4,), seeds=4):
        made, column = examples.arrays(run, TRAINING), examples.labels(run, TRAINING)
        assert np.array_equal(made["labels"], column[made["index"]])
        assert np.array_equal(made["val_labels"], column[made["val_index"]])
        assert len(made["val_index"]) == (column >= 0).sum() - len(made["index"])


def test_bags_draw_with_replacement():
    made = together(tiny_study.bags(RUN))
    drawn = made["index"]
    assert drawn.shape == (4, len(POOL)) and len({tuple(bag) for bag in drawn}) == 4
    for bag, labels in zip(drawn, made["labels"], strict=True):
        assert set(bag) < POOL and len(set(bag)) < len(bag)
        assert np.array_equal(labels, COLUMN[bag])


def test_planted_labels_are_wrong_each_run_in_other_images():
    made = together(tiny_study.planted(RUN))
    planted, labels = made["planted"], made["labels"]
    own = np.repeat(COLUMN[sorted(POOL)][None], 3, 0)
    assert (made["index"] == sorted(POOL)).all()
    assert ((labels != own) == planted).all() and labels.min() >= 0 and labels.max() < tiny_study.CLASSES
    assert planted.sum(1).tolist() == [3, 3, 3] and planted.sum(0).max() == 1  # a tenth of 31 or 32


def test_too_many_planted_labels_are_refused():
    with pytest.raises(ValueError, match=r"bootstrap.full: 3 runs x planted 0.5 must be at most 1"):
        examples.arrays(tiny_study.planted(RUN, share=0.5)[0], TRAINING)


def test_folds_split_the_training_part():
    parts = [examples.arrays(run, TRAINING) for run in tiny_study.folds(RUN, 4)]
    train_index, val_index = examples.split(RUN, TRAINING)
    largest, left_out = -(-len(train_index) // 4), []
    for arrays in parts:
        trained, held_out = arrays["index"], arrays["val_index"]
        left_out += held_out.tolist()
        assert not set(trained) & set(held_out) and set(trained) <= set(train_index)
        assert len(set(trained)) == len(trained) == len(train_index) - largest
        np.testing.assert_array_equal(arrays["val_labels"], COLUMN[held_out])
        np.testing.assert_array_equal(arrays["labels"], COLUMN[trained])
    assert sorted(left_out) == train_index.tolist()  # each example in one fold
    assert not {image for arrays in parts for image in arrays["index"]} & set(val_index)


def test_folds_that_leave_nothing_are_refused():
    with pytest.raises(ValueError, match=r"estimate\.folds = 1: leaves nothing to train on"):
        examples.arrays(tiny_study.folds(RUN, 1)[0], TRAINING)


def test_standardization_uses_images_that_are_trained_on():
    pixels = np.zeros((4, 1, 2, 2), np.uint8)
    pixels[0], pixels[3] = 4, 200
    dataset = tiny_study.DATASET._replace(images=pixels)
    images = of_data.standardized(dataset._replace(test_fold=np.array([-1, -1, 0, 0])))
    assert (images.mean, images.std) == (2.0, 2.0)
    assert of_data.standardized(dataset._replace(test_fold=np.arange(4))).mean == 51.0


def test_standardization_by_image_is_tensorflows():
    """(x - mean) / max(std, 1 / sqrt(n)) of each image by itself: by the formula, image by image, and by hand."""
    pixels = np.random.default_rng(1).integers(256, size=(2100, 2, 3, 3), dtype=np.uint8)  # more than two blocks
    pixels[0], pixels[1] = 7, np.repeat([0, 4], 9).reshape(2, 3, 3)
    dataset = tiny_study.DATASET._replace(images=pixels, test_fold=np.arange(2100) % 4)
    images = of_data.standardized(dataset, "image")
    found = (pixels - images.mean) / images.std
    assert (images.mean.dtype, images.mean.shape) == (np.float32, (2100, 1, 1, 1)) and found.shape == pixels.shape
    assert not found[0].any() and found[1].ravel().tolist() == [-1.0] * 9 + [1.0] * 9  # mean 2, std 2
    assert images.std[0].item() == pytest.approx(18**-0.5)
    for at in (1, 1023, 1024, 2099):
        values = pixels[at].astype(np.float32)
        whitened = (values - values.mean()) / max(values.std(), 1 / np.sqrt(values.size))
        np.testing.assert_allclose(found[at], whitened, rtol=1e-5, atol=1e-6)


def test_standardization_by_channel_uses_images_that_are_trained_on():
    pixels = np.zeros((4, 3, 2, 2), np.uint8)
    pixels[0, 0], pixels[0, 1], pixels[:, 2], pixels[3] = 4, 8, 7, 200
    images = of_data.standardized(
        tiny_study.DATASET._replace(images=pixels, test_fold=np.array([-1, -1, -1, 0])), "channel"
    )
    expected = np.array([[4 / 3, 8 / 3, 7], [32**0.5 / 3, 2 * 32**0.5 / 3, 1]])  # a channel of one value becomes 0
    found = np.stack([images.mean, images.std])
    assert found.dtype == np.float32 and found.shape == (2, 1, 3, 1, 1)
    np.testing.assert_allclose(found[:, 0, :, 0, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("by", ["all", "channel", "image"])
def test_a_program_trains_on_the_standardised_images(by):
    base = tiny_study.data()
    images = of_data.standardized(tiny_study.DATASET, by)
    of = base._replace(training=base.training._replace(images=images))
    inputs = program._run_data(tiny_study.job(of=of), 0).inputs.numpy()
    pixels = tiny_study.DATASET.images.astype(np.float32)
    axes = {"all": None, "channel": (0, 2, 3), "image": (1, 2, 3)}[by]
    expected = (pixels - pixels.mean(axes, keepdims=True)) / pixels.std(axes, keepdims=True)
    np.testing.assert_allclose(inputs, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(images.pixels, tiny_study.DATASET.images)  # which other workers share
