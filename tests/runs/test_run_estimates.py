"""What methods are told: from the one fold run that left an example out, from first runs, or the truth."""

from pathlib import Path

import numpy as np
import pytest
import tiny
import tiny_study

from labelnoise.runs import estimates, execute, results
from labelnoise.runs.plan import Plan, complete
from labelnoise.runs.run import FOLD, SPLIT
from labelnoise.train.program import Place
from labelnoise.types import Estimates
from labelnoise.uncertainty import clock as by_folds
from labelnoise.uncertainty import estimated


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """First runs and folds of two seeds, and what needs them."""
    folder, of = tmp_path_factory.mktemp("store"), tiny_study.data()
    runs = [run._replace(source=estimates.FOLDS) for run in tiny_study.runs(method="forward_estimated")[:2]]
    plan = complete(Plan(tiny.PARAMS, runs, {"study": of}, estimates.SOURCES, {}))
    places = execute.train(plan, Place(folder, 1e9), 1, "test")
    return plan, results.of(places, folder), of


def test_a_plan_is_completed_with_what_its_runs_wait_for(done):
    plan, _, _ = done
    kinds = [(run.examples.kind, run.seed) for run in plan.runs if run.source == ""]
    folds = tiny.PARAMS.estimate.folds
    assert kinds == [pair for seed in (0, 1) for pair in [(SPLIT, seed), *[(FOLD, seed)] * folds]]
    assert complete(plan) == plan


def test_what_is_waited_for_may_wait_itself():
    """A source of a source: its runs come too, and a run that nobody plans is no endless wait."""
    first, second, third = tiny_study.runs()[:3]
    asked = third._replace(source="third")
    waits = {"third": second._replace(source="second"), "second": first}
    sources = {name: estimates.Source(lambda params, run: [waits[run.source]], lambda *args: {}) for name in waits}
    plan = complete(Plan(tiny.PARAMS, [asked], {}, sources, {}))
    assert set(plan.runs) == {asked, *waits.values()}
    with pytest.raises(ValueError, match="waits for a run that is not planned"):
        execute.train(plan._replace(runs=[asked]), Place(Path("store"), 1e9), 1, "test")


@pytest.mark.parametrize("oracle", [False, True])
def test_only_an_oracle_is_given_the_truth(oracle):
    seen = []
    source = estimates.Source(lambda *args: [], lambda params, data, *rest: seen.append(data) or {}, oracle)
    run = tiny_study.runs()[0]._replace(source="one")
    Plan(tiny.PARAMS, [run], {"study": tiny_study.data()}, {"one": source}, {}).estimates(run, {}, Path())
    assert hasattr(seen[0], "clean_labels") == oracle


def test_every_example_is_predicted_by_the_run_that_left_it_out(done):
    _, found, _ = done
    for seed in (0, 1):
        first = found.select(seed=seed, name="cross_entropy", examples=SPLIT)
        (index,) = first["index"]
        out = estimates.pred_probs(index, found.select(seed=seed, examples=FOLD))
        assert out.shape == (len(index), tiny_study.CLASSES) and np.isfinite(out).all()
        for _, run in found.select(seed=seed, examples=FOLD).each("*"):
            left_out = run["val_index"][run["val_labels"] >= 0]
            assert not set(left_out) & set(run["index"])
            np.testing.assert_array_equal(
                out[np.isin(index, left_out)], run["probs_best_noisy_val"][np.sort(left_out)]
            )


def test_estimates_are_those_of_the_runs_own_column(done):
    plan, found, of = done
    for run in (run for run in plan.runs if run.source):
        told = estimates.SOURCES[estimates.FOLDS].estimate(plan.params, of.training, run, found)
        assert set(told) == set(Estimates._fields) - {"half_run"}  # which is known of every run
        own = found.select(seed=run.seed, name="cross_entropy")
        first = own.select(examples=SPLIT)
        out = estimates.pred_probs(first["index"][0], own.select(examples=FOLD))
        expected = estimated.estimate(
            first["probs_best_noisy_val"],
            of.training.column("symmetric", 0.2, run.seed)[None],
            out[None],
            first["index"],
            plan.params.estimate.anchor_percentile,
        )
        for name in expected:
            np.testing.assert_array_equal(told[name], expected[name][0])
        np.testing.assert_array_equal(told["pred_probs"], out)
        folds = own.select(examples=FOLD)
        share = np.mean([len(run["index"]) for _, run in folds.each("index")]) / len(first["index"][0])
        found_clock = by_folds.clock(folds["history_val_accuracy"], len(first["index"][0]), share)
        assert told["clock"] == found_clock.epochs >= 1


def test_an_oracle_is_told_the_truth():
    of, run = tiny_study.data(), tiny_study.runs()[4]
    told = estimates.SOURCES[estimates.ORACLE].estimate(tiny.PARAMS, of, run, None)
    np.testing.assert_array_equal(told["transition"], of.designed[4])
    labelled = of.training.column("symmetric", 0.4, 1) >= 0
    np.testing.assert_allclose(told["prior"], np.bincount(tiny_study.CLEAN[labelled]) / labelled.sum())


def test_a_row_of_methods_says_what_it_needs():
    cell = tiny_study.runs()[0]._replace(name="", method="")
    plain = estimates.method_run(tiny.PARAMS, "cross_entropy", cell)
    assert plain == estimates.first(tiny.PARAMS, cell) and not plain.needs
    known = estimates.method_run(tiny.PARAMS, "forward_estimated", cell)
    assert (known.source, known.needs, known.oracle) == (estimates.FOLDS, ("transition",), False)
    decayed = estimates.method_run(tiny.PARAMS, "backward_weight_decay", cell)
    assert dict(decayed.settings) == {"weight_decay": 0.0005} and not known.settings
    oracle = estimates.method_run(tiny.PARAMS, "forward_oracle", cell)
    assert (oracle.source, oracle.oracle, oracle.method) == (estimates.ORACLE, True, known.method)


def test_after_a_recheck_methods_are_told_what_was_estimated_before():
    run = tiny_study.runs()[0]
    after = run._replace(data="rechecked", change="noise_model 0.0 0.1", source=estimates.FOLDS)
    requires = estimates.SOURCES[estimates.FOLDS].requires
    assert requires(tiny.PARAMS, after) == requires(tiny.PARAMS, run)
