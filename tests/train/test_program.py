"""Programs end with the same bytes whether or not they were killed, and store what they say."""

from functools import partial

import numpy as np
import pytest
import tiny
import tiny_study
import torch

from labelnoise.methods import METHODS
from labelnoise.runs.run import settings
from labelnoise.train import program, store
from labelnoise.train.program import Place

NETWORK = {  # one round and two or three; Adam, running values, averaged weights
    **dict.fromkeys(["noise_layer", "joint_optimization", "cascade", "volminnet", "weight_ema"], "mlp"),
    **dict.fromkeys(["cross_entropy", "ramp"], "small_cnn"),
}
EPOCHS = 4


class Killed(Exception):
    """What stands in for a kill."""


class KillingMonitor:
    """The truth monitor until it is called for the `after + 1`-th time, counted through both rounds."""

    def __init__(self, monitor, after):
        self.monitor, self.left = monitor, after

    def __call__(self, epoch, predicted):
        if self.left == 0:
            raise Killed
        self.left -= 1
        return self.monitor(epoch, predicted)


def run(job, folder, seconds=0.0):
    """Bytes of the entries."""
    program.execute(job, Place(folder, seconds))
    return [store.finished(folder, program.key(one)).read_bytes() for one in job.programs]


def killed(job, folder, after, seconds=0.0):
    """Train until the monitor is called for the `after + 1`-th time."""
    with pytest.raises(Killed):
        run(job._replace(monitor=KillingMonitor(job.monitor, after)), folder, seconds)


def entry(job, folder):
    """What all runs left, [R, ...] each; validation parts are of several lengths."""
    run(job, folder)
    rows = [store.read(folder, program.key(one)) for one in job.programs]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0] if not name.startswith("val_")}


def test_a_stack_that_does_not_fit_is_trained_in_halves(tmp_path, monkeypatch):
    """A GPU that holds one run, as far as the program sees: what comes out is as for a whole stack."""
    job, whole = tiny_study.job(), program.trained

    def small(stack, place):
        if len(stack.programs) > 1:
            raise torch.OutOfMemoryError
        return whole(stack, place)

    expected = run(job, tmp_path / "whole")
    monkeypatch.setattr(program, "trained", small)
    assert run(job, tmp_path / "halves") == expected and len(expected) > 2


def test_a_run_that_does_not_fit_ends_with_a_line(tmp_path, monkeypatch):
    def full(stack, place):
        raise torch.OutOfMemoryError("tried to allocate")

    monkeypatch.setattr(program, "trained", full)
    with pytest.raises(ValueError, match="does not hold one run"):
        run(tiny_study.job(), tmp_path)


def total(method):
    """Epochs of all rounds."""
    rounds, left = 1, tiny.method(method)
    while (left := left.next_round()) is not None:
        rounds += 1
    return EPOCHS * rounds


@pytest.mark.parametrize("seconds", [0.0, 1e9])
@pytest.mark.parametrize(("method", "network"), NETWORK.items())
def test_a_killed_program_ends_with_the_bytes_of_one_never_killed(method, network, seconds, tmp_path):
    job = tiny_study.job(method, network)
    whole, name = run(job, tmp_path / "whole"), program.name(job)
    for after in range(total(method)):
        folder = tmp_path / str(after)
        killed(job, folder, after, seconds)
        assert store.checkpoint(folder, name).exists() == (after > 0 and seconds == 0)
        assert not list(folder.glob("*.npz"))
        assert run(job, folder, seconds) == whole, f"killed after epoch {after}"
        assert not store.checkpoint(folder, name).exists() and not store.ticks(folder, name).exists()


def test_a_program_killed_again_and_again_goes_on_where_it_was(tmp_path):
    """Each try is allowed one more epoch; without checkpoints none would get past its first."""
    job = tiny_study.job("joint_optimization")
    for _ in range(total("joint_optimization") - 1):
        killed(job, tmp_path / "killed", 1)
    last = job._replace(monitor=KillingMonitor(job.monitor, 1))
    assert run(last, tmp_path / "killed") == run(job, tmp_path / "whole")


def test_killed_bags_resume_too(tmp_path):
    job = tiny_study.stacked(tiny_study.bags(tiny_study.runs()[0]))
    whole = run(job, tmp_path / "whole")
    killed(job._replace(monitor=lambda epoch, predicted: {}), tmp_path / "killed", 0)  # evaluated once, at the end
    assert store.checkpoint(tmp_path / "killed", program.name(job)).exists()
    assert run(job, tmp_path / "killed") == whole


def test_a_finished_program_is_not_trained_again(tmp_path):
    job = tiny_study.job()
    whole = run(job, tmp_path)
    assert run(job._replace(monitor=KillingMonitor(None, 0)), tmp_path) == whole


@pytest.mark.parametrize("method", sorted(tiny.CASES))
def test_the_monitor_changes_no_byte_but_its_own(method, tmp_path):
    def garbage(epoch, predicted):
        return {"test_accuracy": torch.full((3,), 7.0 - epoch)}

    job = tiny_study.job(method)
    judged, misled = entry(job, tmp_path / "judged"), entry(job._replace(monitor=garbage), tmp_path / "misled")
    for name in judged.keys() & misled.keys() - {"history_test_accuracy"}:
        np.testing.assert_array_equal(judged[name], misled[name], err_msg=name)
    assert not np.array_equal(judged["history_test_accuracy"], misled["history_test_accuracy"])


def test_watching_changes_no_byte_but_its_own(tmp_path):
    """Training dynamics are read off the run that is trained anyway."""
    stack = tiny_study.runs()[:3]
    plain = entry(tiny_study.stacked(stack), tmp_path)
    watched = entry(tiny_study.stacked([run._replace(watch=program.DYNAMICS) for run in stack]), tmp_path)
    assert plain.keys() == {name for name in watched if not name.startswith("dynamics_")} != watched.keys()
    for name, values in plain.items():
        np.testing.assert_array_equal(values, watched[name], err_msg=name)


