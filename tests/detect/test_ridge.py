"""Ridge regression in closed form against refits without the example, or without its group."""

import numpy as np
import pytest
from made_features import clouds
from scipy.spatial.distance import cdist

from labelnoise.detect import ridge

GROUPS = [np.array([3]), np.array([10, 50]), np.array([20, 21, 44, 59])]


@pytest.fixture
def data():
    values, truth = clouds(60, classes=3)
    return values, np.eye(3)[truth]


def refitted(phi, targets, penalty, left):
    """Predictions of the rows `left` from a regression on all others."""
    rest = np.delete(np.arange(len(phi)), left)
    phi = phi.astype(np.float64)
    matrix = phi[rest].T @ phi[rest] + penalty * np.eye(phi.shape[1])
    return phi[left] @ np.linalg.solve(matrix, phi[rest].T @ targets[rest])


@pytest.mark.parametrize("landmarks", [60, 25])
@pytest.mark.parametrize("penalty", [0.1, 3.0])
def test_left_out_is_a_refit_without_the_example_or_its_group(data, landmarks, penalty, monkeypatch):
    monkeypatch.setattr(ridge, "MOST_LANDMARKS", landmarks)
    phi = ridge.kernel_features(data[0], 1.0)
    assert phi.shape == (60, landmarks)
    found = ridge.left_out(ridge.factorize(phi, penalty, GROUPS[1:]), data[1])
    grouped = np.concatenate(GROUPS)
    alone = [np.array([at]) for at in range(60) if at not in grouped]
    for left in [*alone, *GROUPS]:
        np.testing.assert_allclose(found[left], refitted(phi, data[1], penalty, left), atol=1e-4)
    fitted = phi @ ridge.weights(ridge.factorize(phi, penalty), data[1])
    assert np.abs(found - fitted).max() > 0.05  # the own label matters


def test_targets_may_be_soft_and_many(data):
    """As nineteen shuffles are: each column by itself."""
    phi = ridge.kernel_features(data[0], 1.0)
    of = ridge.factorize(phi, 1.0, GROUPS[1:])
    wide = np.random.default_rng(0).random((60, 8))
    together = ridge.left_out(of, wide)
    for left in GROUPS:
        np.testing.assert_allclose(together[left], refitted(phi, wide, 1.0, left), atol=1e-4)
    np.testing.assert_allclose(together[:, 5:6], ridge.left_out(of, wide[:, 5:6]), atol=1e-6)


def test_a_known_gram_matrix_and_small_blocks_change_nothing(data, monkeypatch):
    phi = ridge.kernel_features(data[0], 1.0)
    expected = ridge.left_out(ridge.factorize(phi, 0.3, GROUPS[1:]), data[1])
    monkeypatch.setattr(ridge, "BLOCK", 7)
    np.testing.assert_allclose(ridge.kernel_features(data[0], 1.0), phi, atol=1e-5)
    again = ridge.factorize(phi, 0.3, GROUPS[1:], phi.T @ phi)
    np.testing.assert_allclose(ridge.left_out(again, data[1]), expected, atol=1e-5)


@pytest.mark.parametrize("sharpness", [1.0, 2.0])
def test_inner_products_are_the_kernel_on_the_landmarks(data, sharpness, monkeypatch):
    """A landmark's own norm is the kernel's diagonal, 1.1; that of any other example falls short of it."""
    monkeypatch.setattr(ridge, "MOST_LANDMARKS", 25)
    phi = ridge.kernel_features(data[0], sharpness).astype(np.float64)
    marks = np.sort(np.argsort(-(phi**2).sum(1))[:25])
    between = cdist(data[0][marks], data[0][marks], "sqeuclidean")
    others = ~np.eye(25, dtype=bool)
    kernel = phi[marks] @ phi[marks].T
    np.testing.assert_allclose(kernel.diagonal(), 1.1, atol=1e-4)
    median = -sharpness * between[others] / np.log(kernel[others] - 0.1)
    np.testing.assert_allclose(median, median.mean(), rtol=5e-3)
    # not exactly: in float32 some distances to oneself are above 0, and count
    assert median.mean() == pytest.approx(np.median(between[others]), rel=0.02)
    assert (phi**2).sum(1)[np.setdiff1d(np.arange(60), marks)].max() < 1.099


def test_copies_break_nothing_and_do_not_vouch_for_one_another(data):
    values = np.concatenate([data[0]] * 3)  # every example three times: the kernel is singular
    group = [np.array([at, at + 60, at + 120]) for at in range(60)]
    phi = ridge.kernel_features(values, 1.0)
    targets = np.tile(data[1], (3, 1))
    lone, grouped = ridge.factorize(phi, 0.1), ridge.factorize(phi, 0.1, group)
    assert np.isfinite(phi).all() and lone.leverage.min() > 0 and lone.leverage.max() < 1
    changed = targets.copy()
    changed[group[4]] = [0, 0, 1]
    assert data[1][4, 2] == 0
    before, after = (ridge.left_out(grouped, of)[group[4]] for of in (targets, changed))
    np.testing.assert_allclose(after, before, atol=1e-4)
    before, after = (ridge.left_out(lone, of)[group[4]] for of in (targets, changed))
    assert (after - before)[:, 2].min() > 0.3  # where nobody says that they are copies


def test_examples_that_are_all_alike_can_be_factorized():
    phi = ridge.kernel_features(np.ones((30, 4)), 1.0)
    found = ridge.left_out(ridge.factorize(phi, 1.0), np.eye(2)[np.arange(30) % 2])
    # the shares of the 29 others, less what the penalty takes: phi is sqrt(1.1) in one direction
    np.testing.assert_allclose(found[0], 1.1 * np.array([14, 15]) / (1.1 * 29 + 1), atol=1e-3)


def test_same_input_same_bytes(data):
    one, two = (ridge.kernel_features(data[0], 1.0) for _ in range(2))
    assert one.dtype == np.float32 and one.tobytes() == two.tobytes()
