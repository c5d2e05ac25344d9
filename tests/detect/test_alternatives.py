"""Noise models to compare with: hand-computed probabilities, limits, and that no example judges itself."""

import numpy as np
import pytest
from made_evidence import evidence
from sklearn.metrics import roc_auc_score

from labelnoise.detect import alternatives

MODELS = [alternatives.mixture, alternatives.planted, alternatives.sample_only]


@pytest.fixture
def made():
    return evidence(np.random.default_rng(0), n=800)


@pytest.mark.parametrize("model", MODELS)
def test_probabilities_and_same_bytes_again(model, made):
    values = model(made[0])
    assert values.shape == (800,) and values.min() >= 0 and values.max() <= 1
    np.testing.assert_array_equal(values, model(made[0]))


@pytest.mark.parametrize("model", [alternatives.mixture, alternatives.planted])
def test_wrong_labels_are_found(model, made):
    assert roc_auc_score(made[1], model(made[0])) > 0.95


def test_planted_labels_that_behave_like_wrong_ones_give_the_noise_rate(made):
    """What Elkan and Noto assume: then their estimate of P(wrong) is calibrated in the mean."""
    assert alternatives.planted(made[0]).mean() == pytest.approx(made[1].mean(), abs=0.05)


def test_planted_without_wrong_labels_finds_hardly_any():
    values = alternatives.planted(evidence(np.random.default_rng(1), n=800, rate=0)[0])
    assert values.mean() < 0.03


def test_elkan_noto_by_hand():
    """c = (.6 + .8) / 2; (1 - c) / c * g / (1 - g), mean over the unplanted runs, clipped at 1."""
    chance = np.array([[0.6, 0.2, 0.5, 0.95], [0.1, 0.8, 0.1, 0.95]])
    positive = np.array([[True, False, False, False], [False, True, False, False]])
    values = alternatives._elkan_noto(chance, positive, ~positive)
    third = (0.3 / 0.7 * 1 + 0.3 / 0.7 / 9) / 2
    np.testing.assert_allclose(values, [0.3 / 0.7 / 9, 0.3 / 0.7 / 4, third, 1])


def test_no_example_has_a_part_in_the_model_that_judges_it(made):
    """What its own fold's model says of others does not change with an example's dynamics, up to the shared c."""
    evidence_, _ = made
    at = int(np.flatnonzero(evidence_.planted[0])[0])
    extreme = {name: values.copy() for name, values in evidence_.full.items()}
    for values in extreme.values():
        values[1:, at] = 1e6  # would pull any model that is fitted on it
    before, after = alternatives.planted(evidence_), alternatives.planted(evidence_._replace(full=extreme))
    same_fold = next(fold for fold, _ in alternatives._folds(evidence_.planted.any(axis=0)) if at in fold)
    positive = evidence_.planted.any(axis=0)
    others = np.setdiff1d(same_fold, np.flatnonzero(positive))
    ratio = (after / before)[others][(after[others] < 0.5) & (before[others] > 0) & (before[others] < 0.5)]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)  # c alone


def test_planted_needs_as_many_examples_as_folds():
    few, _ = evidence(np.random.default_rng(0), planted_share=0.003)
    assert few.planted.sum() < alternatives.FOLDS
    assert np.isnan(alternatives.planted(few)).all()


def test_diverged_full_runs(made):
    nothing = {name: np.full_like(values, np.nan) for name, values in made[0].full.items()}
    for model in (alternatives.mixture, alternatives.planted):
        assert np.isnan(model(made[0]._replace(full=nothing))).all()
    one = {name: np.concatenate([nothing[name][:1], values[1:]]) for name, values in made[0].full.items()}
    assert roc_auc_score(made[1], alternatives.planted(made[0]._replace(full=one))) > 0.95


def test_diverged_bags(made):
    lost = made[0]._replace(oob=np.full_like(made[0].oob, np.nan), oob_entropy=np.full(800, np.nan))
    assert np.isnan(alternatives.mixture(lost)).all()
    assert np.isnan(alternatives.sample_only(lost)).all()


def test_sample_only_learns_which_samples_are_noisy_without_their_label():
    """Half the images, told by their entropy, have 60% wrong labels: each gets about its half's rate."""
    rng = np.random.default_rng(0)
    made, _ = evidence(rng, n=2000, rate=0, planted_share=0)
    hard = rng.random(2000) < 0.5
    wrong = hard & (rng.random(2000) < 0.6)
    made = made._replace(
        labels=np.where(wrong, (made.labels + 1) % 4, made.labels), oob_entropy=hard + 0.1 * rng.random(2000)
    )
    values = alternatives.sample_only(made)
    assert values[hard].mean() == pytest.approx(wrong[hard].mean(), abs=0.03)
    assert values[~hard].mean() == pytest.approx(0, abs=0.03)
    assert abs(roc_auc_score(wrong[hard], values[hard]) - 0.5) < 0.06  # no label, no way to tell within a half
    other = {name: rng.permutation(value, axis=1) for name, value in made.full.items()}
    np.testing.assert_array_equal(alternatives.sample_only(made._replace(full=other)), values)


def test_sample_only_without_disagreement_is_one_rate():
    made, _ = evidence(np.random.default_rng(0), rate=0)
    np.testing.assert_array_equal(alternatives.sample_only(made), 0)


def test_class_only_by_hand():
    """Classes 0, 1 with prior .6, .4; 10% of 0 become 1, 30% of 1 become 0. No one gets or has class 2."""
    transition = np.array([[0.9, 0.1, 0], [0.3, 0.7, 0], [0, 0, 1]])
    values = alternatives.class_only(transition, np.array([0.6, 0.4, 0]), np.array([0, 1, 1, 2]))
    np.testing.assert_allclose(values, [0.12 / 0.66, 0.06 / 0.34, 0.06 / 0.34, 1])


def test_class_only_is_the_share_of_wrong_labels_of_the_class():
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=5000)
    labels = np.where(rng.random(5000) < 0.2 * (truth + 1) / 2, rng.integers(3, size=5000), truth)
    counts = np.array([[(labels[truth == i] == j).sum() for j in range(3)] for i in range(3)])
    values = alternatives.class_only(counts / counts.sum(1, keepdims=True), counts.sum(1) / 5000, labels)
    for given in range(3):
        assert values[labels == given] == pytest.approx((truth != labels)[labels == given].mean())
