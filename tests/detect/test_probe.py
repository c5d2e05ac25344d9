"""The logistic probe: folds by group, classes that a fold lacks, how strong it is, against scikit-learn."""

import numpy as np
import pytest
from made_features import clouds, symmetric
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from labelnoise.detect import probe

ONE_BY_ONE = np.arange(100)


@pytest.fixture
def data():
    values, truth = clouds(100, 3, gap=2.0)
    return probe.components(values, 4), truth


@pytest.mark.parametrize("most", [4, 100])
def test_components_are_the_principal_ones_under_one_scale(most):
    values, _ = clouds(90, 3, dimensions=8)
    parts = probe.components(values, most)
    expected = PCA(min(most, 8)).fit_transform(values.astype(np.float64))
    assert parts.shape == expected.shape and parts.std() == pytest.approx(1)
    np.testing.assert_allclose(np.abs(parts), np.abs(expected / expected.std()), atol=1e-3)  # but for signs


def test_few_examples_have_few_components():
    assert probe.components(clouds(12, 3, dimensions=8)[0], 8).shape == (12, 4)  # a third of the examples
    assert np.isfinite(probe.components(np.ones((2, 3)), 8)).all()


def test_folds_are_even_and_never_split_a_group():
    group = np.random.default_rng(0).integers(50, size=300)
    group = np.unique(group, return_inverse=True)[1]
    fold = probe.folds(group, 5)
    of_group = [set(fold[group == one]) for one in range(group.max() + 1)]
    assert all(len(one) == 1 for one in of_group)
    sizes = np.bincount([one.pop() for one in of_group])
    assert len(sizes) == 5 and np.ptp(sizes) <= 1
    np.testing.assert_array_equal(fold, probe.folds(group, 5))
    assert not np.array_equal(fold, probe.folds(group, 5, seed=1))


def test_a_few_groups_leave_the_folds_of_the_others_and_their_numbers_do_not_matter():
    group = np.arange(1000)
    group[[10, 500, 990]] = group[[7, 8, 9]]
    alone, some = probe.folds(np.arange(1000), 5), probe.folds(group, 5)
    assert (alone != some).sum() <= 6 and (some[[10, 500, 990]] == some[[7, 8, 9]]).all()
    again = np.random.default_rng(0).permutation(1000)
    np.testing.assert_array_equal(np.bincount(probe.folds(again[group], 5)), np.bincount(some))
    assert sorted(np.unique(probe.folds(np.arange(60) % 3, 5))) == [0, 1, 2]


def test_probabilities_are_those_of_the_other_folds(data):
    fold = probe.folds(ONE_BY_ONE, 5)
    model = LogisticRegression(C=0.1, max_iter=100, tol=1e-3)
    expected = cross_val_predict(model, *data, cv=PredefinedSplit(fold), method="predict_proba")
    found = probe.probabilities(*data, 3, fold, 0.1)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert found.tobytes() == probe.probabilities(*data, 3, fold, 0.1).tobytes()


def test_a_class_that_the_other_folds_lack_gets_the_small_share(data):
    parts, labels = data
    fold = probe.folds(ONE_BY_ONE, 5)
    labels = np.where(fold == 2, labels, labels % 2)
    found = probe.probabilities(parts, labels, 3, fold, 0.1)
    assert (labels[fold == 2] == 2).any()
    np.testing.assert_allclose(found[fold == 2, 2], 1e-4 / (1 + 1e-4))
    assert found[fold != 2, 2].min() > 1e-3
    np.testing.assert_allclose(found.sum(1), 1)


def test_without_two_classes_all_shares_are_equal(data):
    fold = probe.folds(ONE_BY_ONE, 5)
    np.testing.assert_allclose(probe.probabilities(data[0], np.zeros(100, int), 3, fold, 0.1), 1 / 3)


@pytest.mark.parametrize(
    ("gap", "rate", "seed", "expected"), [(6.0, 0.0, 0, 1.0), (2.0, 0.4, 0, 0.01), (0.0, 0.0, 3, 0.003)]
)
def test_strength_is_the_likeliest_of_the_first_fold(gap, rate, seed, expected):
    """The clearer the classes, the stronger. scikit-learn's log loss says which."""
    values, truth = clouds(240, 4, gap=gap, seed=seed)
    parts, labels = probe.components(values, 6), symmetric(truth, rate)
    fold = probe.folds(np.arange(240), 5)
    losses = {}
    for value in (0.003, 0.01, 0.1, 1.0):
        model = LogisticRegression(C=value, max_iter=1000).fit(parts[fold != 0], labels[fold != 0])
        losses[value] = log_loss(labels[fold == 0], model.predict_proba(parts[fold == 0]))
    assert min(losses, key=losses.get) == expected
    assert probe.strength(parts, labels, 4, fold) == expected
