"""A run: one training of one network, described by plain values that decide all of its result."""

import json
from typing import Any, NamedTuple

SPLIT, START, FOLD, BAG, PLANTED = "split", "start", "fold", "bag", "planted"
Settings = tuple[tuple[str, Any], ...]  # name and value, sorted by name


class Examples(NamedTuple):
    """What of its column of labels a run trains on. Every kind has random streams of its own."""

    kind: str = SPLIT  # the training part; START: the same from other initial weights; FOLD: the same less one
    # fold; BAG: all that has a label, drawn with replacement; PLANTED: all, some labels made wrong
    number: int = 0  # which of them
    of: int = 1  # how many there are of the same column
    share: float = 0.0  # of labels that each PLANTED run makes wrong


class Run(NamedTuple):
    """One training. Two runs that are equal are the same training, whichever study asks for it."""

    data: str  # name of the images and columns of labels (runs.data)
    network: str
    noise: str
    noise_rate: float  # nominal
    seed: int
    name: str  # row of `methods:`
    method: str  # key of METHODS
    section: Settings = ()  # hyper-parameters of the method
    change: str = ""  # what was done to the labels after they were drawn
    settings: Settings = ()  # of the optimiser, where they differ from the data set's
    layers: Settings = ()  # of the network, where they differ from `networks:`
    examples: Examples = Examples()
    watch: str = ""  # what is kept per example beside the probabilities (train.program)
    probe: bool = False  # whether the network is probed while it trains
    needs: tuple[str, ...] = ()  # fields of `Estimates` that the method reads
    source: str = ""  # where these come from (runs.estimates); "" where it needs none
    oracle: bool = False  # whether it is told the truth
    held: tuple[int, ...] = ()  # seeds whose runs say at which epoch this one stops early; (): it says so itself
    beside: str = ""  # runs of several columns with the same word are trained in one stack


def settings(values: dict[str, Any]) -> Settings:
    """A mapping as a run holds it, lists as tuples."""
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return tuple(sorted(plain.items()))


def as_row(run: Run) -> dict[str, Any]:
    """The run as a row of a table: tuples as JSON, the kind and number of its examples as columns."""
    plain = run._asdict() | {"examples": run.examples.kind, "number": run.examples.number}
    return {key: json.dumps(value) if isinstance(value, tuple) else value for key, value in plain.items()}
