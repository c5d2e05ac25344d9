"""The frame of an audit: shares of every beginning, chance within strata, and a file that comes back as it was."""

from collections import Counter

import numpy as np
import pytest
import synthetic_audit as tiny

from labelnoise.audit import frame

HOSTILE = ['a "x", y\n.png', "=1+1", "sub/é\r\n.png", " ", "?"]


def test_strata_by_p_wrong():
    p_wrong = np.array([0.51, 0.5, 0.06, 0.05, 0.0, 1.0, np.nan])
    names = ["suspect", "doubtful", "doubtful", "rest", "rest", "suspect", "rest"]
    assert tiny.by_name(frame.strata(p_wrong)) == names
    assert set(frame.strata(np.full(5, np.nan))) == {frame.STRATA.index("rest")}


@pytest.mark.parametrize("purpose", frame.PURPOSES)
def test_every_beginning_has_the_shares(purpose):
    stratum = np.random.default_rng(0).permutation(np.repeat([0, 1, 2, 3], 150))
    place = frame.places(stratum, purpose, 200, 0, 1)
    asked = np.flatnonzero(place)
    assert sorted(place[asked]) == list(range(1, 201)) and (place[stratum == tiny.KNOWN] == 0).all()
    order = stratum[asked[np.argsort(place[asked])]]
    taken = np.cumsum(order[:, None] == np.arange(3), axis=0)
    due = np.arange(1, 201)[:, None] * np.array(frame.PURPOSES[purpose])
    assert np.abs(taken - due).max() < 1
    assert sum(frame.PURPOSES[purpose]) == pytest.approx(1)


def test_certify_asks_most_of_what_the_list_holds_for_right():
    assert frame.PURPOSES["certify"][tiny.REST] >= 0.6


def test_small_strata_are_asked_in_full_and_others_stand_in():
    stratum = np.array([0] * 3 + [2] * 40)
    place = frame.places(stratum, "calibrate", 30, 0, 1)
    assert (place[:3] > 0).all() and (place > 0).sum() == 30
    assert sorted(frame.places(stratum, "calibrate", 200, 0, 1)) == list(range(1, 44))  # there are no more
    assert (frame.places(np.full(4, tiny.KNOWN), "calibrate", 60, 0, 1) == 0).all()


def test_each_label_of_a_stratum_has_the_same_chance():
    """Which of five suspects is asked first, and whether one of 20 others is asked at all, over 600 seeds."""
    stratum = np.array([0] * 5 + [2] * 20)
    drawn = np.array([frame.places(stratum, "calibrate", 10, seed, 1) for seed in range(600)])
    first = Counter(np.where(drawn[:, :5] == 1)[1].tolist())
    assert sum(first.values()) == 600 and sum((of - 120) ** 2 / 120 for of in first.values()) < 18.5  # p = .001
    asked = (drawn[:, 5:] > 0).sum(0) / 600
    expected = (drawn[:, 5:] > 0).sum(1).mean() / 20
    assert np.abs(asked - expected).max() < 4 * np.sqrt(expected * (1 - expected) / 600)


def test_the_draw_depends_on_seed_and_round_alone():
    stratum = np.repeat([0, 1, 2], 30)
    drawn = [
        frame.places(stratum, "calibrate", 40, seed, round_) for seed, round_ in [(0, 1), (0, 1), (1, 1), (0, 2)]
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any() and (drawn[0] != drawn[3]).any() and (drawn[2] != drawn[3]).any()


def test_a_longer_audit_begins_like_a_shorter_one():
    stratum = np.repeat([0, 1, 2], 30)
    short, long = (frame.places(stratum, "calibrate", most, 0, 1) for most in (20, 50))
    np.testing.assert_array_equal(short, np.where(long <= 20, long, 0))


def written(path, of) -> bytes:
    path.write_bytes(frame.text(of).encode())
    return path.read_bytes()


def test_what_was_written_comes_back(tmp_path):
    of = tiny.frame(
        [0, 1, 2, 3, 2], [2, 0, 1, 0, 3], file=HOSTILE, content=["", "ab", "", "0", "00"], round=4, looks=(2, 3)
    )
    of = of._replace(given=HOSTILE[::-1], tier=["obvious", "", "rest", "possible", ""])
    of.p_wrong[:] = [0.123456, np.nan, 1.0, 0.0, 1e-7]
    first = written(tmp_path / "frame.csv", of)
    back = frame.read(tmp_path / "frame.csv")
    tiny.same(of, back)
    assert back.stratum.dtype == np.int8 and isinstance(back.round, int)
    assert written(tmp_path / "again.csv", back) == first


def test_six_digits_are_kept(tmp_path):
    of = tiny.frame([2])
    of.p_wrong[:] = 0.1234567891
    written(tmp_path / "frame.csv", of)
    assert frame.read(tmp_path / "frame.csv").p_wrong == 0.123457


def test_a_frame_of_no_label_comes_back(tmp_path):
    written(tmp_path / "frame.csv", tiny.frame([]))
    assert len(frame.read(tmp_path / "frame.csv").index) == 0


def test_frames_stand_beside_one_another(tmp_path):
    """By number, so that the tenth comes last; a deleted one leaves its number free."""
    folder = tmp_path / "frames"
    assert frame.kept(folder) == {} and frame.place(folder, {}, 1, replace=True) == folder / "1.csv"
    folder.mkdir()
    for number, round_ in [(10, 2), (2, 1), (3, 2)]:
        written(folder / f"{number}.csv", tiny.frame([0, 2], [1, 2], round=round_))
    (folder / "notes.csv").write_text("mine")
    kept = frame.kept(folder)
    assert [path.name for path in kept] == ["2.csv", "3.csv", "10.csv"]
    assert [of.round for of in kept.values()] == [1, 2, 2]
    places = [(round_, replace) for round_ in (1, 2, 3) for replace in (False, True)]
    assert [frame.place(folder, kept, *of).name for of in places] == [
        "11.csv", "2.csv", "11.csv", "10.csv", "11.csv", "11.csv",
    ]  # fmt: skip


GOOD = frame.text(tiny.frame([0, 2], [1, 2], file=["1.png", "2.png"])).encode()


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"file,label\n1.png,a\n",
        GOOD[:-9],  # the end of a row is missing
        GOOD.replace(b'"suspect"', b'"suspects"'),
        GOOD.replace(b",1,1,", b",one,1,"),
        GOOD.replace(b'"1.png"', b'"\xff.png"'),
        GOOD.replace(b'"a"', b'"a', 1),
        GOOD.replace(b"0.8", b"0.8,7"),
        GOOD.replace(b',1,1,""', b',1,1,"20 x"'),
    ],
)
def test_a_damaged_file_ends_with_one_line(tmp_path, damaged):
    assert damaged != GOOD
    path = tmp_path / "frame.csv"
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="not the frame of an audit") as raised:
        frame.read(path)
    said = str(raised.value)
    assert said.startswith(f"{path}: ") and "\n" not in said and "put the file back, or delete it" in said
