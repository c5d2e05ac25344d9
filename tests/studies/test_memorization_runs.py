"""Which runs there are, what they train on, and that regularisers change what they say."""

from collections import Counter

import numpy as np
import pytest
import tiny_setting

from labelnoise.runs import execute, programs, results
from labelnoise.runs.plan import Plan
from labelnoise.studies.memorization import runs
from labelnoise.train.program import Place

# of the data set, not the study's
TRAINING = {
    "sampler": "oversample",
    "lr": 1.0,
    "weight_decay": 0.1,
    "epochs": 9,
}
LABELS = [("true_labels", 0.0), ("random_labels", 1.0)]


@pytest.fixture(scope="module")
def of():
    return tiny_setting.make({"datasets": {"digits": {"training": TRAINING}}})


@pytest.fixture(scope="module")
def data(of):
    return runs.data(of)


@pytest.fixture(scope="module")
def fitting(of):
    return runs.fitting(of)


@pytest.fixture(scope="module")
def probes(of, data):
    return runs.probes(of, data)


@pytest.fixture(scope="module")
def plan(of, data, probes):
    return Plan(of.params, runs.runs(of), data, {}, probes)


@pytest.fixture(scope="module")
def made(plan):
    """Run -> program."""
    return tiny_setting.described(plan.params, plan.runs, plan.data, plan.probes)


def stacked(plan, made, asked):
    """Of the runs `asked`, those that are trained side by side."""
    of_program = {id(made[run]): run for run in asked}
    stacks = programs.stacks(plan, {run: made[run] for run in asked})
    return [[of_program[id(one)] for one in stack.programs] for stack in stacks]


def test_every_condition_regularizer_network_and_seed_is_there_once(fitting):
    plain = [*LABELS, ("corrupted_labels", 0.4), ("corrupted_labels", 0.6), ("shuffled_pixels", 0.0)]
    plain += [("random_pixels", 0.0), ("gaussian", 0.0)]
    wanted = [
        (network, *condition, seed, regularizer)
        for network in ("mlp", "small_cnn")
        for regularizer, found in (("none", plain), ("dropout", LABELS), ("augmentation", LABELS))
        for condition in found
        for seed in range(2)
    ]
    assert Counter((run.network, run.noise, run.noise_rate, run.seed, run.name) for run in fitting) == Counter(
        wanted
    )


@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
def test_runs_on_the_same_images_with_the_same_settings_are_trained_together(network, plan, made, fitting):
    """With both seeds, whether by the kernel or not."""
    found = stacked(plan, made, [run for run in fitting if run.network == network])
    assert [(s[0].name, [(run.noise, run.noise_rate, run.seed) for run in s]) for s in found] == [
        (name, [(*condition, seed) for condition in wanted for seed in range(2)])
        for name, wanted in [
            ("none", [LABELS[0], ("corrupted_labels", 0.4), LABELS[1]]),  # those that are probed
            *(("none", [(name, 0.0)]) for name in ("shuffled_pixels", "random_pixels", "gaussian")),
            ("none", [("corrupted_labels", 0.6)]),
            *((name, LABELS) for name in ("dropout", "augmentation")),
        ]
    ]
    if network == "small_cnn":  # what is trained beside each is a part of its description
        assert found == programs.units(plan, [run for run in fitting if run.network == network])
        assert [len({made[run].spec["stack"] for run in stack}) for stack in found] == [1] * len(found)


def test_a_regularizer_changes_its_setting_and_nothing_else(made):
    def settings(network, regularizer):
        wanted = (one.spec for run, one in made.items() if (run.network, run.name) == (network, regularizer))
        spec = next(wanted)
        return spec["settings"] | spec["network_section"]

    none = settings("mlp", "none")
    assert none["epochs"] == 3 and none["sampler"] == "shuffle"
    assert (none["lr"], none["weight_decay"], none["dropout"], none["shift"]) == (0.05, 0.0, 0.0, 0)
    assert settings("mlp", "dropout") == none | {"dropout": 0.5}
    assert settings("mlp", "augmentation") == none | {"shift": 1}


