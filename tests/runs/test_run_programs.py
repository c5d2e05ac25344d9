"""From runs to programs: what is stacked, and that keys change with content alone."""

import json

import numpy as np
import pytest
import tiny_study
import torch

from labelnoise.methods import METHODS
from labelnoise.nets import NETWORKS
from labelnoise.runs import programs
from labelnoise.runs.run import Examples, settings
from labelnoise.train import program


def key(job):
    return program.key(job.program)


def keys(rates, seeds):
    """Key of every program of cross-entropy by (rate, first seed)."""
    of = tiny_study.data(rates=rates, seeds=seeds)
    stacks = programs.stacks(tiny_study.runs(rates, seeds))
    return {(stack[0].noise_rate, stack[0].seed): key(tiny_study.stacked(stack, of)) for stack in stacks}


def test_stacks_are_blocks_of_five_seeds_of_one_cell():
    stacks = programs.stacks(tiny_study.runs(seeds=7, networks=["mlp", "small_cnn"]))
    cells = [(s[0].network, s[0].noise_rate, [run.seed for run in s]) for s in stacks]
    blocks = ([0, 1, 2, 3, 4], [5, 6])
    assert cells == [(n, r, b) for n in ("mlp", "small_cnn") for r in (0.2, 0.4) for b in blocks]


def test_all_runs_beside_one_column_are_one_stack():
    one, other = tiny_study.runs()[:2]
    for kind in (tiny_study.bags, tiny_study.planted, lambda run: tiny_study.folds(run, 4)):
        assert programs.stacks([*kind(one), *kind(other)]) == [kind(one), kind(other)]


def test_runs_with_a_word_in_common_are_one_stack_though_their_noise_differs():
    mixed = [run._replace(beside="all") for run in tiny_study.runs(seeds=7)]
    apart = [run._replace(settings=settings({"lr": 0.1})) for run in mixed]
    assert programs.stacks([*mixed, *apart]) == [mixed, apart]


def test_a_new_rate_leaves_the_other_programs_alone():
    before, after = keys((0.4,), 5), keys((0.2, 0.4), 5)
    assert before.items() <= after.items() and len(after) == 2


def test_more_seeds_leave_full_blocks_alone():
    before, after = keys((0.4,), 5), keys((0.4,), 8)
    assert before.items() <= after.items() and after.keys() == {(0.4, 0), (0.4, 5)}
    assert len(set(after.values())) == 2


def test_no_two_kinds_of_runs_share_a_random_stream():
    run = tiny_study.runs()[1]
    kinds = (lambda run: [run], tiny_study.bags, tiny_study.planted, lambda run: tiny_study.folds(run, 4))
    start = run._replace(examples=Examples("start", 0, 1))
    stacks = [*(kind(run) for kind in kinds), [start]]
    names = [name for stack in stacks for name in tiny_study.stacked(stack).program.spec["streams"]]
    assert len(set(names)) == len(names) == 1 + 4 + 3 + 4 + 1


def changes():
    """Variations of the data, each of which must have a key of its own."""
    base = tiny_study.data()
    own = base.training
    pixels, labels = own.images.pixels.copy(), own.labels.copy()
    pixels[0, 0, 0, 0] += 1
    used = tiny_study.job(of=base).program.arrays["index"][0, 0]
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


@pytest.mark.parametrize("what", sorted(changes()))
def test_the_key_changes_with_the_data(what):
    base, changed = key(tiny_study.job()), changes()[what]
    assert key(tiny_study.job()) == base
    assert key(tiny_study.job(of=changed)) != base


def test_the_key_changes_with_what_a_run_says_of_itself(monkeypatch):
    stack = [run._replace(section=settings({"alpha": 1.0})) for run in tiny_study.runs()[:3]]
    prior = tiny_study.estimates(3)["prior"]

    def of(known=prior, probe=None, stack=stack, **changed):
        runs = [run._replace(**changed) for run in stack]
        return key(programs.job(runs, tiny_study.data(), {"prior": known}, probe or {}))

    found = [
        of(),
        of(method="mae"),
        of(section=settings({"alpha": 1.1})),
        of(known=prior + 1e-9),
        of(network="small_cnn"),
        of(stack=stack[:2]),
        of(settings=settings({"lr": 0.1})),
        of(layers=settings({"dropout": 0.5})),
        of(watch="dynamics"),
        of(stack=[run._replace(probe=True) for run in stack], probe={"epochs": [1]}),
    ]
    monkeypatch.setattr(programs, "code_of", lambda *args: "other code")
    assert len({*found, of()}) == len(found) + 1


def test_the_key_is_of_what_is_trained_not_of_who_asks():
    """Its row of `methods:` and where its estimates come from do not change what is trained."""
    run = tiny_study.runs()[0]
    asked = run._replace(name="another row", source="folds", oracle=True)
    assert key(tiny_study.stacked([run])) == key(tiny_study.stacked([asked]))


def test_the_key_changes_with_torch_and_with_the_processor(monkeypatch):
    found = [key(tiny_study.job())]
    monkeypatch.setattr(torch, "__version__", "0.0")
    found.append(key(tiny_study.job()))
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "NONE")
    found.append(key(tiny_study.job()))
    assert len(set(found)) == 3


def test_the_description_is_plain_json():
    spec = tiny_study.job("joint_optimization").program.spec
    assert json.loads(json.dumps(spec))["method"] == "joint_optimization"


@pytest.mark.parametrize("network", sorted(NETWORKS))
@pytest.mark.parametrize("method", sorted(METHODS))
def test_code_of_another_method_or_network_does_not_count(method, network):
    files = programs.code_files(network, method)
    own = {f"{METHODS[method].__module__.rpartition('.')[2]}.py", f"{network}.py"}
    modules = {made.__module__.rpartition(".")[2] for made in METHODS.values()} | NETWORKS.keys()
    names = {path.name for path in [*files, *programs.SHARED]}
    assert all(path.exists() for path in [*files, *programs.SHARED])
    assert own | {"loop.py", "losses.py", "base.py", "program.py", "truth.py"} <= names
    assert not ({f"{name}.py" for name in modules} - own) & names
