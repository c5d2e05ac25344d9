"""From the grid to programs: what is stacked, what runs train on, and that keys change with content alone."""

import numpy as np
import pytest
import tiny_study
import torch

from labelnoise.methods import METHODS
from labelnoise.nets import NETWORKS
from labelnoise.train import program, runs


def keys(rates, seeds):
    """Key of every program of cross-entropy by (rate, first seed)."""
    made, rows = tiny_study.study(rates, seeds), tiny_study.rows(rates, seeds)
    stacks = runs.stacks(rows)
    return {
        (stack[0].noise_rate, stack[0].seed): program.key(runs.study_program(made, stack, "cross_entropy", {}, {}))
        for stack in stacks
    }


def test_stacks_are_blocks_of_five_seeds_of_one_cell():
    stacks = runs.stacks(tiny_study.rows(rates=(0.2, 0.4), seeds=7, networks=["mlp", "small_cnn"]))
    cells = [(s[0].network, s[0].noise_rate, [row.seed for row in s]) for s in stacks]
    blocks = ([0, 1, 2, 3, 4], [5, 6])
    assert cells == [(n, r, b) for n in ("mlp", "small_cnn") for r in (0.2, 0.4) for b in blocks]


def test_rows_point_at_their_column_whatever_the_order_of_columns():
    rows = runs.rows(["mlp"], ["b", "a", "a"], [0.1, 0.4, 0.2], [0, 1, 1])
    assert [(row.noise, row.noise_rate, row.column) for row in rows] == [
        ("a", 0.2, 2),
        ("a", 0.4, 1),
        ("b", 0.1, 0),
    ]


def test_a_new_rate_leaves_the_other_programs_alone():
    before, after = keys((0.4,), 5), keys((0.2, 0.4), 5)
    assert before.items() <= after.items() and len(after) == 2


def test_more_seeds_leave_full_blocks_alone():
    before, after = keys((0.4,), 5), keys((0.4,), 8)
    assert before.items() <= after.items() and after.keys() == {(0.4, 0), (0.4, 5)}
    assert len(set(after.values())) == 2


def test_splits_have_equal_sizes_and_do_not_overlap():
    study = tiny_study.study(seeds=4)
    for row in tiny_study.rows(seeds=4):
        train, val = runs.split(study, row)
        pool = np.flatnonzero(study.labels[row.column] >= 0)
        assert len(train) == int(31 * 0.75)  # the same for pools of 31 and of 32 images
        assert np.array_equal(np.sort(np.concatenate([train, val])), pool)
        assert not (tiny_study.FOLD[np.concatenate([train, val])] == row.seed % tiny_study.FOLDS).any()


def test_a_seed_has_the_same_split_at_every_rate_and_another_one_than_other_seeds():
    study, rows = tiny_study.study(seeds=5), tiny_study.rows(seeds=5)
    parts = {(row.noise_rate, row.seed): runs.split(study, row)[0].tolist() for row in rows}
    assert all(parts[0.2, seed] == parts[0.4, seed] for seed in range(5))
    assert parts[0.2, 0] != parts[0.2, 4]  # seeds 0 and 4 test on the same fold


def test_program_arrays_hold_the_given_labels_of_each_run():
    study = tiny_study.study(seeds=4)
    made = runs.study_program(study, runs.stacks(tiny_study.rows(seeds=4))[1], "cross_entropy", {}, {}).arrays
    for run in range(4):
        column = study.labels[4 + run]
        assert np.array_equal(made["labels"][run], column[made["index"][run]])
        real = made["val_labels"][run] >= 0
        assert np.array_equal(made["val_labels"][run][real], column[made["val_index"][run][real]])
        assert real.sum() == (column >= 0).sum() - len(made["index"][run])
    assert made["val_index"].shape == (4, 9) and (made["val_labels"] < 0).sum() == 2


def test_standardisation_uses_images_that_are_trained_on():
    pixels = np.zeros((4, 1, 2, 2), np.uint8)
    pixels[0], pixels[3] = 4, 200
    images = runs.standardisation(pixels, np.array([-1, -1, 0, 0]))
    assert (images.mean, images.std) == (2.0, 2.0)
    assert runs.standardisation(pixels, np.array([0, 1, 2, 3])).mean == 51.0


@pytest.mark.parametrize("network", sorted(NETWORKS))
@pytest.mark.parametrize("method", sorted(METHODS))
def test_code_files_exist_and_are_the_ones_that_decide(method, network):
    files = {path.name for path in runs.code_files(network, method)}
    assert all(path.exists() for path in runs.code_files(network, method))
    assert {f"{method}.py", f"{network}.py", "loop.py", "losses.py", "base.py"} <= files
    others = {f"{name}.py" for name in (METHODS.keys() | NETWORKS.keys()) - {method, network}}
    assert not files & others


def changes():
    """Variations of a study, each of which must have a key of its own."""
    base = tiny_study.study()
    pixels, labels = base.images.pixels.copy(), base.labels.copy()
    pixels[0, 0, 0, 0] += 1
    used = tiny_study.program(of=base).arrays["index"][0, 0]
    labels[0, used] = (labels[0, used] + 1) % 3
    networks = vars(base.networks) | {"mlp": type(base.networks.mlp)(hidden=[9], dropout=0.0)}
    return {
        "images": base._replace(images=base.images._replace(pixels=pixels)),
        "standardisation": base._replace(images=base.images._replace(mean=0.0)),
        "labels": base._replace(labels=labels),
        "training": tiny_study.study(epochs=5),
        "network": base._replace(networks=type(base.networks)(**networks)),
        "classes": base._replace(num_classes=4),
        "device": base._replace(device="cuda"),
    }


@pytest.mark.parametrize("what", sorted(changes()))
def test_the_key_changes_with_the_study(what):
    base, changed = program.key(tiny_study.program()), changes()[what]
    assert program.key(tiny_study.program()) == base
    assert program.key(tiny_study.program(of=changed)) != base


def test_the_key_changes_with_method_hyper_parameter_network_given_and_code(monkeypatch, tmp_path):
    study, stack = tiny_study.study(), runs.stacks(tiny_study.rows())[0]
    section, known = {"alpha": 1.0}, {"prior": tiny_study.given(3)["prior"]}

    def key(method="joint_optimization", section=section, known=known, stack=stack):
        return program.key(runs.study_program(study, stack, method, section, known))

    found = [
        key(),
        key(method="mae"),
        key(section={"alpha": 1.1}),
        key(known={"prior": known["prior"] + 1e-9}),
        key(stack=[row._replace(network="small_cnn") for row in stack]),
        key(stack=stack[:2]),
    ]
    source = tmp_path / "method.py"
    monkeypatch.setattr(runs, "code_files", lambda network, method: [source])
    for text in ("a = 1", "a = 2"):
        source.write_text(text)
        found.append(key())
    assert len(set(found)) == len(found)


def test_the_key_changes_with_torch_and_with_the_processor(monkeypatch):
    found = [program.key(tiny_study.program())]
    monkeypatch.setattr(torch, "__version__", "0.0")
    found.append(program.key(tiny_study.program()))
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "NONE")
    found.append(program.key(tiny_study.program()))
    assert len(set(found)) == 3
