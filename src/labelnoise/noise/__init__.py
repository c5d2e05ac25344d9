"""Noise models: one table of names, and `draw`.

Noise is drawn once per (noise, rate, seed), from a random stream that depends on these three alone.
"""

import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from labelnoise.noise import ambiguous, human, instance_dependent, transition
from labelnoise.noise.ledger import realised_transition
from labelnoise.noise.types import Drawn, Inputs

# what the nominal rate counts
CONVENTIONS = {
    "other_classes": "share of all labels that become another class",
    "all_classes": "share of all labels that are redrawn from all classes, so that some stay right",
    "per_affected_class": "share of the labels of each class in the data set's map",
    "mean_over_classes": "share of labels that become another class, averaged over classes",
    "per_example": "centre of the distribution of each example's own flip rate",
    "given": "nothing: the labels are given",
    "twin": "nothing: each class has the rates of the labels that people gave",
}

Draw = Callable[[float, Inputs, np.random.Generator], tuple[np.ndarray, np.ndarray]]


class Model(NamedTuple):
    """A noise model: how labels are drawn, and how to tell readers."""

    draw: Draw  # (rate, inputs, rng) -> labels int64 [N], transition [C, C]
    convention: str  # a key of CONVENTIONS
    definition: str  # one sentence; {rate} stands for the nominal rate
    rates: tuple[float, float] = (0.0, 1.0)  # allowed nominal rates, ends included


