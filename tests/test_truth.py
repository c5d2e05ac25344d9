"""The truth monitor against counts made one image at a time."""

import math

import pytest
import torch

from labelnoise import truth

CLEAN = [0, 1, 2, 0, 1, 2, 0, 1]
GIVEN = [[0, 2, 2, 1, -1, -1, -1, -1], [0, 1, -1, -1, 1, 2, -1, -1]]
TEST = [[False] * 4 + [False, True, True, True], [False, False, True, True, False, False, True, True]]
PREDICTED = [[0, 2, 1, 0, 2, 2, 1, 1], [1, 1, 2, 2, 0, 2, 0, 0]]


def measure(clean=CLEAN, given=GIVEN, test=TEST):
    probs = torch.nn.functional.one_hot(torch.tensor(PREDICTED), 3).double()
    return truth.monitor(torch.tensor(clean), torch.tensor(given), torch.tensor(test))(3, probs)


def brute(run, clean=CLEAN):
    """Shares by hand: lists of hits."""
    images = [i for i in range(8) if clean[i] >= 0]
    given, test, predicted = GIVEN[run], TEST[run], PREDICTED[run]
    right = [i for i in images if given[i] >= 0 and given[i] == clean[i]]
    wrong = [i for i in images if given[i] >= 0 and given[i] != clean[i]]
    hits = {
        "test_accuracy": [predicted[i] == clean[i] for i in images if test[i]],
        "fitted": [predicted[i] == given[i] for i in right + wrong],
        "fitted_clean": [predicted[i] == given[i] for i in right],
        "fitted_wrong": [predicted[i] == given[i] for i in wrong],
        "recovered": [predicted[i] == clean[i] for i in wrong],
    }
    return {name: sum(found) / len(found) if found else math.nan for name, found in hits.items()}


def test_by_hand():
    """Run 0: two of three test images right; labels 1 and 3 are wrong, the first fitted, the second recovered."""
    first = {name: value[0].item() for name, value in measure().items()}
    expected = {"test_accuracy": 2 / 3, "fitted": 0.5, "fitted_clean": 0.5, "fitted_wrong": 0.5, "recovered": 0.5}
    assert first == pytest.approx(expected)


def test_against_brute_force():
    found = measure()
    for run in range(2):
        assert {k: v[run].item() for k, v in found.items()} == pytest.approx(brute(run), nan_ok=True)
    assert math.isnan(found["recovered"][1])  # run 1 has no wrong label


def test_images_whose_truth_is_not_known_do_not_count():
    clean = [-1, *CLEAN[1:6], -1, CLEAN[7]]
    found = measure(clean=clean)
    for run in range(2):
        assert {k: v[run].item() for k, v in found.items()} == pytest.approx(brute(run, clean), nan_ok=True)


def test_without_any_truth_everything_is_missing():
    assert all(value.isnan().all() for value in measure(clean=[-1] * 8).values())
