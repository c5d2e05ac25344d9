"""Programs end with the same bytes whether or not they were killed, and store what they say."""

import numpy as np
import pytest
import tiny
import tiny_study

from labelnoise.methods import METHODS
from labelnoise.train import program, store
from labelnoise.train.program import Place

CUES = ("cross_entropy", "small_cnn"), ("noise_layer", "mlp"), ("joint_optimization", "mlp"), ("cascade", "mlp")
EPOCHS = 4


class Killed(Exception):
    """What stands in for a kill."""


class KillingMonitor:
    """The truth monitor until it is called for the `after + 1`-th time, counted through both rounds."""

    def __init__(self, monitor, after):
        self.monitor, self.left = monitor, after

    def __call__(self, epoch, probs):
        if self.left == 0:
            raise Killed
        self.left -= 1
        return self.monitor(epoch, probs)


def run(job, folder, seconds=0.0):
    """Bytes of the entry."""
    program.execute(*job, Place(folder, seconds))
    return store.finished(folder, program.key(job.program)).read_bytes()


def killed(job, folder, after, seconds=0.0):
    """Train until the monitor is called for the `after + 1`-th time."""
    with pytest.raises(Killed):
        run(job._replace(monitor=KillingMonitor(job.monitor, after)), folder, seconds)


def entry(job, folder):
    run(job, folder)
    return store.read(folder, program.key(job.program))


def total(method):
    """Epochs of all rounds."""
    rounds, left = 1, tiny.method(method)
    while (left := left.next_round()) is not None:
        rounds += 1
    return EPOCHS * rounds


@pytest.mark.parametrize("seconds", [0.0, 1e9])
@pytest.mark.parametrize(("method", "network"), CUES)
def test_a_killed_program_ends_with_the_bytes_of_one_never_killed(method, network, seconds, tmp_path):
    job = tiny_study.job(method, network)
    whole, name = run(job, tmp_path / "whole"), program.key(job.program)
    for after in range(total(method)):
        folder = tmp_path / str(after)
        killed(job, folder, after, seconds)
        assert store.checkpoint(folder, name).exists() == (after > 0 and seconds == 0)
        assert not store.finished(folder, name).exists()
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
    killed(job._replace(monitor=lambda epoch, probs: {}), tmp_path / "killed", 0)  # evaluated once, at the end
    assert store.checkpoint(tmp_path / "killed", program.key(job.program)).exists()
    assert run(job, tmp_path / "killed") == whole


def test_a_finished_program_is_not_trained_again(tmp_path):
    job = tiny_study.job()
    whole = run(job, tmp_path)
    assert run(job._replace(monitor=KillingMonitor(None, 0)), tmp_path) == whole


@pytest.mark.parametrize("method", sorted(tiny.CASES))
def test_the_monitor_changes_no_byte_but_its_own(method, tmp_path):
    def garbage(epoch, probs):
        return {"test_accuracy": probs.new_full((3,), 7.0 - epoch)}

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
        assert left["best_noisy_val_epoch"][run] == EPOCHS + second.argmax()


def test_the_best_epoch_is_the_first_with_the_best_noisy_validation(tmp_path):
    job = tiny_study.job()._replace(monitor=None)
    left, arrays = entry(job, tmp_path), job.program.arrays
    assert left["best_noisy_val_epoch"].tolist() == left["history_val_accuracy"].argmax(1).tolist()
    hits = left["probs_last"].argmax(-1)
    for run in range(3):
        labels = arrays["val_labels"][run]
        agreement = (hits[run, arrays["val_index"][run]] == labels)[labels >= 0].mean()
        assert left["history_val_accuracy"][run, -1] == pytest.approx(agreement)


def test_the_entry_keeps_what_the_runs_trained_on(tmp_path):
    for stack in (tiny_study.runs()[:2], tiny_study.planted(tiny_study.runs()[0])):
        job = tiny_study.stacked(stack)
        left = entry(job, tmp_path)
        for name in {"index", "labels", "val_index", "val_labels", "planted"} & job.program.arrays.keys():
            np.testing.assert_array_equal(left[name], job.program.arrays[name])


@pytest.mark.parametrize("update_from", [2, 9])
def test_divergence_in_the_first_round_is_reported_where_it_was(update_from, tmp_path, monkeypatch):
    """Run 1 breaks in epoch 3 of 4 (1-based) of the first round: everything from there on is missing.

    Also where labels are never updated (from epoch 9 of 4 on), so that its targets would be finite.
    """
    original = METHODS["joint_optimization"].loss

    def loss(self, outputs, batch, state):
        value = original(self, outputs, batch, state)
        broken = value.new_zeros(len(value), 1)
        broken[1] = np.nan if batch.epoch >= 2 else 0
        return value + broken * outputs.logits.sum(-1)

    monkeypatch.setattr(METHODS["joint_optimization"], "loss", loss)
    monkeypatch.setitem(tiny.SOON, "update_from", update_from)
    left = entry(tiny_study.job("joint_optimization"), tmp_path)
    assert left["diverged_epoch"].tolist() == [-1, 2, -1]
    for name in ("history_train_loss", "history_val_accuracy", "history_test_accuracy"):
        assert np.isnan(left[name][1]).tolist() == [epoch >= 2 for epoch in range(2 * EPOCHS)]
        assert np.isfinite(left[name][[0, 2]]).all()
    assert np.isnan(left["probs_last"][1]).all() and left["best_noisy_val_epoch"][1] == -1


def test_out_of_bag_sums_are_those_of_the_bags(tmp_path):
    """Of their last epoch."""
    job = tiny_study.stacked(tiny_study.bags(tiny_study.runs()[0]))
    left = entry(job, tmp_path)
    expected = job.program.arrays["left_out"].sum(0)
    assert left["bags_count"].tolist() == expected.tolist()
    np.testing.assert_allclose(left["bags_prob_sum"].sum(-1), left["bags_count"], rtol=1e-5)
