"""What a GPU makes of the engine: how fast, how alike twice, how near to the CPU, in how much memory.

    PYTHONPATH=src python benchmarks/gpu.py [--quick] [--out gpu.json]

For a machine that has torch, numpy, scikit-learn and PyYAML, and the files of this project, uninstalled; with
--quick on a CPU it checks in seconds that it runs. Prints each figure as it is found, the most important first,
and ends within eight minutes. What is trained: the digits with 40% symmetric noise, MLP 64-128-128-10, batches of
64. Methods are told what stands in for estimates, since neither cost nor agreement depends on it; of methods that
train in rounds it is the first.
"""

import argparse
import json
import time
import warnings
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import yaml
from sklearn.datasets import load_digits
from torch import Tensor, nn

from labelnoise import truth
from labelnoise.device import repeatable
from labelnoise.methods import METHODS
from labelnoise.nets import NETWORKS
from labelnoise.train import loop, streams
from labelnoise.train.types import HELD_OUT, LAST, RunData, Settings, Statistic, Trained
from labelnoise.types import Estimates

FOLDER = Path(__file__).resolve().parents[1]
HIDDEN, BATCH, RATE, CLASSES = [128, 128], 64, 0.4, 10
TESTED, VALIDATED = 360, 144  # images of each run that it does not train on
RUNS = (1, 5, 45, 180, 512, 1024)
OTHER_KEYS = ("method", "grid", "training")  # of rows of `methods:`, which are no hyper-parameters
NOTHING = Statistic(dict, lambda state, epoch, logits, network: state)


