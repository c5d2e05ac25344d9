"""A plan is trained in waves, each run once, and nothing that the store holds."""

import numpy as np
import pytest
import tiny
import tiny_study

from labelnoise.runs import estimates, execute, programs, results
from labelnoise.runs.plan import Plan, complete
from labelnoise.runs.run import BAG, FOLD, settings
from labelnoise.train import engine, program, store
from labelnoise.train.program import Place

FEW = tiny.PARAMS.model_copy(update={"estimate": tiny.PARAMS.estimate.model_copy(update={"folds": 2})})


def needing(method="forward_estimated"):
    """Runs of two rates that wait for estimates, of one seed."""
    return [run._replace(source=estimates.FOLDS) for run in tiny_study.runs(seeds=1, method=method)]


def plan(runs=None, rates=(0.2, 0.4), of=None) -> Plan:
    """By default cross-entropy, which waits for nothing, last: it must be trained first all the same."""
    bags = tiny_study.bags(tiny_study.runs()[0], 2)
    made = [*needing(), *tiny_study.runs(seeds=1, method="gce"), *bags] if runs is None else runs
    data = tiny_study.data(rates=rates, seeds=1, epochs=2) if of is None else of
    return complete(Plan(FEW, made, {"study": data}, estimates.SOURCES, {}))


@pytest.fixture
def watched(monkeypatch):
    """Keys of the runs in the order in which they are trained, in this process."""
    trained, real = [], program.execute

    def execute(stack, place):
        trained.extend(program.key(one) for one in stack.programs)
        real(stack, place)

    monkeypatch.setattr(engine, "execute", execute)
    return trained


