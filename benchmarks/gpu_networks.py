"""What a GPU makes of networks that fill it: ResNet-18 by the engine and by a plain loop, and a table of Tanaka
et al. 2018, shortened.

    PYTHONPATH=src python benchmarks/gpu_networks.py [--images images.npz] [--quick] [--out gpu_networks.json]

For a machine as benchmarks/gpu.py asks for. --images: data/cifar10/images.npz, which `dvc repro download@cifar10`
leaves where study.datasets has cifar10; without it the table is left out. Stopped, it goes on where it was:
figures that are in the file are not measured again, and a training has checkpoints beside it. With --quick on a
CPU it checks in seconds that it runs.

The plain loop has the engine's network and augmentation, so that the loops are compared; benchmarks/networks.py
has the network beside torchvision's. The table is one seed of presets/tanaka2018.yaml at its first rate, with a
tenth of its epochs and milestones. The clock is told, not estimated: labels are updated at about the same part of
the training as theirs.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gpu
import numpy as np
import torch
import yaml
from torch import Tensor, nn

from labelnoise.device import repeatable
from labelnoise.draws import Draws
from labelnoise.methods import METHODS
from labelnoise.nets import NETWORKS
from labelnoise.train import augmentation, loop, program, store, streams
from labelnoise.train.program import Images, Place, Program, Stack
from labelnoise.train.types import LAST, RunData, Settings

BATCH, CLASSES, SHAPE, SHORTER, CLOCK = 128, 10, (3, 32, 32), 10, 45
AUGMENTED = {"crop": 4, "flip": True}


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load((gpu.FOLDER / name).read_text("utf-8"))


def network(name: str, small: bool) -> tuple[str, dict[str, Any]]:
    """Type and section of a row of `networks:`; small: of two channels."""
    rows = read("params.yaml")["networks"]
    section = {**rows.get(rows[name].get("network", name), {}), **rows[name]}
    return section.pop("network", name), section | ({"width": 2} if small else {})


def made_up(runs: int, images: int, device: str) -> RunData:
    """Images and labels at random, on the device; as many to evaluate as an eighth of them."""
    rng = torch.Generator().manual_seed(0)
    inputs = torch.randn(images, *SHAPE, generator=rng).to(device)
    index = torch.stack([torch.randperm(images, generator=rng) for _ in range(runs)]).to(device)
    trained, rest = index[:, images // 8 :], index[:, : images // 8]
    labels = index % CLASSES
    parts = (trained, labels[:, images // 8 :], rest, labels[:, : images // 8])
    stop = torch.full((runs,), -1, device=device)
    return RunData(inputs, *parts, stop, [streams.Stream(run, 0, 0) for run in range(runs)], CLASSES)


def train(data: RunData, small: bool, epochs: int, method: str = "cross_entropy", **own: Any) -> Tensor:
    """Probabilities at the end."""
    kind, section = network("resnet18", small)
    told = gpu.told(data.labels.cpu().numpy(), str(data.inputs.device), epochs)
    settings = Settings(epochs, BATCH, 0.02, 0.9, 0.0005, evaluate=LAST, **own)
    build = lambda generators: NETWORKS[kind](generators, SHAPE, CLASSES, **section)  # noqa: E731
    row, values = gpu.rows()[method]
    return loop.train(build, METHODS[row](**values), data, told, settings, gpu.NOTHING, by_kernel=False).probs


def plain(data: RunData, small: bool, epochs: int, augmented: bool, bfloat16: bool) -> None:
    """The loop that a user would write, for the first run: the same network, tensors that stay on the device, and
    the same evaluation at the end."""
    kind, section = network("resnet18", small)
    model = NETWORKS[kind]([torch.Generator().manual_seed(0)], SHAPE, CLASSES, **section).to(data.inputs.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=0.0005, fused=True)
    images, labels = data.inputs[data.index[0]], data.labels[0]
    model.draws = Draws(torch.zeros(1, dtype=torch.int64, device=images.device))
    autocast = torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16)
    for _ in range(epochs):
        for part in torch.randperm(len(labels), device=labels.device).split(BATCH):
            batch = images[part]
            if augmented:
                batch = augmentation.flipped(augmentation.cropped(batch[None], 4, model.draws), model.draws)[0]
            with autocast:
                logits = model(batch[None])[0].float()
            loss = nn.functional.cross_entropy(logits, labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad(), autocast:
        for part in data.inputs.split(8 * BATCH):
            model(part[None]).argmax(-1)


class Kept(gpu.Bench):
    """A bench that leaves out what its file has already."""

    def __init__(self, device: str, quick: bool, out: Path) -> None:
        super().__init__(device, quick, out)
        self.found = json.loads(out.read_text("utf-8")) if out.exists() else {}

    def once(self, name: str, measure: Callable[[], Any]) -> None:
        if name not in self.found:
            self.note(name, measure())

    def rate(self, runs: int, does: Callable[[RunData], Any]) -> dict[str, float]:
        """Images per second of all runs, and the most memory."""
        data = made_up(runs, 256 if self.quick else 20_000, self.device)
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        rate = runs * data.labels.shape[1] * self.epochs / self.seconds(lambda: does(data))
        most = torch.cuda.max_memory_allocated() / 1e9 if self.device == "cuda" else None
        return {"images_per_s": rate, "peak_gb": most}

    def speed(self) -> None:
        """The engine beside a plain loop, in both precisions; and stacks, in which such networks gain nothing on a
        CPU."""
        self.epochs = 1 if self.quick else 2
        small, epochs = self.quick, self.epochs
        for precision in ("float32", "bfloat16"):
            coarse = precision == "bfloat16"
            self.once(
                f"plain_{precision}",
                lambda: self.rate(1, lambda data: plain(data, small, epochs, True, coarse)),  # noqa: B023
            )
            own = AUGMENTED | {"precision": precision}
            for runs in (1, 2) if self.quick else (1, 2, 4):
                self.once(
                    f"engine_{precision}_{runs}",
                    lambda: self.rate(runs, lambda data: train(data, small, epochs, **own)),  # noqa: B023
                )
        self.once("same_bytes_twice", self.twice)
        self.once("co_teaching", lambda: self.rate(1, lambda data: train(data, small, epochs, "co_teaching")))

    def twice(self) -> bool:
        data = made_up(1, 256 if self.quick else 5_000, self.device)
        one, two = (train(data, self.quick, 1, "elr", cutout=8, **AUGMENTED) for _ in range(2))
        return torch.equal(one, two)

    def table(self, file: Path | None) -> None:
        """Test accuracy of both methods, and what an epoch takes."""
        if file is None and not self.quick:
            return print("--images: not given, so the table of Tanaka et al. is left out", flush=True)
        for row in ("cross_entropy", "joint_optimization"):
            self.once(f"tanaka_{row}", lambda: self.accuracy(row, file))  # noqa: B023

    def accuracy(self, row: str, file: Path | None) -> dict[str, float]:
        images, clean, tested = cifar(file)
        one = tanaka(row, images, clean, tested, self.device, small=self.quick)
        place = Place(self.out.with_suffix(".store"), checkpoint_seconds=30)
        start = time.perf_counter()
        program.execute(one, place)
        seconds = time.perf_counter() - start
        left = store.read(place.store, program.key(one.programs[0]))
        hits = left["probs_last"].argmax(1) == clean
        return {"test_accuracy": float(hits[tested].mean()), "seconds_since_start_or_stop": seconds}


def cifar(file: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images uint8 [N, 3, 32, 32], classes [N], and which are tested on; None: made up, and few."""
    if file is None:
        order = np.arange(80)
        return np.random.default_rng(0).integers(0, 256, (80, *SHAPE), np.uint8), order % CLASSES, order % 4 == 0
    with np.load(file, allow_pickle=False) as arrays:
        return arrays["images"], arrays["clean_labels"], arrays["test_fold"] == 0


