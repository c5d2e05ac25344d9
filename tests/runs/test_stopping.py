"""Early stopping that development seeds say: which runs wait for which, and what they then leave."""

from types import SimpleNamespace

import numpy as np
import pytest
import tiny
import tiny_study

from labelnoise.runs import estimates, execute, results, stopping
from labelnoise.runs.plan import complete
from labelnoise.runs.run import settings
from labelnoise.train import store
from labelnoise.train.program import Place

NAN, EPOCHS, DEVELOPMENT = np.nan, 8, (0, 1, 2)


def chosen(*curves, rounds=1):
    """The epoch that runs with these noisy validation accuracies say."""
    left = [(None, {"history_val_accuracy": np.array(curve), "rounds": np.array(rounds)}) for curve in curves]
    return stopping.epoch(SimpleNamespace(each=lambda *names: left))


def test_the_highest_mean_over_runs_smoothed_over_three_epochs():
    """Mean .4 .6 .5 .6 .6 .2, smoothed .5 .5 .567 .567 .467 .4: the first of two. Smoothed alone, .85 comes first
    in one run and .767 fourth in the other."""
    early, late = [0.8, 0.9, 0.5, 0.3, 0.3, 0.2], [0.0, 0.3, 0.5, 0.9, 0.9, 0.2]
    assert (chosen(early, late), chosen(early), chosen(late)) == (2, 0, 3)


def test_a_run_that_diverged_counts_as_long_as_it_was_finite():
    """Mean .5 .85 .9 .2, smoothed .675 .75 .65 .55; of the sound run alone .45 .6 .633 .55."""
    sound = [0.1, 0.8, 0.9, 0.2]
    assert (chosen(sound, [0.9, 0.9, NAN, NAN]), chosen(sound, [NAN] * 4)) == (1, 2)


def test_runs_that_all_diverged_say_nothing():
    assert chosen([NAN] * 4, [NAN] * 4) == -1


def test_epochs_count_in_the_last_round():
    """The first round is better throughout."""
    first, second = [1.0, 1.0, 0.9, 0.8], [0.1, 0.2, 0.4, 0.3]  # smoothed .15 .233 .3 .35
    assert (chosen(first + second, rounds=2), chosen(first)) == (3, 0)


def test_runs_of_the_main_study_on_studied_seeds_wait_for_those_of_development():
    params = tiny.PARAMS
    seeds, cell = tuple(range(params.study.development)), tiny_study.runs()[0]._replace(name="", method="")
    studied = cell._replace(seed=params.study.first_seed)
    run = estimates.method_run(params, "elr", studied)
    assert run.held == seeds
    assert stopping.on(run) == [estimates.method_run(params, "elr", cell._replace(seed=seed)) for seed in seeds]
    assert estimates.first(params, studied).held == seeds
    assert not any(fold.held for fold in estimates.folds(params, studied))
    assert not estimates.method_run(params, "joint_hard", studied).held  # no run in every cell
    for other in (cell, studied._replace(data="answers"), studied._replace(change="answers")):
        assert not estimates.method_run(params, "elr", other).held


def own_labels(seeds=3, **of):
    """params.yaml with so many seeds from 4 on and, if nothing else is said, none of development; a cell of labels
    as given."""
    study = tiny.PARAMS.study.model_copy(update={"seeds": seeds, "first_seed": 4, "development": 0} | of)
    cell = tiny_study.runs()[0]._replace(noise="given", noise_rate=0.0, seed=5, name="", method="")
    return tiny.PARAMS.model_copy(update={"study": study}), cell


def test_labels_as_given_are_judged_over_all_seeds_of_the_study():
    params, cell = own_labels()
    run = estimates.method_run(params, "elr", cell)
    assert run.held == (4, 5, 6) == estimates.first(params, cell).held
    assert [(other.seed, other.held) for other in stopping.on(run)] == [(4, ()), (5, ()), (6, ())]
    assert not any(fold.held for fold in estimates.folds(params, cell))
    for other in (
        cell._replace(noise="symmetric", noise_rate=0.4),
        cell._replace(seed=7),
        cell._replace(change="a"),
    ):
        assert not estimates.method_run(params, "elr", other).held
    assert not estimates.method_run(
        own_labels(seeds=1)[0], "elr", cell._replace(seed=4)
    ).held  # it is all there is
    assert estimates.method_run(own_labels(development=2)[0], "elr", cell).held == (0, 1)


