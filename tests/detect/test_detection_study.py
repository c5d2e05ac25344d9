"""A whole data set: which labels are looked at, what later stages read, and that no truth gets there."""

import numpy as np
import pytest
from made_features import SECTION, clouds, symmetric
from sklearn.metrics import average_precision_score

from labelnoise import files, results
from labelnoise.detect import gate, many, run_tables, study, tiers
from labelnoise.detect.study import Plan
from labelnoise.detect.types import ALL, CUT, NO_TIER, NOTHING, ORDER, RULE_A, Gate
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE, NoisyLabels
from labelnoise.recheck import detected
from labelnoise.recheck.cell import Source
from labelnoise.types import Dataset

CLASSES, N = 3, 320
VALUES, CLEAN = clouds(N, CLASSES, gap=5.0)
FOLD = np.arange(N) // 3 % 4
PEOPLE = {"given": symmetric(CLEAN, 0.15, CLASSES, seed=9).astype(np.int64)}
FEATURES = {"0_encoded": VALUES}
IMAGES = np.zeros((N, 1, 2, 2), np.uint8)


@pytest.fixture(scope="module", autouse=True)
def few_draws():
    """The gate splits and simulates once, as test_gate.py is about what it says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "SPLITS", 1)
        patch.setattr(gate, "WORLDS", 1)
        yield


def plan(seeds=2, checked=1, source="symmetric", first=0):
    """Of so many seeds from `first` on."""
    return Plan(SECTION, range(first, first + seeds), range(first, first + checked), source, 0.95, 10)


def dataset(clean=CLEAN, people=None):
    return Dataset(IMAGES, clean, FOLD, ["a", "b", "c"], {}, people or {}, [])


def columns(*cells, seeds=3):
    """Columns of (noise, rate), a row per seed; as the noise stage writes them, -1 where a seed tests."""
    keys = [(noise, rate, seed) for noise, rate in cells for seed in range(seeds)]
    labels = []
    for noise, rate, seed in keys:
        noisy = PEOPLE["given"] if noise in ("given", "rechecked") else symmetric(CLEAN, rate, CLASSES, seed)
        labels.append(np.where(seed % 4 == FOLD, -1, noisy))
    labels = np.array(labels, np.int16)
    noise, rate, seed = (np.array(of) for of in zip(*keys))
    matrix = np.stack([(1 - 1.5 * r) * np.eye(CLASSES) + r / 2 for r in rate])
    realised = np.array([(own != CLEAN)[own >= 0].mean() for own in labels])
    return NoisyLabels(noise, rate, seed, labels, matrix, matrix, realised, labels, np.full_like(labels, -1))


def answered(of, at, rows):
    """The columns `at` with the truth of `rows` as a rechecker's answers."""
    answers, labels = of.answers.copy(), of.labels.copy()
    for column in at:
        answers[column, rows] = CLEAN[rows]
        labels[column, rows] = np.where(labels[column, rows] >= 0, CLEAN[rows], -1)
    return of._replace(answers=answers, labels=labels)


def test_injected_noise_is_looked_at_seed_by_seed():
    """The first two seeds of three, all cells together; the first of them with the gate."""
    of = columns(("none", 0.0), ("symmetric", 0.3))
    made = study.tasks(dataset(), of, plan())
    assert [task.columns for task in made] == [(0, 3), (1, 4)]
    assert [task.checked for task in made] == [(True, True), (False, False)]
    for seed, task in enumerate(made):
        np.testing.assert_array_equal(task.where, np.flatnonzero(seed != FOLD))
        np.testing.assert_array_equal(task.given, of.labels[[seed, 3 + seed]][:, task.where])
        assert (task.known == -1).all()


def test_seeds_of_development_are_not_looked_at():
    of = columns(("none", 0.0), ("symmetric", 0.3), seeds=5)
    made = study.tasks(dataset(), of, plan(first=2))
    assert [task.columns for task in made] == [(2, 7), (3, 8)]  # seeds 2 and 3 of both cells
    assert [task.checked for task in made] == [(True, True), (False, False)]


def test_labels_from_people_are_looked_at_once_and_wherever_there_is_one():
    people = PEOPLE["given"].copy()
    people[5] = -1
    (task,) = study.tasks(dataset(people={"given": people}), columns(("given", 0.0)), plan(1, 0, "given"))
    assert task.columns == (0,) and task.checked == (True,)
    np.testing.assert_array_equal(task.where, np.delete(np.arange(N), 5))  # also where seed 0 tests
    np.testing.assert_array_equal(task.given[0], np.delete(people, 5))