def test_runs_train_on_the_labels_and_images_of_their_condition(data, made, fitting):
    for run, one in made.items():
        own, index, labels = data[run.data].training, one.arrays["index"], one.arrays["labels"]
        assert one.spec["standardisation"] == [own.images.mean, own.images.std]
        assert (tiny_setting.DATASET.test_fold[index] != run.seed % tiny_setting.FOLDS).all()
        wrong = (labels != tiny_setting.CLEAN[index]).mean()
        assert (wrong > 0) == (run.noise_rate > 0)
    for run in fitting:
        changed = run.noise in ("shuffled_pixels", "random_pixels", "gaussian")
        assert run.data == f"memorization {run.noise if changed else 'true_labels'}"
    pixels = {name: data[f"memorization {name}"].training.images.pixels for name in ("true_labels", "gaussian")}
    assert (pixels["true_labels"] == tiny_setting.PIXELS).all() and (
        pixels["gaussian"] != tiny_setting.PIXELS
    ).any()


def test_probes_look_at_four_conditions_in_units_of_the_pixels(data, made, probes):
    probed = [run for run, one in made.items() if one.spec["probe"]]
    conditions = [*LABELS, ("corrupted_labels", 0.4), ("random_pixels", 0.0)]
    assert {(run.noise, run.noise_rate) for run in probed} == set(conditions)
    assert all(run.name == "none" and run.probe for run in probed)
    assert all(made[run].spec["probe"] == probes[run.data, run.network] for run in probed)
    own = probes["memorization true_labels", "mlp"]
    assert own["epochs"] == [0, 2] and probes["memorization true_labels", "small_cnn"]["epochs"] == [0]
    images = data["memorization true_labels"].training.images
    expected = [share * np.ptp(images.pixels) / images.std for share in (0.1, 0.2)]
    assert own["radii"] == pytest.approx(expected)


@pytest.mark.parametrize(("network", "sizes"), [("mlp", [5]), ("small_cnn", [3, 2])])
def test_first_epochs_differ_in_their_random_numbers_alone(network, sizes, plan, made):
    """`together` limits a stack where it can change a run."""
    own = [run for run in made if run.data == "first epoch random_labels" and run.network == network]
    assert [len(stack) for stack in stacked(plan, made, own)] == sizes
    first, *others = (made[run] for run in own)
    assert first.spec["settings"]["epochs"] == 1
    assert len({tuple(made[run].spec["stream"]) for run in own}) == 5
    for one in others:
        differ = {name for name in first.spec if one.spec[name] != first.spec[name]}
        assert differ - {"stack"} == {"stream"}
        assert one.arrays.keys() == first.arrays.keys()
        assert all(np.array_equal(one.arrays[name], first.arrays[name]) for name in first.arrays)


def test_what_is_trained_is_what_was_planned(of, data, probes, tmp_path):
    few = [run for run in runs.runs(of) if run.network == "mlp" and run.seed == 0]
    done = execute.train(Plan(of.params, few, data, {}, probes), Place(tmp_path, 1e9), 1, "test")
    assert done.keys() == set(few)
    for key, run in results.of(done, tmp_path).each("*"):
        predicted = run["probs_last"][run["index"]].argmax(-1)
        assert run["history_fitted"][-1] == pytest.approx((predicted == run["labels"]).mean(), abs=1e-6)
        assert ("probe_critical" in run) == key.probe


def test_without_every_clean_label_or_without_images_there_is_no_study(of):
    unsure = of.dataset._replace(clean_labels=np.where(np.arange(tiny_setting.N) == 3, -1, tiny_setting.CLEAN))
    numbers = of.dataset._replace(images=tiny_setting.PIXELS.astype(np.float32))
    for dataset in (unsure, numbers):
        assert runs.runs(of._replace(dataset=dataset)) == [] and runs.data(of._replace(dataset=dataset)) == {}
