"""A tiny study for tests of methods and training: 30 images of 1x4x4 in 6 classes, 24 of them to train on."""

from dataclasses import fields
from pathlib import Path
from typing import get_args

import torch

from labelnoise import params
from labelnoise.methods import METHODS
from labelnoise.methods.base import Method
from labelnoise.nets import NETWORKS
from labelnoise.train.loop import train
from labelnoise.train.streams import Stream
from labelnoise.train.types import EVERY, RunData, Settings, Statistic, Trained
from labelnoise.types import Estimates

CLASSES, IMAGES, EXAMPLES, SHAPE = 6, 30, 24, (1, 4, 4)
SECTIONS = {"mlp": {"hidden": [8, 8], "dropout": 0.0}, "small_cnn": {"channels": [4, 6], "dropout": 0.0}}
PARAMS = params.load(Path(__file__).parents[1] / "params.yaml")
NO_STATISTIC = Statistic(dict, lambda state, epoch, logits, network: state)


def choices(name: str) -> set[tuple[str, str, object]]:
    """(class that has the argument, argument, value) of a method's arguments that are words or switches."""
    owners = {key: owner.__name__ for owner in METHODS[name].__mro__[:-1] for key in owner.__annotations__}
    own = fields(METHODS[name])
    kinds = {field.name: (False, True) if field.type is bool else get_args(field.type) for field in own}
    return {(owners[key], key, value) for key, values in kinds.items() for value in values}


def cases() -> dict[str, tuple[str, dict]]:
    """What is to be tested of every method, by name: (method, section), each with an argument that is new.

    Rows of params.yaml first; then, as `warp alpha top`, values that no row has.
    """
    found, shown = {}, set()
    for name in PARAMS.methods:
        of, section = params.resolved(PARAMS, name)
        new = {choice for choice in choices(of) if section[choice[1]] == choice[2]} - shown
        if new or of not in [known for known, _ in found.values()]:
            found[name], shown = (of, section), shown | new
    first = {of: section for of, section in reversed(found.values())}
    for of, section in first.items():
        for choice in sorted(choices(of) - shown):
            found[" ".join([of, *map(str, choice[1:])])] = (of, section | {choice[1]: choice[2]})
            shown.add(choice)
    return found


CASES = cases()


def section(name: str) -> tuple[str, dict]:
    """Method and section of a case, or of a row of params.yaml."""
    return CASES.get(name) or params.resolved(PARAMS, name)


def method(name: str) -> Method:
    of, known = section(name)
    return METHODS[of](**known)


def data(runs: int = 3, dtype: torch.dtype = torch.float64) -> RunData:
    """Runs with own examples, labels and streams; the last run has one validation image less."""
    rng = torch.Generator().manual_seed(7)
    classes = torch.arange(IMAGES) % CLASSES
    means = torch.randn(CLASSES, *SHAPE, generator=rng, dtype=torch.float64)
    inputs = means[classes] + 0.5 * torch.randn(IMAGES, *SHAPE, generator=rng, dtype=torch.float64)
    order = torch.stack([torch.randperm(IMAGES, generator=rng) for _ in range(runs)])
    labels = classes[order]
    labels[:, ::4] = torch.randint(CLASSES, labels[:, ::4].shape, generator=rng)  # the noise
    val_labels = labels[:, EXAMPLES:].clone()
    val_labels[-1, -1] = -1
    streams = [Stream(10 + run, 0, 0) for run in range(runs)]
    index, val_index = order[:, :EXAMPLES], order[:, EXAMPLES:]
    parts = index, labels[:, :EXAMPLES], val_index, val_labels, torch.full((runs,), -1)
    return RunData(inputs.to(dtype), *parts, streams, CLASSES)


