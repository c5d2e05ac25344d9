"""What people said of a frame whose files were moved, copied or deleted since, and how far the audit has got."""

import numpy as np
import pytest
import synthetic_audit as tiny

from labelnoise.audit import codes
from labelnoise.audit.codes import RIGHT, UNANSWERED, UNSURE, WRONG
from labelnoise.noise.noisy_labels import LEFT_OUT
from labelnoise.noise.noisy_labels import UNSURE as CANNOT_TELL


def framed(files, contents=None, place=None, **changes):
    contents = [""] * len(files) if contents is None else contents
    return tiny.frame([2] * len(files), place, file=list(files), content=list(contents), **changes)


def test_files_are_found_by_name_then_by_content():
    of = framed(["cat/1", "cat/2", "cat/3", "cat/4"], ["c1", "c2", "c3", "c4"])
    now = tiny.data(["dog/2", "cat/3", "cat/1", "dog/9"], ["c2", "new", "c1", "c3"])
    assert codes.positions(of, now).tolist() == [2, 0, 3, -1]  # another picture has the name cat/3 now
    swapped = tiny.data(["cat/1", "cat/2", "cat/3"], ["c2", "c1", "new"])
    assert codes.positions(of, swapped).tolist() == [1, 0, 2, -1]  # cat/3 was saved anew
    taken = tiny.data(["cat/1", "cat/2", "cat/3"], ["c1", "c2", "c4"])
    assert codes.positions(of, taken).tolist() == [0, 1, -1, 2]  # cat/3 is gone: under its name is cat/4


def test_no_content_finds_no_file():
    of = framed(["1", "2", "3"], ["", "", "c"])
    assert codes.positions(of, tiny.data(["4", "5"], ["", ""])).tolist() == [-1, -1, -1]
    assert codes.positions(of, tiny.data(["4", "2"])).tolist() == [-1, 1, -1]  # contents are not known


def test_of_copies_the_first_stands_in():
    of = framed(["gone"], ["c"])
    assert codes.positions(of, tiny.data(["5", "6", "7"], ["x", "c", "c"])).tolist() == [1]


def test_without_files_the_index_counts():
    of = tiny.frame([2] * 4)._replace(index=np.array([0, 7, 3, 8]))
    assert codes.positions(of, tiny.data(count=8)).tolist() == [0, 7, 3, -1]


def test_without_files_an_example_of_another_label_is_another():
    now = tiny.data(count=4)._replace(human_labels={"given": np.array([0, 1, -1, 0])})
    assert codes.positions(tiny.frame([2] * 4), now).tolist() == [0, -1, 2, 3]  # one has none now
    assert codes.positions(tiny.frame([]), now).tolist() == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(-1, UNANSWERED), (0, RIGHT), (1, WRONG), (CANNOT_TELL, UNSURE), (LEFT_OUT, UNSURE)],
)
def test_an_answer(answer, expected):
    of, now = framed(["1"]), tiny.data(["1"])
    assert codes.codes(of, now, np.array([answer]), [], np.array([0])).tolist() == [expected]


def test_answers_are_of_the_label_at_the_draw():
    """Not of the one that the image has now: moved to b, as the answer says, it was wrong as given."""
    of, now = framed(["1", "2"])._replace(given=["a", "b"]), tiny.data(["1", "2"])
    assert codes.codes(of, now, np.array([1, 1]), [], np.arange(2)).tolist() == [WRONG, RIGHT]


def test_gone_files_may_be_either_unless_they_were_answered():
    of, now = framed(["1", "2", "3", "4", "5"]), tiny.data(["4"])
    gone = [("1", "b"), ("2", "a"), ("3", None), ("9", "b")]
    code = codes.codes(of, now, np.array([-1]), gone, np.array([-1, -1, -1, 0, -1]))
    assert code.tolist() == [WRONG, RIGHT, UNSURE, UNANSWERED, codes.GONE]


CODES = [RIGHT, WRONG, UNANSWERED, UNSURE, UNANSWERED, RIGHT]


@pytest.mark.parametrize(
    ("place", "prefix"),
    [
        ([1, 2, 0, 3, 0, 4], 4),  # all that are asked for are answered
        ([1, 2, 3, 4, 0, 5], 2),  # one in the middle stops it
        ([4, 3, 0, 2, 5, 1], 4),  # the order is that of the audit
        ([2, 3, 1, 0, 0, 0], 0),
        ([0, 0, 0, 0, 0, 0], 0),
    ],
)
def test_the_answered_beginning(place, prefix):
    of, code = tiny.frame([2] * 6, place), np.array(CODES)
    assert codes.answered_prefix(of, code) == prefix
    for looks in ([1], [2, 4], [4, 5], [3]):
        assert codes.look(of, code, looks) == max([0, *(look for look in looks if look <= prefix)])


def test_answers_beyond_the_look_do_not_count():
    of = tiny.frame([2, 2, 2, 2, 3], [3, 1, 0, 2, 0])
    assert codes.sampled(of, 2).tolist() == [False, True, False, True, False]
    assert codes.counted(of, 2).tolist() == [False, True, False, True, True]  # and all that was known before
    assert codes.sampled(of, 0).sum() == 0


def test_looks_end_with_what_is_asked_for():
    of = tiny.frame([2] * 50, range(1, 51))
    assert codes.reachable(of, [60, 100, 200]) == (50,) and codes.reachable(of, [20, 50, 60]) == (20, 50)
    assert codes.reachable(of, [20, 30]) == (20, 30) and codes.reachable(tiny.frame([3, 3]), [60]) == ()