def test_answers_are_told_beside_the_labels_as_they_were():
    rows = np.arange(20)
    of = answered(columns(("given", 0.0), ("rechecked", 0.0)), (3, 4, 5), rows)
    made = study.tasks(dataset(people=PEOPLE), of, plan(1, 0, "given"))
    assert [task.columns for task in made] == [(0,), (3,)]
    before, after = made
    np.testing.assert_array_equal(after.given, before.given)
    np.testing.assert_array_equal(after.known[0, :20], CLEAN[:20])
    assert (after.known[0, 20:] == -1).all() and (before.known == -1).all() and after.checked == (True,)


def test_answers_to_injected_labels_stay_in_their_seeds():
    of = columns(("symmetric", 0.3))
    more = of._replace(noise=np.full(3, "rechecked"))
    both = NoisyLabels(*(np.concatenate(pair) for pair in zip(of, more)))
    assert [task.columns for task in study.tasks(dataset(), both, plan())] == [(0, 3), (1, 4)]


def test_what_people_left_out_has_no_label_and_what_they_cannot_tell_no_answer():
    """Of injected labels those without answers stay on the images that they had."""
    plain, people = columns(("symmetric", 0.3)), dataset(people=PEOPLE)
    answers = np.full_like(plain.answers, -1)
    answers[:, 4:8], answers[:, 8:12] = LEFT_OUT, UNSURE
    more = plain._replace(noise=np.full(3, "rechecked"), answers=answers)
    both = NoisyLabels(*(np.concatenate(pair) for pair in zip(plain, more)))
    made = study.tasks(dataset(), both, plan(1))
    assert [task.columns for task in made] == [(0,), (3,)]
    np.testing.assert_array_equal(made[0].where, np.flatnonzero(FOLD != 0))
    np.testing.assert_array_equal(made[1].where, np.setdiff1d(made[0].where, np.arange(4, 8)))
    assert (made[1].known == -1).all()
    given = columns(("given", 0.0), ("rechecked", 0.0))
    given.answers[3:, 4:8], given.answers[3:, 8:12] = LEFT_OUT, UNSURE
    before, after = study.tasks(people, given, plan(1, 0, "given"))
    assert len(before.where) == N and (after.known == -1).all()
    np.testing.assert_array_equal(after.where, np.setdiff1d(np.arange(N), np.arange(4, 8)))


@pytest.fixture(scope="module")
def injected():
    """Two seeds of two cells, the first of them judged."""
    data, drawn = dataset(), columns(("none", 0.0), ("symmetric", 0.3))
    return data, drawn, study.runs(data, drawn, FEATURES, plan(), 1, "made")


def test_runs_are_in_the_order_of_their_columns(injected):
    _, drawn, found = injected
    assert [(run.column, run.key["noise"], run.key["seed"]) for run in found] == [
        (0, "none", 0), (1, "none", 1), (3, "symmetric", 0), (4, "symmetric", 1)
    ]  # fmt: skip
    for run in found:
        assert run.key["network"] == "encoded"  # how features are called, without their place in the list
        assert run.key["realised_rate"] == drawn.realised_rate[run.column]
        tests = run.key["seed"] == FOLD
        for values in (run.p_low, run.p_high, run.p_wrong, *run.scores.values()):
            np.testing.assert_array_equal(np.isnan(values), tests)
        assert np.isnan(run.q[tests]).all() and np.isfinite(run.q[~tests]).all()
        np.testing.assert_array_equal(run.given, drawn.given[run.column])
        assert (run.tier[tests] == 0).all() and not run.sure[tests].any()


def test_wrong_labels_are_found_and_the_gate_is_asked_of_the_first_seed(injected):
    _, _, (_, _, judged, unjudged) = injected
    wrong = (judged.given != CLEAN) & (judged.given >= 0)
    assert judged.gate.verdict == ALL and judged.gate.rule == RULE_A
    obvious = judged.tier == tiers.OBVIOUS
    assert wrong[obvious].mean() > 0.95 and obvious[wrong].mean() > 0.7
    assert (judged.sure <= obvious).all() and judged.sure.any()
    assert unjudged.gate.verdict == "" and not unjudged.tier.any() and np.isnan(unjudged.gate.z)
    logits = [np.log(p / (1 - p)) for p in (judged.p_low, judged.p_high)]
    inner = (judged.p_low > 1e-6) & (judged.p_low < 1 - 1e-6) & (judged.p_high > 1e-6) & (judged.p_high < 1 - 1e-6)
    np.testing.assert_allclose(judged.p_wrong[inner], (1 / (1 + np.exp(-np.mean(logits, 0))))[inner])


