"""The truth monitor against counts made one image at a time."""

import math

import pytest
import torch

from labelnoise import truth

CLEAN = [0, 1, 2, 0, 1, 2, 0, 1]
GIVEN = [[0, 2, 2, 1, -1, -1, -1, -1], [0, 1, -1, -1, 1, 2, -1, -1]]
TEST = [[False] * 4 + [False, True, True, True], [False, False, True, True, False, False, True, True]]
PREDICTED = [[0, 2, 1, 0, 2, 2, 1, 1], [1, 1, 2, 2, 0, 2, 0, 0]]


def measure(clean=CLEAN, given=GIVEN, test=TEST, predicted=PREDICTED):
    own = (torch.tensor(part) for part in (clean, given, test))
    return truth.monitor(*own)(3, torch.tensor(predicted))


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


ASKED_OF = {  # images that decide a share of run 0
    "test_accuracy": {5, 6, 7},
    "fitted": {0, 1, 2, 3},
    "fitted_clean": {0, 2},
    "fitted_wrong": {1, 3},
    "recovered": {1, 3},
}


@pytest.mark.parametrize("image", range(8))
def test_a_share_of_which_an_image_was_not_evaluated_is_missing_and_no_other(image):
    """Nor is any of the other run, though it is asked of the same image."""
    some = [[-1 if i == image else of for i, of in enumerate(PREDICTED[0])], PREDICTED[1]]
    found, whole = measure(predicted=some), measure()
    for name, images in ASKED_OF.items():
        assert found[name][0].isnan().item() == (image in images)
        assert torch.equal(found[name][1:], whole[name][1:]) or whole[name][1].isnan()
        assert image in images or found[name][0] == whole[name][0]


def test_images_that_are_not_trained_on_give_the_test_accuracy_alone():
    """As in most epochs."""
    held_out = [[of if at < 0 else -1 for of, at in zip(*run, strict=True)] for run in zip(PREDICTED, GIVEN)]
    found, whole = measure(predicted=held_out), measure()
    assert torch.equal(found.pop("test_accuracy"), whole["test_accuracy"])
    assert all(value.isnan().all() for value in found.values())


def test_an_image_that_was_not_evaluated_but_has_no_truth_is_missed_by_nothing():
    clean = [-1, *CLEAN[1:]]
    some = [[-1, *run[1:]] for run in PREDICTED]
    found, whole = measure(clean=clean, predicted=some), measure(clean=clean)
    assert all(torch.equal(found[name].nan_to_num(-1), whole[name].nan_to_num(-1)) for name in whole)
