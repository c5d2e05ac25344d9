"""Training against refits by hand, and on made classes whose truth is known."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from labelnoise.classifier import training
from labelnoise.classifier.model import Model, probabilities, readings
from labelnoise.detect import detector, pool, predictors, probe, ridge
from labelnoise.detect.detector import Labels
from labelnoise.detect.predictors import Features
from labelnoise.uncertainty import calibration

FLOOR = 0.003
RNG = np.random.default_rng(3)


def clouds(count, classes, gap, seed):
    """Points [count, 6] around one centre per class, and their classes."""
    centers = np.random.default_rng(0).normal(size=(classes, 6))
    centers *= gap / np.linalg.norm(centers, axis=1, keepdims=True)
    truth = np.arange(count) % classes
    points = centers[truth] + np.random.default_rng(seed).normal(size=(count, 6))
    return points.astype(np.float32), truth


def flipped(truth, rate, classes, seed=5):
    """To the next class, in every second class alone: what depends on the class."""
    rng = np.random.default_rng(seed)
    return np.where((rng.random(len(truth)) < rate) & (truth % 2 == 0), (truth + 1) % classes, truth)


@pytest.fixture(scope="module")
def small():
    """70 examples of 3 classes, with groups of up to three and some answers."""
    points, truth = clouds(70, 3, 2.5, 1)
    given = np.where(RNG.random(70) < 0.3, (truth + 1) % 3, truth)
    known = np.where(np.arange(70) % 9 == 0, truth, -1)
    group = np.where(np.arange(70) < 30, np.arange(70) // 3, np.arange(70))
    transition = np.array([[0.7, 0.25, 0.05], [0.05, 0.7, 0.25], [0.25, 0.05, 0.7]])
    return points, Labels(given, known, 3), group, transition


def refitted(phi, penalty, targets):
    return np.linalg.solve(phi.T @ phi + penalty * np.eye(phi.shape[1]), phi.T @ targets)


def group_left_out(phi, penalty, targets, group):
    """Every row by a regression on the rows of other groups."""
    rows = [
        phi[i] @ refitted(phi[group != group[i]], penalty, targets[group != group[i]]) for i in range(len(phi))
    ]
    return np.array(rows)


def test_predictions_are_those_of_refits_without_the_fold_and_without_the_group(small):
    points, labels, group, transition = small
    bases = list(training._bases("0_encoded", points))
    found = training.crossfitted(bases, labels, transition, group, FLOOR)
    phi, penalties = bases[0].phi.astype(np.float64), predictors.ENCODED.penalties
    fold = probe.folds(np.unique(group, return_inverse=True)[1], 5)
    for k in range(5):
        rest, out = fold != k, fold == k
        assert not set(group[rest]) & set(group[out])
        own = labels.of(np.flatnonzero(rest))
        targets = np.eye(3)[np.where(own.known >= 0, own.known, own.given)]
        for _ in range(training.CORRECTIONS):
            scores = [group_left_out(phi[rest], penalty, targets, group[rest]) for penalty in penalties]
            probs = [read(s) for s in scores for read in (predictors.sharp, predictors.clipped)]
            targets = pool.fit(probs, own.given, transition, FLOOR, own.known).posterior
        for at, penalty in enumerate(penalties):
            expected = phi[out] @ refitted(phi[rest], penalty, targets)
            np.testing.assert_allclose(found[at][out], expected, atol=2e-3)


def test_no_label_of_a_group_moves_its_own_predictions(small):
    points, labels, group, transition = small
    bases = list(training._bases("0_encoded", points))
    before = training.crossfitted(bases, labels, transition, group, FLOOR)
    given, members = labels.given.copy(), group == 4
    given[members] = (given[members] + 1) % 3
    after = training.crossfitted(bases, labels._replace(given=given), transition, group, FLOOR)
    for one, two in zip(before, after, strict=True):
        assert members.sum() == 3 and (one[members] == two[members]).all() and (one != two).any()


def test_weights_are_the_regression_on_the_posterior(small):
    points, labels, group, transition = small
    posterior = RNG.dirichlet(np.ones(3), 70)
    found = training.train({"0_encoded": points}, labels, posterior, transition, group, FLOOR)
    (part,), (basis,) = found.parts, training._bases("0_encoded", points)
    x = predictors.scaled(Features("encoded", points))
    for at, penalty in enumerate(basis.penalties):
        expected = basis.phi.astype(np.float64) @ refitted(basis.phi.astype(np.float64), penalty, posterior)
        np.testing.assert_allclose(ridge.mapped(part.marks, part.width, part.weights[at], x), expected, atol=2e-3)


@pytest.fixture(scope="module")
def learned():
    """600 examples of 4 classes, 40% of every second class given the next one's label; 2,000 new ones."""
    points, truth = clouds(600, 4, 3.0, 1)
    new, new_truth = clouds(2000, 4, 3.0, 2)
    labels = detector.plain(flipped(truth, 0.4, 4), 4)
    lead = detector.detect(detector.prepare([Features("encoded", points)]), labels, FLOOR).lead
    sets, group = {"0_encoded": points}, np.arange(600)
    found = training.train(sets, labels, lead.posterior, lead.transition, group, FLOOR)
    model = Model(found.parts, found.pooled.weights, found.pooled.bias, FLOOR, list("abcd"), {}, None, {})
    return points, labels, truth, new, new_truth, found, probabilities(model, {"0_encoded": new})