def test_arrays_have_what_later_stages_read(injected):
    _, _, found = injected
    arrays = study.arrays(found)
    shapes = {
        "network": (4,), "noise": (4,), "noise_rate": (4,), "seed": (4,), "column": (4,), "p_low": (4, N),
        "p_wrong": (4, N), "q": (4, N, CLASSES), "posterior": (4, N, CLASSES), "transition_low": (4, 3, 3),
        "transition_high": (4, 3, 3), "tier": (4, N), "sure": (4, N),
        "two_labels": (4, N),
    }  # fmt: skip
    assert {name: arrays[name].shape for name in shapes} == shapes
    gates = {f"gate_{name}": getattr(found[2].gate, name) for name in Gate._fields}
    for name, value in gates.items():
        np.testing.assert_equal(arrays[name][2], value)
    scores = {f"score_{name}" for name in found[0].scores}
    assert set(arrays) == set(shapes) | set(gates) | scores
    np.testing.assert_array_equal(arrays["score_noise_model"], arrays["p_low"])
    np.testing.assert_array_equal(arrays["score_noise_model_mean"], arrays["p_wrong"])
    assert arrays["tier"].dtype == np.int8 and arrays["sure"].dtype == bool and arrays["q"].dtype == np.float32


def test_tables_fit_the_schema_and_the_truth(injected):
    data, drawn, found = injected
    made = run_tables.all_tables(found, data, drawn, plan())
    assert set(made) == set(run_tables.TABLES)
    made = {name: results.check(name, frame) for name, frame in made.items()}
    detection = made["detection"].query("score == 'noise_model' and noise == 'symmetric'")
    assert list(detection["seed"]) == [0, 1] and (detection["auprc"] > 0.9).all()
    assert len(made["tiers"]) == 2 * 4 and set(made["tiers"]["seed"]) == {0}  # unjudged seeds have no tiers
    rates = made["noise_rate"].query("estimator == 'noise_model'").set_index(["noise", "seed"])
    for run in found:
        row = rates.loc[(run.key["noise"], run.key["seed"])]
        ends = sorted([np.nanmean(run.p_low), np.nanmean(run.p_high)])
        np.testing.assert_allclose([row["low"], row["high"], row["estimate"]], [*ends, np.nanmean(run.p_wrong)])
        assert row["estimate"] == pytest.approx(run.key["realised_rate"], abs=0.06)
    matrix = made["noise_matrix"].query("noise == 'symmetric'").set_index(["clean", "given"])
    one, other = found[2:]
    expected = (one.transition_low[0, 1] + other.transition_low[0, 1]) / 2
    assert len(matrix) == 9 and matrix.loc[("a", "b"), "estimate"] == pytest.approx(expected)
    assert matrix.loc[("a", "b"), "truth"] == pytest.approx(0.15)


def test_gate_table_counts_what_is_flagged_and_withheld(injected):
    data, drawn, found = injected
    run = found[2]
    rule_a = np.flatnonzero(run.tier == tiers.OBVIOUS)
    cut = run._replace(gate=run.gate._replace(rule=CUT), tier=np.zeros(N, np.int8))
    cut.tier[rule_a[:10]] = tiers.OBVIOUS
    none = run._replace(gate=run.gate._replace(rule=NO_TIER), tier=np.zeros(N, np.int8))
    wrong = run.given != CLEAN
    for of, flagged, withheld in ((run, rule_a, []), (cut, rule_a[:10], rule_a[10:]), (none, [], rule_a)):
        row = results.check("gate", run_tables.all_tables([of], data, drawn, plan())["gate"]).iloc[0]
        assert (row["flagged"], row["withheld"]) == (len(flagged), len(withheld))
        for name, part in (("flagged_wrong", flagged), ("withheld_wrong", withheld)):
            assert row[name] == wrong[part].mean() if len(part) else np.isnan(row[name])
        for name in Gate._fields:
            np.testing.assert_equal(row[name], getattr(of.gate, name))


