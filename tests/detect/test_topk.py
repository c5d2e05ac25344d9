"""Probabilities of which the largest are kept, by hand and against whole rows."""

import numpy as np
import pytest
from scipy.stats import entropy

from labelnoise.detect import topk
from labelnoise.detect.topk import TopK

PROBS = np.array([[0.5, 0.2, 0.15, 0.1, 0.05], [0.1, 0.05, 0.6, 0.05, 0.2], [0.3, 0.4, 0.1, 0.1, 0.1]])
AT = np.array([[0, 1, 3], [2, 4, 0], [1, 0, 4]])


@pytest.fixture
def kept():
    return topk.kept(PROBS, AT)


def test_what_is_kept_and_left_by_hand(kept):
    np.testing.assert_allclose(kept.probs, [[0.5, 0.2, 0.1], [0.6, 0.2, 0.1], [0.4, 0.3, 0.1]])
    np.testing.assert_allclose(kept.rest, [0.2, 0.1, 0.2])
    np.testing.assert_allclose(topk.dense(kept)[0], [0.5, 0.2, 0.1, 0.1, 0.1])
    whole = topk.kept(PROBS, np.tile(np.arange(5), (3, 1)))
    np.testing.assert_array_equal(topk.dense(whole), PROBS)
    assert not whole.rest.any()


def test_questions_have_the_answers_of_whole_rows(kept):
    dense = topk.dense(kept)
    labels = np.array([0, 3, -1])
    for question in (topk.likeliest, topk.mean, topk.entropy, topk.margin, topk.finite):
        np.testing.assert_allclose(question(kept), question(dense))
    np.testing.assert_array_equal(topk.entropy(dense), entropy(dense, axis=1))
    np.testing.assert_allclose(topk.of_label(kept, labels), topk.of_label(dense, labels))
    np.testing.assert_allclose(topk.of_label(dense, labels), [0.5, 0.05, 0])
    for one, other in zip(topk.besides(kept, labels), topk.besides(dense, labels), strict=True):
        np.testing.assert_allclose(one, other)
    np.testing.assert_array_equal(topk.besides(dense, labels)[0], [1, 2, 1])
    own = np.array([1, 4, 0])
    np.testing.assert_allclose(topk.others(kept, own), [0.8, 0.8, 0.7])
    np.testing.assert_allclose(topk.dense(topk.taken(kept, np.array([2, 0]))), dense[[2, 0]])
    assert topk.classes(kept) == topk.classes(dense) == 5


def test_the_largest_of_a_row_come_first():
    values = np.random.default_rng(0).random((230, 30))
    column, value = topk.largest(values, 4)
    np.testing.assert_array_equal(column, np.argsort(-values, 1)[:, :4])
    np.testing.assert_array_equal(value, -np.sort(-values, 1)[:, :4])


@pytest.mark.parametrize("form", ["kept", "whole"])
def test_runs_come_back_as_they_were_stored(kept, form):
    runs = [kept, topk.taken(kept, np.array([1, 2, 0]))] if form == "kept" else [PROBS, PROBS[::-1]]
    runs[1] = topk.without_nan(runs[1])
    arrays = topk.stored("posterior", runs)
    assert set(arrays) == ({"posterior", "posterior_class", "posterior_of"} if form == "kept" else {"posterior"})
    for one, other in zip(topk.read("posterior", arrays), runs, strict=True):
        np.testing.assert_allclose(topk.dense(one), topk.dense(other))
    second = topk.of_run("posterior", arrays, 1)
    np.testing.assert_allclose(topk.dense(second), topk.dense(runs[1]))


def test_no_number_is_never_the_largest():
    probs = TopK(np.array([[3, 1], [0, 0]]), np.array([[0.2, np.nan], [np.nan, np.nan]]), np.zeros(2), 5)
    assert topk.likeliest(topk.without_nan(probs)).tolist() == [3, 0]
    assert topk.finite(probs).tolist() == [False, False]
