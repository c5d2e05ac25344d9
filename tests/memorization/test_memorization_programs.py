"""Which programs there are, what they train on, and that regularisers change what they say."""

import numpy as np
import pytest
import tiny_memorization

from labelnoise.memorization import programs
from labelnoise.train.program import Place, key


@pytest.fixture(scope="module")
def made():
    return tiny_memorization.setup()


@pytest.fixture(scope="module")
def fitting(made):
    return programs.fitting(made)


def test_every_condition_regulariser_network_and_seed_is_there_once(fitting):
    keys = [key for task in fitting for key in task.keys]
    assert len(keys) == len(set(keys))
    labels = [("true_labels", 0.0), ("random_labels", 1.0)]
    plain = [*labels, ("corrupted_labels", 0.4), ("corrupted_labels", 0.6), ("shuffled_pixels", 0.0)]
    plain += [("random_pixels", 0.0), ("gaussian", 0.0)]
    wanted = {
        (network, *condition, regularizer, seed)
        for network in ("mlp", "small_cnn")
        for regularizer, found in (("none", plain), ("dropout", labels), ("augmentation", labels))
        for condition in found
        for seed in range(2)
    }
    assert set(map(tuple, keys)) == wanted
    assert len({key(task.job.program) for task in fitting}) == len(fitting)


def test_a_regulariser_changes_its_setting_and_nothing_else(fitting):
    def settings(network, regularizer):
        task = next(t for t in fitting if t.keys[0].network == network and t.keys[0].regularizer == regularizer)
        spec = task.job.program.spec
        return spec["settings"] | spec["network_section"]

    none = settings("mlp", "none")
    assert none["epochs"] == 3 and none["sampler"] == "shuffle"
    assert (none["lr"], none["weight_decay"], none["dropout"], none["shift"]) == (0.05, 0.0, 0.0, 0)
    assert settings("mlp", "dropout") == none | {"dropout": 0.5}
    assert settings("mlp", "augmentation") == none | {"shift": 1}


def test_runs_train_on_the_labels_and_images_of_their_condition(made, fitting):
    for task in fitting:
        arrays, study = task.job.program.arrays, made.images[task.images]
        assert task.job.program.spec["standardisation"] == [study.mean, study.std]
        for at, key_ in enumerate(task.keys):
            index, labels = arrays["index"][at], arrays["labels"][at]
            assert (made.dataset.test_fold[index] != key_.seed % tiny_memorization.FOLDS).all()
            wrong = (labels != tiny_memorization.CLEAN[index]).mean()
            assert (wrong > 0) == (key_.corruption > 0)
        assert task.images == (task.keys[0].condition if task.keys[0].condition in made.images else "true_labels")


def test_probes_look_at_four_conditions_in_units_of_the_pixels(made, fitting):
    probed = [task for task in fitting if task.job.program.spec["probe"]]
    seen = {(key_.condition, key_.corruption) for task in probed for key_ in task.keys}
    conditions = [("true_labels", 0.0), ("corrupted_labels", 0.4), ("random_labels", 1.0), ("random_pixels", 0.0)]
    assert seen == set(conditions)
    assert all(key_.regularizer == "none" for task in probed for key_ in task.keys)
    mlp = next(task for task in probed if task.keys[0].network == "mlp")
    assert mlp.job.program.spec["probe"]["epochs"] == [0, 2]
    pixels = made.images["true_labels"]
    expected = [share * (pixels.pixels.max() - pixels.pixels.min()) / pixels.std for share in (0.1, 0.2)]
    assert mlp.job.program.spec["probe"]["radii"] == pytest.approx(expected)


def test_first_epochs_differ_in_their_random_numbers_alone(made):
    tasks = [task for task in programs.first_epochs(made) if task.keys[0][:2] == ("mlp", "random_labels")]
    assert [len(task.keys) for task in tasks] == [3, 2]
    streams = [tuple(stream) for task in tasks for stream in task.job.program.spec["streams"]]
    assert len(set(streams)) == 5
    index = np.concatenate([task.job.program.arrays["index"] for task in tasks])
    labels = np.concatenate([task.job.program.arrays["labels"] for task in tasks])
    assert (index == index[0]).all() and (labels == labels[0]).all()


def test_results_come_in_the_order_of_the_tasks_and_are_kept(made, fitting, tmp_path):
    few = [task for task in fitting if task.keys[0].network == "mlp"][::-1]
    results = programs.train(few, made, Place(tmp_path, 1e9), 1, "test")
    for task, arrays in zip(few, results, strict=True):
        assert (arrays["index"] == task.job.program.arrays["index"]).all()
        predicted = np.take_along_axis(arrays["probs_last"], arrays["index"][..., None], 1).argmax(-1)
        fitted = (predicted == task.job.program.arrays["labels"]).mean(1)
        np.testing.assert_allclose(arrays["history_fitted"][:, -1], fitted, atol=1e-6)
        assert ("probe_critical" in arrays) == bool(task.job.program.spec["probe"])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    programs.train(few, made, Place(tmp_path, 1e9), 1, "test")
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
