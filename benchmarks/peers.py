"""The engine against what a user would write in its place, and its share of the fp32 peak.

One interleaved run: all sides take turns, on the same images, labels and settings, one thread each. A rate is
images trained on per CPU-second of this process, compilation left out.
"""

import argparse
import warnings
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, NamedTuple

import measure
import numpy as np
import plain
import torch
import workload
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits
from workload import Size, Split

FULL = [Size(hidden, 24, 20) for hidden in ((256, 256), (128, 128))]
QUICK = [Size((16, 16), 2, 2)]
OURS, OTHER = "engine, cross-entropy", "engine, ELR"
METHODS = {OTHER: "elr", OURS: "cross_entropy"}  # in this order, so that peers come next
SHARES = {OURS: 0.7, OTHER: 0.55}  # of the peak: the aims
JAX_RUNS = (1, 6)  # side by side; more are not faster
JAX_AIM = "at least 1.2"


class Peer(NamedTuple):
    """A trainer to compare with."""

    name: str
    train: Callable[[], list[float]]  # accuracies on test images
    images: int  # that one call trains on
    aim: str = ""


class Rates(NamedTuple):
    """Images per CPU-second in one turn, and accuracy on test images, by name."""

    whole: dict[str, float]
    training: dict[str, float]  # of the engine: of the passes over the training examples alone
    accuracy: dict[str, float]
    peak: float  # operations per CPU-second


def peers(of: Any, size: Size) -> list[Peer]:
    """All that the engine is compared with, trained on the first runs of its stack."""
    made, classes, hidden = workload.stack(of, "cross_entropy", size), of.main.training.num_classes, size.hidden
    settings = made.spec["settings"]
    splits = [workload.split(of, made, row) for row in range(max(_side_by_side(size.runs)))]
    one, images, batch = splits[0], size.epochs * len(splits[0].labels), settings["batch_size"]

    def loop(batches: Any) -> Callable[[], list[float]]:
        return lambda: [plain.train(one, batches, hidden, classes, settings)]

    kept = torch.utils.data.TensorDataset(one.inputs, one.labels)
    return [
        Peer("plain torch loop, tensors in memory", loop(plain.Shuffled(one, batch)), images, "at least 2"),
        *_in_jax(splits, hidden, classes, settings),
        Peer("scikit-learn MLPClassifier, without evaluation", lambda: _sklearn(one, hidden, settings), images),
        Peer("torch loop, DataLoader of tensors", loop(plain.loader(kept, batch)), images, "context"),
        Peer("torch loop, DataLoader of PIL", loop(plain.loader(plain.Pictures(one), batch)), images, "context"),
    ]