def test_seeds_that_stop_together_are_trained_twice_and_told_once(tmp_path):
    """Each at the epoch that is best over all; what only said so is in no table."""
    seeds = (0, 1, 2)
    asked = [run._replace(held=seeds) for run in tiny_study.runs(rates=(0.2,))]
    plan = complete(tiny_study.plan(asked, tiny_study.data(epochs=EPOCHS)))
    assert sorted(plan.runs) == sorted([*asked, *(run._replace(held=()) for run in asked)])
    places = execute.train(plan, Place(tmp_path, 1e9), 1, "test")
    alone = [store.read(tmp_path, places[run._replace(held=())]) for run in asked]
    mean = np.mean([entry["history_val_accuracy"] for entry in alone], 0)
    smooth = [mean[max(at - 1, 0) : at + 2].mean() for at in range(EPOCHS)]
    results.write(places, tmp_path, tmp_path / "told")
    told = results.load(tmp_path / "told")
    assert (
        told.keys["entry"].tolist() == [places[run] for run in asked]
        and len(list(tmp_path.glob("told/*.npz"))) == 3
    )
    assert set(told["best_noisy_val_epoch"]) == {smooth.index(max(smooth))}
    assert len({int(entry["best_noisy_val_epoch"]) for entry in alone}) > 1  # alone they say different epochs
    for entry, own in zip(alone, told["probs_last"], strict=True):
        np.testing.assert_array_equal(entry["probs_last"], own)


@pytest.fixture(scope="module", params=["cross_entropy", "self_training"])
def trained(request, tmp_path_factory):
    """A run of seed 3 in one or in two rounds, and what it waits for: the run, the plan, and where runs are."""
    folder = tmp_path_factory.mktemp("store")
    run = tiny_study.runs(rates=(0.2,), seeds=4, method=request.param)[3]._replace(held=DEVELOPMENT)
    plan = complete(tiny_study.plan([run], tiny_study.data(seeds=4, epochs=EPOCHS)))
    places = execute.train(plan, Place(folder, 1e9), 1, "test")
    return plan.runs[-1], plan, places, folder


def left(trained, run):
    _, _, places, folder = trained
    return store.read(folder, places[run])


def test_a_run_waits_for_the_runs_that_say_when_it_stops(trained):
    run, plan, places, _ = trained
    assert plan.runs == [run._replace(seed=seed, held=()) for seed in DEVELOPMENT] + [run]
    assert plan.requires(run) == plan.runs[:-1] and places.keys() == set(plan.runs)


def test_a_run_stops_at_the_epoch_that_they_say(trained):
    """Of its last round; its probabilities are those of then."""
    run, plan, _, _ = trained
    entries = [left(trained, other) for other in plan.runs[:-1]]
    rounds = {"cross_entropy": 1, "self_training": 2}[run.method]
    mean = np.mean([entry["history_val_accuracy"][-EPOCHS:] for entry in entries], 0)
    smooth = [mean[max(at - 1, 0) : at + 2].mean() for at in range(EPOCHS)]
    expected = (rounds - 1) * EPOCHS + smooth.index(max(smooth))
    own = left(trained, run)
    assert own["rounds"] == rounds and own["best_noisy_val_epoch"] == expected
    hits = own["probs_best_noisy_val"].argmax(-1)[own["val_index"]] == own["val_labels"]
    assert hits.mean() == pytest.approx(own["history_val_accuracy"][expected])
    for entry in entries:  # which say it themselves
        curve = entry["history_val_accuracy"][-EPOCHS:]
        alone = [curve[max(at - 1, 0) : at + 2].mean() for at in range(EPOCHS)]
        assert entry["best_noisy_val_epoch"] == (rounds - 1) * EPOCHS + alone.index(max(alone))


def test_the_epoch_is_part_of_what_is_trained(trained):
    """A run that says it itself is another program, which trains in the same way."""
    run, plan, places, folder = trained
    free = tiny_study.plan([run._replace(held=())], plan.data["study"])
    other = execute.train(free, Place(folder, 1e9), 1, "test")
    one, two = (store.read(folder, name) for name in (places[run], *other.values()))
    assert places[run] not in other.values()
    np.testing.assert_array_equal(one["probs_last"], two["probs_last"])


def test_runs_that_say_nothing_leave_it_to_the_run(tmp_path):
    """Development runs whose learning rate is beyond all measure."""
    run = tiny_study.runs(rates=(0.2,), seeds=4)[3]._replace(held=(0, 1), settings=settings({"lr": 1e30}))
    plan = complete(tiny_study.plan([run], tiny_study.data(seeds=4)))
    places = execute.train(plan, Place(tmp_path, 1e9), 1, "test")
    assert plan.stop(run, places, tmp_path) == -1 == store.read(tmp_path, places[run])["best_noisy_val_epoch"]
