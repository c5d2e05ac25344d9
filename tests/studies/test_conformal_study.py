"""Sets and temperatures of made-up networks, worked out along another path, and of networks that were trained."""

import numpy as np
import pandas as pd
import pytest
import tiny_setting
from tiny_setting import CLEAN, C, N

from labelnoise import results
from labelnoise.runs import estimates, execute
from labelnoise.runs import results as runs
from labelnoise.runs.data import GIVEN
from labelnoise.runs.plan import Plan, complete
from labelnoise.runs.run import FOLD
from labelnoise.studies import conformal, setting
from labelnoise.train.program import Place

LEVEL = 0.9
CELLS, SEEDS = {("symmetric", 0.4), ("pair_flip", 0.45)}, 2
RANKS = {39: 36, 42: 39}  # labels: ceil of (labels + 1) x .9


@pytest.fixture(scope="module")
def of():
    return tiny_setting.make()


def pool(of, run):
    """Images that a seed does not test on, 39 or 42 of 60: here all of them train and validate."""
    return np.flatnonzero(of.main.training.column(*run[2:5]) >= 0)


def probs_of(run, selection):
    """A network that knows the class with a probability of .4 to .9, the rest by chance; its own for each run."""
    rng = np.random.default_rng([ord(run.noise[0]), run.seed, ord(selection[0])])
    sure, rest = rng.uniform(0.4, 0.9, N), rng.dirichlet(np.ones(C), N)
    return sure[:, None] * np.eye(C)[CLEAN] + (1 - sure[:, None]) * rest


def outcome(of, run):
    """What a first run leaves, or one by folds, which is sure of the clean class."""
    index = pool(of, run)
    labels = of.main.training.column(*run[2:5])
    if run.examples.kind == FOLD:
        held = index[run.examples.number :: run.examples.of]
        told = {"probs_best_noisy_val": np.eye(C)[CLEAN], "history_val_accuracy": np.array([0.1, 0.5])}
        return told | {"index": np.setdiff1d(index, held), "val_index": held, "val_labels": labels[held]}
    told = {f"probs_{name}": probs_of(run, name) for name in conformal.SELECTIONS}
    # stacked runs may differ in their validation parts: what one lacks has no label
    padded = {"val_index": np.append(index, index[0]), "val_labels": np.append(labels[index], -1)}
    return told | {"index": index} | padded


@pytest.fixture(scope="module")
def made(of, tmp_path_factory):
    """The tables, checked, of runs in disorder, beside runs of other seeds, methods and labels."""
    wanted = dict.fromkeys(conformal.runs(of))
    others = setting.of_method(of, "cross_entropy", setting.cells(of))  # more seeds, for claims
    others += [run._replace(change="random 0.0 0.2") for run in list(wanted)[:1]]
    told = {run: outcome(of, run) for run in reversed([*wanted, *(run for run in others if run not in wanted)])}
    done = tiny_setting.left(tmp_path_factory.mktemp("done"), told)
    return {name: results.check(name, table) for name, table in conformal.tables(of, done).items()}


def test_runs_are_those_of_other_studies(of):
    """First runs and runs by folds of the grid, in which cross-entropy is trained anyway."""
    found = conformal.runs(of)
    assert {(run.noise, run.noise_rate) for run in found} == CELLS
    cells = setting.grid(of)
    assert set(found) == {
        r for c in cells for r in (estimates.first(of.params, c), *estimates.folds(of.params, c))
    }


def test_a_row_per_run_score_and_calibration(of, made):
    runs_ = len(CELLS) * SEEDS * 2  # selections
    sets, temperatures = made["conformal"], made["temperature"]
    assert len(sets) == runs_ * 2 * 4 and len(temperatures) == runs_ * 5
    assert set(sets["calibration"]) == {"noisy_labels", "confident_joint", "designed", "clean_labels"}
    for table in made.values():
        told = table["calibration"].isin(["designed", "clean_labels"])
        assert (table["oracle"].astype(bool) == told).all()
        assert (table["examples"] == table["seed"].map({r.seed: len(pool(of, r)) for r in setting.grid(of)})).all()
    assert (sets["level"] == LEVEL).all()


def rows(table, run, selection, **where):
    chosen = table[(table["noise"] == run.noise) & (table["seed"] == run.seed) & (table["selection"] == selection)]
    for column, value in where.items():
        chosen = chosen[chosen[column] == value]
    return chosen


def each_run(of):
    for run in setting.of_method(of, "cross_entropy", setting.grid(of)):
        for selection in conformal.SELECTIONS:
            yield run, selection, probs_of(run, selection), of.main.tested(run.seed)


@pytest.mark.parametrize("calibration", ["noisy_labels", "clean_labels"])
def test_labels_as_they_are_take_the_split_conformal_rank(calibration, of, made):
    """Sets hold all classes of at least the 36th largest probability of 39 labels, or the 39th of 42."""
    for run, selection, probs, tested in each_run(of):
        at = pool(of, run)
        labels = CLEAN[at] if calibration == "clean_labels" else of.main.training.column(*run[2:5])[at]
        least = sorted(probs[at, labels], reverse=True)[RANKS[len(at)] - 1]
        members = probs[tested] >= least
        (row,) = rows(
            made["conformal"], run, selection, calibration=calibration, score="least_ambiguous"
        ).itertuples()
        assert row.coverage == pytest.approx(np.mean([m[c] for m, c in zip(members, CLEAN[tested], strict=True)]))
        assert row.set_size == pytest.approx(members.sum() / tested.sum())
        assert row.empty_share == pytest.approx(1 - members.any(1).mean())