def _in_jax(splits: list[Split], hidden: tuple[int, ...], classes: int, of: dict[str, Any]) -> list[Peer]:
    if not find_spec("jax"):
        return []
    import jax_loop

    images = of["epochs"] * (len(splits[0].labels) // of["batch_size"] * of["batch_size"])
    trained = {
        count: partial(jax_loop.train, splits[:count], hidden, classes, of) for count in _side_by_side(len(splits))
    }
    return [Peer(_jax(count), train, count * images, JAX_AIM) for count, train in trained.items()]


def _side_by_side(runs: int) -> list[int]:
    return sorted({min(count, runs) for count in JAX_RUNS})


def _jax(count: int) -> str:
    return f"JAX, vmap over {count} run{'s' if count > 1 else ''}, scan over steps"


def _sklearn(split: Split, hidden: tuple[int, ...], of: dict[str, Any]) -> list[float]:
    options = {"solver": "sgd", "nesterovs_momentum": False, "n_iter_no_change": of["epochs"] + 1}
    rates = {"learning_rate_init": of["lr"], "momentum": of["momentum"], "alpha": of["weight_decay"]}
    model = MLPClassifier(hidden, batch_size=of["batch_size"], max_iter=of["epochs"], **options, **rates)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        model.fit(split.inputs.numpy(), split.labels.numpy())
    return [model.score(split.test_inputs.numpy(), split.test_labels.numpy())]


def turn(stacks: dict[str, Any], others: list[Peer]) -> Rates:
    """Measure everything once."""
    found = Rates({}, {}, {}, measure.peak())
    for name, made in stacks.items():
        images, trained = sum(len(own.arrays["labels"]) for own in made.programs), workload.engine(made)
        found.whole[name] = images * len(trained.passes) / trained.seconds
        found.training[name] = images / float(np.median(trained.passes))
        found.accuracy[name] = float(np.mean(trained.accuracies))
    for peer in others:
        reached: list[float] = []
        spent = measure.seconds(lambda: reached.extend(peer.train()))  # noqa: B023 (called at once)
        found.whole[peer.name], found.accuracy[peer.name] = peer.images / spent, float(np.mean(reached))
    print(", ".join(f"{name} {rate / 1000:.0f}k" for name, rate in found.whole.items()), flush=True)
    return found


def operations(pixels: int, hidden: tuple[int, ...], classes: int) -> int:
    """Floating-point operations of the matrix products of a training step, per image: forward, the gradients of
    the weights, and of what each layer but the first is given."""
    products = [2 * a * b for a, b in pairwise([pixels, *hidden, classes])]
    return 3 * sum(products) - products[0]


def rows(size: Size, turns: list[Rates], others: list[Peer]) -> list[str]:
    """The table of a size: the engine's cross-entropy over each other side."""
    lines = [
        f"Hidden layers {list(size.hidden)}, {size.runs} runs, {size.epochs} epochs, {len(turns)} turns.",
        "",
        "| | engine's rate / its rate | aim | test accuracy |",
        "|---|---|---|---|",
    ]
    for name, aim in [(OTHER, ""), *((peer.name, peer.aim) for peer in others)]:
        found = measure.ratio([(turn.whole[OURS], turn.whole[name]) for turn in turns])
        lines.append(f"| {name} | {found} | {aim} | {_accuracy(turns, name)} |")
    absent = [] if find_spec("jax") else _side_by_side(size.runs)
    missing = [f"| {_jax(count)} | not installed | {JAX_AIM} | |" for count in absent]
    return [*lines, *missing, f"| {OURS} | 1 | | {_accuracy(turns, OURS)} |", ""]


def _accuracy(turns: list[Rates], name: str) -> str:
    return f"{np.median([turn.accuracy[name] for turn in turns]):.3f}"


def shares(size: Size, turns: list[Rates], work: int) -> list[str]:
    """Rows of the table of shares of the peak."""
    found = {name: [turn.training[name] * work / turn.peak for turn in turns] for name in METHODS}
    return [
        f"| {list(size.hidden)} | {name} | {np.median(own):.0%} ({min(own):.0%} to {max(own):.0%}) "
        f"| at least {SHARES[name]:.0%} |"
        for name, own in found.items()
    ]


def lines(sizes: list[Size], repetitions: int) -> list[str]:
    """Measure in turn, and the tables."""
    of = workload.load(max(size.runs for size in sizes), sizes[0].epochs)
    sides = []
    for size in sizes:
        stacks = {name: workload.stack(of, row, size) for name, row in METHODS.items()}
        sides.append((size, stacks, peers(of, size), []))
        turn(stacks, sides[-1][2])  # compiles, and pays for lazy imports
    for _ in range(repetitions):
        for _, stacks, others, turns in sides:
            turns.append(turn(stacks, others))
    made, pixels = next(iter(sides[0][1].values())), of.main.training.images.pixels[0].size
    batch = made.spec["settings"]["batch_size"]
    head = [f"{measure.facts()}; one thread; digits, batches of {batch}.", ""]
    tables = [line for size, _, others, turns in sides for line in rows(size, turns, others)]
    heads = ["| hidden layers | training pass of | share of the fp32 peak | aim |", "|---|---|---|---|"]
    for size, _, _, turns in sides:
        heads += shares(size, turns, operations(pixels, size.hidden, of.main.training.num_classes))
    return head + tables + heads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="does it run? tiny, once, nothing is written")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        found = lines(QUICK, 1) if args.quick else lines(FULL, args.repetitions)
    measure.report("Peers", found, None if args.quick else measure.RESULTS)


if __name__ == "__main__":
    main()
