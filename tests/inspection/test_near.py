"""Near copies: gaps by hand, no copies where there are none in any dimension, and planted ones."""

import numpy as np
import pytest
from made_images import features, jittered, pictures

from labelnoise.features import pictures as shown
from labelnoise.inspection import near

RNG = np.random.default_rng(0)


def all_alike(pairs):
    return np.ones(len(pairs))


def test_gaps_by_hand():
    """Three copies far before the others; none; one that is no nearer than the limit; two and one that is not."""
    behind = np.linspace(1, 1.2, near.FAR)
    one = np.where(np.arange(near.FAR) < 3, 0.1 * behind, behind)
    edge = np.concatenate([[0.65 * behind[1:6].mean()], behind[1:]])
    steps = np.concatenate([[0.1, 0.2, 0.9], behind[3:]])
    found = near.gaps(np.stack([one, behind, edge, steps]), 0.65, 3)
    assert found.tolist() == [3, 0, 0, 2]
    assert near.gaps(np.stack([np.zeros(near.FAR), one]), 0.65, 9).tolist() == [0, 3]


def test_of_two_distances_of_0_none_is_a_gap_but_before_others_all_are():
    far = np.concatenate([np.zeros(4), np.linspace(1, 1.2, near.FAR - 4)])
    assert near.gaps(far[None], 0.3, 9).tolist() == [4]


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5, 8, 20, 60])
def test_where_nothing_is_copied_next_to_nothing_is_joined(dimensions):
    """In few dimensions the nearest neighbour is often far nearer than the next: a fixed ratio of .65 would join
    all examples of a plane."""
    x = RNG.normal(size=(2000, dimensions)).astype(np.float32)
    x = np.concatenate([x, np.ones_like(x[:, :1])], axis=1) if dimensions == 1 else x  # a cosine needs an angle
    found = near.find(x, None)
    assert len(np.unique(found.pairs)) <= 0.02 * 2000


def test_the_limit_is_what_chance_passes_in_two_of_a_thousand():
    """In m dimensions (distances here are squared ones) the k-th neighbour is at k ** (2 / m)."""
    for dimensions, expected in ((4, 0.0), (6, 0.002 ** (2 / 6)), (10, 0.002 ** (2 / 10)), (100, near.LIMIT)):
        distance = np.arange(1, near.FAR + 1)[None] ** (2 / dimensions)
        assert near.limit_of(distance) == pytest.approx(expected)
    assert near.limit_of(np.zeros((3, near.FAR))) == 0


def test_examples_of_which_few_neighbours_were_found_do_not_count():
    distance = np.tile(np.arange(1, near.FAR + 1) ** 0.1, (5, 1))
    distance[0, 3:] = np.inf
    assert near.limit_of(distance) == near.limit_of(distance[1:]) > 0
    assert near.limit_of(distance[:1]) == 0


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_planted_copies_are_found_at_any_scale(scale):
    x = RNG.normal(size=(400, 30)).astype(np.float32)
    x[390:] = x[:10] + 0.1 * RNG.normal(size=(10, 30))
    found = near.find(scale * x, None)
    assert {(a, b) for a, b in np.sort(found.pairs, axis=1).tolist()} == {(at, 390 + at) for at in range(10)}
    assert not found.close.any()  # without pictures nothing says that they are the same


@pytest.mark.parametrize(("copies", "seen", "joined"), [(3, None, True), (8, None, False), (8, all_alike, True)])
def test_several_copies_need_pictures_beyond_three(copies, seen, joined):
    base = RNG.normal(size=(200, 30)).astype(np.float32)
    x = np.concatenate([base, *(base[:5] + 0.05 * RNG.normal(size=(5, 30)) for _ in range(copies))])
    found = near.find(x.astype(np.float32), seen)
    members = {tuple(sorted({at, *found.pairs[found.pairs[:, 0] == at, 1]})) for at in range(5)}
    expected = {tuple([at, *range(200 + at, len(x), 5)]) if joined else (at,) for at in range(5)}
    assert members == expected


def test_pictures_that_do_not_look_alike_are_no_copies():
    x = RNG.normal(size=(200, 30)).astype(np.float32)
    x[100:110] = x[:10] + 0.05
    same = {0.69: (0, 0), 0.71: (20, 0), 0.81: (20, 20)}
    for correlation, (kept, close) in same.items():
        found = near.find(x, lambda pairs, value=correlation: np.full(len(pairs), value))
        assert len(np.unique(found.pairs)) == kept and len(np.unique(found.pairs[found.close])) == close


def test_few_examples_have_no_near_copies():
    assert len(near.find(np.ones((near.FAR, 3), np.float32), None).pairs) == 0


def test_likeness_is_the_correlation_of_small_grey_pictures(monkeypatch):
    images = RNG.integers(0, 256, (6, 3, 16, 16)).astype(np.uint8)
    images[5] = 7
    likeness = near.likeness(shown.of_array(images), np.array([5, 1, 3, 4]))
    grey = images.mean(1).reshape(6, -1)
    found = likeness(np.array([[1, 2], [2, 3], [1, 1], [0, 2]]))
    expected = [np.corrcoef(grey[1], grey[3])[0, 1], np.corrcoef(grey[3], grey[4])[0, 1], 1, 0]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    monkeypatch.setattr(near, "BLOCK", 1)
    np.testing.assert_array_equal(likeness(np.array([[1, 2], [2, 3], [1, 1], [0, 2]])), found)
    assert likeness(np.empty((0, 2), int)).shape == (0,)


def test_copies_as_people_make_them_are_joined_and_others_are_not():
    rng, base = np.random.default_rng(1), pictures(600)
    images = np.concatenate([base, np.stack([jittered(one, rng) for one in base[:60]])])
    likeness = near.likeness(shown.of_array(images[:, None]), np.arange(660))
    found = np.unique(np.sort(near.find(features(images), likeness).pairs, axis=1), axis=0)
    right = found[:, 1] - found[:, 0] == 600
    assert right.sum() >= 57 and (~right).sum() <= 6
