"""T low: counts by hand, which share of the examples is clear, empirical Bayes against scipy's distributions."""

import numpy as np
import pytest
from scipy.stats import betabinom, dirichlet_multinomial

from labelnoise.detect import clearest

GRID = np.geomspace(0.3, 3000, 30)


def test_counts_by_hand():
    """Predicted 0: margins .8, .2, .6, so of two thirds the first and third; predicted 1: .4, .7, .1."""
    first = np.array([0.9, 0.6, 0.8, 0.3, 0.15, 0.45])
    probs, labels = np.stack([first, 1 - first], 1), np.array([0, 0, 1, 1, 0, 1])
    np.testing.assert_array_equal(clearest.counts(probs, labels, 2 / 3), [[1, 1], [1, 1]])
    np.testing.assert_array_equal(clearest.counts(probs, labels, 0.1), [[1, 0], [1, 0]])  # one of each at least
    np.testing.assert_array_equal(clearest.counts(probs, labels, 1), [[2, 1], [1, 2]])


def test_the_margin_is_to_the_second_largest():
    """Three classes: .5 against .4, then .45 against .3."""
    probs = np.array([[0.5, 0.4, 0.1], [0.45, 0.3, 0.25]])
    np.testing.assert_array_equal(clearest.counts(probs, np.array([1, 2]), 0.5)[0], [0, 0, 1])


def judged(count, errors):
    """Two classes; the margin falls along each; `errors`: from places in it (0 to 1) to the share of wrong labels
    there, which are spread evenly."""
    place = (np.arange(count // 2) + 0.5) / (count // 2)
    wrong = np.diff(np.floor(np.cumsum(errors(place)) + 1e-9), prepend=0) > 0
    probs = np.stack([1 - 0.5 * place, 0.5 * place], 1)
    return np.concatenate([probs, probs[:, ::-1]]), np.concatenate([wrong, ~wrong]).astype(int)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (lambda place: 0.3 + 0 * place, 0.5),  # noise by class
        (lambda place: 0 * place, 0.5),
        (lambda place: 0.3 * (place > 0.6), 0.5),  # doubt beyond the half alone
        (lambda place: 0.3 * (place > 0.3), 0.25),
        (lambda place: 0.3 * (place > 0.2), 0.175),
        (lambda place: 0.8 * place, 0.125),
    ],
)
def test_share_is_the_largest_that_doubt_has_no_part_in(errors, expected):
    assert clearest.share(*judged(4000, errors)) == expected


def test_share_with_few_examples_stays_large():
    """Two errors of 20 are no proof of doubt beside none of 14; of a hundred times as many they are."""
    probs, labels = judged(40, lambda place: 0.3 * (place > 0.25))
    found = [clearest.counts(probs, labels, part) for part in (0.25, 0.35, 0.5)]
    assert [of.sum() - of.trace() for of in found] == [0, 0, 2]
    assert clearest.share(probs, labels) == 0.5
    assert clearest.share(*judged(4000, lambda place: 0.3 * (place > 0.25))) == 0.25


def by_scipy(found):
    """The two maximisers on the grid, and the posterior means."""
    classes = len(found)
    kept, total = np.diag(found), found.sum(1)
    rate = ((total - kept).sum() + 0.5) / (total.sum() + 1)
    others = np.array([np.delete(found[k], k) for k in range(classes)]).astype(int)
    first = max(GRID, key=lambda k: betabinom.logpmf(total - kept, total, k * rate, k * (1 - rate)).sum())
    second = max(
        GRID,
        key=lambda k: sum(
            dirichlet_multinomial.logpmf(row, np.full(classes - 1, k / (classes - 1)), row.sum()) for row in others
        ),
    )
    matrix = np.empty((classes, classes))
    for k in range(classes):
        wrong = (first * rate + others[k].sum()) / (first + total[k])
        where = (others[k] + second / (classes - 1)) / (others[k].sum() + second)
        matrix[k] = np.insert(wrong * where, k, 1 - wrong)
    return first, second, matrix


