"""From runs to programs: what is stacked, and that keys change with content alone."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_study
import torch

from labelnoise.methods import METHODS
from labelnoise.nets import NETWORKS
from labelnoise.runs import data as of_data
from labelnoise.runs import programs
from labelnoise.runs.run import Examples, settings
from labelnoise.train import code, program, steps
from labelnoise.train.program import Stack


def keys(runs, of=None, **told):
    """The key of every run."""
    return {run: program.key(one) for run, one in tiny_study.programs_of(runs, of, **told).items()}


def of_column(rates, seeds, network="mlp"):
    """Key of cross-entropy by (rate, seed)."""
    of = tiny_study.data(rates=rates, seeds=seeds)
    found = keys(tiny_study.runs(rates, seeds, networks=[network]), of)
    return {(run.noise_rate, run.seed): name for run, name in found.items()}


def units(runs):
    return programs.units(tiny_study.plan(runs), runs)


def test_a_kernel_trains_run_by_run_and_elsewhere_seeds_of_a_cell_go_together():
    runs = tiny_study.runs(seeds=7, networks=["mlp", "small_cnn"])
    cells = [(u[0].network, u[0].noise_rate, [run.seed for run in u]) for u in units(runs)]
    alone = [("mlp", rate, [seed]) for rate in (0.2, 0.4) for seed in range(7)]
    blocks = ([0, 1, 2, 3, 4], [5, 6])
    assert cells == alone + [("small_cnn", rate, block) for rate in (0.2, 0.4) for block in blocks]


def test_a_small_cnn_that_a_kernel_trains_goes_alone_in_stacks_of_few_but_where_torch_probes_it():
    runs = [run._replace(layers=tiny_study.BY_KERNEL) for run in tiny_study.runs(seeds=7, networks=["small_cnn"])]
    probed = [run._replace(probe=True) for run in runs]
    assert units(runs) == [[run] for run in runs] and [len(unit) for unit in units(probed)] == [5, 2, 5, 2]
    for asked, together, sizes in ((runs, False, [4, 5, 5]), (probed, True, [2, 2, 5, 5])):
        made = tiny_study.programs_of(asked, tiny_study.data(seeds=7), probe={"epochs": [1]})
        assert all(("stack" in one.spec) == together and one.spec["machine"]["kernel"] for one in made.values())
        found = programs.stacks(tiny_study.plan(asked, tiny_study.data(seeds=7), probe={"epochs": [1]}), made)
        assert sorted(len(stack.programs) for stack in found) == sizes
    peers = [run._replace(method="co_teaching") for run in runs]
    assert programs._largest(tiny_study.plan(peers), peers[0]) == 2  # each trains two networks


def test_elsewhere_all_runs_beside_one_column_go_together():
    one, other = tiny_study.runs(networks=["small_cnn"])[:2]
    for kind in (tiny_study.bags, tiny_study.planted, lambda run: tiny_study.folds(run, 4)):
        assert units([*kind(one), *kind(other)]) == [kind(one), kind(other)]


def test_elsewhere_runs_with_a_word_in_common_go_together_though_their_noise_differs():
    mixed = [run._replace(beside="all") for run in tiny_study.runs(seeds=7, networks=["small_cnn"])]
    apart = [run._replace(settings=settings({"lr": 0.1})) for run in mixed]
    assert units([*mixed, *apart]) == [mixed, apart]


def test_what_is_alike_is_stacked_up_to_a_limit(monkeypatch):
    """Of any rate and seed, with the same number of examples: bags have 31 or 32."""
    runs = tiny_study.runs(seeds=4)
    bags = [bag for run in runs for bag in tiny_study.bags(run)]
    plan = tiny_study.plan([*runs, *bags], tiny_study.data(seeds=4))
    made = programs.of(plan, plan.runs, {}, Path())

    def sizes():
        stacks = programs.stacks(plan, made)
        assert all(len({one.arrays["labels"].shape for one in stack.programs}) == 1 for stack in stacks)
        return sorted(len(stack.programs) for stack in stacks)

    assert sizes() == [8, 16, 16]  # of 32 bags half have an image more
    monkeypatch.setitem(programs.STACKED, "cpu", 6)
    assert sizes() == [4, 4, 5, 5, 5, 5, 6, 6]
    monkeypatch.setattr(programs, "VALUES", 2 * tiny_study.IMAGES * tiny_study.CLASSES + 1)
    assert sizes() == [2] * 20
    monkeypatch.setattr(programs, "VALUES", 1)  # a run is trained however much it leaves
    assert sizes() == [1] * 40
    assert {program.key(one) for stack in programs.stacks(plan, made) for one in stack.programs} == {
        program.key(one) for one in made.values()
    }


@pytest.mark.parametrize("network", sorted(tiny_study.NETWORKS))
def test_a_new_rate_leaves_the_other_runs_alone(network):
    before, after = of_column((0.4,), 5, network), of_column((0.2, 0.4), 5, network)
    assert before.items() <= after.items() and len(after) == 10


def test_more_seeds_leave_the_others_alone():
    before, after = of_column((0.4,), 4), of_column((0.4,), 8)
    assert before.items() <= after.items() and len(set(after.values())) == 8


def test_where_no_kernel_trains_them_more_seeds_leave_full_blocks_alone():
    """A block that gets another seed is trained again: its neighbours may change its rounding."""
    before, after = (of_column((0.4,), seeds, "small_cnn") for seeds in (6, 7))
    assert {seed for rate, seed in before if before[rate, seed] == after[rate, seed]} == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(("whole", "epochs"), [(4, 2), (2, 2), (1, 1)])
def test_a_fold_is_the_beginning_of_the_schedule_of_the_run_that_it_serves(whole, epochs):
    """Of two epochs, where there are as many."""
    own, run = tiny_study.data(epochs=whole).training, tiny_study.runs()[0]
    (fold, *_) = tiny_study.folds(run, 4)
    found = programs.settings(own, fold)
    assert (found["horizon"], found["epochs"]) == (whole, epochs)
    assert "horizon" not in programs.settings(own, run) and programs.settings(own, run)["epochs"] == whole


def test_no_two_kinds_of_runs_share_a_random_stream():
    run = tiny_study.runs()[1]
    kinds = (lambda run: [run], tiny_study.bags, tiny_study.planted, lambda run: tiny_study.folds(run, 4))
    start = run._replace(examples=Examples("start", 0, 1))
    runs = [start, *(each for kind in kinds for each in kind(run))]
    names = [tuple(one.spec["stream"]) for one in tiny_study.programs_of(runs).values()]
    assert len(set(names)) == len(names) == 1 + 4 + 3 + 4 + 1


def changes():
    """Variations of the data, each of which must have a key of its own."""
    base = tiny_study.data()
    own = base.training
    pixels, labels = own.images.pixels.copy(), own.labels.copy()
    pixels[0, 0, 0, 0] += 1
    used = tiny_study.job(of=base).programs[0].arrays["index"][0]
    labels[0, used] = (labels[0, used] + 1) % 3
    training = {
        "images": {"images": own.images._replace(pixels=pixels)},
        "standardisation": {"images": own.images._replace(mean=0.0)},
        "labels": {"labels": labels},
        "training": {"training": own.training | {"epochs": 5}},
        "network": {"networks": own.networks | {"mlp": {"hidden": [9], "dropout": 0.0}}},
        "classes": {"num_classes": 4},
        "device": {"device": "cuda"},
    }
    made = {name: base._replace(training=own._replace(**change)) for name, change in training.items()}
    reference = base.reference._replace(labels=np.roll(base.reference.labels, 1))
    return made | {"monitor": base._replace(reference=reference)}


def first_key(of=None):
    return program.key(tiny_study.job(of=of).programs[0])


def test_a_named_network_is_that_of_its_type():
    """Its name is in no key: the same layers are the same training."""
    base = tiny_study.data()
    rows = dict(base.training.networks)
    rows |= {"wide": {"network": "mlp", "hidden": [9], "dropout": 0.0}, "same": {"network": "mlp", **rows["mlp"]}}
    of = base._replace(training=base.training._replace(networks=rows))
    runs = tiny_study.runs(seeds=1, networks=["mlp", "same", "wide"])
    made = tiny_study.programs_of(runs, of)
    kinds = {run.network: (one.spec["network"], one.spec["network_section"]) for run, one in made.items()}
    assert kinds["wide"] == ("mlp", {"hidden": [9], "dropout": 0.0}) and kinds["same"] == kinds["mlp"]
    found = keys(runs[::2], of)  # of one rate
    assert len(found) == 3 and len(set(found.values())) == 2
    built = program._builder(Stack([made[runs[-1]]], of.training.images, None))([torch.Generator()])
    assert [tuple(layer.weight.shape[1:]) for layer in (*built.hidden, built.head)] == [(16, 9), (9, 3)]


def test_each_way_to_standardise_images_has_a_key_of_its_own():
    base, found = tiny_study.data(), set()
    for by in ("all", "channel", "image"):
        images = of_data.standardized(tiny_study.DATASET, by)
        of = base._replace(training=base.training._replace(images=images))
        found.add(first_key(of))
        json.dumps(tiny_study.job(of=of).programs[0].spec)
    assert len(found) == 3 and first_key(base) in found


def test_a_gpu_trains_whatever_is_alike_in_stacks_that_its_memory_holds(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    of = changes()["device"]
    values = len(of.training.images.pixels) * of.training.num_classes
    runs = tiny_study.runs(networks=["small_cnn"])
    for fits, largest in [(1 << 10, len(runs)), (3, 3)]:
        takes = programs.demanded(of.training, runs[0]).bytes(tiny_study.TRAINING["batch_size"])
        total = fits * (values * programs.BYTES + takes)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (0, total))  # noqa: B023
        made = tiny_study.programs_of(runs, of)
        assert not any("stack" in one.spec for one in made.values())
        sizes = [len(one.programs) for one in programs.stacks(tiny_study.plan(runs, of), made)]
        assert max(sizes) == largest and sum(sizes) == len(runs) > 5
    peers = [run._replace(method="co_teaching") for run in runs]
    assert programs._largest(tiny_study.plan(peers, of), peers[0]) == 3 // 2  # each trains two networks


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_a_big_network_is_trained_by_itself(kind, monkeypatch):
    """Its key then says nothing of others; so does that of one that a kernel trains, which is stacked all the
    same."""
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (1 << 40, 1 << 40))
    monkeypatch.setattr(programs.demand, "BIG", 0)
    of = tiny_study.data(device=kind)
    for network, sizes in [("small_cnn", [1] * 6), ("mlp", [6])]:
        runs = tiny_study.runs(networks=[network])
        made = tiny_study.programs_of(runs, of)
        assert not any("stack" in one.spec for one in made.values()) and units(runs) == [[run] for run in runs]
        found = programs.stacks(tiny_study.plan(runs, of), made)
        assert [len(stack.programs) for stack in found] == sizes


@pytest.mark.parametrize("what", sorted(changes()))
def test_the_key_changes_with_the_data(what, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (1 << 30, 1 << 30))
    base, changed = first_key(), changes()[what]
    assert first_key() == base
    assert first_key(changed) != base


def test_the_key_changes_with_what_a_run_says_of_itself(monkeypatch):
    one = tiny_study.runs()[0]._replace(section=settings({"alpha": 1.0}), needs=("prior",))
    prior = tiny_study.estimates()["prior"]

    def of(known=prior, **changed):
        (found,) = keys([one._replace(**changed)], known={"prior": known}).values()
        return found

    (probed,) = keys([one._replace(probe=True)], known={"prior": prior}, probe={"epochs": [1]}).values()
    found = [
        of(),
        of(method="mae"),
        of(section=settings({"alpha": 1.1})),
        of(known=prior + 1e-9),
        of(network="small_cnn"),
        of(settings=settings({"lr": 0.1})),
        of(layers=settings({"dropout": 0.5})),
        of(watch="dynamics"),
        of(seed=1),
        probed,
    ]
    monkeypatch.setattr(code, "code_of", lambda *args: "other code")
    assert len({*found, of()}) == len(found) + 1


def test_the_key_is_of_what_is_trained_not_of_who_asks():
    """Its row of `methods:` and where its estimates come from do not change what is trained."""
    run = tiny_study.runs()[0]
    asked = run._replace(name="another row", oracle=True)
    assert keys([run])[run] == keys([asked])[asked]


def test_the_key_changes_with_torch_with_the_processor_and_with_the_kernel(monkeypatch):
    found = [first_key()]
    monkeypatch.setattr(torch, "__version__", "0.0")
    found.append(first_key())
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "NONE")
    found.append(first_key())
    monkeypatch.setattr(steps, "kernel_name", lambda: "another")
    found.append(first_key())
    monkeypatch.setattr(steps, "find_spec", lambda name: None)  # numba is not there
    found.append(first_key())
    assert len(set(found)) == 5


def test_the_description_is_plain_json():
    spec = tiny_study.job("joint_optimization").spec
    assert json.loads(json.dumps(spec))["method"] == "joint_optimization"


@pytest.mark.parametrize("network", sorted(NETWORKS))
@pytest.mark.parametrize("method", sorted(METHODS))
def test_code_of_another_method_or_network_does_not_count(method, network):
    files = code.code_files(network, method)
    own = {f"{METHODS[method].__module__.rpartition('.')[2]}.py", f"{network}.py"}
    modules = {made.__module__.rpartition(".")[2] for made in METHODS.values()} | NETWORKS.keys()
    names = {path.name for path in [*files, *code.SHARED]}
    assert all(path.exists() for path in [*files, *code.SHARED])
    assert own | {"loop.py", "losses.py", "base.py", "program.py", "truth.py"} <= names
    assert not ({f"{name}.py" for name in modules} - own) & names
