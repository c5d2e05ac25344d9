"""The noise model on made-up out-of-bag probabilities: what it is fitted to, what it judges, what answers do."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise.columns import Columns
from labelnoise.detect import alternatives, model, study
from labelnoise.detect.model import Labels
from labelnoise.detect.study import Plan
from labelnoise.types import Dataset
from labelnoise.uncertainty import posterior

SECTION = SimpleNamespace(floor=0.003, obvious=0.025, possible=0.1)
CLASSES, N, RUNS = 3, 240, 3
CLEAN = np.arange(N) % CLASSES
TESTED = np.arange(N) % 4 == 0
PLAN = Plan(100, 0.95, 10)


def noisy(seed=0, rate=0.3):
    """Labels of which `rate` name the next class."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(N) < rate, (CLEAN + 1) % CLASSES, CLEAN)


def bags(labels, seed=0, sharp=4.0):
    """What bags of networks say that mostly see the clean class; NaN dynamics outside the pool."""
    rng = np.random.default_rng(seed)

    def probs(*shape):
        logits = rng.normal(size=(*shape, N, CLASSES)) + sharp * np.eye(CLASSES)[CLEAN]
        return np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)

    outside = np.where(TESTED, np.nan, 1.0)
    full = (rng.random((RUNS, N)) * 0.2 + 0.8 * (labels != CLEAN)) * outside
    planted = np.zeros((RUNS, N), bool)
    planted[np.arange(N) % RUNS, np.arange(N)] = (rng.random(N) < 0.1) & ~TESTED
    return {
        "oob_probs": probs(3),
        "oob_entropy": rng.random(N),
        "oob_mutual_information": rng.random(N),
        "fold_probs": probs() * outside[:, None],
        "second_drop": probs(),
        "second_soft": probs(),
        "second_forward": probs(),
        "planted": planted,
        **{f"full_{name}": full for name in alternatives.DYNAMICS},
    }


def unanswered(labels, pool=~TESTED):
    return Labels(np.where(pool, labels, -1), np.full(N, -1), pool)


def test_it_finds_the_wrong_labels_of_the_pool():
    labels = noisy()
    found = model.of_run(bags(labels), unanswered(labels), SECTION)
    wrong = labels != CLEAN
    assert np.array_equal(np.isnan(found.p_wrong), TESTED)
    assert found.p_wrong[wrong & ~TESTED].mean() > 0.8 > 0.1 > found.p_wrong[~wrong & ~TESTED].mean()
    assert found.rates["noise_model"].mean() == pytest.approx(wrong[~TESTED].mean(), abs=0.04)
    assert found.transition[0, 1] > 0.2 > 0.05 > found.transition[0, 2]
    assert {"noise_model", "planted", "sample_only", "class_only", "aum"} <= set(found.scores)
    assert all(np.array_equal(np.isnan(score), TESTED) for score in found.scores.values())


def test_it_is_the_second_round_with_transition_free():
    labels, run = noisy(), bags(noisy())
    pool = ~TESTED
    ways = (run[f"second_{way}"][pool] for way in ("drop", "soft", "forward"))
    expected = posterior.second_round(*ways, labels[pool], np.full(pool.sum(), -1), 0.003)
    found = model.of_run(run, unanswered(labels), SECTION)
    np.testing.assert_array_equal(found.p_wrong[pool], expected.p_wrong)
    np.testing.assert_array_equal(found.posterior[pool], expected.posterior)


def test_where_classes_overlap_it_keeps_the_transition_of_the_first_round(monkeypatch):
    monkeypatch.setattr(posterior, "overlapping", lambda *_: True)
    labels, run = noisy(), bags(noisy())
    pool, nobody = ~TESTED, np.full((~TESTED).sum(), -1)
    first = posterior.first_round(run["oob_probs"][:-1, pool], labels[pool], nobody, 0.003)
    ways = [run[f"second_{way}"][pool] for way in ("drop", "soft", "forward")]
    found = model.of_run(run, unanswered(labels), SECTION)
    expected = posterior.second_round(*ways, labels[pool], nobody, 0.003, first.transition)
    np.testing.assert_array_equal(found.p_wrong[pool], expected.p_wrong)
    beside = posterior.second_round(*ways, labels[pool], nobody, 0.003, first.confident_joint)
    np.testing.assert_array_equal(found.scores["noise_model_confident_joint"][pool], beside.p_wrong)
    assert found.overlapping and not np.allclose(expected.p_wrong, beside.p_wrong)


def test_test_examples_with_a_given_label_are_judged_but_have_no_scores():
    labels = noisy()
    found = model.of_run(bags(labels), Labels(labels, np.full(N, -1), ~TESTED), SECTION)
    wrong = labels != CLEAN
    assert np.isfinite(found.p_wrong).all()
    assert found.p_wrong[wrong & TESTED].mean() > 0.8 > 0.1 > found.p_wrong[~wrong & TESTED].mean()
    assert np.isnan(found.scores["noise_model"][TESTED]).all()