def test_it_beats_a_ridge_regression_on_the_labels_and_nears_one_on_the_truth(learned):
    points, labels, truth, new, new_truth, _, q = learned
    on_labels, on_truth = (RidgeClassifier().fit(points, of).score(new, new_truth) for of in (labels.given, truth))
    accuracy = (q.argmax(1) == new_truth).mean()
    assert accuracy > on_labels + 0.03 and accuracy > on_truth - 0.03


def test_confidence_is_honest_for_new_images_and_for_its_own(learned):
    _, _, truth, _, new_truth, found, q = learned
    for probs, of in ((q, new_truth), (found.pooled.q, truth)):
        items = calibration.prepare(probs, of, 15)
        assert calibration.ece(np.ones((1, len(of))), items)[0] < 0.05
    accuracy, own = (q.argmax(1) == new_truth).mean(), (found.pooled.q.argmax(1) == truth).mean()
    assert abs(accuracy - own) < 0.04


def test_blocks_change_nothing(learned, monkeypatch):
    *_, new, _, found, q = learned
    model = Model(found.parts, found.pooled.weights, found.pooled.bias, FLOOR, list("abcd"), {}, None, {})
    np.testing.assert_allclose(probabilities(model, {"0_encoded": new[:7]}), q[:7], atol=1e-5)


def test_kernels_of_other_examples_are_those_of_the_detector():
    points, _ = clouds(40, 3, 2.0, 1)
    kernel = ridge.kernel(points, 1.0)
    expected = ridge.kernel_features(points, 1.0)
    np.testing.assert_array_equal(ridge.mapped(kernel.marks, kernel.scale, kernel.inverse, points), expected)


def test_the_pool_reads_predictions_that_are_out_of_sample(small):
    points, labels, group, transition = small
    posterior = RNG.dirichlet(np.ones(3), 70)
    found = training.train({"0_encoded": points}, labels, posterior, transition, group, FLOOR).pooled
    scores = training.crossfitted(list(training._bases("0_encoded", points)), labels, transition, group, FLOOR)
    expected = pool.fit(readings(scores), labels.given, transition, FLOOR, labels.known)
    assert (found.q == expected.q).all() and (found.weights == expected.weights).all()
    np.testing.assert_allclose(pool.pooled(readings(scores), found.weights, found.bias, FLOOR), found.q)