def train(made, folder, workers=1):
    return execute.train(made, Place(folder, 1e9), workers, "test")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The plan and a store that holds all of it."""
    folder = tmp_path_factory.mktemp("trained")
    return plan(), train(plan(), folder), folder


def copied(trained, folder):
    """A store like that of `trained`."""
    for path in trained[2].glob("*.npz"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_run_that_needs_estimates_is_trained_after_what_it_requires(watched, tmp_path, capfd):
    made = plan()
    places = train(made, tmp_path)
    names = watched
    assert len(names) == len(set(names)) and places.keys() == set(made.runs)
    for run in made.runs:
        own = names.index(places[run])
        assert all(names.index(places[needed]) < own for needed in made.requires(run))
    assert names.index(places[made.runs[-1]]) < names.index(places[needing()[0]])  # waits for nothing


def test_a_run_gets_the_estimates_of_its_own_column(trained):
    made, places, folder = trained
    run = needing()[1]
    needed = results.of({each: places[each] for each in made.requires(run)}, folder)
    known = estimates.of_cell(FEW, made.data["study"].training, run, needed)
    (own,) = programs.of(made, [run], places, folder).values()
    assert program.key(own) == places[run] and own.spec["method"] == "forward"
    np.testing.assert_array_equal(own.arrays["transition"], known["transition"])
    assert own.arrays.keys() - {"index", "labels", "val_index", "val_labels"} == set(run.needs)


def test_nothing_is_trained_twice(trained, watched):
    made, places, folder = trained
    assert train(made, folder) == places and watched == []
    assert execute.missing(made, Place(folder, 1e9)) == []


def test_one_and_two_workers_give_equal_bytes(trained, tmp_path, capfd):
    made, places, folder = trained
    assert train(made, tmp_path, 2) == places
    for name in places.values():
        entries = [store.finished(each, name).read_bytes() for each in (folder, tmp_path)]
        assert entries[0] == entries[1]


def test_a_damaged_entry_is_trained_again(trained, watched, tmp_path, capfd):
    made, places, _ = trained
    name = places[made.requires(needing()[0])[0]]
    path = store.finished(copied(trained, tmp_path), name)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert train(made, tmp_path) == places
    assert watched == [name] and path.read_bytes() == whole
    assert f"warning: {path}: damaged" in capfd.readouterr().err


def test_missing_are_those_that_wait_for_a_missing_run_too(trained, tmp_path):
    made, places, _ = trained
    everything = execute.missing(made, Place(tmp_path, 1e9))
    assert sorted(everything) == sorted(made.runs)
    folder = copied(trained, tmp_path)
    (fold, *_) = [run for run in made.runs if run.examples.kind == FOLD and run.noise_rate == 0.4]
    store.finished(folder, places[fold]).unlink()
    lacking = execute.missing(made, Place(folder, 1e9))
    assert [(run.name, run.examples.kind, run.noise_rate) for run in lacking] == [
        ("cross_entropy", FOLD, 0.4), ("forward_estimated", "split", 0.4)
    ]  # fmt: skip


def changed_method():
    runs = plan().runs
    section = settings(tiny.section("gce")[1] | {"q": 0.9})
    return plan([run._replace(section=section) if run.method == "gce" else run for run in runs])


def new_rate():
    runs = [*needing(), *tiny_study.runs(seeds=1, method="gce")]
    more = [run._replace(noise_rate=0.1) for run in runs if run.noise_rate == 0.2]
    return plan([*runs, *more], (0.2, 0.4, 0.1))


def another_seed():
    runs = tiny_study.runs(seeds=1, method="gce")
    return plan([*needing(), *runs, runs[0]._replace(seed=1)], of=tiny_study.data(seeds=2, epochs=2))


def other_epochs():
    return plan(of=tiny_study.data(seeds=1, epochs=3))


CHANGES = {  # what is trained then: name and rate of each run; folds follow the schedule of their run
    changed_method: {("gce", 0.2), ("gce", 0.4)},
    new_rate: {(name, 0.1) for name in ("cross_entropy", "gce", "forward_estimated")},
    another_seed: {("gce", 0.2)},
    other_epochs: {(n, rate) for n in ("cross_entropy", "gce", "forward_estimated") for rate in (0.2, 0.4)},
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_costs_its_own_runs_alone(change, trained, watched, tmp_path, capfd):
    """As told before, and then as trained."""
    made, folder = change(), copied(trained, tmp_path)
    lacking = execute.missing(made, Place(folder, 1e9))
    assert {(run.name, run.noise_rate) for run in lacking} == CHANGES[change]
    train(made, folder)
    assert len(watched) == len(lacking)
    assert execute.missing(made, Place(folder, 1e9)) == []


def test_the_time_left_counts_what_waits(monkeypatch, tmp_path):
    """The first wave is told how much comes after it: each run of a method, over all of its rounds."""
    told, known = [], tiny_study.estimates()
    monkeypatch.setattr(engine, "fill", lambda stacks, place, processes, title, later: told.append(later))
    monkeypatch.setattr(Plan, "estimates", lambda plan, run, *rest: known)
    train(plan([*needing(), *needing("joint_optimization")]), tmp_path)
    sizes = [(part.name, part.runs, part.epochs, part.images) for part in told[0]]
    assert sizes == [("", 1, 2, 31)] * 2 + [("", 1, 2 * 2, 31)] * 2 and told[-1] == []


def test_the_time_left_does_not_count_what_the_store_holds(trained, monkeypatch, tmp_path):
    """Of the two runs that wait, one waits for a fold that is gone; a bag is trained too."""
    made, places, _ = trained
    folder, told, real = copied(trained, tmp_path), [], engine.fill

    def fill(stacks, place, processes, title, later):
        told.append([sum(len(stack.programs) for stack in stacks), len(later)])
        real(stacks, place, processes, title, later)

    monkeypatch.setattr(engine, "fill", fill)
    bags = [run for run in made.runs if run.examples.kind == BAG]
    gone = [*bags, *(run for run in made.runs if (run.examples.kind, run.noise_rate) == (FOLD, 0.4))]
    for run in gone:
        store.finished(folder, places[run]).unlink()
    assert train(made, folder) == places
    assert told == [[len(gone), 1], [0, 0]]  # trained again it leaves the same, and what waited is there


def test_runs_that_no_kernel_trains_are_trained_with_those_that_may_change_their_rounding(
    tmp_path, watched, capfd
):
    runs = tiny_study.runs(rates=(0.2,), networks=["small_cnn"])
    made = plan(runs, of=tiny_study.data(seeds=3, epochs=1))
    places = train(made, tmp_path)
    assert len(watched) == 3
    whole = {name: store.finished(tmp_path, name).read_bytes() for name in places.values()}
    store.finished(tmp_path, places[runs[1]]).unlink()
    assert execute.missing(made, Place(tmp_path, 1e9)) == runs
    assert train(made, tmp_path) == places and len(watched) == 6
    assert {name: store.finished(tmp_path, name).read_bytes() for name in places.values()} == whole


def test_stacks_end_at_the_same_runs_however_many_are_lacking(monkeypatch):
    monkeypatch.setitem(programs.STACKED, "cpu", 2)
    runs = tiny_study.runs(seeds=4)
    of = tiny_study.plan(runs, tiny_study.data(seeds=4))
    made = programs.of(of, runs, {}, None)

    def members(lacking):
        return {tuple(program.key(one) for one in s.programs) for s in programs.stacks(of, made, lacking)}

    assert members(runs[2:]) < members(runs) and len(members(runs)) == 4
    assert {len(stack) for stack in members(runs[1:])} == {1, 2}
