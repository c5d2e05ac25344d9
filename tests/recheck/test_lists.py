"""The list of what to recheck: what each verdict lets be seen, its order, what is left out, and that answers to it
find their way back."""

import csv
import io

import numpy as np
import pytest
import synthetic_recheck as tiny

from labelnoise import results
from labelnoise.detect import tiers
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.recheck import answers, detected, lists


def judged(data, drawn, of, gate=tiny.ALL):
    found = tiny.detected(drawn, gate=gate)
    return found, detected.as_shown(found, detected.listed_run(found, of), data, drawn, of)


def written(data, shown):
    return list(csv.DictReader(io.StringIO(lists.text(data, lists.to_recheck(data, shown)))))


def test_labels_from_people_are_all_listed_in_the_cautious_order():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found, shown = judged(data, drawn, tiny.PEOPLE)
    (at,) = np.flatnonzero(found.noise == "given")
    rows = lists.to_recheck(data, shown)
    assert [row["rank"] for row in rows] == list(range(1, tiny.N + 1))
    assert [row["index"] for row in rows] == list(np.argsort(-found.p_low[at], kind="stable"))
    assert [row["given"] for row in rows] == [tiny.NAMES[tiny.WORSE[row["index"]]] for row in rows]
    assert [row["p_wrong"] for row in rows] == [float(f"{found.p_wrong[at, row['index']]:.6g}") for row in rows]
    assert "file" not in rows[0]


def test_injected_noise_lists_the_pool_of_its_seed():
    data = tiny.dataset()
    _, shown = judged(data, tiny.columns(data), tiny.INJECTED)
    rows = lists.to_recheck(data, shown)
    assert sorted(row["index"] for row in rows) == list(np.flatnonzero(tiny.FOLD != 0))


def test_copies_with_two_labels_come_first_by_suspicion():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found = tiny.detected(drawn)
    at = detected.listed_run(found, tiny.PEOPLE)
    before = lists.ranked(detected.as_shown(found, at, data, drawn, tiny.PEOPLE))
    found.two_labels[at, before[[50, 3, 20]]] = True
    shown = detected.as_shown(found, at, data, drawn, tiny.PEOPLE)
    expected = [*before[[3, 20, 50]], *np.delete(before, [3, 20, 50])]
    assert lists.ranked(shown).tolist() == expected
    cannot_tell = shown.answers.copy()
    cannot_tell[before[3]] = UNSURE
    assert lists.ranked(shown._replace(answers=cannot_tell)).tolist() == [*expected[1:], before[3]]


@pytest.mark.parametrize("verdict", tiny.GATES)
def test_what_each_verdict_lets_be_seen(verdict):
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found, shown = judged(data, drawn, tiny.PEOPLE, tiny.GATES[verdict])
    rows = written(data, shown)
    at = shown.run
    if verdict in ("nothing", ""):
        assert rows == []
        head = "rank,index,given,p_wrong,tier,sure,suggestion,suggestion_confidence,cannot_tell"
        assert lists.text(data, []).replace('"', "").strip() == head
        return
    assert len(rows) == tiny.N
    told = {name: [row[name] for row in rows] for name in ("p_wrong", "tier", "sure", "suggestion_confidence")}
    if verdict == "order":
        assert all(set(values) == {""} for values in told.values())
        assert any(row["suggestion"] for row in rows)
        return
    source = found.p_low if verdict == "cautious" else found.p_wrong
    index = [int(row["index"]) for row in rows]
    np.testing.assert_allclose([float(value) for value in told["p_wrong"]], source[at, index], rtol=1e-5)
    assert told["tier"] == [("rest", "possible", "obvious")[code] for code in found.tier[at, index]]
    assert told["sure"] == [("false", "true")[int(value)] for value in found.sure[at, index]]
    assert all(row["tier"] == "obvious" for row in rows if row["sure"] == "true")


def test_a_suggestion_is_never_the_given_class():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found, shown = judged(data, drawn, tiny.PEOPLE)
    seen = set()
    for row in written(data, shown):
        posterior, given = found.posterior[shown.run, int(row["index"])], tiny.WORSE[int(row["index"])]
        best = posterior.argmax()
        seen.add((best == given, row["tier"]))
        if best == given and row["tier"] != "rest":  # the second class
            best = max((k for k in range(tiny.CLASSES) if k != given), key=lambda k: posterior[k])
        if best == given:
            assert row["suggestion"] == row["suggestion_confidence"] == ""
        else:
            assert row["suggestion"] == tiny.NAMES[best] != row["given"]
            assert float(row["suggestion_confidence"]) == pytest.approx(posterior[best], rel=1e-5)
    assert {(True, "rest"), (True, "possible"), (False, "obvious")} <= seen


def test_flagged_reaches_down_to_the_last_suspect():
    data = tiny.dataset()
    _, shown = judged(data, tiny.columns(data), tiny.PEOPLE)
    tier = shown.tier[lists.ranked(shown)]
    count = lists.flagged(shown)
    assert 0 < count < tiny.N and tier[count - 1] > tiers.NONE and (tier[count:] == tiers.NONE).all()
    assert lists.flagged(shown._replace(tier=np.zeros_like(shown.tier))) == 0


