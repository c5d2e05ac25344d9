"""Noise models on dynamics and bags: hand-computed probabilities, limits, and that no example judges itself."""

import numpy as np
import pytest
from made_evidence import evidence
from sklearn.metrics import roc_auc_score

from labelnoise.studies.alternatives import models
from labelnoise.studies.alternatives.models import Full


@pytest.fixture
def made():
    """P(wrong) of a model by its name, full runs, and which labels are wrong."""
    return evidence(np.random.default_rng(0), n=800)


def judged(made):
    own, full, _ = made
    return {"mixture": models.mixture(own), "planted": models.planted(full)}


@pytest.mark.parametrize("name", ["mixture", "planted"])
def test_probabilities_that_find_wrong_labels_and_are_the_same_again(name, made):
    values = judged(made)[name]
    assert values.shape == (800,) and values.min() >= 0 and values.max() <= 1
    assert roc_auc_score(made[2], values) > 0.95
    np.testing.assert_array_equal(values, judged(made)[name])


def test_planted_labels_that_behave_like_wrong_ones_give_the_noise_rate(made):
    """What Elkan and Noto assume: then their estimate of P(wrong) is calibrated in the mean."""
    assert models.planted(made[1]).mean() == pytest.approx(made[2].mean(), abs=0.05)


def test_planted_without_wrong_labels_finds_hardly_any():
    values = models.planted(evidence(np.random.default_rng(1), n=800, rate=0)[1])
    assert values.mean() < 0.03


def test_elkan_noto_by_hand():
    """c = (.6 + .8) / 2; (1 - c) / c * g / (1 - g), mean over the unplanted runs, clipped at 1."""
    chance = np.array([[0.6, 0.2, 0.5, 0.95], [0.1, 0.8, 0.1, 0.95]])
    positive = np.array([[True, False, False, False], [False, True, False, False]])
    values = models._elkan_noto(chance, positive, ~positive)
    third = (0.3 / 0.7 * 1 + 0.3 / 0.7 / 9) / 2
    np.testing.assert_allclose(values, [0.3 / 0.7 / 9, 0.3 / 0.7 / 4, third, 1])


def test_no_example_has_a_part_in_the_model_that_judges_it(made):
    """What its own fold's model says of others does not change with an example's dynamics, up to the shared c."""
    full = made[1]
    at = int(np.flatnonzero(full.planted[0])[0])
    extreme = {name: values.copy() for name, values in full.dynamics.items()}
    for values in extreme.values():
        values[1:, at] = 1e6  # would pull any model that is fitted on it
    before, after = models.planted(full), models.planted(Full(extreme, full.planted))
    positive = full.planted.any(axis=0)
    same_fold = next(fold for fold, _ in models._folds(positive) if at in fold)
    others = np.setdiff1d(same_fold, np.flatnonzero(positive))
    ratio = (after / before)[others][(after[others] < 0.5) & (before[others] > 0) & (before[others] < 0.5)]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)  # c alone


def test_planted_needs_as_many_examples_as_folds():
    _, few, _ = evidence(np.random.default_rng(0), planted_share=0.003)
    assert few.planted.sum() < models.FOLDS
    assert np.isnan(models.planted(few)).all()


def test_diverged_runs(made):
    own, full, wrong = made
    nothing = {name: np.full_like(values, np.nan) for name, values in own.dynamics.items()}
    assert np.isnan(models.mixture(own._replace(dynamics=nothing))).all()
    lost = own.bags._replace(probs=np.full_like(own.bags.probs, np.nan))
    assert np.isnan(models.mixture(own._replace(bags=lost))).all()
    none = {name: np.full_like(values, np.nan) for name, values in full.dynamics.items()}
    assert np.isnan(models.planted(full._replace(dynamics=none))).all()
    one = {name: np.concatenate([none[name][:1], values[1:]]) for name, values in full.dynamics.items()}
    # of what is planted in the run that is left nothing is known
    seen = ~full.planted[1]
    assert roc_auc_score(wrong[seen], models.planted(full._replace(dynamics=one))[seen]) > 0.95
