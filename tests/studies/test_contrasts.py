"""Which runs the claims need, and that every number of the table belongs to its run."""

import numpy as np
import pandas as pd
import pytest
import tiny_setting

from labelnoise import planned, results
from labelnoise.runs.data import GIVEN
from labelnoise.runs.run import Examples
from labelnoise.studies import contrasts, setting


@pytest.fixture(scope="module")
def of():
    return tiny_setting.make()


WANTED = {
    "elr_plain": {("symmetric", 0.4): [0, 2]},
    "forward_oracle": {("pair_flip", 0.45): [0, 1, 7], ("human", 0.0): [0]},  # of which the last two are not drawn
    "nnaqc": {("symmetric", 0.4): [0, 1, 2]},
}


@pytest.fixture
def asked(monkeypatch):
    monkeypatch.setattr(planned, "contrast_runs", lambda params: WANTED)


def outcome(of, run, hits, learned=None):
    """What a run leaves that has the first `hits` of its test images right, and those it trains on."""
    probs = np.eye(tiny_setting.C)[tiny_setting.CLEAN]
    tested = np.flatnonzero(of.main.tested(run.seed))
    probs[tested[hits:]] = np.roll(probs[tested[hits:]], 1, axis=1)
    index = np.flatnonzero(of.main.training.column(*run[2:5]) >= 0)
    history = {f"history_fitted_{name}": [0.0, 1.0] for name in ("clean", "wrong")}
    history["history_test_accuracy"] = [(hits + 1) / 100, 0.0]
    more = {} if learned is None else {"transition": learned}
    parts = {"index": index, "val_index": index[:2]}
    return {"probs_last": probs, "probs_best_noisy_val": probs, **parts, **history, **more}


def test_runs_are_those_of_the_claims_cells_and_their_seeds(asked, of):
    found = [(run.name, run.noise, run.seed) for run in contrasts.runs(of)]
    assert found == [
        *(("elr_plain", "symmetric", seed) for seed in (0, 2)),
        *(("forward_oracle", "pair_flip", seed) for seed in (0, 1)),
        *(("nnaqc", "symmetric", seed) for seed in range(3)),
    ]
    row = next(run for run in contrasts.runs(of) if run.name == "elr_plain")
    assert row.method == "elr" and "grid" not in dict(row.section)


def test_the_committed_claims_have_their_seeds(of):
    assert {run.seed for run in contrasts.runs(of)} == {0, 1, 2}
    fewer = of.params.model_copy(update={"claims": of.params.claims.model_copy(update={"seeds": 2})})
    assert {run.seed for run in contrasts.runs(of._replace(params=fewer))} == {0, 1}


def test_cells_in_which_only_errors_are_looked_for_are_not_trained(of, monkeypatch):
    monkeypatch.setattr(planned, "contrast_runs", lambda params: {"nnaqc": {("pair_flip", 0.3): [0, 1]}})
    assert contrasts.runs(of) == []


def test_labels_as_given_cannot_judge_a_claim(asked, of):
    given = of.main._replace(reference=of.main.reference._replace(name=GIVEN))
    assert contrasts.runs(of._replace(main=given)) == []


def test_every_run_gets_its_own_numbers(asked, of, tmp_path):
    """Beside runs that no claim needs: of another method, cell, seed, on other examples and other labels."""
    runs = contrasts.runs(of)
    others = setting.of_method(of, "nnaqc", setting.cells(of))
    others += [runs[-1]._replace(examples=Examples("bag")), runs[-1]._replace(change="random 0.0 0.2")]
    others = [run for run in others if run not in runs]
    hits = {run: at for at, run in enumerate([*runs, *others])}
    done = tiny_setting.left(tmp_path, {run: outcome(of, run, hits[run]) for run in reversed(hits)})
    table = results.check("contrasts", contrasts.tables(of, done)["contrasts"])
    keys = ["method", "network", "noise", "noise_rate", "realised_rate", "seed", "value"]
    last = {run: hits[run] / of.main.tested(run.seed).sum() for run in runs}
    best = {run: (hits[run] + 1) / 100 for run in runs}
    for metric, values in (("test_accuracy", last), ("test_accuracy_best", best)):
        found = table[table["metric"] == metric][keys]
        rates = {run: setting.key(of, run)["realised_rate"] for run in runs}
        made = [(run.name, *run[1:4], rates[run], run.seed, values[run]) for run in runs]
        assert sorted(found.itertuples(index=False, name=None)) == sorted(made)
    assert table.groupby(["method", "noise", "seed"]).ngroups == len(runs)


@pytest.mark.parametrize(("name", "learned"), [("forward_oracle", False), ("nnaqc", True), ("elr_plain", False)])
def test_gradients_use_the_true_matrix_of_an_oracle_and_else_the_learned_one(name, learned, asked, of, tmp_path):
    run = next(run for run in contrasts.runs(of) if run.name == name)
    matrix = 0.8 * np.eye(3) + 0.2 / 3
    done = tiny_setting.left(tmp_path, {run: outcome(of, run, 9, matrix if learned else None)})
    metrics = set(contrasts.tables(of, done)["contrasts"]["metric"])
    assert ("gradient_share_wrong_forward" in metrics) == (name != "elr_plain")


def test_no_run_gives_an_empty_table(of, tmp_path, monkeypatch):
    monkeypatch.setattr(planned, "contrast_runs", lambda params: {})
    table = contrasts.tables(of, tiny_setting.left(tmp_path, {}))["contrasts"]
    assert results.check("contrasts", table).empty and isinstance(table, pd.DataFrame)
