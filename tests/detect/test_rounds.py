"""Rounds are cross-fitted: no label of a fold has a part in what is predicted of it."""

import numpy as np
import pytest
from made_features import clouds, pair_flip

from labelnoise.detect import clearest, pool, predictors, ridge, rounds

PENALTY, FLOOR, CLASSES = 0.3, 0.003, 4


@pytest.fixture(scope="module")
def data():
    """Structured noise on classes that overlap a little: what rounds are for."""
    values, truth = clouds(240, CLASSES)
    group = np.unique(np.append(np.arange(200), np.arange(40)), return_inverse=True)[1]
    values[200:] = values[:40] + 0.01 * values[40:80]  # the last forty are copies of the first
    labels = pair_flip(truth, 0.35)
    labels[200:], truth[200:] = labels[:40], truth[:40]
    phi = ridge.kernel_features(values, 1.0)
    of = ridge.factorize(phi, PENALTY, predictors.members(group))
    return phi, labels, group, rounds.folds(of, PENALTY, group), truth


def chain(data, labels):
    return rounds.chain(data[3], predictors.clipped, data[0], labels, labels, CLASSES, FLOOR)


def test_folds_cover_everything_once_and_keep_groups_together(data):
    _, _, group, made, _ = data
    assert len(made) == 5
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.out for fold in made])), np.arange(240))
    for fold in made:
        assert not set(group[fold.out]) & set(group[fold.rest])
        assert len(fold.out) + len(fold.rest) == 240
        inside = {tuple(fold.rest[members]) for members, _ in fold.ridge.groups}
        assert inside == {(at, at + 200) for at in range(40) if at in fold.rest}


def test_folds_keep_no_copy_of_the_largest_array(data):
    phi, _, _, made, _ = data
    for fold in made:
        assert fold.ridge.phi is phi and len(fold.ridge.leverage) == len(fold.rest)
        np.testing.assert_array_equal(fold.of_rest().phi, phi[fold.rest])


@pytest.mark.parametrize("at", [0, 3])
def test_the_labels_of_a_fold_do_not_change_what_is_predicted_of_it(data, at):
    _, labels, _, made, _ = data
    changed = labels.copy()
    out = made[at].out
    changed[out] = np.random.default_rng(5).integers(CLASSES, size=len(out))
    before, after = chain(data, labels), chain(data, changed)
    assert min(len(before), len(after)) >= 2  # how many are kept may change: the choice sees all labels
    for one, other in zip(before, after):
        np.testing.assert_array_equal(other[out], one[out])
        elsewhere = made[at].rest
        assert np.abs(other[elsewhere] - one[elsewhere]).max() > 0.01


def naive(phi, targets):
    """Weights of the regression on `phi` [r, m], and H."""
    inverse = np.linalg.inv(phi.T @ phi + PENALTY * np.eye(phi.shape[1]))
    return inverse @ phi.T @ targets, phi @ inverse @ phi.T


def clipped(scores):
    kept = np.maximum(scores, 0.005)
    return kept / kept.sum(1, keepdims=True)


def test_two_rounds_step_by_step(data):
    """The first from the labels of the rest; the second from their posteriors, each without its group's label."""
    phi, labels, group, made, _ = data
    found, fold = chain(data, labels), made[1]
    inside, given = phi[fold.rest].astype(np.float64), labels[fold.rest]
    targets = np.eye(CLASSES)[given]
    weights, hat = naive(inside, targets)
    np.testing.assert_allclose(found[0][fold.out], clipped(phi[fold.out] @ weights), atol=1e-4)
    out = np.empty_like(targets)
    for one in np.unique(group[fold.rest]):
        at = np.flatnonzero(group[fold.rest] == one)
        own = hat[np.ix_(at, at)]
        out[at] = np.linalg.solve(np.eye(len(at)) - own, (hat @ targets)[at] - own @ targets[at])
    probs = clipped(out)
    corrected = pool.fit([probs], given, clearest.transition(probs, given), FLOOR).posterior
    weights, _ = naive(inside, corrected)
    np.testing.assert_allclose(found[1][fold.out], clipped(phi[fold.out] @ weights), atol=2e-3)


def test_kept_rounds_are_likelier_one_by_one_and_see_more_of_the_truth(data):
    _, labels, _, _, truth = data
    found = chain(data, labels)
    fits = [pool.fit([probs], labels, clearest.transition(probs, labels), FLOOR).log_likelihood for probs in found]
    assert 2 <= len(found) <= 5 and (np.diff(fits) > 0).all()
    first, last = ((probs.argmax(1) == truth).mean() for probs in (found[0], found[-1]))
    assert last > first + 0.03


def test_rounds_of_random_labels_gain_nothing(data):
    """Where nothing can be learned, rounds find no errors by themselves: cross-fitting is what prevents it."""
    labels = np.random.default_rng(0).integers(CLASSES, size=240)
    found = chain(data, labels)
    fit = pool.fit([found[-1]], labels, np.eye(CLASSES), FLOOR)
    assert fit.log_likelihood < -np.log(CLASSES) + 0.05
