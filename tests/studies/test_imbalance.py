"""The settings of the imbalance study, its priors and its measures against values worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
import tiny
import tiny_setting

from labelnoise import results
from labelnoise.runs import estimates
from labelnoise.runs.plan import Plan
from labelnoise.studies import imbalance
from labelnoise.types import Dataset
from labelnoise.uncertainty import transition

RNG = np.random.default_rng(0)
N, CLASSES = 400, 4
DATA = Dataset(
    images=RNG.integers(0, 17, (N, 1, 4, 4)).astype(np.uint8),
    clean_labels=RNG.integers(0, CLASSES, N),
    test_fold=np.arange(N) % 5,
    class_names=list("abcd"),
    asymmetric_map={0: 1},
    human_labels={},
    files=[],
)
SECTION = tiny.PARAMS.imbalance
TAIL, OVERSAMPLED = "imbalance long_tail", "imbalance long_tail_oversampled"


@pytest.fixture(scope="module")
def of():
    """What the study reads of a setting."""
    p = tiny_setting.params(
        {"imbalance": {"seeds": 3, "ratio": 10.0}, "datasets": {"digits": {"data": {"folds": 5}}}}
    )
    return SimpleNamespace(params=p, name="digits", dataset=DATA, device="cpu")


@pytest.fixture(scope="module")
def data(of):
    return imbalance.data(of)


def test_settings():
    found = imbalance.settings("digits", DATA, SECTION)
    assert found["ten_classes"] is DATA
    assert len(found["hundred_classes"].class_names) == 16  # four classes here
    counts = np.bincount(found["long_tail"].clean_labels)
    assert counts.max() / counts.min() == pytest.approx(SECTION.ratio, rel=0.2)
    few, tail = found["fewer_examples"], found["long_tail"]
    assert abs(len(few.images) - len(tail.images)) <= 10 and np.bincount(few.clean_labels).min() > 20
    assert found["long_tail_oversampled"] is tail
    assert {name for name, sampler in imbalance.SAMPLERS.items() if sampler == "oversample"} == {
        "long_tail_oversampled"
    }


def test_each_setting_is_data_of_its_own_with_its_own_sampler(of, data):
    found = imbalance.settings("digits", DATA, of.params.imbalance)
    for name, dataset in found.items():
        own = data[f"imbalance {name}"]
        assert [key for key in own.training.columns] == [("symmetric", 0.4, seed, "") for seed in range(3)]
        assert own.training.num_classes == len(dataset.class_names)
        run = next(run for run in imbalance.runs(of) if run.data == f"imbalance {name}")
        (made,) = tiny_setting.described(of.params, [run], data).values()
        assert made.spec["settings"]["sampler"] == imbalance.SAMPLERS[name]


def test_runs_are_cross_entropy_and_joint_optimisation_that_is_told_a_clock(of):
    runs = [run for run in imbalance.runs(of) if run.data == TAIL and run.seed == 1]
    assert [(run.name, run.method, run.source) for run in runs] == [
        ("cross_entropy", "cross_entropy", ""),
        ("joint_optimization", "joint_optimization", estimates.FOLDS),
    ]
    assert {run.seed for run in imbalance.runs(of)} == {0, 1, 2}


def test_runs_wait_for_those_on_the_same_labels_of_which_folds_do_not_oversample(of, data):
    every = imbalance.runs(of)
    for run in (run for run in every if run.source):
        first, *folds = estimates.SOURCES[run.source].requires(of.params, run)
        assert first in every and len(folds) == 2
        assert {(each.data, each.seed) for each in (first, *folds)} == {(run.data, run.seed)}
        made = tiny_setting.described(of.params, folds, data).values()
        assert {one.spec["settings"]["sampler"] for one in made} == {"shuffle"}


def test_none_is_held_by_seeds_of_development():
    """They are no runs of the main study: nobody has drawn their labels for these seeds."""
    p = tiny_setting.params({"study": {"first_seed": 2, "development": 2}, "recheck": {"cell": {"seed": 2}}})
    of = SimpleNamespace(params=p, name="digits", dataset=DATA, device="cpu")
    made = imbalance.runs(of)
    assert {run.seed for run in made} == {2, 3} and {run.held for run in made} == {()}
    seeds = {seed for each in imbalance.data(of).values() for *_, seed, _ in each.training.columns}
    assert seeds == {2, 3}


def test_labels_are_the_same_in_both_settings_of_the_long_tail(data):
    np.testing.assert_array_equal(data[TAIL].training.labels, data[OVERSAMPLED].training.labels)
    np.testing.assert_array_equal(data[TAIL].training.images.pixels, data[OVERSAMPLED].training.images.pixels)


def folds(labels, clean, best):
    """What a first run and two folds leave of labels [N] that predict the class of every image, and agree with
    labels that they have not seen from epoch `best` to two epochs on."""
    pool, agreement = np.flatnonzero(labels >= 0), np.full(12, 0.2)
    agreement[best : best + 3] = 0.9
    whole = {"index": pool, "probs_best_noisy_val": np.eye(CLASSES)[clean]}
    for k in range(2):
        out = {"val_index": pool[k::2], "val_labels": labels[pool[k::2]], "history_val_accuracy": agreement}
        yield whole | out | {"index": pool[1 - k :: 2]}
    yield whole


def test_what_a_run_is_told_is_of_its_own_setting(of, data, tmp_path):
    """The clock, and the share of classes in what it draws: as they are, or with every label equally often."""
    runs = [run for run in imbalance.runs(of) if run.data in (TAIL, OVERSAMPLED) and run.source]
    plan, left = Plan(of.params, runs, data, estimates.SOURCES, {}), {}
    for run in runs:
        first, *others = plan.requires(run)
        labels, clean = data[run.data].training.column(*run[2:5]), data[run.data].clean_labels
        best = 2 + 2 * (run.data == OVERSAMPLED)  # smoothed over three epochs the highest is one epoch on
        left |= dict(zip([*others, first], folds(labels, clean, best), strict=True))
    done = tiny_setting.placed(tmp_path, left)
    for run in runs:
        told = plan.estimates(run, done, tmp_path)
        assert told["clock"] == (2 if run.data == TAIL else 3)  # a fold's epoch is half of a run's
        labels, clean = data[run.data].training.column(*run[2:5]), data[run.data].clean_labels
        shares = [np.bincount(clean[labels == j], minlength=CLASSES) / (labels == j).sum() for j in range(CLASSES)]
        counts = np.bincount(labels[labels >= 0])
        drawn = np.average(shares, axis=0, weights=counts if run.data == TAIL else None)
        np.testing.assert_allclose(told["prior"], drawn, rtol=1e-6)


def test_oversampled_prior_by_hand():
    """Two classes 3:1; a quarter of the first becomes the second: q = (1/2, 1/2), R by Bayes."""
    matrix, prior = np.array([[0.75, 0.25], [0.0, 1.0]]), np.array([0.75, 0.25])
    # noisy shares: .5625, .4375; P(first | noisy first) = 1, P(first | noisy second) = .1875 / .4375
    first = (1 + 0.1875 / 0.4375) / 2
    np.testing.assert_allclose(transition.oversampled_prior(matrix, prior), [first, 1 - first])


def test_batch_estimate_of_the_prior_term():
    """Perfect, confident, balanced predictions: about (C - 1) / 2B, .038 at C = 10 and B = 128 after clamping."""
    probs = np.eye(10)[np.arange(5000) % 10]
    assert imbalance._prior_loss(probs, 128, 0) == pytest.approx(0.038, abs=0.005)
    assert imbalance._prior_loss(np.full((500, 10), 0.1), 128, 0) == pytest.approx(0, abs=1e-12)


def test_recalls_leave_out_classes_that_are_not_there():
    clean, predicted = np.array([0, 0, 0, 2]), np.array([0, 1, 0, 2])
    np.testing.assert_allclose(imbalance._recalls(predicted, clean, 4), [2 / 3, 1])


def test_rows_of_constant_predictors(of, data, tmp_path):
    """In setting `ten_classes`: seed s predicts class s."""
    ten = [run for run in imbalance.runs(of) if run.data == "imbalance ten_classes"]
    cells = [run for run in ten if run.name == "cross_entropy"]
    constant = {seed: np.repeat(np.eye(CLASSES)[[seed]], N, 0) for seed in range(3)}
    found = {run: {"probs_last": constant[run.seed], "index": np.arange(100)} for run in cells}
    found |= {run: found[cells[0]] for run in estimates.folds(of.params, cells[0])}  # which no table shows
    table = imbalance.tables(of, tiny_setting.left(tmp_path, found))["imbalance"]
    assert len(results.check("imbalance", table)) == 3 and (table["classes_predicted"] == 0.25).all()
    assert set(table["setting"]) == {"ten_classes"} and set(table["method"]) == {"cross_entropy"}
    np.testing.assert_allclose(table["mean_recall"], 0.25)
    assert (table["smallest_recall"] == 0).all()
    for seed, accuracy in zip(table["seed"], table["test_accuracy"], strict=True):
        assert accuracy == pytest.approx((DATA.clean_labels[DATA.test_fold == seed] == seed).mean())


def test_without_every_clean_label_there_is_no_study(of, tmp_path, capsys):
    unsure = SimpleNamespace(**vars(of) | {"dataset": DATA._replace(clean_labels=np.arange(N) % 4 - 1)})
    assert imbalance.runs(unsure) == [] and imbalance.data(unsure) == {}
    table = imbalance.tables(unsure, tiny_setting.left(tmp_path, {}))["imbalance"]
    assert results.check("imbalance", table).empty and "digits: no imbalance" in capsys.readouterr().out


def test_without_seeds_there_is_no_study(tmp_path):
    none = tiny_setting.make({"imbalance": {"seeds": 0}})
    assert imbalance.runs(none) == [] and imbalance.data(none) == {}
    table = imbalance.tables(none, tiny_setting.left(tmp_path, {}))["imbalance"]
    assert results.check("imbalance", table).empty
