"""Confident learning's rules: by hand, and against the paper's text in plain loops."""

import made_released
import numpy as np
import pytest

from labelnoise.released import rules
from labelnoise.released.rules import BOTH, BY_CLASS, BY_NOISE_RATE, CODE, JOINT, PAPER, RULES
from labelnoise.uncertainty.transition import confident_joint

MADE = made_released.arrays()
SETTINGS = [(MADE["pred_probs"][at], MADE["labels"][at].astype(np.int64)) for at in range(2)]

# Four examples labelled 0 and three labelled 1, exact in half precision. t_0 = (.75 + .5 + .5 + .25) / 4 = .5 and
# t_1 = (.75 + .75 + .375) / 3 = .625. Confident in 0: the first three and the last; in 1: the 4th, 5th and 6th.
PROBS = np.array([[0.75, 0.25], [0.5, 0.5], [0.5, 0.5], [0.25, 0.75], [0.25, 0.75], [0.25, 0.75], [0.625, 0.375]])
LABELS = np.array([0, 0, 0, 0, 1, 1, 1])


@pytest.mark.parametrize("form", rules.FORMS)
def test_by_hand(form):
    guess = rules.confident(PROBS, LABELS, form)
    np.testing.assert_array_equal(guess, [0, 0, 0, 1, 1, 1, 0])
    counts = rules.counts(guess, LABELS, 2)
    np.testing.assert_array_equal(rules.scaled(counts, LABELS), [[3, 1], [1, 2]])
    np.testing.assert_allclose(rules.transition(counts), [[3 / 4, 1 / 4], [1 / 3, 2 / 3]])
    for rule, chosen in rules.selections(PROBS, LABELS, form).items():
        np.testing.assert_array_equal(chosen, [0, 0, 0, 1, 0, 0, 1], err_msg=rule)


def test_two_confident_classes_of_which_neither_has_the_largest_p():
    """t = (.3, .3, .9): the fourth example reaches the first two; the text says the larger of these, the code the
    largest of all, which is the third."""
    probs = np.array([[0.3, 0.3, 0.4], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9], [0.3, 0.3, 0.4]], np.float16)
    labels = np.array([0, 1, 2, 0])
    np.testing.assert_array_equal(rules.confident(probs.astype(float), labels, PAPER), [0, 0, 2, 0])
    np.testing.assert_array_equal(rules.confident(probs, labels, CODE), [2, 2, 2, 2])


def test_a_label_that_is_the_largest_p_is_pruned_by_the_text_alone():
    """t = (2/3, .4): the second and third example are labelled 0 and reach t_1 alone; p_0 is larger still."""
    probs = np.array([[0.9, 0.1], [0.55, 0.45], [0.55, 0.45], [0.6, 0.4], [0.6, 0.4]])
    labels = np.array([0, 0, 0, 1, 1])
    text, code = (rules.selections(probs, labels, form) for form in (PAPER, CODE))
    np.testing.assert_array_equal(text[BY_CLASS], [0, 1, 1, 0, 0])
    assert text[JOINT][1] and code[JOINT][1] and not code[BY_CLASS].any() and not code[BY_NOISE_RATE].any()


def test_ties_at_the_last_one():
    """One of two equal examples belongs to class 1: the text takes the first, the code both by noise rate and none
    by class."""
    probs, labels = np.array([[0.25, 0.75], [0.25, 0.75], [0.75, 0.25]]), np.array([0, 0, 0])
    number = np.array([[2, 1], [0, 0]])
    by_rate = [rules._by_noise_rate(probs, labels, number, form) for form in (PAPER, CODE)]
    np.testing.assert_array_equal(by_rate, [[1, 0, 0], [1, 1, 0]])
    by_class = [rules._by_class(probs, labels, number, form) for form in (PAPER, CODE)]
    np.testing.assert_array_equal(by_class, [[1, 0, 0], [0, 0, 0]])


def test_whole_numbers_keep_the_sums_of_rows_in_the_code():
    number = np.array([[1.4, 1.3, 1.3], [0.5, 0.25, 0.25]])
    np.testing.assert_array_equal(rules._whole(number, PAPER), [[1, 1, 1], [0, 0, 0]])
    np.testing.assert_array_equal(rules._whole(number, CODE), [[2, 1, 1], [1, 0, 0]])


def by_the_text(probs: np.ndarray, labels: np.ndarray) -> dict[str, set[int]]:
    """Section 3 in plain loops: examples that each rule calls wrong."""
    classes = range(probs.shape[1])
    t = [np.mean([p[j] for p, g in zip(probs, labels) if g == j]) for j in classes]
    counts, off = np.zeros((len(t), len(t))), set()
    for at, (p, g) in enumerate(zip(probs, labels)):
        reached = [j for j in classes if p[j] >= t[j]]
        if reached:
            best = max(reached, key=lambda j: p[j])
            counts[g, best] += 1
            off |= {at} if best != g else set()
    of = {g: [at for at, label in enumerate(labels) if label == g] for g in classes}
    number = {(g, j): round(counts[g, j] / counts[g].sum() * len(of[g])) for g in classes for j in classes}
    pruned, exchanged = set(), set()
    for g in classes:
        many = sum(number[g, j] for j in classes if j != g)
        pruned |= set(sorted(of[g], key=lambda at: probs[at, g])[:many])
        for j in set(classes) - {g}:
            exchanged |= set(sorted(of[g], key=lambda at: probs[at, g] - probs[at, j])[: number[g, j]])
    return {JOINT: off, BY_CLASS: pruned, BY_NOISE_RATE: exchanged, BOTH: pruned & exchanged}


@pytest.mark.parametrize(("probs", "labels"), SETTINGS)
def test_the_text_in_plain_loops(probs, labels):
    found = rules.selections(probs, labels, PAPER)
    expected = by_the_text(probs.astype(float), labels)
    assert all(expected.values()), "each rule must have something to find"
    assert {rule: set(np.flatnonzero(found[rule])) for rule in expected} == expected


@pytest.mark.parametrize(("probs", "labels"), SETTINGS)
def test_the_matrix_is_that_of_the_methods(probs, labels):
    """uncertainty.transition has the same estimate, for methods."""
    guess = rules.confident(probs.astype(float), labels, PAPER)
    matrix, prior = confident_joint(probs, labels)
    joint = rules.scaled(rules.counts(guess, labels, 3), labels)
    np.testing.assert_allclose(rules.transition(joint), matrix)
    np.testing.assert_allclose(joint.sum(0) / joint.sum(), prior)


@pytest.mark.parametrize("form", rules.FORMS)
def test_a_class_without_labels(form):
    probs = np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]], np.float16)
    found = rules.selections(probs, np.array([0, 1, 0]), form)
    assert set(found) == set(RULES) and all(chosen.dtype == bool for chosen in found.values())
