"""Scores beside the noise model on made-up networks: the same examples and labels, in the cells that have them."""

import numpy as np
import pytest
import tiny_setting
from made_evidence import dynamics, probabilities

from labelnoise import results, words
from labelnoise.detect import pool
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.runs import data as of_data
from labelnoise.runs.run import Run
from labelnoise.studies import setting
from labelnoise.studies.alternatives import models, tables
from labelnoise.studies.alternatives.models import Full
from labelnoise.studies.alternatives.scores import filled
from labelnoise.studies.alternatives.tables import Plan, ScoredRun, Trained
from labelnoise.studies.setting import Setting
from labelnoise.types import Dataset
from labelnoise.uncertainty import posterior
from labelnoise.uncertainty.entropy import OutOfBag
from labelnoise.words.scores import BAGS, DYNAMICS, MODELS

C, N, SEEDS = 3, 300, 3
PARAMS = tiny_setting.params()
FLOOR = PARAMS.detect.floor
CLEAN = np.arange(N) % C
TESTED = np.arange(N) % 5 == 0
MATRIX = 0.7 * np.eye(C) + 0.3 * np.eye(C)[[1, 2, 0]]
PLAN = Plan(0.95, 10)
BESIDE = {"noise_model", "sample_only", "class_only"}
SCORES = {name for name, score in words.SCORES.items() if score.of == DYNAMICS}
BAGGED = {name for name, score in words.SCORES.items() if score.of in (BAGS, MODELS)}


def columns(noise="pair_flip") -> NoisyLabels:
    """A column per seed; an image in five is tested on."""
    drawn = [np.random.default_rng(seed).random(N) < 0.3 for seed in range(SEEDS)]
    labels = np.array([np.where(TESTED, -1, np.where(of, (CLEAN + 1) % C, CLEAN)) for of in drawn], np.int16)
    none, rates, matrix = np.full_like(labels, -1), np.full(SEEDS, 0.3), np.repeat(MATRIX[None], SEEDS, 0)
    keys = np.full(SEEDS, noise), rates, np.arange(SEEDS)
    return NoisyLabels(*keys, labels, matrix, matrix, rates, labels, none)


def network(labels: np.ndarray, seed: int, bagged: bool) -> Trained:
    """What networks that mostly see the clean class leave of one run; the training part is most of the pool."""
    rng, pool_ = np.random.default_rng(seed), np.flatnonzero(labels >= 0)
    index = np.sort(rng.permutation(pool_)[:200])
    wrong = labels != CLEAN
    made = Trained(
        labels.astype(np.int64), index, dynamics(rng, wrong[index]), probabilities(rng, CLEAN[index], C, 0.6)
    )
    if not bagged:
        return made
    oob, (entropy, information) = probabilities(rng, CLEAN, C, 0.6), rng.random((2, N))
    oob[index[0]], entropy[index[0]], information[index[0]] = np.nan, np.nan, np.nan  # in every bag
    planted = np.zeros((2, N), bool)
    planted[np.arange(N) % 2, np.arange(N)] = (rng.random(N) < 0.1) & (labels >= 0)
    full = {name: np.where(labels < 0, np.nan, of) for name, of in dynamics(rng, wrong | planted).items()}
    return made._replace(bags=OutOfBag(oob, entropy, information), full=Full(full, planted))


def detected(drawn: NoisyLabels) -> dict[str, np.ndarray]:
    """The detect stage's file, its runs in another order than the columns."""
    order = [2, 0, 1]
    q = np.stack([probabilities(np.random.default_rng(9 + at), CLEAN, C, 0.7) for at in order]).astype(np.float32)
    labelled = drawn.labels[order] >= 0
    wrong = np.take_along_axis(q, np.maximum(drawn.labels[order], 0)[..., None].astype(int), 2)[..., 0]
    scores = {f"score_{name}": np.where(labelled, 1 - wrong, np.nan) for name in BESIDE}
    keys = {name: getattr(drawn, name)[order] for name in ("noise", "noise_rate", "seed")}
    return keys | scores | {"network": np.full(3, "pixels"), "q": q, "transition_low": drawn.designed[order]}


def dataset(clean=CLEAN) -> Dataset:
    return Dataset(np.zeros((N, 1, 2, 2), np.uint8), clean, np.where(TESTED, 0, -1), ["a", "b", "c"], {}, {}, [])


def made(drawn: NoisyLabels, data: Dataset | None = None, found=None) -> Setting:
    data = dataset() if data is None else data
    main = of_data.of_columns(PARAMS, "digits", data, drawn, "cpu")
    return Setting(PARAMS, "digits", data, drawn, detected(drawn) if found is None else found, main, "cpu")


def networks(drawn: NoisyLabels, bagged=(0,)) -> dict[Run, Trained]:
    """Bags of the seeds `bagged`."""
    cells = setting.cells(made(drawn))
    return {cell: network(drawn.labels[cell.seed], cell.seed, cell.seed in bagged) for cell in cells}


def runs(drawn=None, data=None, found=None, arrays=None) -> list[ScoredRun]:
    drawn = columns() if drawn is None else drawn
    found = networks(drawn) if found is None else found
    return tables.scored_runs(made(drawn, data, arrays), found)


