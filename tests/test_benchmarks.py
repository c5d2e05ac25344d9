"""The benchmarks run, count what they say, and keep no absolute times. Their ratios are not tested here."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import gpu  # noqa: E402  (scripts, not a package)
import gpu_networks  # noqa: E402
import measure  # noqa: E402
import methods  # noqa: E402
import networks  # noqa: E402
import peers  # noqa: E402
import plain  # noqa: E402
import workload  # noqa: E402
from workload import Size, Trained  # noqa: E402

RUNS, EPOCHS = 2, 8
SIZE = Size((32, 16), RUNS, EPOCHS)
FEW = [
    "cross_entropy",
    "elr",
    "joint_optimization",
    "co_teaching",
    "weight_ema",
]  # a plain epoch, a memory, two rounds, ...


@pytest.fixture(scope="module")
def study():
    return workload.load(RUNS, EPOCHS)


@pytest.fixture(autouse=True)
def threads():
    """Training sets it to one."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_ratio_is_the_median_of_the_pairings():
    assert measure.ratio([(10.0, 1.0), (6.0, 2.0), (20.0, 5.0)]) == (4.0, 3.0, 10.0, 3)


def test_report_replaces_its_own_section_only(tmp_path):
    path = tmp_path / "results.md"
    for section, line in [("A", "old"), ("B", "kept"), ("A", "new")]:
        measure.report(section, [line], path)
    text = path.read_text()
    assert text == measure.HEADER + "\n## A\n\nnew\n\n## B\n\nkept\n"


def test_seconds_are_those_of_the_processor():
    assert measure.seconds(lambda: time.sleep(0.5)) < 0.25


def test_operations_are_those_that_torch_counts(study):
    split = workload.split(study, workload.stack(study, "cross_entropy", SIZE), 0)
    model = plain.network(split, SIZE.hidden, 10)
    with FlopCounterMode(display=False) as counter:
        model(split.inputs[:64]).sum().backward()
    assert counter.get_total_flops() == 64 * peers.operations(64, SIZE.hidden, 10)


def test_a_rate_counts_the_images_of_all_runs_and_epochs(study, monkeypatch):
    made = workload.stack(study, "cross_entropy", SIZE)
    monkeypatch.setattr(measure, "EDGE", 8)
    monkeypatch.setattr(workload, "engine", lambda of: Trained(4.0, [0.5, 0.25, 3.0], [0.5, 0.7]))
    trained = [len(np.unique(own.arrays["index"])) for own in made.programs]
    found = peers.turn({peers.OURS: made}, [])
    assert found.whole[peers.OURS] == sum(trained) * 3 / 4
    assert found.training[peers.OURS] == sum(trained) / 0.5  # the median pass
    assert found.accuracy[peers.OURS] == pytest.approx(0.6)


def test_more_runs_than_others_wait_for_stop_by_themselves():
    """In the study the first seeds say when the others stop."""
    size = Size((4,), 24, 1)
    trained = workload.engine(workload.stack(workload.load(size.runs, 1), "elr", size))
    assert len(trained.accuracies) == size.runs


def test_phases_keep_their_share_of_the_training():
    whole, part = (workload.load(1, epochs).params.methods for epochs in (40, 8))
    assert whole["joint_optimization"]["average_epochs"] == 10
    assert part["joint_optimization"] == whole["joint_optimization"] | {"average_epochs": 2}


def test_loop_of_a_method_is_the_plain_loop_for_cross_entropy(study):
    """Both draw initial weights and orders alike, and so differ in rounding alone."""
    made = workload.stack(study, "cross_entropy", SIZE)
    split, settings = workload.split(study, made, 0), made.spec["settings"]
    torch.manual_seed(0)
    one = plain.train(split, plain.Shuffled(split, settings["batch_size"]), SIZE.hidden, 10, settings)
    torch.manual_seed(0)
    told = methods.told(study, made, 0)
    other = plain.train_method(methods.METHODS["cross_entropy"](), split, told, SIZE.hidden, settings)
    assert one == pytest.approx(other, abs=0.01)