def tanaka(row: str, images: np.ndarray, clean: np.ndarray, tested: np.ndarray, device: str, small: bool) -> Stack:
    """One run of the preset, with a tenth of its epochs; symmetric noise redrawn from all classes, at its first
    rate, which both parts of the training images have."""
    preset, params = read("presets/tanaka2018.yaml"), read("params.yaml")
    section, own = preset["datasets"]["cifar10"], preset["methods"].get(row, {})
    rate, rng = section["noises"]["symmetric_all"][0], np.random.default_rng(0)
    given = np.where(rng.random(len(clean)) < rate, rng.integers(CLASSES, size=len(clean)), clean)
    order = rng.permutation(np.flatnonzero(~tested))
    held_out = int(section["validation_fraction"] * len(order))
    val, index = np.sort(order[:held_out]), np.sort(order[held_out:])
    training = section["training"] | own.get("training", {})
    training = training | {"epochs": 2 if small else training["epochs"] // SHORTER, "evaluate": LAST}
    training["milestones"] = [1] if small else [at // SHORTER for at in training["milestones"]]
    kind, layers = network(section["networks"][0], small)
    arrays = {"index": index, "labels": given[index], "val_index": val, "val_labels": given[val]}
    arrays["clock"] = np.array(CLOCK / SHORTER)
    method = params["methods"][row] | {name: value for name, value in own.items() if name != "training"}
    trained = images[~tested]
    mean, std = (of(trained, (0, 2, 3), keepdims=True).astype(np.float32) for of in (np.mean, np.std))
    spec = {
        "network": kind, "network_section": layers, "method": row, "method_section": method, "settings": training,
        "classes": CLASSES, "stream": [0, 0], "watch": "", "probe": {}, "machine": store.machine(device, ""),
        "arrays": {name: store.array_hash(array) for name, array in arrays.items()},
        "images": store.array_hash(images),
    }  # fmt: skip
    return Stack([Program(spec, arrays)], Images(images, mean, std), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, help="images.npz of CIFAR-10, as the stage download leaves it")
    parser.add_argument("--quick", action="store_true", help="in seconds, to see that it runs")
    parser.add_argument("--out", type=Path, default=Path("gpu_networks.json"))
    asked = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        repeatable()
    bench = Kept(device, asked.quick, asked.out)
    bench.note("device", torch.cuda.get_device_name() if device == "cuda" else "cpu")
    bench.note("torch", torch.__version__)
    bench.speed()
    bench.table(asked.images)


if __name__ == "__main__":
    main()