def test_the_confident_joint_of_sure_networks_is_the_matrix_as_drawn(of, made):
    """And sets follow from it by a sum over labels and classes, one threshold after another."""
    for run, selection, probs, tested in each_run(of):
        at, labels = pool(of, run), of.main.training.column(*run[2:5])
        drawn = pd.crosstab(CLEAN[at], labels[at], normalize="index").to_numpy()
        inverse, summed = np.linalg.inv(drawn), {}
        for threshold in np.sort(-probs[at].ravel()):
            inside = -probs[at] <= threshold
            summed[threshold] = sum(inverse[y] @ m for y, m in zip(labels[at], inside, strict=True)) / len(at)
        rising = _rising(list(summed.values()))
        level = LEVEL * (len(at) + 1) / len(at)
        tau = next((t for t, share in zip(summed, rising, strict=True) if share >= level), np.inf)
        members = -probs[tested] <= tau
        (row,) = rows(
            made["conformal"], run, selection, calibration="confident_joint", score="least_ambiguous"
        ).itertuples()
        assert row.coverage == pytest.approx(members[np.arange(len(members)), CLEAN[tested]].mean())
        assert row.set_size == pytest.approx(members.sum(1).mean())


def _rising(values):
    """Pool adjacent violators, by hand: means of blocks until none is above the next."""
    blocks = []
    for value in values:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append([(a * n + b * m) / (n + m), n + m])
    return [mean for mean, count in blocks for _ in range(count)]


def test_temperature_is_the_best_of_many_and_judged_by_clean_labels(of, made):
    """softmax(log p / t) is p ** (1 / t), normalised."""
    for run, selection, probs, tested in each_run(of):
        at, labels = pool(of, run), of.main.training.column(*run[2:5])
        tried = np.exp(np.linspace(-2.5, 4, 400))
        losses = [-np.log(_scaled(probs[at], t)[np.arange(len(at)), labels[at]]).mean() for t in tried]
        found = rows(made["temperature"], run, selection).set_index("calibration")
        assert found["temperature"]["noisy_labels"] == pytest.approx(tried[np.argmin(losses)], rel=0.02)
        for name, t in found["temperature"].items():
            clean = _scaled(probs[tested], t)[np.arange(tested.sum()), CLEAN[tested]]
            assert found["nll"][name] == pytest.approx(-np.log(clean).mean())
        assert found["temperature"]["none"] == 1


def _scaled(probs, temperature):
    powered = probs ** (1 / temperature)
    return powered / powered.sum(1, keepdims=True)


def test_a_run_that_diverged_has_rows_without_numbers(of, tmp_path):
    first, *others = conformal.runs(of)
    told = {run: outcome(of, run) for run in [first, *others]}
    broken = [run for run in told if run[:5] == first[:5]]
    for run in broken:
        lost = {name: np.full((N, C), np.nan) for name in told[run] if name.startswith("probs")}
        told[run] |= lost | {name: np.full(2, np.nan) for name in told[run] if name.startswith("history")}
    table = conformal.tables(of, tiny_setting.left(tmp_path, told))["conformal"]
    mine = (table["noise"] == first.noise) & (table["seed"] == first.seed)
    assert table.loc[mine, ["coverage", "set_size", "empty_share"]].isna().all(axis=None) and mine.any()
    assert table.loc[~mine, "coverage"].notna().all()


def test_without_clean_labels_there_is_no_study(of, tmp_path):
    unsure = of._replace(main=of.main._replace(reference=of.main.reference._replace(name=GIVEN)))
    assert conformal.runs(unsure) == []
    for name, table in conformal.tables(unsure, tiny_setting.left(tmp_path, {})).items():
        assert results.check(name, table).empty


def test_methods_are_those_of_the_parameters_that_were_trained(tmp_path):
    of = tiny_setting.make({"evaluate": {"conformal": {"methods": ["gce", "elr_plain", "sop"]}}})
    told = {run: outcome(of, run) for run in conformal.runs(of)}
    cells = setting.grid(of)
    told |= {run: outcome(of, run) for run in setting.of_method(of, "elr_plain", cells)}
    table = conformal.tables(of, tiny_setting.left(tmp_path, told))["conformal"]
    assert set(table["method"]) == {"elr_plain"}
    assert len(table) == len(cells) * 2 * 2 * 4  # selections, scores, calibrations


def test_on_what_training_left(tmp_path):
    """With fewer than nine validation labels no quantile is there, and every class is in every set."""
    of = tiny_setting.make({"study": {"seeds": 1}, "datasets": {"digits": {"noises": {"pair_flip": None}}}})
    plan = complete(Plan(of.params, conformal.runs(of), {"study": of.main}, estimates.SOURCES, {}))
    done = runs.of(execute.train(plan, Place(tmp_path, 60), 1, "conformal"), tmp_path)
    found = {name: results.check(name, table) for name, table in conformal.tables(of, done).items()}
    assert (found["conformal"]["coverage"] == 1).all() and (found["conformal"]["set_size"] == C).all()
    assert np.isfinite(found["temperature"][["temperature", "nll", "brier", "ece"]]).all(axis=None)
    assert found["temperature"]["examples"].between(4, 8).all()