def _class_conditional(build: Callable[[float, Inputs, np.random.Generator], np.ndarray]) -> Draw:
    """Draw labels from the rows of the matrix [C, C] that `build` returns."""

    def draw_labels(rate: float, inputs: Inputs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        matrix = build(rate, inputs, rng)
        return transition.sample(inputs.clean_labels, matrix, rng), matrix

    return draw_labels


def _class_dependent(rate: float, inputs: Inputs, rng: np.random.Generator) -> np.ndarray:
    return transition.class_dependent(inputs.num_classes, rate, inputs.section.class_dependent.sparsity, rng)


def _from_rows(rows: np.ndarray, inputs: Inputs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels from each example's own row; the designed matrix is their mean over each class."""
    means = instance_dependent.class_means(rows, inputs.clean_labels, inputs.num_classes)
    return transition.sample_rows(rows, rng), means


def _instance(rate: float, inputs: Inputs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    of, images = inputs.section.instance_dependent, (inputs.images, inputs.clean_labels, inputs.num_classes)
    return _from_rows(instance_dependent.rows(*images, rate, of.std, of.temperature, rng), inputs, rng)


def _instance_as_published(rate: float, inputs: Inputs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    of, images = inputs.section.instance_dependent, (inputs.images, inputs.clean_labels, inputs.num_classes)
    return _from_rows(instance_dependent.rows_as_published(*images, rate, of.std, rng), inputs, rng)


def _ambiguous(rate: float, inputs: Inputs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    drawn = ambiguous.labels(inputs.images, inputs.clean_labels, inputs.num_classes, rate, rng)
    return drawn, realised_transition(inputs.clean_labels, drawn, inputs.num_classes)


NOISES: dict[str, Model] = {
    "none": Model(
        _class_conditional(lambda rate, given, rng: transition.none(given.num_classes)),
        "other_classes",
        "All labels are the clean ones.",
        (0.0, 0.0),
    ),
    "symmetric": Model(
        _class_conditional(lambda rate, given, rng: transition.symmetric(given.num_classes, rate)),
        "other_classes",
        "With probability {rate} a label is replaced by one of the other classes, all equally likely.",
    ),
    "symmetric_all": Model(
        _class_conditional(lambda rate, given, rng: transition.symmetric_all(given.num_classes, rate)),
        "all_classes",
        "With probability {rate} a label is redrawn from all classes, its own included.",
    ),
    "pair_flip": Model(  # above 1/2 most labels name the next class: hopeless, but a study may show it
        _class_conditional(lambda rate, given, rng: transition.pair_flip(given.num_classes, rate)),
        "other_classes",
        "With probability {rate} a label is replaced by the next class, and the last class by the first.",
    ),
    "fixed_permutation": Model(
        _class_conditional(lambda rate, given, rng: transition.fixed_permutation(rate)),
        "other_classes",
        "With probability {rate} a label is replaced by the class that a fixed permutation of ten classes names.",
    ),
    "asymmetric": Model(
        _class_conditional(
            lambda rate, given, rng: transition.asymmetric(given.num_classes, rate, given.asymmetric_map)
        ),
        "per_affected_class",
        "With probability {rate} a label of a class in the data set's map of similar classes is replaced by"
        " the class that the map names; other classes stay clean.",
    ),
    "class_dependent": Model(
        _class_conditional(_class_dependent),
        "mean_over_classes",
        "A label is replaced with the probabilities of its class's row of a random sparse matrix, drawn anew"
        " for each seed, whose mean flip rate over classes is {rate}.",
    ),
    "instance_dependent": Model(
        _instance,
        "per_example",
        "Each image has its own probability of a wrong label, around {rate}, and its own probabilities of"
        " the wrong classes, from random projections of its standardised pixels.",
    ),
    "instance_dependent_as_published": Model(
        _instance_as_published,
        "per_example",
        "Each image has its own probability of a wrong label, around {rate}, and nearly always a single"
        " wrong class, from random projections of its raw pixels.",
    ),
    "ambiguous": Model(
        _ambiguous,
        "other_classes",
        "The share {rate} of the images that a logistic regression is least sure about, with some jitter, take"
        " the most probable other class.",
        (0.0, 0.5),
    ),
    "random": Model(
        _class_conditional(lambda rate, given, rng: transition.random(given.num_classes)),
        "all_classes",
        "Every label is redrawn from all classes and says nothing about the image.",
        (1.0, 1.0),
    ),
}


def model(noise: str) -> Model:
    """The model of that name: one of NOISES, `human_<column>` for labels given by people, `twin_<column>` for a
    synthetic twin of theirs, or `given`."""
    if noise in NOISES:
        return NOISES[noise]
    if noise.startswith(human.TWIN):
        return _twin(noise.removeprefix(human.TWIN))
    column = human.column(noise)

    def draw_given(rate: float, inputs: Inputs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return human.given(inputs.human_labels[column], inputs.clean_labels, inputs.num_classes)

    if noise == human.GIVEN:
        return Model(draw_given, "given", "The labels as they were given, the same for every seed.")
    return Model(draw_given, "given", f"Labels given by people (column {column}), the same for every seed.")


def _twin(column: str) -> Model:
    def matrix(rate: float, inputs: Inputs, rng: np.random.Generator) -> np.ndarray:
        return realised_transition(inputs.clean_labels, inputs.human_labels[column], inputs.num_classes)

    return Model(
        _class_conditional(matrix),
        "twin",
        f"A label is redrawn with the shares that the labels given by people (column {column}) have in its class,"
        " whatever the image shows.",
    )


def stream(noise: str, rate: float, seed: int) -> np.random.Generator:
    """The random stream of one cell and seed; no other cell, order or training stream touches it."""
    name = zlib.crc32(f"noise {noise}".encode())  # hash() of a string differs from process to process
    return np.random.default_rng(np.random.SeedSequence([name, round(rate * 1e6), seed]))


def draw(noise: str, rate: float, seed: int, inputs: Inputs) -> Drawn:
    """Noisy labels for the training examples in `inputs`; the same arguments give the same labels.

    noise: a key of NOISES, `human_<column>`, `twin_<column>` or `given`. rate: nominal; `Drawn.convention` says
    what it counts. `allowed` tells beforehand whether the combination makes sense.
    """
    chosen = model(noise)
    labels, matrix = chosen.draw(rate, inputs, stream(noise, rate, seed))
    return Drawn(labels, matrix, chosen.definition.replace("{rate}", f"{rate:g}"), chosen.convention)


def allowed(dataset: str, noise: str, rate: float, inputs: Inputs) -> None:
    """ValueError, naming the key of params.yaml, when `noise` at `rate` cannot be drawn for this data set."""
    key = f"datasets.{dataset}.noises.{noise}"
    given = [human.noise_name(column) for column in inputs.human_labels]
    drawn = [*NOISES, *(human.TWIN + column for column in inputs.human_labels)]
    if noise not in [*drawn, *given]:
        raise ValueError(f"{key}: unknown noise; allowed: {', '.join([*drawn, *given])}")
    low, high = model(noise).rates
    if not low <= rate <= high:
        raise ValueError(f"{key}: rate {rate:g} is not allowed; allowed: {low:g} to {high:g}")
    if noise == "fixed_permutation" and inputs.num_classes != len(transition.REED):
        what = f"data set {dataset} has {inputs.num_classes} classes"
        raise ValueError(f"{key}: {what}; allowed: {len(transition.REED)}")
    if noise == "asymmetric" and not inputs.asymmetric_map:
        raise ValueError(f"{key}: data set {dataset} has no map of similar classes; use another noise")
    if noise in drawn and (inputs.clean_labels < 0).any():
        trust = " (or data that say trusted: true)" if human.GIVEN in given else ""
        raise ValueError(f"{key}: needs every clean label; allowed: {', '.join(given) or 'nothing'}{trust}")