@pytest.mark.parametrize(("verdict", "told"), [(NOTHING, False), (ORDER, False), (ALL, True)])
def test_a_verdict_withholds_tiers_but_no_score(verdict, told, monkeypatch):
    said = Gate(verdict, RULE_A, *[0.0] * 8, np.nan, 0.0)
    monkeypatch.setattr(gate, "judge", lambda *_: said)
    data, drawn = dataset(), columns(("symmetric", 0.3), seeds=1)
    (run,) = found = study.runs(data, drawn, FEATURES, plan(1, 1), 1, "made")
    assert run.tier.any() == run.sure.any() == told
    tables = run_tables.all_tables(found, data, drawn, plan(1, 1))
    assert set(tables["detection"]["score"]) == set(run.scores) and tables["detection"]["auprc"].notna().all()
    row = tables["gate"].iloc[0]
    assert (row["withheld"] > 0) != told and (row["flagged"] > 0) == told


def test_copies_are_judged_without_one_another_and_may_contradict():
    """All examples twice: told that they are copies, each is predicted as it is alone."""
    data, drawn = dataset(people=PEOPLE), columns(("given", 0.0), seeds=1)
    (alone,) = study.runs(data, drawn, FEATURES, plan(1, 0, "given"), 1, "made")
    given = np.tile(PEOPLE["given"], 2)
    given[[3, N + 5]] = (given[[3, N + 5]] + 1) % CLASSES
    both = Dataset(
        np.tile(IMAGES, (2, 1, 1, 1)), np.tile(CLEAN, 2), np.tile(FOLD, 2), list("abc"), {}, {"given": given}, []
    )
    twice = drawn._replace(**{name: np.tile(getattr(drawn, name), 2) for name in ("labels", "given", "answers")})
    number = np.tile(np.arange(N), 2)
    copies = {"group": number, "same": np.where(np.isin(number, [5, 7]), np.arange(2 * N), number)}
    features = {"0_encoded": np.tile(VALUES, (2, 1))}
    (told,) = study.runs(both, twice, features, plan(1, 0, "given"), 1, "made", copies)
    (apart,) = study.runs(both, twice, features, plan(1, 0, "given"), 1, "made")
    assert np.flatnonzero(told.two_labels).tolist() == [3, N + 3] and not apart.two_labels.any()
    wrong = given != np.tile(CLEAN, 2)
    assert told.p_low.mean() == pytest.approx(wrong.mean(), abs=0.03)
    assert apart.p_low.mean() < 0.6 * wrong.mean()  # each copy vouches for the other
    assert average_precision_score(wrong, told.p_low) > average_precision_score(wrong, apart.p_low) + 0.01
    assert np.corrcoef(told.q[:N].ravel(), alone.q.ravel())[0, 1] > 0.97


def test_an_answer_to_one_copy_contradicts_the_other():
    data, drawn = dataset(people=PEOPLE), answered(columns(("given", 0.0), seeds=1), [0], np.array([8]))
    at = int(np.flatnonzero((PEOPLE["given"] != CLEAN[8]) & (np.arange(N) != 8))[0])
    same = np.where(np.isin(np.arange(N), [8, at]), 8, np.arange(N))
    (run,) = study.runs(data, drawn, FEATURES, plan(1, 0, "given"), 1, "made", {"group": same, "same": same})
    assert np.flatnonzero(run.two_labels).tolist() == sorted([8, at])


def test_no_truth_gets_into_what_is_found():
    """Other clean labels, or none, change no byte of the arrays; nor do the true matrices of the noise stage."""
    drawn = answered(columns(("symmetric", 0.3), seeds=1), [0], np.arange(3, 9))
    made = []
    for clean in (CLEAN, (CLEAN + 1) % CLASSES, np.full(N, -1)):
        own = drawn._replace(designed=drawn.designed * np.nan, realised=drawn.realised * np.nan)
        own = drawn if clean is CLEAN else own._replace(realised_rate=np.array([np.nan]))
        made.append(study.arrays(study.runs(dataset(clean), own, FEATURES, plan(1, 1), 1, "made")))
    for other in made[1:]:
        assert set(other) == set(made[0])
        for name, values in made[0].items():
            assert other[name].tobytes() == values.tobytes(), name