def separable() -> tuple[RunData, torch.Tensor]:
    """A run of 96 images in well separated classes, a quarter labelled wrongly; and their classes [1, n]."""
    rng = torch.Generator().manual_seed(9)
    classes = torch.arange(96)[None] % CLASSES
    means = 2 * torch.randn(CLASSES, *SHAPE, generator=rng, dtype=torch.float64)
    inputs = means[classes[0]] + 0.3 * torch.randn(96, *SHAPE, generator=rng, dtype=torch.float64)
    labels = classes.clone()
    wrong = torch.randperm(96, generator=rng)[:24]
    labels[0, wrong] += torch.randint(1, CLASSES, (24,), generator=rng)
    labels %= CLASSES
    index = torch.arange(96)[None]
    parts = index, labels, index[:, :6], labels[:, :6], torch.tensor([-1])
    return RunData(inputs, *parts, [Stream(9, 0, 0)], CLASSES), classes


def estimates(runs: int = 3, dtype: torch.dtype = torch.float64) -> Estimates:
    """Asymmetric estimates that differ from run to run."""
    rng = torch.Generator().manual_seed(8)
    random = torch.rand(runs, CLASSES, CLASSES, generator=rng, dtype=torch.float64)
    transition = 0.7 * torch.eye(CLASSES, dtype=torch.float64) + 0.3 * random / random.sum(-1, keepdim=True)
    prior = torch.softmax(torch.rand(runs, CLASSES, generator=rng, dtype=torch.float64), -1)
    confident, dual = transition.flip(0), 0.9 * transition + 0.1 / CLASSES
    rate = torch.linspace(0.1, 0.5, runs)
    pred_probs = torch.softmax(2 * torch.randn(runs, EXAMPLES, CLASSES, generator=rng, dtype=torch.float64), -1)
    clock = torch.tensor([1, 2, 3])[:runs]  # half_run: as if trainings had six epochs, where they have four
    parts = (rate, clock, torch.full_like(clock, 3), transition, confident, dual, prior, pred_probs)
    return Estimates(*(part.to(dtype) for part in parts))


def clocked(*clocks: float, half: float = 20, **fields: object) -> Estimates:
    """Estimates of runs with these clocks, whose schedules last so many epochs at most; other fields as given."""
    known = estimates(len(clocks))
    told = {"clock": clocks, "half_run": [half] * len(clocks)} | fields
    return known._replace(**{name: torch.tensor(value, dtype=torch.float64) for name, value in told.items()})


def declared(known: Estimates, used: tuple[str, ...]) -> Estimates:
    """As the pipeline does: fields that a method does not declare are NaN, but for what is known of every run."""
    used = (*used, "half_run")
    return Estimates(**{k: v if k in used else torch.full_like(v, torch.nan) for k, v in known._asdict().items()})


def some(runs: RunData, rows: list[int]) -> RunData:
    """The runs at `rows`, in that order."""
    parts = {k: getattr(runs, k)[rows] for k in ("index", "labels", "val_index", "val_labels", "stop")}
    return runs._replace(**parts, streams=[runs.streams[row] for row in rows])


def some_estimates(known: Estimates, rows: list[int]) -> Estimates:
    return Estimates(*(field[rows] for field in known))


def build(network: str):
    """A generator per run -> network."""
    return lambda generators: NETWORKS[network](generators, SHAPE, CLASSES, **SECTIONS[network])


def settings(epochs: int = 4) -> Settings:
    return Settings(epochs, 8, 0.05, 0.9, 0.0005, evaluate=EVERY)


def fit(trained: Method, network: str, runs: RunData, known: Estimates, epochs: int = 4, **options) -> Trained:
    """Train on the tiny study; a different `build` may be passed."""
    made = options.pop("build", build(network))
    return train(made, trained, runs, known, settings(epochs), NO_STATISTIC, **options)


def results(end: Trained) -> dict[str, torch.Tensor]:
    """What a training leaves per run: [R, ...] each, weights apart (their layout is the network's).

    The state of a method with peers has a row for each of them: [R, peers, ...] here.
    """
    kept = {"probs": end.probs, "best_probs": end.best_probs, "best_epoch": end.best_epoch}
    state = {name: value.unflatten(0, (len(end.probs), -1)) for name, value in end.state.items()}
    return kept | {"diverged": end.diverged} | end.history | state