class Work(NamedTuple):
    """What R runs train on, and the truth."""

    data: RunData
    estimates: Estimates
    given: Tensor  # [R, N], -1 where a run does not train on an image
    test: Tensor  # bool [R, N]


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Standardised images [N, 1, 8, 8] and their classes [N]."""
    found = load_digits()
    images = found.images.astype(np.float32)[:, None]
    return (images - images.mean()) / images.std(), found.target


def work(runs: int, device: str, epochs: int) -> Work:
    images, clean = digits()
    own = [np.random.default_rng(seed) for seed in range(runs)]  # so that a run is the same in stacks of all sizes
    order = np.stack([rng.permutation(len(clean)) for rng in own])
    wrong = np.stack([rng.random(len(clean)) < RATE for rng in own])
    noisy = np.where(
        wrong, (clean + np.stack([rng.integers(1, CLASSES, len(clean)) for rng in own])) % CLASSES, clean
    )
    test, val, index = np.split(order, [TESTED, TESTED + VALIDATED], 1)
    labels = np.take_along_axis(noisy, index, 1)
    arrays = (index, labels, val, np.take_along_axis(noisy, val, 1))
    own = [torch.from_numpy(each).to(device) for each in (images, *arrays)]
    named = [streams.Stream(seed, 0, 0) for seed in range(runs)]
    given, tested = np.full(order.shape, -1), np.zeros(order.shape, bool)
    np.put_along_axis(given, index, labels, 1)
    np.put_along_axis(tested, test, True, 1)
    parts = (torch.from_numpy(each).to(device) for each in (given, tested))
    data = RunData(*own, torch.full((runs,), -1, device=device), named, CLASSES)
    return Work(data, told(labels, device, epochs), *parts)


def told(labels: np.ndarray, device: str, epochs: int) -> Estimates:
    """What stands in for estimates: the noise as designed, and probabilities that lean to the labels."""
    runs, matrix = len(labels), np.full((CLASSES, CLASSES), RATE / (CLASSES - 1))
    np.fill_diagonal(matrix, 1 - RATE)
    lean = np.random.default_rng(1).dirichlet(np.ones(CLASSES), labels.shape) + np.eye(CLASSES)[labels]
    made = {name: np.broadcast_to(matrix, (runs, CLASSES, CLASSES)) for name in Estimates._fields}
    made |= {
        "rate": np.full(runs, RATE),
        "clock": np.full(runs, 2.0),
        "half_run": np.full(runs, max(1, epochs // 2)),
        "prior": np.full((runs, CLASSES), 1 / CLASSES),
        "pred_probs": lean / lean.sum(-1, keepdims=True),
    }
    return Estimates(**{k: torch.tensor(v, dtype=torch.float32, device=device) for k, v in made.items()})


@cache
def rows() -> dict[str, tuple[str, dict[str, Any]]]:
    """Name, method and hyper-parameters of each row of `methods:` that a grid has."""
    read = yaml.safe_load((FOLDER / "params.yaml").read_text("utf-8"))["methods"]
    found = {name: (own.get("method", name), own) for name, own in read.items() if own.get("grid", True)}
    return {
        name: (of, {k: v for k, v in (read.get(of, {}) | own).items() if k not in OTHER_KEYS})
        for name, (of, own) in found.items()
    }


def train(
    of: Work, row: str, epochs: int, evaluate: str = HELD_OUT, network: str = "mlp", **settings: Any
) -> Trained:
    method, section = rows()[row]
    layers = {"hidden": HIDDEN} if network == "mlp" else {"channels": [16, 32, 32]}
    return loop.train(
        lambda generators: NETWORKS[network](generators, (1, 8, 8), CLASSES, **layers, dropout=0.0),
        METHODS[method](**section),
        of.data,
        of.estimates,
        Settings(epochs, BATCH, 0.05, 0.9, 0.0, evaluate=evaluate, **settings),
        NOTHING,
        truth.monitor(torch.from_numpy(digits()[1]).to(of.given.device), of.given, of.test),
        by_kernel=False,
    )


def plain(of: Work, epochs: int) -> None:
    """The loop that a user would write, for the first run: tensors that stay on the device."""
    layers = [nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, CLASSES)]
    model = nn.Sequential(nn.Flatten(), *layers).to(of.given.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, fused=True)
    images, labels = of.data.inputs[of.data.index[0]], of.data.labels[0]
    held_out = of.data.inputs[of.test[0] | (of.given[0] < 0)]
    for _ in range(epochs):
        for part in torch.randperm(len(labels), device=labels.device).split(BATCH):
            loss = nn.functional.cross_entropy(model(images[part]), labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            model(held_out).argmax(1)


class Bench:
    """Measures, prints, and keeps what it found."""

    def __init__(self, device: str, quick: bool, out: Path) -> None:
        self.device, self.quick, self.out, self.found = device, quick, out, {}
        self.epochs, self.runs = (1, RUNS[:2]) if quick else (6, RUNS)

    def note(self, name: str, value: Any) -> None:
        self.found[name] = value
        print(name, value, flush=True)
        self.out.write_text(json.dumps(self.found, indent=1) + "\n", "utf-8")

    def seconds(self, does: Callable[[], Any]) -> float:
        """Of the second of two runs: the first sets up libraries and caches."""
        does()
        self._wait()
        start = time.perf_counter()
        does()
        self._wait()
        return time.perf_counter() - start

    def _wait(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()

    def ceiling(self) -> None:
        size = 256 if self.quick else 8192
        a = torch.randn(size, size, device=self.device)
        self.note("gemm_fp32_tflops", 2 * size**3 / self.seconds(lambda: a @ a) / 1e12)

    def stacks(self) -> None:
        one = work(1, self.device, self.epochs)
        images = one.data.labels.shape[1] * self.epochs
        alone = images / self.seconds(lambda: plain(one, self.epochs))
        self.note("plain_loop_images_per_s", alone)
        for runs in self.runs:
            of = work(runs, self.device, self.epochs)
            if self.device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            for evaluate in (HELD_OUT, LAST):
                rate = runs * images / self.seconds(lambda: train(of, "cross_entropy", self.epochs, evaluate))  # noqa: B023
                self.note(f"runs_{runs}_{evaluate}", {"images_per_s": rate, "of_plain_loop": rate / alone})
            if self.device == "cuda":
                self.note(f"runs_{runs}_peak_gb", torch.cuda.max_memory_allocated() / 1e9)

    def waits(self, row: str) -> dict[str, int]:
        """Where the host waits for the device in two epochs: file and line, and how often."""
        if self.device != "cuda":
            return {}
        of = work(5, self.device, 2)
        train(of, row, 2)
        torch.cuda.set_sync_debug_mode("warn")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            train(of, row, 2)
        torch.cuda.set_sync_debug_mode("default")
        return dict(Counter(f"{Path(w.filename).name}:{w.lineno}" for w in caught).most_common(12))

    def kernels(self) -> None:
        if self.device != "cuda":
            return
        from torch.profiler import ProfilerActivity, profile

        of = work(45, self.device, 1)
        with profile(activities=[ProfilerActivity.CUDA, ProfilerActivity.CPU]) as seen:
            train(of, "cross_entropy", 1)
        for where in ("device", "cpu"):
            spent = {(k.key[:50], k.count): getattr(k, f"self_{where}_time_total") for k in seen.key_averages()}
            top = sorted(spent, key=spent.get, reverse=True)[:12]
            self.note(f"{where}_us_in_an_epoch_of_45", [(*name, round(spent[name])) for name in top])

    def methods(self, seconds: float) -> None:
        """Each row: is it the same twice, how near to the CPU, how fast; until the time is up."""
        start, wanted = time.perf_counter(), list(rows())[:2] if self.quick else list(rows())
        near, many = work(5, self.device, 8), work(5 if self.quick else 180, self.device, 3)
        epochs = 1 if self.quick else 8
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            expected = dict(zip(wanted, pool.map(_on_cpu, wanted, [epochs] * len(wanted))))
        for row in wanted:
            if time.perf_counter() - start > seconds:
                return self.note("rows_left_out", wanted[wanted.index(row) :])
            first, again = train(near, row, epochs), train(near, row, epochs)
            taken = self.seconds(lambda: train(many, row, 3, LAST))  # noqa: B023
            own = first.history["test_accuracy"][:, -1].tolist()
            self.note(
                row,
                {
                    "same_bytes": torch.equal(first.probs.nan_to_num(-1), again.probs.nan_to_num(-1)),
                    "accuracy_less_cpu": round(float(np.mean(own) - np.mean(expected[row])), 4),
                    "images_per_s": round(many.data.labels.numel() * 3 / taken),
                    "waits": sum(self.waits(row).values()),
                },
            )

    def repeats(self) -> None:
        """Is it the same twice, where a step draws or repeats examples; how far apart in stacks of two sizes."""
        few, epochs = work(5, self.device, 3), 3
        for name, changed in [
            ("oversample", {"sampler": "oversample"}),
            ("shift", {"shift": 1}),
            ("small_cnn", {"network": "small_cnn"}),
            ("small_cnn_shift", {"network": "small_cnn", "shift": 1}),
        ]:
            one, two = (train(few, "elr", epochs, **changed).probs for _ in range(2))
            self.note(f"same_bytes_{name}", torch.equal(one, two))
        for network in ("mlp", "small_cnn"):
            many = train(work(90, self.device, 3), "cross_entropy", epochs, network=network).probs[:5]
            alone = train(few, "cross_entropy", epochs, network=network).probs
            self.note(f"apart_in_stacks_of_5_and_90_{network}", float((many - alone).abs().max()))

    def convolutions(self) -> None:
        if self.device != "cuda":
            return
        of, few = work(45, self.device, 2), work(5, self.device, 3)
        expected = train(work(5, "cpu", 3), "cross_entropy", 3, network="small_cnn").probs
        for tf32 in (True, False):
            torch.backends.cudnn.allow_tf32 = tf32
            taken = self.seconds(lambda: train(of, "cross_entropy", 2, LAST, "small_cnn"))
            self.note(f"small_cnn_45_tf32_{tf32}", of.data.labels.numel() * 2 / taken)
            own = train(few, "cross_entropy", 3, network="small_cnn").probs.cpu()
            self.note(f"small_cnn_tf32_{tf32}_from_cpu", float((own - expected).abs().mean()))


def _on_cpu(row: str, epochs: int) -> list[float]:
    torch.set_num_threads(1)
    return train(work(5, "cpu", epochs), row, epochs).history["test_accuracy"][:, -1].tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="in seconds, to see that it runs")
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    parser.add_argument("--seconds", type=float, default=300, help="for the methods; then the rest is left out")
    asked = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        repeatable()
    bench = Bench(device, asked.quick, asked.out)
    bench.note("device", torch.cuda.get_device_name() if device == "cuda" else "cpu")
    bench.note("torch", torch.__version__)
    bench.ceiling()
    bench.stacks()
    bench.note("waits_in_two_epochs", bench.waits("cross_entropy"))
    bench.kernels()
    bench.repeats()
    bench.convolutions()
    bench.methods(asked.seconds)


if __name__ == "__main__":
    main()
