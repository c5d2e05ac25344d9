"""The rechecked cell: whose labels it takes, and its column, ledger row and rates worked out by hand."""

from types import SimpleNamespace

import numpy as np

from labelnoise import results
from labelnoise.noise import grid, noisy_labels
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.recheck import cell
from labelnoise.types import Dataset

N = 40
CLEAN = np.arange(N) % 4
GIVEN = np.where(np.arange(N) < 8, (CLEAN + 1) % 4, CLEAN)
IMAGES = np.zeros((N, 1, 2, 2), np.uint8)
DATA = Dataset(IMAGES, CLEAN, np.arange(N) // 4 % 5, list("abcd"), {}, {"given": GIVEN}, [])
CELL = SimpleNamespace(noise="symmetric", noise_rate=0.4, seed=1)
ANSWERS = np.full(N, -1, np.int16)
ANSWERS[[0, 1, 9]] = CLEAN[[0, 1, 9]]


def drawn(of, data=DATA):
    cells = {("symmetric", 0.4): range(3), ("given", 0.0): range(3)}
    return cell.with_answers(*grid.draw_all("tiny", data, cells, 5, None), data, ANSWERS, of)


def test_labels_from_people_come_first():
    assert cell.source({"symmetric": [0.4], "given": [0.0]}, CELL) == ("given", 0.0, None)
    several = {"human_worse": [0.4, 0.5], "human_aggregate": [0.09]}
    assert cell.source(several, CELL) == ("human_aggregate", 0.09, None)  # by name, whatever their order
    assert cell.source({"symmetric": [0.4]}, CELL) == ("symmetric", 0.4, 1)


def test_given_labels_are_rechecked_with_every_seed():
    found, rows = drawn(cell.Source("given", 0.0, None))
    at = np.flatnonzero(found.noise == "rechecked")
    assert list(found.seed[at]) == [0, 1, 2] and len(rows) == len(found.noise) == 9
    for k in at:
        trained = DATA.test_fold != found.seed[k]
        np.testing.assert_array_equal(found.labels[k] >= 0, trained)
        expected = GIVEN.copy()
        expected[[0, 1, 9]] = CLEAN[[0, 1, 9]]
        np.testing.assert_array_equal(found.labels[k][trained], expected[trained])
        np.testing.assert_array_equal(found.answers[k], ANSWERS)
        wrong = (expected != CLEAN)[trained].mean()
        assert found.realised_rate[k] == rows[k]["realised_rate"] == wrong
    assert (found.answers[: at[0]] == -1).all() and found.answers.dtype == np.int16


def test_injected_noise_is_rechecked_with_its_one_seed():
    found, rows = drawn(cell.Source("symmetric", 0.4, 1))
    k = len(found.noise) - 1
    assert (found.noise[k], found.noise_rate[k], found.seed[k]) == ("rechecked", 0.4, 1)
    before = np.flatnonzero((found.noise == "symmetric") & (found.seed == 1))[0]
    changed = found.labels[k] != found.labels[before]
    assert changed.sum() == (found.labels[before][[0, 1, 9]] != CLEAN[[0, 1, 9]]).sum()
    assert (found.labels[k] == -1).sum() == (DATA.test_fold == 1).sum()
    assert rows[k]["convention"] == "given" and f"of which {changed.sum()} change" in rows[k]["definition"]
    assert set(rows[k]) == set(results.columns("ledger"))


def test_what_is_left_out_is_not_trained_on_and_what_nobody_can_tell_stays():
    said = ANSWERS.copy()
    said[[2, 21, 26]], said[[24, 25]] = LEFT_OUT, UNSURE  # the first of a label that is wrong
    cells = {("given", 0.0): range(3)}
    plain = grid.draw_all("tiny", DATA, cells, 5, None)
    found, rows = cell.with_answers(*plain, DATA, said, cell.Source("given", 0.0, None))
    for k in np.flatnonzero(found.noise == "rechecked"):
        own, before = found.labels[k], plain[0].labels[found.seed[k]]
        assert (own[[2, 21, 26]] == -1).all()
        np.testing.assert_array_equal(own[[24, 25]], before[[24, 25]])
        np.testing.assert_array_equal(found.given[k], before)
        here, wrong = before >= 0, GIVEN != CLEAN
        kept = here & (said != LEFT_OUT)
        assert rows[k]["examples"] == kept.sum()
        left = wrong & ~np.isin(np.arange(N), [0, 1])
        assert np.isclose(rows[k]["realised_rate"], left[kept].mean())
        changed = (here & wrong)[[0, 1]].sum()
        told = f"with 3 rechecked ones in their place, of which {changed} change a label of this seed"
        left_out = (here & (said == LEFT_OUT)).sum()
        assert left_out and f"{told}; {left_out} are left out." in rows[k]["definition"]


def test_other_columns_stay_as_they_are(tmp_path):
    found, _ = drawn(cell.Source("given", 0.0, None))
    plain, _ = grid.draw_all("tiny", DATA, {("symmetric", 0.4): range(3), ("given", 0.0): range(3)}, 5, None)
    for name, before in plain._asdict().items():
        np.testing.assert_array_equal(getattr(found, name)[: len(before)], before)
    noisy_labels.save(found, tmp_path / "noise.npz")
    np.testing.assert_array_equal(noisy_labels.load(tmp_path / "noise.npz").answers, found.answers)


def test_without_truth_the_rate_is_not_known():
    found, rows = drawn(cell.Source("given", 0.0, None), DATA._replace(clean_labels=CLEAN))
    assert np.isfinite(found.realised_rate).all() and len(rows) == 9
    blind = DATA._replace(clean_labels=np.full(N, -1))
    only = grid.draw_all("tiny", blind, {("given", 0.0): range(2)}, 5, None)
    found, _ = cell.with_answers(*only, blind, ANSWERS, cell.Source("given", 0.0, None))
    assert np.isnan(found.realised_rate).all()