def test_answers_are_known_leave_the_scores_and_are_right():
    rows = np.arange(30)
    data, drawn = dataset(people=PEOPLE), answered(columns(("given", 0.0), seeds=1), [0], rows)
    (run,) = found = study.runs(data, drawn, FEATURES, plan(1, 1, "given"), 1, "made")
    assert (run.p_low[rows] == 0).all() and (run.tier[rows] == 0).all() and np.isfinite(run.p_low).all()
    tables = run_tables.all_tables(found, data, drawn, plan(1, 1, "given"))
    assert tables["tiers"].query("tier != 'sure'")["count"].sum() == N
    # of the labels in use; answers are right, so no wrong label is among them
    share = tables["tiers"].set_index("tier")["errors_found_share"]
    assert share[["obvious", "possible", "rest"]].sum() == pytest.approx(1)
    counted = tables["detection_reliability"].query("score == 'noise_model'")["count"].sum()
    assert counted == N - 30


def test_without_truth_only_what_needs_none_is_told():
    data = dataset(np.full(N, -1), PEOPLE)
    drawn = columns(("given", 0.0), seeds=1)
    drawn = drawn._replace(realised_rate=np.array([np.nan]), realised=np.full((1, 3, 3), np.nan))
    found = study.runs(data, drawn, FEATURES, plan(1, 1, "given"), 1, "made")
    made = run_tables.all_tables(found, data, drawn, plan(1, 1, "given"))
    for name in ("detection", "detection_intervals", "detection_reliability"):
        assert made[name].empty, name
    assert made["tiers"]["share_wrong"].isna().all() and made["tiers"]["stated"].notna().any()
    assert made["gate"][["flagged_wrong", "withheld_wrong"]].isna().all(axis=None)
    assert made["noise_rate"]["estimate"].notna().all() and made["noise_matrix"]["truth"].isna().all()
    assert np.isfinite(found[0].p_low).all()  # test examples too: they have a label as given


def test_of_many_classes_the_largest_confusions_are_told():
    estimate = np.full((31, 31), 0.001)
    estimate[3, 4], estimate[5, 6] = 0.5, 0.4
    told = run_tables._listed(estimate + np.random.default_rng(0).random((31, 31)) * 1e-4)
    assert told.diagonal().all() and told.sum() == 31 + run_tables.LARGEST and told[3, 4] and told[5, 6]


def test_few_of_many_classes_are_stored_and_read_by_the_list(tmp_path, monkeypatch):
    """Two classes of three are kept: the list is nearly what it is with all."""
    of, made = columns(("given", 0.15), seeds=1), dataset(people=PEOPLE)
    monkeypatch.setattr(gate, "judge", lambda *_: Gate(ALL, RULE_A, *[0.0] * 8, np.nan, 0.0))

    def shown(name):
        own = plan(source="given")
        runs = study.runs(made, of, FEATURES, own, 1, "made")
        run_tables.all_tables(runs, made, of, own)
        files.save_arrays(tmp_path / name, study.arrays(runs))
        return detected.as_shown(detected.load(tmp_path / name), 0, made, of, Source("given", 0.15, None))

    whole = shown("whole.npz")
    monkeypatch.setattr(many, "MOST_CLASSES", 2)
    monkeypatch.setattr(many, "KEPT", 2)
    found = shown("kept.npz")
    assert files.load_arrays(tmp_path / "kept.npz")["posterior"].shape == (1, N, 2)
    assert np.abs(found.p_wrong - whole.p_wrong).mean() < 0.02
    assert (found.suggestion == whole.suggestion).mean() > 0.97
    assert (found.tier == whole.tier).mean() > 0.9


def test_whether_classes_are_many_is_decided_once_for_a_data_set(monkeypatch):
    """A seed of which images are left out has fewer than another; what is stored of both has one form."""
    made, of = dataset(), columns(("symmetric", 0.2), seeds=2)
    of.answers[1, :40] = LEFT_OUT
    most, fewest = (len(task.where) for task in study.tasks(made, of, plan(2, 0)))
    assert fewest < most
    monkeypatch.setattr(many, "MOST_VALUES", fewest * CLASSES)
    monkeypatch.setattr(many, "KEPT", 2)
    found = study.runs(made, of, FEATURES, plan(2, 0), 1, "made")
    assert study.arrays(found)["q_class"].shape == (2, N, 2)
