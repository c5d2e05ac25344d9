"""How often what `labelnoise.find` says of errors is right, on other images than digits.

    .venv/bin/python benchmarks/obvious.py fashion_mnist /usr/share/datasets/fashion-mnist
    .venv/bin/python benchmarks/obvious.py cifar10 images/train
    .venv/bin/python benchmarks/obvious.py cifar10 images/train --people labels.csv

The first folder has the published files, the second <class>/<image>; labels.csv has a `file` as it ends there and
a column per labelling by people. Images are drawn evenly from the classes, by the seed. A line of obvious.csv,
beside this file, is what came out of one labelling; what stands there is not done again. docs/results.md has the
table.
"""

import argparse
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.metrics import average_precision_score

import labelnoise
from labelnoise.data.torchvision_sets import SOURCES
from labelnoise.noise import transition
from labelnoise.recheck import verdict
from labelnoise.sections import EfficientnetLite0, Patches

FILE = Path(__file__).resolve().parent / "obvious.csv"
CACHE = Path("downloads")  # of features
KEYS = ["images", "features", "count", "labels", "seed"]
INJECTED = [("symmetric", 0.2), ("symmetric", 0.4), ("asymmetric", 0.3)]
PATCHES, LITE0 = Patches(encoder="patches"), EfficientnetLite0(encoder="efficientnet_lite0")
SETS = {"pixels": None, "patches": [PATCHES], "lite0": [LITE0], "patches, lite0": [PATCHES, LITE0]}
FEATURES = {"fashion_mnist": ["pixels"], "cifar10": ["patches"]}  # of labels made wrong
BY_PEOPLE = ["patches", "lite0", "patches, lite0"]


class Images(NamedTuple):
    """Images with their true classes."""

    pixels: np.ndarray  # uint8 [N, H, W] or [N, H, W, 3]
    truth: np.ndarray  # int64 [N]
    files: list[str]  # <class>/<image>; empty where there are none


def read(name: str, folder: Path, per_class: int) -> Images:
    """The first so many images of each class."""
    if name == "cifar10":
        files = [file for one in sorted(folder.iterdir()) for file in sorted(one.iterdir())[:per_class]]
        pixels = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
        truth = np.unique([file.parent.name for file in files], return_inverse=True)[1]
        return Images(pixels, truth, [f"{file.parent.name}/{file.name}" for file in files])
    raw = [
        gzip.decompress((folder / f"train-{what}.gz").read_bytes())
        for what in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ]
    truth = np.frombuffer(raw[1], np.uint8, offset=8).astype(np.int64)
    return Images(np.frombuffer(raw[0], np.uint8, offset=16).reshape(-1, 28, 28), truth, [])


def drawn(truth: np.ndarray, count: int, seed: int) -> np.ndarray:
    """So many positions, evenly from the classes."""
    rng, classes = np.random.default_rng(seed), np.unique(truth)
    return np.concatenate([rng.permutation(np.flatnonzero(truth == k))[: count // len(classes)] for k in classes])


def injected(name: str, truth: np.ndarray, noise: str, rate: float, seed: int) -> np.ndarray:
    """Labels, wrong as `noise` says; of asymmetric noise the rate is that of the classes concerned."""
    mapping = [SOURCES[name].asymmetric_map] if noise == "asymmetric" else []
    matrix = getattr(transition, noise)(int(truth.max()) + 1, rate, *mapping)
    return transition.sample(truth, matrix, np.random.default_rng([seed, 1]))


def labellings(
    name: str, images: Images, people: Path | None, seeds: range
) -> Iterator[tuple[dict, np.ndarray, np.ndarray]]:
    """What to look at: its keys, the positions of its images, their labels."""
    if people is not None:
        table = pd.read_csv(people)
        told = (
            table.assign(file=table["file"].str.split("/").str[-2:].str.join("/"))
            .set_index("file")
            .loc[images.files]
        )
        names = {"images": name, "count": len(images.truth), "seed": 0}
        for labels in (column for column in told if column != "clean"):
            for features in BY_PEOPLE:
                yield (
                    names | {"features": features, "labels": labels},
                    np.arange(len(told)),
                    told[labels].to_numpy(int),
                )
        return
    for seed in seeds:
        rows = drawn(images.truth, 5000, seed)
        for noise, rate in INJECTED:
            key = {
                "images": name,
                "features": FEATURES[name][0],
                "count": len(rows),
                "labels": f"{noise} {rate:g}",
                "seed": seed,
            }
            yield key, rows, injected(name, images.truth[rows], noise, rate, seed)


def looked(images: Images, rows: np.ndarray, labels: np.ndarray, features: str) -> dict[str, object]:
    """What came out, beside the truth."""
    found = labelnoise.find(labels, images=images.pixels[rows], sections=SETS[features], cache=CACHE)
    table, gate = found.table, found.gate
    wrong = labels[table["index"]] != images.truth[rows][table["index"]]
    obvious = wrong[(table["tier"] == "obvious").to_numpy()]
    truth, told = (labels != images.truth[rows]).mean(), verdict.rate(gate)
    order = average_precision_score(wrong, -np.arange(len(wrong))) if len(wrong) else np.nan
    return {
        "wrong": truth, "rate_low": gate.rate_low, "rate_high": gate.rate_high, "contradicted": gate.contradicted,
        "told": told.kind, "within": not truth > told.high and not truth < told.low if told.kind else "",
        "verdict": gate.verdict, "rule": gate.rule, "worlds_right": gate.worlds_right, "auprc": order,
        "obvious": len(obvious), "obvious_wrong": obvious.mean() if len(obvious) else np.nan,
    }  # fmt: skip


def main(words: list[str] | None = None) -> None:
    """words: of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", choices=FEATURES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="seed")
    asked = parser.parse_args(words)
    per_class = 1000 if asked.people or asked.images == "cifar10" else None
    images = read(asked.images, asked.folder, per_class)
    seeds = range(asked.first, asked.first + asked.seeds)
    there = pd.read_csv(FILE) if FILE.exists() else pd.DataFrame(columns=KEYS)
    for key, rows, labels in labellings(asked.images, images, asked.people, seeds):
        if not (there[KEYS] == pd.Series(key)[KEYS]).all(axis=1).any():
            line = pd.DataFrame([key | looked(images, rows, labels, key["features"])])
            line = line[[*KEYS, *line.columns.drop(KEYS)]]
            there = pd.concat([there, line] if len(there) else [line], ignore_index=True)
            there.sort_values(KEYS).to_csv(FILE, index=False, float_format="%.4g")
            print(line.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
