"""Programs end with the same bytes whether or not they were killed, and store what they say."""

import numpy as np
import pytest
import tiny
import tiny_study

from labelnoise import files
from labelnoise.methods import METHODS
from labelnoise.train import bags, program, store
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


def run(made, folder, monitor, seconds=0.0):
    """Bytes of the entry."""
    program.execute(made, tiny_study.study().images, monitor, Place(folder, seconds))
    return store.finished(folder, program.key(made)).read_bytes()


def total(method):
    """Epochs of all rounds."""
    rounds, left = 1, METHODS[method](**tiny.section(method))
    while (left := left.next_round()) is not None:
        rounds += 1
    return EPOCHS * rounds


@pytest.mark.parametrize("seconds", [0.0, 1e9])
@pytest.mark.parametrize(("method", "network"), CUES)
def test_a_killed_program_ends_with_the_bytes_of_one_never_killed(method, network, seconds, tmp_path):
    made = tiny_study.program(method, network)
    monitor = tiny_study.monitor(made)
    whole = run(made, tmp_path / "whole", monitor)
    for after in range(total(method)):
        folder = tmp_path / str(after)
        with pytest.raises(Killed):
            run(made, folder, KillingMonitor(monitor, after), seconds)
        name = program.key(made)
        assert store.checkpoint(folder, name).exists() == (after > 0 and seconds == 0)
        assert not store.finished(folder, name).exists()
        assert run(made, folder, monitor, seconds) == whole, f"killed after epoch {after}"
        assert not store.checkpoint(folder, name).exists() and not store.ticks(folder, name).exists()


def test_a_program_killed_again_and_again_goes_on_where_it_was(tmp_path):
    """Each try is allowed one more epoch; without checkpoints none would get past its first."""
    made = tiny_study.program("joint_optimization")
    monitor = tiny_study.monitor(made)
    for _ in range(total("joint_optimization") - 1):
        with pytest.raises(Killed):
            run(made, tmp_path / "killed", KillingMonitor(monitor, 1))
    assert run(made, tmp_path / "killed", KillingMonitor(monitor, 1)) == run(made, tmp_path / "whole", monitor)


def test_killed_bags_resume_too(tmp_path):
    made = bags.bag_program(tiny_study.study(), tiny_study.rows()[0])
    whole = run(made, tmp_path / "whole", None)
    with pytest.raises(Killed):  # they are evaluated once, at the end
        run(made, tmp_path / "killed", KillingMonitor(lambda epoch, probs: {}, 0))
    assert store.checkpoint(tmp_path / "killed", program.key(made)).exists()
    assert run(made, tmp_path / "killed", None) == whole


def test_a_finished_program_is_not_trained_again(tmp_path):
    made = tiny_study.program()
    whole = run(made, tmp_path, tiny_study.monitor(made))
    assert run(made, tmp_path, KillingMonitor(None, 0)) == whole


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_monitor_changes_no_byte_but_its_own(method, tmp_path):
    def garbage(epoch, probs):
        return {"test_accuracy": probs.new_full((3,), 7.0 - epoch)}

    made = tiny_study.program(method)
    judged = files.load_arrays(_entry(made, tmp_path / "judged", tiny_study.monitor(made)))
    misled = files.load_arrays(_entry(made, tmp_path / "misled", garbage))
    for name in judged.keys() & misled.keys() - {"history_test_accuracy"}:
        np.testing.assert_array_equal(judged[name], misled[name], err_msg=name)
    assert not np.array_equal(judged["history_test_accuracy"], misled["history_test_accuracy"])


def _entry(made, folder, monitor):
    run(made, folder, monitor)
    return store.finished(folder, program.key(made))


def test_the_entry_counts_epochs_through_both_rounds(tmp_path):
    made = tiny_study.program("joint_optimization")
    entry = files.load_arrays(_entry(made, tmp_path, tiny_study.monitor(made)))
    assert entry["history_train_loss"].shape == entry["history_test_accuracy"].shape == (3, 2 * EPOCHS)
    assert ((entry["best_noisy_val_epoch"] >= EPOCHS) & (entry["best_noisy_val_epoch"] < 2 * EPOCHS)).all()
    assert (entry["diverged_epoch"] == -1).all()
    for run in range(3):  # the best epoch is one of the second round, which the probabilities are of
        second = entry["history_val_accuracy"][run, EPOCHS:]
        assert entry["best_noisy_val_epoch"][run] == EPOCHS + second.argmax()


def test_the_best_epoch_is_the_first_with_the_best_noisy_validation(tmp_path):
    made = tiny_study.program()
    entry = files.load_arrays(_entry(made, tmp_path, None))
    assert entry["best_noisy_val_epoch"].tolist() == entry["history_val_accuracy"].argmax(1).tolist()
    hits = entry["probs_last"].argmax(-1)
    for run in range(3):
        labels = made.arrays["val_labels"][run]
        agreement = (hits[run, made.arrays["val_index"][run]] == labels)[labels >= 0].mean()
        assert entry["history_val_accuracy"][run, -1] == pytest.approx(agreement)


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
    made = tiny_study.program("joint_optimization")
    entry = files.load_arrays(_entry(made, tmp_path, tiny_study.monitor(made)))
    assert entry["diverged_epoch"].tolist() == [-1, 2, -1]
    for name in ("history_train_loss", "history_val_accuracy", "history_test_accuracy"):
        assert np.isnan(entry[name][1]).tolist() == [epoch >= 2 for epoch in range(2 * EPOCHS)]
        assert np.isfinite(entry[name][[0, 2]]).all()
    assert np.isnan(entry["probs_last"][1]).all() and entry["best_noisy_val_epoch"][1] == -1


def test_out_of_bag_sums_are_those_of_the_bags(tmp_path):
    """Of their last epoch."""
    made = bags.bag_program(tiny_study.study(), tiny_study.rows()[0])
    entry = files.load_arrays(_entry(made, tmp_path, None))
    expected = made.arrays["left_out"].sum(0)
    assert entry["bags_count"].tolist() == expected.tolist()
    np.testing.assert_allclose(entry["bags_prob_sum"].sum(-1), entry["bags_count"], rtol=1e-5)
