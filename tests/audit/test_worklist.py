"""Suspects and labels of the audit, mixed: each once, both in their order, and nothing that the model believes."""

import csv
import io

import pytest

from labelnoise.audit import worklist

SUSPECTS, AUDIT = list(range(0, 300)), list(range(200, 700, 2))[::-1]  # 50 are both


def positions(made, wanted):
    return [made.index(one) for one in wanted]


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_each_once_and_both_in_their_order(share):
    made = worklist.mixed(SUSPECTS, AUDIT, share, 0)
    assert sorted(made) == sorted({*SUSPECTS, *AUDIT})
    only_suspects = [one for one in SUSPECTS if one not in AUDIT]
    only_audit = [one for one in AUDIT if one not in SUSPECTS]
    for own in (only_suspects, only_audit):
        assert positions(made, own) == sorted(positions(made, own))


def test_what_is_both_does_not_delay_the_audit():
    """A label of the audit is never asked after one that the audit asks for later."""
    made = worklist.mixed(SUSPECTS, AUDIT, 0.3, 0)
    earlier = [made[: made.index(AUDIT[at])] for at in range(1, len(AUDIT)) if AUDIT[at] not in SUSPECTS]
    later = [at for at in range(1, len(AUDIT)) if AUDIT[at] not in SUSPECTS]
    assert all(set(AUDIT[:at]) <= set(before) for at, before in zip(later, earlier, strict=True))


def test_the_share_is_that_of_the_audit_until_it_ends():
    made = worklist.mixed(list(range(2000)), list(range(5000, 6000)), 0.3, 4)
    begin = [one >= 5000 for one in made[:1000]]
    assert sum(begin) / 1000 == pytest.approx(0.3, abs=4 * (0.21 / 1000) ** 0.5)
    short = worklist.mixed(list(range(2000)), [5000, 5001], 0.3, 4)
    assert 1 < short.index(5001) < 60 and short[-1900:] == list(range(100, 2000))


def test_all_of_the_audit_first():
    assert worklist.mixed([1, 2, 3], [9, 2, 8], 1.0, 0) == [9, 2, 8, 1, 3]


def test_one_kind_alone_or_none():
    assert worklist.mixed([], [3, 1], 0.5, 0) == [3, 1] and worklist.mixed([3, 1], [], 0.5, 0) == [3, 1]
    assert worklist.mixed([], [], 0.5, 0) == []


def test_the_same_seed_mixes_alike():
    assert worklist.mixed(SUSPECTS, AUDIT, 0.5, 3) == worklist.mixed(SUSPECTS, AUDIT, 0.5, 3)
    assert worklist.mixed(SUSPECTS, AUDIT, 0.5, 3) != worklist.mixed(SUSPECTS, AUDIT, 0.5, 4)


def test_the_file_holds_nothing_that_the_model_believes():
    rows = [{"index": 7, "file": 'x "1",\n.png', "given": "ça"}, {"index": 2, "file": "=2", "given": "b"}]
    text = worklist.text([row | {"p_wrong": 0.97} for row in rows], "file")
    back = list(csv.reader(io.StringIO(text, newline="")))
    assert back == [["file", "given", "label"], ['x "1",\n.png', "ça", ""], ["=2", "b", ""]]
    assert worklist.text(rows, "index").splitlines()[:2] == ['"index","given","label"', '7,"ça",""']