def test_all_scores_of_a_run_are_on_the_examples_that_networks_trained_on():
    drawn = columns()
    found = networks(drawn)
    for run, left in zip(runs(drawn, found=found), found.values(), strict=True):
        wrong = (drawn.labels[run.key["seed"]] != CLEAN)[left.index]
        assert np.array_equal(run.scored.wrong, wrong)
        assert {len(values) for values in run.scored.scores.values()} == {len(left.index)}
        assert all(np.isfinite(values).all() for values in run.scored.scores.values())


def test_scores_of_the_detect_stage_are_those_of_the_same_labels():
    """Its file has another order of runs, and the name of features for the network's."""
    drawn = columns()
    found, file = networks(drawn), detected(drawn)
    for (cell, left), run in zip(found.items(), runs(drawn, found=found), strict=True):
        at = int(np.flatnonzero(file["seed"] == cell.seed)[0])
        assert run.key == {
            "network": "mlp", "noise": "pair_flip", "noise_rate": 0.3, "seed": cell.seed, "realised_rate": 0.3
        }  # fmt: skip
        for name in BESIDE:
            np.testing.assert_array_equal(run.scored.scores[name], file[f"score_{name}"][at][left.index])


def test_bags_have_their_scores_where_they_are():
    with_, *without = runs()
    assert set(with_.scored.scores) == BESIDE | SCORES | BAGGED
    assert all(set(run.scored.scores) == BESIDE | SCORES for run in without)


def test_the_noise_model_on_bags_and_with_bags_is_fitted_to_all_labels_with_the_same_transition():
    drawn = columns()
    found = networks(drawn)
    left, file = next(iter(found.values())), detected(drawn)
    seen = (left.labels >= 0) & np.isfinite(left.bags.probs).all(1)
    labels, probs = left.labels[seen], left.bags.probs[seen]
    on = posterior.fit(probs, labels, np.full(len(labels), -1), FLOOR, MATRIX)
    both = pool.fit([file["q"][1][seen].astype(np.float64), probs], labels, MATRIX, FLOOR)
    scores = runs(drawn, found=found)[0].scored.scores
    for name, fit in (("noise_model_on_bags", on), ("noise_model_with_bags", both)):
        whole = np.full(N, np.nan)
        whole[seen] = posterior.p_wrong(fit.posterior, labels)
        np.testing.assert_allclose(scores[name], filled(whole[left.index]))
        assert scores[name][0] == np.median(scores[name][1:])  # the example that no bag left out
    own = {name: values[:, left.index] for name, values in left.full.dynamics.items()}
    np.testing.assert_array_equal(scores["planted"], models.planted(Full(own, left.full.planted[:, left.index])))


def test_diverged_bags_leave_their_scores_undefined_and_the_others_alone():
    drawn = columns()
    found = networks(drawn)
    cell = next(iter(found))
    lost = OutOfBag(*(np.full_like(values, np.nan) for values in found[cell].bags))
    scores = runs(drawn, found=found | {cell: found[cell]._replace(bags=lost)})[0].scored.scores
    gone = {name for name, values in scores.items() if np.isnan(values).all()}
    assert gone == BAGGED - {"planted"}


def test_a_run_that_the_detect_stage_has_not_looked_at_is_left_out():
    drawn = columns()
    arrays = {name: values[:2] for name, values in detected(drawn).items()}  # seeds 2 and 0
    assert [run.key["seed"] for run in runs(drawn, arrays=arrays)] == [0, 2]


def test_answered_labels_and_unknown_truths_do_not_count():
    drawn = columns()
    found = networks(drawn)
    index = next(iter(found.values())).index
    answers = drawn.answers.copy()
    answers[0, index[:7]] = CLEAN[index[:7]]
    clean = np.where(np.isin(np.arange(N), index[-5:]), -1, CLEAN)
    first, *_ = runs(drawn._replace(answers=answers), dataset(clean), found)
    assert len(first.scored.wrong) == len(index) - 7 - 5
    none = runs(drawn, dataset(np.full(N, -1)), found)
    empty = tables.score_tables(none, PLAN)
    assert all(results.check(name, table).empty for name, table in empty.items())


def test_tables_have_a_row_per_run_and_score_and_differences_on_the_seeds_that_a_score_has():
    found = tables.score_tables(runs(), PLAN)
    table = results.check("alternatives", found["alternatives"])
    counts = table.groupby("score").size()
    assert (counts[sorted(BAGGED)] == 1).all() and (counts.drop(sorted(BAGGED)) == SEEDS).all()
    assert table["auprc"].notna().all()
    intervals = results.check("alternatives_intervals", found["alternatives_intervals"])
    auprc = intervals[intervals["metric"] == "auprc"].set_index("score")
    assert set(auprc.index) == set(counts.index) and auprc["n_seeds"].to_dict() == counts.to_dict()
    own = table.set_index(["score", "seed"])["auprc"]
    for name in ("oob_margin", "mixture"):  # seed 0 on both sides
        assert auprc.loc[name, "diff"] == pytest.approx(own["noise_model", 0] - own[name, 0])
    expected = (own["noise_model"] - own["aum"]).mean()
    assert auprc.loc["aum", "diff"] == pytest.approx(expected) and auprc.loc["noise_model", "diff"] == 0
    again = tables.score_tables(runs(), PLAN)
    assert all(found[name].equals(again[name]) for name in found)


def test_without_runs_the_tables_are_empty():
    assert all(table.empty for table in tables.score_tables([], PLAN).values())
