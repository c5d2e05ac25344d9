"""An audit as it stands: kept from the first answer on, drawn anew before, and what it makes of the list."""

import numpy as np
import pytest
import synthetic_audit as small
import synthetic_recheck as tiny

from labelnoise.audit import codes, frame, heard, recalibration, state
from labelnoise.audit.heard import Heard
from labelnoise.detect import tiers
from labelnoise.recheck import detected, lists

NOBODY = Heard(np.full(tiny.N, -1), [], {})


def judged(gate=tiny.ALL, answers=None, files=False):
    """Data, the labels as given, their P(wrong), and the list's run."""
    data = tiny.dataset(files, truth=False)
    drawn = tiny.columns(data, answers)
    found = tiny.detected(drawn, gate=gate)
    at = detected.run_before(found, tiny.PEOPLE)
    now = detected.listed_run(found, tiny.PEOPLE)
    shown = [detected.as_shown(found, run, data, drawn, tiny.PEOPLE) for run in (at, now)]
    return data, shown[0], found.p_wrong[at], shown[1], found.p_wrong[now]


def drawn(heard=NOBODY, gate=tiny.ALL, files=False, **changes):
    data, before, p_wrong, *_ = judged(gate, files=files)
    return state.drawn(before, p_wrong, data, heard, tiny.audit(**changes))


def chosen(kept, heard, files=False, own=True, **changes):
    """kept: a frame or several; own: data, else those of the study."""
    data, before, p_wrong, *_ = judged(files=files)
    data = data if own else data._replace(human_labels={"worse": tiny.WORSE})
    kept = kept if isinstance(kept, list) else [kept]
    return state.chosen(kept, before, p_wrong, data, heard, tiny.audit(**changes))


def answered(of, places, label=None):
    """What people say of the labels at `places` of the order; the truth unless `label` is one."""
    heard = NOBODY._replace(label=np.full(tiny.N, -1))
    at = of.index[np.isin(of.place, list(places))]
    heard.label[at] = tiny.CLEAN[at] if label is None else label
    return heard


def test_the_frame_holds_every_label_as_it_is():
    of = drawn(files=True)
    data, before, p_wrong, *_ = judged(files=True)
    assert of.index.tolist() == list(range(tiny.N)) and of.file == data.files and of.round == 1
    assert of.given == [tiny.NAMES[label] for label in tiny.WORSE]
    assert of.tier == [tiers.NAMES[code] for code in before.tier]
    np.testing.assert_array_equal(of.p_wrong, p_wrong)
    np.testing.assert_array_equal(of.stratum, frame.strata(p_wrong))
    assert (of.place > 0).sum() == 40


@pytest.mark.parametrize("verdict", ["nothing", ""])
def test_without_a_list_all_labels_are_one_stratum(verdict):
    of = drawn(gate=tiny.GATES[verdict])
    assert set(of.stratum) == {frame.STRATA.index("rest")} and np.isnan(of.p_wrong).all()
    assert set(of.tier) == {""} and (of.place > 0).sum() == 40


def test_of_an_order_alone_strata_are_drawn_and_no_tier_is_told():
    of = drawn(gate=tiny.ORDER)
    assert len(set(of.stratum)) == 3 and set(of.tier) == {""}


def test_drawn_anew_in_the_study_until_somebody_answers():
    first = drawn()
    other = chosen(first, NOBODY, own=False, seed=7)
    assert (other.place != first.place).any()
    beside = NOBODY._replace(label=np.where(np.isin(np.arange(tiny.N), first.index[first.place == 0]), 0, -1))
    assert set(np.array(chosen(first, beside, own=False).stratum)[first.place == 0]) == {frame.KNOWN}
    kept = chosen(first, answered(first, [1]), seed=7)
    small.same(first, kept)
    small.same(kept, chosen([], NOBODY))


def test_own_labels_that_somebody_may_have_in_hand_are_kept():
    """No answer yet: other features, seeds and looks draw nothing anew; other labels or a higher round do."""
    first = drawn(files=True)._replace(p_wrong=np.full(tiny.N, 0.3))
    small.same(first, chosen(first, NOBODY, files=True, seed=7, looks=[10]))
    other = first._replace(given=[first.given[1], *first.given[1:]])
    assert other.given != first.given
    for kept in (other, first._replace(file=["x", *first.file[1:]])):
        small.same(chosen(kept, NOBODY, files=True), drawn(files=True))
    assert chosen(first, NOBODY, files=True, round=2).round == 2