def test_the_entry_counts_epochs_through_both_rounds(tmp_path):
    left = entry(tiny_study.job("joint_optimization"), tmp_path)
    assert left["history_train_loss"].shape == left["history_test_accuracy"].shape == (3, 2 * EPOCHS)
    assert ((left["best_noisy_val_epoch"] >= EPOCHS) & (left["best_noisy_val_epoch"] < 2 * EPOCHS)).all()
    assert (left["diverged_epoch"] == -1).all()
    for run in range(3):  # the best epoch is one of the second round, which the probabilities are of
        second = left["history_val_accuracy"][run, EPOCHS:]
        assert left["best_noisy_val_epoch"][run] == EPOCHS + over_three(second).argmax()


def over_three(curve):
    """Mean of every entry and its neighbours."""
    return np.array([curve[max(at - 1, 0) : at + 2].mean() for at in range(len(curve))])


def test_the_best_epoch_is_the_first_with_the_best_noisy_validation(tmp_path):
    job = tiny_study.job()._replace(monitor=None)
    left = entry(job, tmp_path)
    best = [over_three(curve).argmax() for curve in left["history_val_accuracy"]]
    assert left["best_noisy_val_epoch"].tolist() == best
    hits = left["probs_last"].argmax(-1)
    for run, one in enumerate(job.programs):
        agreement = (hits[run, one.arrays["val_index"]] == one.arrays["val_labels"]).mean()
        assert left["history_val_accuracy"][run, -1] == pytest.approx(agreement)


def test_the_entry_keeps_what_the_runs_trained_on(tmp_path):
    for stack in (tiny_study.runs()[:2], tiny_study.planted(tiny_study.runs()[0])):
        job = tiny_study.stacked(stack)
        run(job, tmp_path)
        for one in job.programs:
            left = store.read(tmp_path, program.key(one))
            for name in {"index", "labels", "val_index", "val_labels", "planted"} & one.arrays.keys():
                np.testing.assert_array_equal(left[name], one.arrays[name])


def test_divergence_in_the_first_round_is_reported_where_it_was(tmp_path, monkeypatch):
    """Run 1 breaks in epoch 3 of 4 (1-based) of the first round: everything from there on is missing."""
    original = METHODS["joint_optimization"].loss

    def loss(self, logits, batch, state):
        value = original(self, logits, batch, state)
        broken = value.new_zeros(len(value), 1)
        broken[1] = np.nan if batch.epoch >= 2 else 0
        return value + broken * logits.sum(-1)

    monkeypatch.setattr(METHODS["joint_optimization"], "loss", loss)
    left = entry(tiny_study.job("joint_optimization"), tmp_path)
    assert left["diverged_epoch"].tolist() == [-1, 2, -1]
    for name in ("history_train_loss", "history_val_accuracy", "history_test_accuracy"):
        assert np.isnan(left[name][1]).tolist() == [epoch >= 2 for epoch in range(2 * EPOCHS)]
        assert np.isfinite(left[name][[0, 2]]).all()
    assert np.isnan(left["probs_last"][1]).all() and left["best_noisy_val_epoch"][1] == -1


def test_bags_leave_their_last_epoch_alone(tmp_path):
    """Nothing stops early: there is no other epoch to choose."""
    left = entry(tiny_study.stacked(tiny_study.bags(tiny_study.runs()[0])), tmp_path)
    assert left["probs_last"].shape == (4, tiny_study.IMAGES, tiny_study.CLASSES)
    assert not {"probs_best_noisy_val", "best_noisy_val_epoch"} & left.keys()


@pytest.mark.parametrize("method", sorted(tiny.CASES))
def test_what_a_run_leaves_does_not_depend_on_its_neighbours(method, tmp_path):
    """Byte for byte, where a kernel works run by run."""
    job = tiny_study.job(method)
    together = run(job, tmp_path / "together")
    for row in (0, 2):
        alone = job._replace(programs=job.programs[row : row + 1], monitor=rows_of(job.monitor, [row]))
        assert run(alone, tmp_path / f"alone {row}") == [together[row]]
    turned = job._replace(programs=job.programs[::-1], monitor=rows_of(job.monitor, [2, 1, 0]))
    assert run(turned, tmp_path / "turned") == together[::-1]


def rows_of(monitor, rows):
    """The truth monitor of some runs."""
    clean, given, test = monitor.args
    return partial(monitor.func, clean, given[rows], test[rows])


def test_training_images_are_evaluated_where_curves_are_shown_and_the_others_always(tmp_path):
    own = [run._replace(settings=settings({"epochs": 17})) for run in tiny_study.runs()[:2]]
    left = entry(tiny_study.stacked(own), tmp_path)
    shown = [*range(10), 14, 16]
    for row in range(2):
        assert np.flatnonzero(left["shown"][row]).tolist() == shown
        assert np.flatnonzero(np.isfinite(left["history_fitted"][row])).tolist() == shown
    assert np.isfinite(left["history_test_accuracy"]).all() and np.isfinite(left["history_val_accuracy"]).all()
    every = [run._replace(settings=settings({"epochs": 17, "evaluate": "every"})) for run in own]
    whole = entry(tiny_study.stacked(every), tmp_path)
    assert np.isfinite(whole["history_fitted"]).all()
    for name in left:  # looking more often changes nothing
        seen = np.isfinite(left[name]) if name.startswith("history_") else ...
        np.testing.assert_array_equal(left[name][seen], whole[name][seen], err_msg=name)
