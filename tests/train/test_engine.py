"""The engine: only what is missing is trained, clear messages. tests/runs has it with two workers."""

import pytest
import tiny_study
import torch

from labelnoise import device
from labelnoise.train import engine, program, store
from labelnoise.train.program import Place


def jobs():
    made = [tiny_study.job("mae", at=0), tiny_study.job("mae", at=1), tiny_study.job("joint_optimization")]
    return [*made, tiny_study.stacked(tiny_study.bags(tiny_study.runs()[0]))]


def fill(folder, wanted):
    """What the store holds of every job afterwards."""
    engine.fill(wanted, Place(folder, 1e9), 1, "test", [])
    return [store.read(folder, program.key(job.program)) for job in wanted]


def test_only_what_is_missing_is_trained(tmp_path, monkeypatch, capfd):
    wanted = jobs()
    fill(tmp_path, wanted[:2])
    trained = []
    execute = program.execute
    monkeypatch.setattr(engine, "execute", lambda one, *rest: (trained.append(one), execute(one, *rest)))
    fill(tmp_path, wanted[:3])
    assert [one.spec for one in trained] == [wanted[2].program.spec]
    fill(tmp_path, wanted[:3])
    assert len(trained) == 1


def test_jobs_in_any_order_are_the_same_entries(tmp_path, capfd):
    wanted = jobs()[:2]
    straight, turned = fill(tmp_path / "one", wanted), fill(tmp_path / "two", wanted[::-1])
    assert (straight[0]["probs_last"] == turned[1]["probs_last"]).all()
    assert (straight[0]["probs_last"] != straight[1]["probs_last"]).any()


@pytest.mark.filterwarnings("error")
def test_pixels_that_workers_share_may_be_read_only(tmp_path, capfd):
    job = jobs()[0]
    locked = job.images._replace(pixels=job.images.pixels.copy())
    locked.pixels.setflags(write=False)
    fill(tmp_path, [job._replace(images=locked)])


def test_what_comes_later_counts_for_the_time_left(tmp_path, capfd):
    later = [engine.progress.Part("", 7, 10, 100)]
    engine.fill(jobs()[:1], Place(tmp_path, 1e9), 1, "test", later)
    assert "test: 3/10 runs, epoch 12/82" in capfd.readouterr().out


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.chosen("auto") == device.chosen("cpu") == "cpu"
    with pytest.raises(ValueError, match=r"run\.device = cuda.*allowed here: auto, cpu"):
        device.chosen("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [device.chosen(wanted) for wanted in ("auto", "cuda", "cpu")] == ["cuda", "cuda", "cpu"]


def test_workers():
    assert engine.workers(3, "cpu") == engine.workers(3, "cuda") == 3
    assert engine.workers("auto", "cpu") >= 1 and engine.workers("auto", "cuda") == 1