@pytest.mark.parametrize("name", FEW)
def test_both_sides_train_the_method(name, study):
    made = workload.stack(study, name, SIZE)
    method = methods.METHODS[made.spec["method"]](**made.spec["method_section"])
    split, told = workload.split(study, made, 0), methods.told(study, made, 0)
    torch.manual_seed(0)
    loop = plain.train_method(method, split, told, SIZE.hidden, made.spec["settings"])
    trained = workload.engine(made)
    rounds = 2 if name == "joint_optimization" else 1
    assert len(trained.passes) == rounds * EPOCHS
    assert 0 < min(trained.passes) < sum(trained.passes) < trained.seconds
    assert len(trained.accuracies) == RUNS
    assert min(loop, *trained.accuracies) > 0.6  # a tenth by chance


def _few(*size, load=workload.load):
    of = load(*size)
    chosen = {name: of.params.methods[name] for name in FEW[:3]}
    return of._replace(params=of.params.model_copy(update={"methods": chosen}))


@pytest.mark.parametrize("script", [peers, methods])
def test_script_runs(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(workload, "load", _few)
    monkeypatch.setattr(measure, "EDGE", 64)
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    monkeypatch.setattr(measure, "RESULTS", tmp_path / "results.md")
    monkeypatch.setattr(sys, "argv", ["script", "--quick"])
    script.main()
    said = capsys.readouterr().out
    assert (
        "JAX, vmap over 2 runs, scan over steps | not installed" if script is peers else "| joint_optimization | "
    ) in said
    assert not measure.RESULTS.exists()  # a quick run measures nothing worth keeping


def test_the_networks_that_take_turns_have_the_same_weights():
    one, other = networks.ours(), networks.plain()
    assert sum(of.numel() for of in one.parameters()) == sum(of.numel() for of in other.parameters())
    assert networks.plain_small()[-1].in_features == networks.section("small_cnn")["channels"][-1]
    for sides, count in ((networks.large_sides(2), 3), (networks.small_sides(2), 4)):
        found = networks.measured(sides, 1)
        assert len(found) == count and all(len(taken) == 1 and taken[0] > 0 for taken in found.values())


def test_the_benchmark_of_a_gpu_trains_the_same_run_in_stacks_of_all_sizes():
    """On a CPU here, where a GPU would show how far they are apart."""
    alone, beside = (gpu.train(gpu.work(runs, "cpu", 2), "mixup", 2).probs for runs in (1, 3))
    torch.testing.assert_close(alone, beside[:1], rtol=0, atol=1e-5)
    assert set(gpu.rows()) >= {"cross_entropy", "gce_truncated", "dividemix"} and "joint_hard" not in gpu.rows()


def test_the_benchmark_of_networks_on_a_gpu_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    """Two runs of the preset of Tanaka et al. in miniature; the engine and the plain loop once."""
    out = tmp_path / "found.json"
    bench = gpu_networks.Kept("cpu", True, out)
    bench.epochs = 1
    bench.table(None)
    bench.once(
        "engine", lambda: bench.rate(1, lambda data: gpu_networks.train(data, True, 1, **gpu_networks.AUGMENTED))
    )
    bench.once("plain", lambda: bench.rate(1, lambda data: gpu_networks.plain(data, True, 1, True, True)))
    assert {*bench.found} == {"tanaka_cross_entropy", "tanaka_joint_optimization", "engine", "plain"}
    assert all(
        0 <= bench.found[f"tanaka_{row}"]["test_accuracy"] <= 1 for row in ("cross_entropy", "joint_optimization")
    )
    assert bench.found["engine"]["images_per_s"] > 0 and len(list((tmp_path / "found.store").glob("*.npz"))) == 2
    again = gpu_networks.Kept("cpu", True, out)
    monkeypatch.setattr(gpu_networks.Kept, "accuracy", None)
    again.table(None)
    assert again.found == bench.found


def test_the_shortened_table_has_the_values_of_the_preset():
    images, clean, tested = gpu_networks.cifar(None)
    found = {
        row: gpu_networks.tanaka(row, images, clean, tested, "cpu", False).spec
        for row in ("cross_entropy", "joint_optimization")
    }
    assert [spec["settings"]["epochs"] for spec in found.values()] == [12, 20]
    assert [spec["settings"]["milestones"] for spec in found.values()] == [[4, 8], [6, 13]]
    assert {spec["network_section"]["width"] for spec in found.values()} == {32}
    assert (
        found["joint_optimization"]["method_section"]["alpha"] == 1.2
        and found["joint_optimization"]["settings"]["lr"] == 0.08
    )
