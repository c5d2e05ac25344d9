"""The list of what to recheck: its order over seeds, what is left out, and that answers to it find their way
back."""

import csv
import io

import numpy as np
import pytest
import synthetic_recheck as tiny
from scipy.special import expit, logit

from labelnoise import results
from labelnoise.recheck import answers, detected, lists


def judged(data, drawn, of):
    found = tiny.detected(drawn)
    return found, detected.judge(found, detected.listed_runs(found, of), data, drawn, of, tiny.LIMITS)


def test_seeds_are_averaged_as_logits_and_all_rows_listed():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found, judgement = judged(data, drawn, tiny.PEOPLE)
    at = np.flatnonzero(drawn.noise == "given")
    assert list(judgement.runs) == list(at) and len(at) == 2
    np.testing.assert_allclose(judgement.p_wrong, expit(logit(found.p_wrong[at]).mean(0)))
    np.testing.assert_array_equal(judgement.suggestion, found.posterior[at].mean(0).argmax(1))
    rows = lists.to_recheck(data, judgement)
    assert [row["rank"] for row in rows] == list(range(1, tiny.N + 1))
    assert sorted(row["index"] for row in rows) == list(range(tiny.N))
    p_wrong = [row["p_wrong"] for row in rows]
    assert p_wrong == sorted(p_wrong, reverse=True)
    assert [row["given"] for row in rows] == [tiny.NAMES[tiny.WORSE[row["index"]]] for row in rows]
    assert "file" not in rows[0]


def test_injected_noise_lists_the_pool_of_its_seed():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found, judgement = judged(data, drawn, tiny.INJECTED)
    (at,) = judgement.runs
    np.testing.assert_allclose(judgement.p_wrong, found.p_wrong[at])
    rows = lists.to_recheck(data, judgement)
    assert sorted(row["index"] for row in rows) == list(np.flatnonzero(tiny.FOLD != 0))


def test_sure_needs_every_seed():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found = tiny.detected(drawn)
    at = np.flatnonzero(drawn.noise == "given")
    found.p_wrong[at] = 0.01
    found.p_wrong[at, :3] = 0.999
    found.p_wrong[at[0], 2] = np.nan
    found.tier[at] = 0
    found.tier[at, :3] = [[3, 3, 0], [3, 2, 3]]
    tier = detected.judge(found, at, data, drawn, tiny.PEOPLE, tiny.LIMITS).tier
    assert list(tier[:4]) == [3, 2, 3, 0]


def test_rechecked_rows_are_left_out_and_the_new_cell_is_listed():
    data, given = tiny.dataset(), np.full(tiny.N, -1, np.int16)
    given[[4, 7]] = tiny.CLEAN[[4, 7]]
    drawn = tiny.columns(data, given)
    found, judgement = judged(data, drawn, tiny.PEOPLE)
    assert set(found.noise[judgement.runs]) == {"rechecked"}
    indices = {row["index"] for row in lists.to_recheck(data, judgement)}
    assert indices == set(range(tiny.N)) - {4, 7}


def test_a_cell_without_bags_is_named():
    drawn = tiny.columns(tiny.dataset())
    with pytest.raises(ValueError, match=r"recheck\.cell: no label errors"):
        detected.listed_runs(tiny.detected(drawn), tiny.INJECTED._replace(seed=7))


@pytest.mark.parametrize("files", [False, True])
def test_the_list_comes_back_as_answers(tmp_path, files):
    """Someone deletes no column and puts the truth into `label`, line by line."""
    data = tiny.dataset(files)
    _, judgement = judged(data, tiny.columns(data), tiny.PEOPLE)
    path = tmp_path / "to_recheck.csv"
    path.write_bytes(lists.text(data, lists.to_recheck(data, judgement)).encode())
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == tiny.N and ("file" in rows[0]) == files
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, [*rows[0], "label"])
    writer.writeheader()
    writer.writerows(row | {"label": tiny.NAMES[tiny.CLEAN[int(row["index"])]]} for row in rows[:20])
    path.write_bytes(stream.getvalue().encode())
    found = answers.read(path, data)
    listed = [int(row["index"]) for row in rows[:20]]
    np.testing.assert_array_equal(found[listed], tiny.CLEAN[listed])
    assert (found >= 0).sum() == 20


def test_gallery():
    data = tiny.dataset(files=True)
    _, judgement = judged(data, tiny.columns(data), tiny.PEOPLE)
    key = {"network": "mlp", "noise": "given", "noise_rate": 0.0, "realised_rate": 0.3, "seed": 0}
    table = results.check("gallery", lists.gallery(key, data, judgement, 2))
    assert set(table["tier"]) <= set(lists.SHOWN) and "possible" in set(table["tier"])
    for _, of in table.groupby("tier"):
        assert list(of["rank"]) == list(range(1, len(of) + 1)) and len(of) <= 2
        assert of["p_wrong"].is_monotonic_decreasing
        assert list(of["file"]) == [data.files[at] for at in of["index"]]
        assert list(of["truth"]) == [tiny.NAMES[tiny.CLEAN[at]] for at in of["index"]]
    blind = tiny.dataset(truth=False)
    _, judgement = judged(blind, tiny.columns(blind), tiny.PEOPLE)
    assert set(lists.gallery(key, blind, judgement, 2)["truth"]) == {""}