def of_other_files(of):
    """A frame of as many files of another data set."""
    return of._replace(file=[f"other/{name}" for name in of.file])


def test_the_frame_of_another_data_set_does_not_take_the_place_of_this_one():
    """The folder is another one for a while: its audit is there again when its files are, answered or not."""
    first = drawn(files=True)._replace(p_wrong=np.full(tiny.N, 0.3))  # that no draw of today makes
    other = of_other_files(first)
    heard = answered(first, range(1, 31))
    for said in (NOBODY, heard):
        small.same(first, chosen([first, other], said, files=True))
        small.same(first, chosen([other, first], said, files=True))
    gone = [(name, "a") for name in other.file]  # all its answers are of files that are elsewhere
    fresh = chosen([other], NOBODY._replace(gone=gone), files=True)
    assert fresh.file == first.file
    small.same(fresh, drawn(files=True))


def test_other_pictures_under_the_same_names_are_another_data_set():
    """With some of them saved anew it is the same."""
    data, before, p_wrong, *_ = judged(files=True)
    data = data._replace(contents=[f"{at}" for at in range(tiny.N)])
    now = state.drawn(before, p_wrong, data, NOBODY, tiny.audit())
    first = now._replace(p_wrong=np.full(tiny.N, 0.3))
    other = first._replace(content=[f"other {name}" for name in first.content])
    heard = answered(first, range(1, 11))
    for gone, wanted in ((tiny.N // 2, first), (tiny.N // 2 + 1, None)):  # files and contents of what is not there
        lost = [f"lost {at}" if at < gone else name for at, name in enumerate(first.file)]
        kept = first._replace(file=lost, content=[*other.content[:gone], *first.content[gone:]])
        found = state.chosen([kept], before, p_wrong, data, heard, tiny.audit())
        assert (found is kept) == (wanted is not None)
    some = first._replace(content=[*other.content[: tiny.N // 2], *first.content[tiny.N // 2 :]])
    for kept, wanted in ((other, now), (some, some)):
        small.same(wanted, state.chosen([kept], before, p_wrong, data, NOBODY, tiny.audit()))


def test_rows_without_files_that_have_the_same_label_by_chance_are_no_data_set():
    """A third of the rows of three classes."""
    first = drawn()._replace(p_wrong=np.full(tiny.N, 0.3))
    names = [tiny.NAMES[(label + (at % 3 > 0)) % tiny.CLASSES] for at, label in enumerate(tiny.WORSE.tolist())]
    other = first._replace(given=names)
    heard = answered(first, range(1, 31))
    small.same(first, chosen([first, other], heard))
    assert set(chosen(other, heard).p_wrong.tolist()) != {0.3}


def test_of_several_frames_the_one_with_most_answers_counts():
    first = drawn(files=True)._replace(p_wrong=np.full(tiny.N, 0.3))
    place = np.zeros_like(first.place)
    place[first.index[first.place == 0][:5]] = np.arange(1, 6)
    place[first.index[first.place == 1]] = 6  # drawn again, among others
    second = first._replace(place=place)
    heard = answered(first, range(1, 11))
    small.same(first, chosen([first, second], heard, files=True))
    small.same(first, chosen([second, first], heard, files=True))
    small.same(second, chosen([second, first], answered(second, range(1, 6)), files=True))
    small.same(second, chosen([first, second], NOBODY, files=True))  # the last one drawn


def test_looks_are_those_of_the_draw():
    of, data = drawn(), judged()[0]
    assert of.looks == (20, 40)
    audit = state.standing(of, data, answered(of, range(1, 31)), tiny.audit(looks=[30]), 0.9)
    assert (audit.look, audit.looks) == (20, (20, 40))
    older = of._replace(looks=())
    assert state.standing(older, data, answered(of, range(1, 31)), tiny.audit(looks=[30]), 0.9).look == 30


def test_what_is_set_right_is_p_wrong_of_today():
    of, data = drawn(), judged()[0]
    sample, wrong = (of.place > 0) & (of.place <= 20), tiny.WORSE != tiny.CLEAN
    today = 1 - of.p_wrong
    audit = state.standing(of, data, answered(of, range(1, 21)), tiny.audit(), 0.9, today)
    assert audit.numbers == recalibration.fitted(today[sample], wrong[sample])
    assert audit.numbers != recalibration.fitted(of.p_wrong[sample], wrong[sample])


def test_of_a_label_that_was_changed_since_what_was_believed_of_it_is_set_right():
    """As by moving its file: today its new label is believed, which says nothing of the old one."""
    of, (data, *_) = drawn(files=True), judged(files=True)
    sample, wrong = (of.place > 0) & (of.place <= 20), tiny.WORSE != tiny.CLEAN
    heard, today = answered(of, range(1, 21)), np.full(tiny.N, 0.01)
    given = np.where(sample, tiny.CLEAN, tiny.WORSE)
    moved = data._replace(human_labels=data.human_labels | {"given": given})
    audit = state.standing(of, moved, heard, tiny.audit(), 0.9, today)
    believed = np.where(wrong, of.p_wrong, today)
    assert wrong[sample].any() and audit.numbers == recalibration.fitted(believed[sample], wrong[sample])
    np.testing.assert_array_equal(state.wrong_as_drawn(audit, tiny.N), sample & wrong)


def test_of_two_copies_the_wrong_one_may_be_deleted():
    """The one that is left was right as drawn."""
    nothing = [None] * (len(state.Audit._fields) - 3)
    audit = state.Audit(None, np.array([codes.WRONG, codes.RIGHT, codes.WRONG]), np.array([1, 1, -1]), *nothing)
    assert state.wrong_as_drawn(audit, 3).tolist() == [False, False, False]
    audit = audit._replace(code=np.array([codes.WRONG, codes.UNANSWERED, codes.RIGHT]), at=np.array([2, 1, 0]))
    assert state.wrong_as_drawn(audit, 3).tolist() == [False, False, True]


def test_an_answer_to_a_file_that_is_gone_begins_the_audit():
    first = drawn(files=True)
    files = [
        f"{name}.old" if at == np.flatnonzero(first.place == 1)[0] else name for at, name in enumerate(first.file)
    ]
    kept = first._replace(file=files)
    lost = files[int(np.flatnonzero(first.place == 1)[0])]
    small.same(kept, chosen(kept, NOBODY._replace(gone=[(lost, "a")]), files=True, seed=7))
    assert (chosen(kept, NOBODY._replace(gone=[("other", "a")]), files=True, seed=7).place != kept.place).any()


def test_a_second_round_takes_what_was_answered_as_known():
    first = drawn()
    heard = answered(first, range(1, 41))
    second = chosen(first, heard, round=2)
    known = second.stratum == frame.KNOWN
    np.testing.assert_array_equal(known, first.place > 0)
    assert second.round == 2 and (second.place[known] == 0).all() and (second.place > 0).sum() == 20
    small.same(second, chosen(second, heard, round=2))  # drawn once more, as nobody answered since
    more = Heard(np.where(second.place == 1, 0, heard.label), [], {})
    small.same(second, chosen(second, more, round=2, seed=5))
    small.same(first, chosen([first, second], more, round=1))


def test_standing_counts_to_the_look():
    of = drawn()
    data = judged()[0]
    heard = answered(of, [*range(1, 26), 27])
    audit = state.standing(of, data, heard, tiny.audit(), 0.9)
    assert (audit.look, audit.looks) == (20, (20, 40)) and audit.level == pytest.approx(0.95)
    sample = (of.place > 0) & (of.place <= 20)
    wrong = tiny.WORSE != tiny.CLEAN
    assert audit.numbers == recalibration.fitted(of.p_wrong[sample], wrong[sample])
    order = of.index[of.place > 0][np.argsort(of.place[of.place > 0])]
    assert state.waiting(audit) == [order[25], *order[27:]]
    none = state.standing(of, data, answered(of, range(2, 41)), tiny.audit(), 0.9)
    assert none.look == 0 and none.numbers is None and (none.pairs, none.differ) == (0, 0)


def test_small_data_are_audited_in_full():
    of = drawn(looks=[60, 100, 200])
    audit = state.standing(of, judged()[0], answered(of, range(1, 61)), tiny.audit(looks=[60, 100, 200]), 0.9)
    assert (audit.look, audit.looks, audit.level) == (60, (60,), 0.9) and state.waiting(audit) == []
    few = state.standing(of, judged()[0], NOBODY, tiny.audit(looks=[80, 100]), 0.9)
    assert few.looks == (60,)


def test_unsure_answers_do_not_recalibrate():
    of = drawn()
    audit = state.standing(of, judged()[0], answered(of, range(1, 21), label=-2), tiny.audit(), 0.9)
    assert audit.look == 20 and audit.numbers is None and (audit.code == codes.UNSURE).sum() == 20


def test_labels_seen_twice():
    of = drawn()
    heard = answered(of, range(1, 21))
    first, second, third = (int(of.index[of.place == place][0]) for place in (1, 2, 30))
    heard = heard._replace(votes={first: [0, 0], second: [0, 1, 1], third: [0, 2]})
    audit = state.standing(of, judged()[0], heard, tiny.audit(), 0.9)
    assert (audit.pairs, audit.differ) == (2, 1)  # the third lies beyond the look


def test_adjusted_keeps_the_order_and_withheld_tiers():
    answers = np.full(tiny.N, -1, np.int16)
    answers[:3] = tiny.CLEAN[:3]
    *_, now, p_wrong = judged(answers=answers)
    found = state.adjusted(now, p_wrong, (-1.0, 0.2), tiny.DETECT)
    np.testing.assert_allclose(found.p_wrong, recalibration.applied(p_wrong, (-1.0, 0.2)))
    np.testing.assert_array_equal(lists.ranked(found), lists.ranked(now))
    obvious = found.tier == tiers.OBVIOUS
    assert obvious.any() and (now.tier[obvious] == tiers.OBVIOUS).all() and (found.tier[:3] == tiers.NONE).all()
    assert 1 - found.p_wrong[obvious].mean() <= tiny.DETECT.obvious
    open_ = np.arange(tiny.N) >= 3
    np.testing.assert_array_equal((found.tier > tiers.NONE)[open_], (found.p_wrong > 0.1)[open_] | obvious[open_])
    assert (found.sure <= obvious).all()
    sure_head = np.where(np.arange(tiny.N) == 3, 0.45, 1.0)  # a mean P(right) of .025 leaves room for the fourth
    right = state.adjusted(now._replace(tier=np.full(tiny.N, 2, np.int8)), sure_head, (0.0, 0.0), tiny.DETECT)
    assert (right.tier == tiers.OBVIOUS)[open_].sum() == open_.sum() - 1 and right.tier[3] == tiers.POSSIBLE
    withheld = state.adjusted(now._replace(tier=np.minimum(now.tier, 1)), p_wrong, (2.0, 0.0), tiny.DETECT)
    assert (withheld.tier == tiers.POSSIBLE).any() and not (withheld.tier == tiers.OBVIOUS).any()
    doubted = state.adjusted(now, p_wrong, (-6.0, 0.0), tiny.DETECT)
    assert not (doubted.tier == tiers.OBVIOUS).any() and not doubted.sure.any()


@pytest.mark.parametrize("verdict", ["order", "nothing", ""])
def test_what_may_not_be_told_stays_untold(verdict):
    *_, now, p_wrong = judged(tiny.GATES[verdict])
    assert state.adjusted(now, p_wrong, (1.0, 0.0), tiny.DETECT) is now


def test_what_was_heard(tmp_path):
    """Two answers to one file, and one to a file that is gone: as the record of files tells."""
    data = small.data(["1.png", "2.png"], ["c1", "c2"])
    nothing = heard.read(None, data, tmp_path / "seen.csv")
    assert nothing.label.tolist() == [-1, -1] and nothing.gone == [] and nothing.votes == {}
    (tmp_path / "answers.csv").write_text("file,label\n1.png,b\n1.png,a\n2.png,b\n3.png,b\n4.png,?\n")
    (tmp_path / "seen.csv").write_text("file,content,given\n3.png,c3,a\n4.png,c4,a\n")
    found = heard.read(str(tmp_path / "answers.csv"), data, tmp_path / "seen.csv")
    assert found.label.tolist() == [-2, 1] and found.votes == {0: [1, 0], 1: [1]}
    assert found.gone == [("3.png", "b"), ("4.png", None)]


def test_a_file_that_is_gone_and_that_nobody_could_tell_begins_the_audit():
    first = drawn(files=True)
    at = int(np.flatnonzero(first.place == 1)[0])
    kept = first._replace(file=[*first.file[:at], "deleted", *first.file[at + 1 :]])
    small.same(kept, chosen(kept, NOBODY._replace(gone=[("deleted", None)]), files=True))