@pytest.mark.parametrize("seed", range(4))
def test_smoothed_is_empirical_bayes(seed):
    """Rows of their own rate and structure, the more so the larger the seed."""
    rng = np.random.default_rng(seed)
    where = rng.dirichlet(np.full(4, [30.0, 3.0, 0.5, 0.2][seed]), 5)
    wrong = rng.beta(3 / (seed + 1), 7 / (seed + 1), 5)
    rows = [np.insert(wrong[k] * where[k], k, 1 - wrong[k]) for k in range(5)]
    found = np.array([rng.multinomial(80 * (k + 1), rows[k]) for k in range(5)]).astype(float)
    first, second, matrix = by_scipy(found)
    assert GRID[0] < second and first < GRID[-1]
    smoothed = clearest.smoothed(found)
    np.testing.assert_allclose(smoothed, matrix, atol=1e-12)
    np.testing.assert_allclose(smoothed.sum(1), 1)


def test_symmetric_noise_gets_a_nearly_symmetric_matrix():
    """Over draws: errors and differences between entries are much smaller than those of the counts."""
    rng, off = np.random.default_rng(0), ~np.eye(5, dtype=bool)
    truth = np.full((5, 5), 0.08) + 0.6 * np.eye(5)
    drawn = np.array([[rng.multinomial(200, row) for row in truth] for _ in range(12)]) / 200
    smoothed = np.array([clearest.smoothed(200 * of) for of in drawn])
    assert np.abs(smoothed - truth).mean() < 0.5 * np.abs(drawn - truth).mean()
    assert np.median(np.ptp(smoothed[:, off], axis=1)) < 0.3 * np.median(np.ptp(drawn[:, off], axis=1))


def test_structure_is_kept():
    found = 140 * np.eye(5) + 60 * np.roll(np.eye(5), 1, axis=1)
    np.testing.assert_allclose(clearest.smoothed(found), found / 200, atol=0.005)


def test_without_errors_or_without_examples_of_a_class():
    clean = clearest.smoothed(100 * np.eye(4))
    assert 0 < clean[0, 1] < 1e-3 and clean.min() > 0
    found = 80.0 * np.eye(4) + 20 * np.roll(np.eye(4), 1, axis=1)
    found[3] = 0
    smoothed = clearest.smoothed(found)
    np.testing.assert_allclose(smoothed[3], [60.5 / 301 / 3] * 3 + [1 - 60.5 / 301], atol=1e-12)  # the mean rate
    pair = clearest.smoothed(np.array([[90.0, 10], [30, 70]]))  # two classes: there is one other
    np.testing.assert_allclose(pair, [[0.9, 0.1], [0.3, 0.7]], atol=0.02)


def test_transition_is_of_the_clearest_share():
    probs, labels = judged(4000, lambda place: 0.1 + 0.5 * (place > 0.3))
    matrix = clearest.transition(probs, labels)
    np.testing.assert_allclose(matrix, [[0.9, 0.1], [0.1, 0.9]], atol=0.02)
    np.testing.assert_array_equal(matrix, clearest.smoothed(clearest.counts(probs, labels, 0.25)))


def test_copies_that_count_as_one_change_nothing():
    """Four copies of every example, a quarter each; unweighted, an error that is stored four times looks like a
    habit of its class."""
    rng, truth = np.random.default_rng(0), np.arange(300) % 10
    probs = 0.5 * np.eye(10)[truth] + 0.5 * rng.dirichlet(np.ones(10), 300)
    labels = np.where(rng.random(300) < 0.1, (truth + rng.integers(1, 10, 300)) % 10, truth)
    copies, again = np.repeat(probs, 4, axis=0), np.repeat(labels, 4)
    once = clearest.transition(probs, labels)
    np.testing.assert_array_equal(clearest.transition(probs, labels, np.ones(300)), once)
    weighted, plain = clearest.transition(copies, again, np.full(1200, 0.25)), clearest.transition(copies, again)
    others = ~np.eye(10, dtype=bool)
    np.testing.assert_allclose(weighted, once, atol=0.01)
    assert plain[others].max() > 2 * once[others].max()