def test_rechecked_rows_are_left_out_and_the_new_cell_is_listed():
    data, given = tiny.dataset(), np.full(tiny.N, -1, np.int16)
    given[[4, 7]] = tiny.CLEAN[[4, 7]]
    drawn = tiny.columns(data, given)
    found, shown = judged(data, drawn, tiny.PEOPLE)
    assert found.noise[shown.run] == "rechecked"
    assert found.noise[detected.run_before(found, tiny.PEOPLE)] == "given"
    indices = {row["index"] for row in lists.to_recheck(data, shown)}
    assert indices == set(range(tiny.N)) - {4, 7}


def test_what_people_cannot_tell_comes_last_and_what_they_left_out_not_at_all():
    """Neither is known to the models, nor counted among what is to be seen first."""
    data, said = tiny.dataset(), np.full(tiny.N, -1, np.int16)
    first = [row["index"] for row in lists.to_recheck(data, judged(data, tiny.columns(data), tiny.PEOPLE)[1])]
    said[first[:3]], said[first[3]] = UNSURE, LEFT_OUT
    _, shown = judged(data, tiny.columns(data, said), tiny.PEOPLE)
    assert (shown.tier[first[:3]] > tiers.NONE).all()  # suspects as before
    rows = written(data, shown)
    index = [int(row["index"]) for row in rows]
    assert sorted(index) == sorted(set(range(tiny.N)) - {first[3]})
    assert set(index[-3:]) == set(first[:3])
    assert [row["cannot_tell"] for row in rows] == ["false"] * (tiny.N - 4) + ["true"] * 3
    assert list(shown.order[index[-3:]]) == sorted(shown.order[index[-3:]], reverse=True)
    last = lists.flagged(shown)
    assert last <= tiny.N - 4 and shown.tier[index[last - 1]] > tiers.NONE


@pytest.mark.parametrize("files", [False, True])
def test_who_looks_is_told_the_label_alone(files):
    data = tiny.dataset(files)
    _, shown = judged(data, tiny.columns(data), tiny.PEOPLE)
    expected = {"index": 4, "given": tiny.NAMES[tiny.WORSE[4]]} | ({"file": data.files[4]} if files else {})
    assert lists.asked(data, shown, 4) == expected
    shown.given[4] = -1  # an audit may ask for a label that was taken away since
    assert lists.asked(data, shown, 4) == expected | {"given": ""}


def test_a_cell_that_was_not_looked_at_is_named():
    drawn = tiny.columns(tiny.dataset())
    with pytest.raises(ValueError, match=r"recheck\.cell: no label errors"):
        detected.listed_run(tiny.detected(drawn), tiny.INJECTED._replace(seed=7))


def test_what_detect_wrote_comes_back(tmp_path):
    found = tiny.detected(tiny.columns(tiny.dataset()), gate=tiny.CAUTIOUS)
    tiny.save(found, tmp_path / "detect.npz")
    back = detected.load(tmp_path / "detect.npz")
    for name, value in found._asdict().items():
        if name not in ("gate", "scores"):
            np.testing.assert_array_equal(getattr(back, name), value)
    assert set(back.scores) == set(found.scores)
    np.testing.assert_equal([gate._asdict() for gate in back.gate], [gate._asdict() for gate in found.gate])


@pytest.mark.parametrize("files", [False, True])
def test_the_list_comes_back_as_answers(tmp_path, files):
    """Someone deletes no column and puts the truth into `label`, line by line."""
    data = tiny.dataset(files)
    _, shown = judged(data, tiny.columns(data), tiny.PEOPLE)
    path = tmp_path / "to_recheck.csv"
    path.write_bytes(lists.text(data, lists.to_recheck(data, shown)).encode())
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == tiny.N and ("file" in rows[0]) == files
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, [*rows[0], "label"])
    writer.writeheader()
    writer.writerows(row | {"label": tiny.NAMES[tiny.CLEAN[int(row["index"])]]} for row in rows[:20])
    path.write_bytes(stream.getvalue().encode())
    found = answers.read(path, data).label
    listed = [int(row["index"]) for row in rows[:20]]
    np.testing.assert_array_equal(found[listed], tiny.CLEAN[listed])
    assert (found >= 0).sum() == 20


def test_gallery():
    data = tiny.dataset(files=True)
    _, shown = judged(data, tiny.columns(data), tiny.PEOPLE)
    key = {"network": "pixels", "noise": "given", "noise_rate": 0.0, "realised_rate": 0.3, "seed": 0}
    table = results.check("gallery", lists.gallery(key, data, shown, 2))
    assert set(table["tier"]) == {"obvious", "possible"}
    for _, of in table.groupby("tier"):
        assert list(of["rank"]) == list(range(1, len(of) + 1)) and len(of) <= 2
        assert of["p_wrong"].is_monotonic_decreasing
        assert list(of["file"]) == [data.files[at] for at in of["index"]]
        assert list(of["truth"]) == [tiny.NAMES[tiny.CLEAN[at]] for at in of["index"]]
        assert (of["suggested"] != of["given"]).all()
    blind = tiny.dataset(truth=False)
    _, shown = judged(blind, tiny.columns(blind), tiny.PEOPLE)
    assert set(lists.gallery(key, blind, shown, 2)["truth"]) == {""}