def test_an_answered_label_is_right_from_then_on():
    labels = noisy()
    known = np.where((np.arange(N) < 60) & ~TESTED, CLEAN, -1)
    own = Labels(np.where(TESTED, -1, labels), known, ~TESTED)
    found = model.of_run(bags(labels), own, SECTION)
    assert (found.p_wrong[known >= 0] == 0).all() and (found.scores["noise_model"][known >= 0] == 0).all()
    rest = (known < 0) & ~TESTED
    expected = (labels != CLEAN)[rest].sum() / (~TESTED).sum()  # errors left
    assert found.rates["noise_model"].mean() == pytest.approx(expected, abs=0.04)
    np.testing.assert_allclose(found.posterior[known >= 0], np.eye(CLASSES)[known[known >= 0]], atol=1e-9)


def test_matrix_sums_the_posterior_by_given_label():
    found = model.matrix(np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0]]), np.array([0, 1, 1]))
    np.testing.assert_allclose(found, [[1 / 1.5, 0.5 / 1.5, 0], [0, 1, 0], [0, 0, 1]])


def columns(seeds=2, answers=None):
    """Columns of one noise, and after them those with answers."""
    labels = np.stack([np.where(TESTED, -1, noisy(seed)) for seed in range(seeds)]).astype(np.int16)
    none = np.full_like(labels, -1)
    matrix = np.repeat(np.eye(CLASSES)[None] * 0.7 + np.eye(CLASSES)[:, [2, 0, 1]] * 0.3, seeds, 0)
    rate, seed = np.full(seeds, 0.3), np.arange(seeds)
    made = Columns(np.full(seeds, "pair_flip"), rate, seed, labels, matrix, matrix, rate, labels, none)
    if answers is None:
        return made
    applied = np.where((answers >= 0) & (labels >= 0), answers, labels).astype(np.int16)
    said = np.repeat(answers[None], seeds, 0).astype(np.int16)
    after = made._replace(noise=np.full(seeds, "rechecked"), labels=applied, answers=said)
    return Columns(*(np.concatenate(pair) for pair in zip(made, after, strict=True)))


def dataset(clean=CLEAN, human=None):
    images = np.zeros((N, 1, 2, 2), np.uint8)
    return Dataset(images, clean, np.where(TESTED, 0, -1), ["a", "b", "c"], {}, human or {}, [])


def studied(data, drawn, noise="pair_flip"):
    """Both seeds through the study."""
    runs = [bags(noisy(seed), seed) for seed in range(len(drawn.seed))]
    kept = {name: np.stack([run[name] for run in runs]) for name in runs[0]}
    keys = {"network": np.full(len(runs), "mlp"), "noise": drawn.noise, "noise_rate": drawn.noise_rate}
    kept |= keys | {"seed": drawn.seed, "column": np.arange(len(runs))}
    return study.runs(data, drawn, kept, noise, SECTION), kept


def test_tables_and_arrays_have_every_run_and_cell():
    data, drawn = dataset(), columns()
    found, kept = studied(data, drawn)
    made = study.all_tables(found, data, drawn, PLAN)
    assert set(made["detection"]["seed"]) == {0, 1} and made["detection"]["auroc"].notna().all()
    best = made["detection"].query("score == 'noise_model'")
    assert (best["auprc"] > 0.9).all()
    tiers = made["tiers"].query("tier == 'obvious'")
    assert (tiers["share_wrong"] > 0.9).all() and (tiers["errors_found_share"] > 0.5).all()
    rate = made["noise_rate"].query("estimator == 'noise_model'")
    assert ((rate["low"] < rate["estimate"]) & (rate["estimate"] < rate["high"])).all()
    matrix = made["noise_matrix"].set_index(["clean", "given"])
    assert len(matrix) == CLASSES**2 and matrix.loc[("a", "b"), "truth"] == pytest.approx(0.3)
    assert matrix.loc[("a", "b"), "low"] < matrix.loc[("a", "b"), "estimate"] < matrix.loc[("a", "b"), "high"]
    arrays = study.arrays(found, kept)
    assert arrays["p_wrong"].shape == (2, N) and arrays["posterior"].shape == (2, N, CLASSES)
    assert np.array_equal(arrays["score_noise_model"][:, ~TESTED], arrays["p_wrong"][:, ~TESTED])


def test_without_truth_only_what_needs_none_is_told():
    data, drawn = dataset(np.full(N, -1), {"given": noisy()}), columns(1)
    drawn = drawn._replace(noise=np.array(["given"]), realised_rate=np.array([np.nan]))
    drawn = drawn._replace(realised=np.full((1, CLASSES, CLASSES), np.nan))
    found, _ = studied(data, drawn)
    made = study.all_tables(found, data, drawn, PLAN)
    for name in ("detection", "detection_intervals", "detection_reliability"):
        assert made[name].empty, name
    assert made["tiers"]["share_wrong"].isna().all() and made["tiers"]["stated"].notna().any()
    assert made["noise_rate"]["estimate"].notna().all() and made["noise_matrix"]["truth"].isna().all()
    assert np.isfinite(found[0].found.p_wrong).all()  # test examples too: they have a label as given


def test_of_many_classes_the_largest_confusions_are_told():
    estimate = np.full((31, 31), 0.001)
    estimate[3, 4], estimate[5, 6] = 0.5, 0.4
    told = study._told(estimate + np.random.default_rng(0).random((31, 31)) * 1e-4)
    assert told.diagonal().all() and told.sum() == 31 + study.LARGEST and told[3, 4] and told[5, 6]
