"""The clock E* on curves whose smoothed values and standard errors are worked out by hand."""

import numpy as np
import pytest

from labelnoise.uncertainty.clock import Clock, clock, smoothed

NAN = np.nan
# a plateau of .6 from epoch 2 to 6 (1-based), smoothed: .45, .5, .6, .6, .6, .567, .533, .5, .5, .5
PLATEAU = np.array([0.3, 0.6, 0.6, 0.6, 0.6, 0.6, 0.5, 0.5, 0.5, 0.5])


def of(*curves, count=100, passes=1.0):
    return clock(np.array(curves), count, passes)


def test_smoothed_by_hand():
    """The ends have two values; what is NaN stays so and counts for none of its neighbours."""
    found = smoothed(np.array([0.3, 0.6, 0.9, NAN, 0.5, 0.1, NAN]))
    np.testing.assert_allclose(found, [0.45, 0.6, 0.75, NAN, 0.3, 0.3, NAN])
    np.testing.assert_allclose(smoothed(np.array([0.4])), [0.4])


@pytest.mark.parametrize(
    ("count", "first"),
    [
        (100, 3),  # .6 - sqrt(.24 / 100) = .551: the third epoch is the first
        (20, 2),  # .6 - sqrt(.24 / 20) = .490
        (10, 1),  # .6 - sqrt(.24 / 10) = .445
    ],
)
def test_the_first_epoch_within_one_standard_error_of_the_highest(count, first):
    assert of(PLATEAU, count=count) == Clock(first, False, 3)


def test_agreement_is_the_mean_over_the_folds():
    """Each fold alone has another highest epoch."""
    early, late = [0.9, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3], [0.1, 0.7, 0.7, 0.3, 0.3, 0.3, 0.3]
    mean = [0.5, 0.6, 0.5, 0.3, 0.3, 0.3, 0.3]  # smoothed: .55, .533, .467, .367, .3, ...
    assert of(early, late, count=10_000) == of(mean, count=10_000) == Clock(1, False, 1)
    assert of(late, count=10_000).epochs == 3  # .4, .5, .567


def test_a_highest_epoch_within_the_noise_of_an_earlier_one_is_not_waited_for():
    """.60, then .61 and more for long: .61 - sqrt(.61 * .39 / 100) = .561 is reached in the second epoch."""
    curve = [0.5, 0.6, 0.6, 0.6, 0.61, 0.61, 0.61, 0.61, 0.61, 0.61, 0.61, 0.61]
    found = of(curve)
    assert (found.epochs, found.censored, found.highest) == (2, False, 6)
    exact = of(curve, count=10**7)  # hardly an error: the first of the highest
    assert (exact.epochs, exact.highest) == (6, 6)


@pytest.mark.parametrize(
    ("passes", "epochs", "highest"), [(0.8, 2, 2.4), (0.5, 2, 1.5), (1.0, 3, 3), (0.1, 1, 0.3)]
)
def test_epochs_are_those_of_a_run_on_the_full_part(passes, epochs, highest):
    """The third epoch of folds that leave a fifth out is 2.4 of the full part: 2. 1.5 is 2, and never 0."""
    found = of(PLATEAU, passes=passes)
    assert (found.epochs, found.censored) == (epochs, False) and found.highest == pytest.approx(highest)


def test_an_agreement_that_still_rises_at_the_end_is_censored():
    rising = np.linspace(0.1, 0.8, 8)
    found = of(rising, count=10_000, passes=0.8)
    assert (found.epochs, found.censored) == (8, True) and found.highest == pytest.approx(0.8 * 8)


@pytest.mark.parametrize(("last", "censored"), [(4, False), (5, True)])
def test_the_last_three_epochs_are_undecided(last, censored):
    """Eight epochs, from 0 on, with their highest smoothed agreement at `last`."""
    curve = np.full(8, 0.2)
    curve[last - 1 : last + 2] = [0.5, 0.6, 0.5]
    found = of(curve, count=10_000)
    assert (found.epochs, found.censored) == (8 if censored else last + 1, censored)
    assert found.highest == last + 1


def test_epochs_after_a_fold_diverged_do_not_count():
    """Of the second fold from the sixth epoch on; before, the mean is the plateau."""
    broken = np.where(np.arange(10) < 5, PLATEAU, NAN)
    assert of(PLATEAU, broken) == Clock(3, False, 3)


def test_folds_that_never_were_finite_have_no_clock():
    found = of(PLATEAU, np.full(10, NAN))
    assert np.isnan(found.epochs) and np.isnan(found.highest) and not found.censored
