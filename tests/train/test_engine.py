"""The engine: what comes first, clear messages. tests/runs has it with two workers."""

import pytest
import tiny_study
import torch

from labelnoise import device
from labelnoise.train import engine, program, store
from labelnoise.train.program import Place


def stacks():
    made = [tiny_study.job("mae"), tiny_study.job("mae", rate=0.4), tiny_study.job("joint_optimization")]
    return [*made, tiny_study.stacked(tiny_study.bags(tiny_study.runs()[0]))]


def fill(folder, wanted):
    """What the store holds of the first run of every stack afterwards."""
    engine.fill(wanted, Place(folder, 1e9), 1, "test", [])
    return [store.read(folder, program.key(stack.programs[0])) for stack in wanted]


def test_stacks_in_any_order_are_the_same_entries(tmp_path, capfd):
    wanted = stacks()[:2]
    straight, turned = fill(tmp_path / "one", wanted), fill(tmp_path / "two", wanted[::-1])
    assert (straight[0]["probs_last"] == turned[1]["probs_last"]).all()
    assert (straight[0]["probs_last"] != straight[1]["probs_last"]).any()


def test_the_longest_comes_first(tmp_path, monkeypatch, capfd):
    order = []
    monkeypatch.setattr(engine, "execute", lambda stack, place: order.append(stack.spec["method"]))
    wanted = stacks()
    engine.fill([wanted[3], wanted[0], wanted[2]], Place(tmp_path, 1e9), 1, "test", [])
    assert order == ["joint_optimization", "cross_entropy", "mae"]  # two rounds; bags have more examples


def test_where_runs_do_not_fit_beside_each_other_fewer_processes_go_on(tmp_path, monkeypatch, capsys):
    """Until one run alone does not."""
    asked = []

    def parallel(n_jobs, batch_size):
        def train(tasks):
            asked.append(n_jobs)
            if n_jobs > holds:
                raise program.TooLarge("full")
            asked.extend(arguments for _, arguments, _ in tasks)

        return train

    monkeypatch.setattr(engine.joblib, "Parallel", parallel)
    wanted, place, holds = stacks()[:1], Place(tmp_path, 1e9), 2
    engine._run(wanted, place, 8)
    assert asked == [8, 4, 2, (wanted[0], place)] and "2 processes in place of 4" in capsys.readouterr().err
    holds = 0
    with pytest.raises(ValueError, match="full"):
        engine._run(wanted, place, 3)
    assert asked[4:] == [3, 1]


@pytest.mark.filterwarnings("error")
def test_pixels_that_workers_share_may_be_read_only(tmp_path, capfd):
    stack = stacks()[0]
    locked = stack.images._replace(pixels=stack.images.pixels.copy())
    locked.pixels.setflags(write=False)
    fill(tmp_path, [stack._replace(images=locked)])


def test_what_comes_later_counts_for_the_time_left(tmp_path, capfd):
    later = [engine.progress.Part("", 7, 10, 100)]
    engine.fill(stacks()[:1], Place(tmp_path, 1e9), 1, "test", later)
    assert "test: 3/10 runs, epoch 12/82" in capfd.readouterr().out


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.chosen("auto") == device.chosen("cpu") == "cpu"
    with pytest.raises(ValueError, match=r"run\.device = cuda.*allowed here: auto, cpu"):
        device.chosen("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [device.chosen(wanted) for wanted in ("auto", "cuda", "cpu")] == ["cuda", "cuda", "cpu"]


def test_workers(monkeypatch):
    assert engine.workers(3, "cpu") == engine.workers(3, "cuda") == 3
    monkeypatch.setattr(engine.joblib, "cpu_count", lambda: 32)
    assert engine.workers("auto", "cpu") == 32 and engine.workers("auto", "cuda") == engine.ON_A_GPU < 32
