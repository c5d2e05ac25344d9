"""What networks leave of a cell: dynamics of the runs that methods share, folds, and bags and planted runs."""

import numpy as np
import pytest
import tiny_setting
from scipy.special import softmax
from tiny_setting import CLEAN, C, N

from labelnoise import results as of_tables
from labelnoise.runs import estimates, execute, programs, results
from labelnoise.runs.plan import Plan
from labelnoise.runs.run import BAG, PLANTED
from labelnoise.studies import setting
from labelnoise.studies.alternatives import runs, tables
from labelnoise.train import program, store
from labelnoise.train.program import Place


@pytest.fixture(scope="module")
def of():
    return tiny_setting.make()


@pytest.fixture(scope="module")
def done(of, tmp_path_factory):
    """Every run of the study, trained."""
    plan = Plan(of.params, runs.runs(of), {"study": of.main}, estimates.SOURCES, {})
    place = Place(tmp_path_factory.mktemp("store"), 1e9)
    return results.of(execute.train(plan, place, 1, "test"), place.store)


@pytest.fixture(scope="module")
def left(of, done):
    bagged = runs.bagged(of)
    return {cell: tables.trained(of, cell, done, cell in bagged) for cell in setting.trained(of)}


def test_only_plain_cross_entropy_is_watched(of):
    cells = setting.trained(of)
    watched = {name: setting.of_method(of, name, cells)[0].watch for name in ("cross_entropy", "nnaqc")}
    assert watched == {"cross_entropy": program.DYNAMICS, "nnaqc": ""}
    assert set(setting.of_method(of, "cross_entropy", cells)) <= set(runs.runs(of))


