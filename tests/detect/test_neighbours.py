"""Votes of the nearest neighbours against a loop over examples."""

import numpy as np
import pytest
from made_features import clouds

from labelnoise.detect import neighbours

CLASSES, COUNT, TEMPERATURE = 3, 5, 0.2


def by_loop(values, labels, group):
    """Cosines one by one; the votes of COUNT neighbours, half a vote more for all classes together."""
    x = values.astype(np.float64)
    rows = []
    for i in range(len(x)):
        near = []
        for j in range(len(x)):
            if j != i and group[i] != group[j]:
                near.append((x[i] @ x[j] / np.linalg.norm(x[i]) / np.linalg.norm(x[j]), j))
        votes = np.zeros(CLASSES)
        for cosine, j in sorted(near, reverse=True)[:COUNT]:
            votes[labels[j]] += np.exp((cosine - 1) / TEMPERATURE)
        share = COUNT * votes / votes.sum() if votes.sum() else votes
        rows.append((share + 0.5 / CLASSES) / (share.sum() + 0.5))
    return np.array(rows)


def found(values, labels, group=None):
    return neighbours.probabilities(neighbours.graph(values, COUNT, TEMPERATURE, group), labels, CLASSES)


@pytest.fixture
def data():
    values, truth = clouds(40, CLASSES, gap=1.5)
    return values, np.random.default_rng(1).permutation(truth)


@pytest.mark.parametrize(("block", "cosines"), [(1000, 2**25), (7, 2**25), (1000, 3 * 40)])
def test_votes_are_those_of_a_loop(data, block, cosines, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    monkeypatch.setattr(neighbours, "COSINES", cosines)
    np.testing.assert_allclose(found(*data), by_loop(*data, np.arange(40)), atol=1e-5)
    group = np.arange(40) // 3
    np.testing.assert_allclose(found(*data, group), by_loop(*data, group), atol=1e-5)
    assert not np.allclose(found(*data), found(*data, group))


def test_neighbours_are_nearest_first(data):
    near = neighbours.graph(data[0], COUNT, TEMPERATURE)
    assert (np.diff(near.weight, axis=1) <= 0).all() and (near.index != np.arange(40)[:, None]).all()


def test_the_own_label_and_those_of_the_group_have_no_vote(data):
    values, labels = data
    values[1::2] = values[::2] + 1e-3  # copies
    group = np.arange(40) // 2
    for members in (np.array([6, 7]), np.array([30, 31])):
        changed = labels.copy()
        changed[members] = (labels[members] + 1) % CLASSES
        np.testing.assert_array_equal(
            found(values, changed, group)[members], found(values, labels, group)[members]
        )
        changed[members[0]] = labels[members[0]]  # now the copy's alone
        before, after = (found(values, of)[members[0]] for of in (labels, changed))
        assert np.abs(after - before).max() > 0.1  # ungrouped, a copy votes


def test_without_enough_voters_the_others_vote_alone_and_without_any_all_classes_are_alike(data):
    values, labels = data
    group = np.where(np.arange(40) < 38, 0, np.arange(40))  # for most examples two voters of five
    np.testing.assert_allclose(found(values, labels, group), by_loop(values, labels, group), atol=1e-5)
    np.testing.assert_allclose(found(values, labels, np.zeros(40, int)), 1 / CLASSES)
