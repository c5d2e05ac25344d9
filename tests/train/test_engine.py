"""The engine: same bytes with any number of workers, only what is missing is trained, clear messages."""

import pytest
import tiny_study
import torch

from labelnoise.train import bags, engine, program, store
from labelnoise.train.engine import Job
from labelnoise.train.program import Place


def jobs():
    made = [
        tiny_study.program("mae", at=0),
        tiny_study.program("mae", at=1),
        tiny_study.program("joint_optimization"),
    ]
    judged = [Job(one, tiny_study.monitor(one)) for one in made]
    return [*judged, Job(bags.bag_program(tiny_study.study(), tiny_study.rows()[0]), None)]


def ensure(folder, workers, wanted):
    return engine.ensure(wanted, tiny_study.study().images, Place(folder, 1e9), workers, "test")


def test_one_and_two_workers_give_equal_bytes(tmp_path, capfd):
    wanted = jobs()
    one, two = ensure(tmp_path / "one", 1, wanted), ensure(tmp_path / "two", 2, wanted)
    for job in wanted:
        name = program.key(job.program)
        entries = [store.finished(tmp_path / folder, name).read_bytes() for folder in ("one", "two")]
        assert entries[0] == entries[1]
    assert [part.keys() for part in one] == [part.keys() for part in two]
    assert len(one) == len(wanted) and "history_test_accuracy" in one[0] and "bags_count" in one[-1]


def test_only_what_is_missing_is_trained(tmp_path, monkeypatch, capfd):
    wanted = jobs()
    ensure(tmp_path, 1, wanted[:2])
    trained = []
    execute = program.execute
    monkeypatch.setattr(engine, "execute", lambda one, *rest: (trained.append(one), execute(one, *rest)))
    again = ensure(tmp_path, 1, wanted[:3])
    assert [one.spec for one in trained] == [wanted[2].program.spec] and len(again) == 3
    ensure(tmp_path, 1, wanted[:3])
    assert len(trained) == 1


def test_results_come_in_the_order_of_the_jobs(tmp_path, capfd):
    wanted = jobs()[:2]
    straight, turned = ensure(tmp_path, 1, wanted), ensure(tmp_path, 1, wanted[::-1])
    assert (straight[0]["probs_last"] == turned[1]["probs_last"]).all()
    assert (straight[0]["probs_last"] != straight[1]["probs_last"]).any()


@pytest.mark.filterwarnings("error")
def test_pixels_that_workers_share_may_be_read_only(tmp_path, capfd):
    images = tiny_study.study().images
    locked = images._replace(pixels=images.pixels.copy())
    locked.pixels.setflags(write=False)
    engine.ensure(jobs()[:1], locked, Place(tmp_path, 1e9), 1, "test")


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert engine.device("auto") == engine.device("cpu") == "cpu"
    with pytest.raises(ValueError, match=r"run\.device = cuda.*allowed here: auto, cpu"):
        engine.device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [engine.device(wanted) for wanted in ("auto", "cuda", "cpu")] == ["cuda", "cuda", "cpu"]


def test_workers():
    assert engine.workers(3, "cpu") == engine.workers(3, "cuda") == 3
    assert engine.workers("auto", "cpu") >= 1 and engine.workers("auto", "cuda") == 1