def test_dynamics_are_those_of_the_probabilities_epoch_by_epoch(of, tmp_path, monkeypatch):
    """Of networks of numpy with the weights that a checkpoint has at the end of each epoch."""
    seen = []

    def keep(path, made, earlier):
        seen.append({name: value.double().numpy() for name, value in made.weights.items()})

    monkeypatch.setattr(store, "save_checkpoint", keep)
    runs = setting.of_method(of, "cross_entropy", setting.grid(of))[:2]
    plan = Plan(of.params, runs, {"study": of.main}, {}, {})
    (stack,) = programs.stacks(plan, programs.of(plan, runs, {}, tmp_path))
    program.execute(stack, Place(tmp_path, checkpoint_seconds=0))
    pixels, images = tiny_setting.PIXELS.reshape(N, -1), of.main.training.images
    inputs, epochs = (pixels - images.mean) / images.std, of.params.datasets["digits"].training.epochs
    for row, one in enumerate(stack.programs):
        entry = store.read(tmp_path, program.key(one))
        at = (entry["index"], entry["labels"].astype(int))
        p = np.array([of_mlp({name: w[row] for name, w in weights.items()}, inputs)[at] for weights in seen])
        assert p.shape == (epochs, len(entry["index"]))
        np.testing.assert_allclose(entry["dynamics_prob_mean"], p.mean(0), atol=1e-5)
        np.testing.assert_allclose(entry["dynamics_loss_mean"], -np.log(p).mean(0), rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(entry["dynamics_loss_last"], -np.log(p[-1]), rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(entry["dynamics_early_prob"], p[0], atol=1e-5)  # a sixth of three epochs: one
        np.testing.assert_allclose(entry["probs_last"][at], p[-1], atol=1e-6)  # beside them what every run leaves


def of_mlp(weights, inputs):
    """Probabilities [N, C] by a perceptron of one hidden layer."""
    hidden = np.maximum(inputs @ weights["hidden.0.weight"] + weights["hidden.0.bias"], 0)
    return softmax(hidden @ weights["head.weight"] + weights["head.bias"], 1)


def test_every_cell_has_its_own_dynamics_folds_and_training_part(of, done, left):
    assert list(left) == setting.trained(of)
    for cell, run in left.items():
        own = done.select(noise=cell.noise, noise_rate=cell.noise_rate, seed=cell.seed)
        first = own.select(examples="split")
        assert np.array_equal(run.index, first["index"][0]) and (run.labels[run.index] >= 0).all()
        assert np.array_equal(run.labels, of.main.training.column(*cell[2:5]))
        assert np.array_equal(run.dynamics["margin_mean"], first["dynamics_margin_mean"][0])
        assert np.array_equal(run.folds, estimates.pred_probs(run.index, own.select(examples="fold")))
    assert len({run.folds.tobytes() for run in left.values()}) == len(left)


def test_bags_and_planted_runs_are_there_in_their_cells_and_seeds_alone(of, done, left):
    bagged = [cell for cell, run in left.items() if run.bags is not None]
    assert bagged == runs.bagged(of) == [cell for cell in left if (cell.noise, cell.seed) == ("symmetric", 0)]
    assert all((run.full is None) == (run.bags is None) for run in left.values())
    assert set(done.keys.query("examples in ['bag', 'planted']")["seed"]) == {0}
    run = left[bagged[0]]
    pool = run.labels >= 0
    assert run.bags.probs.shape == (N, C) and np.isfinite(run.bags.probs[~pool]).all()  # no bag has test images
    sums = run.bags.probs.sum(1)
    np.testing.assert_allclose(sums[np.isfinite(sums)], 1, rtol=1e-5)
    assert np.isfinite(run.full.dynamics["loss_mean"]).all(0).tolist() == pool.tolist()
    assert run.full.planted.sum(1).tolist() == [pool.sum() // 10] * 2 and not run.full.planted[:, ~pool].any()


def test_bags_stand_at_their_last_epoch_and_planted_runs_are_watched(of):
    (cell,) = runs.bagged(of)
    bags, planted = runs.bags(of, cell), runs.planted(of, cell)
    settings = [dict(run.settings) for run in (bags[0], planted[0])]
    assert [(own["epochs"], own["evaluate"]) for own in settings] == [(2, "last"), (2, "every")]
    assert {run.watch for run in bags} == {""} and {run.watch for run in planted} == {"dynamics"}
    assert [run.examples for run in bags] == [(BAG, k, 4, 0.0) for k in range(4)]
    assert [run.examples for run in planted] == [(PLANTED, k, 2, 0.1) for k in range(2)]


def test_diverged_runs_say_nothing(of, tmp_path):
    arrays = {"index": np.arange(2, 7), "planted": np.zeros(5, bool), "dynamics_forgetting": np.arange(5.0)}
    planted = runs.planted(of, runs.bagged(of)[0])
    epochs = dict(zip(planted, (-1, 2), strict=True))
    done = tiny_setting.left(tmp_path, {run: arrays | {"diverged_epoch": at} for run, at in epochs.items()})
    whole, broken = tables._full(done, N).dynamics["forgetting"]
    assert whole[2:7].tolist() == [0, 1, 2, 3, 4] and np.isnan(broken).all() and np.isnan(whole[[1, 7]]).all()
    first = {"dynamics_forgetting": np.arange(5.0), "diverged_epoch": np.array(2)}
    assert np.isnan(tables._dynamics(first)["forgetting"]).all()


def test_the_uncertainty_of_bags_is_told_of_the_cells_that_have_them(of, done):
    made = tables.tables(of, done)
    table = of_tables.check("uncertainty", made["uncertainty"])
    keys = ["network", "noise", "noise_rate", "seed"]
    assert table[keys].drop_duplicates().to_numpy().tolist() == [["mlp", "symmetric", 0.4, 0]]
    bagged = set(made["alternatives"].query("score == 'oob_entropy'")["seed"])
    assert bagged == {0} and set(made["alternatives"].query("score == 'aum'")["seed"]) == {0, 1, 2}


def test_no_uncertainty_is_told_where_no_truth_is_known(of, left):
    unsure = of._replace(dataset=of.dataset._replace(clean_labels=np.full(N, -1)))
    (cell,) = runs.bagged(of)
    assert tables._uncertainty(unsure, cell, left[cell].bags).empty
    few = of._replace(dataset=of.dataset._replace(clean_labels=np.where(np.arange(N) < 30, CLEAN, -1)))
    assert not tables._uncertainty(few, cell, left[cell].bags).empty
