"""Training in closed form: ridge regressions whose targets are P(true class | image, given label).

Confidence must be that of new images, so beta and b of the pool are fitted to predictions of images that had no
part in them. Leaving an image's own target out is not enough: what the noise model believes of its neighbours was
computed with its label. So for each of five folds all is made anew from the labels of the others: predictions of
each from the rest, corrected through T, and again, then weights, then the fold's predictions. (Measured on 500
images of CIFAR-10N with weak features: of new images .43 are predicted right; by leaving targets out .54 seem to
be, by folds .42.) beta and b then read the regressions that are trained on all images, with the targets of the
noise model.

Shape letters: n images with a label, D features, m landmarks, C classes.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from labelnoise import scratch
from labelnoise.classifier.model import Part, readings
from labelnoise.detect import pool, predictors, probe, ridge, scaling
from labelnoise.detect.detector import Labels
from labelnoise.detect.pool import Pooled
from labelnoise.detect.ridge import Kernel, Ridge
from labelnoise.detect.scaling import Scale

FOLDS = 5
CORRECTIONS = 2  # within a fold; a third changed nothing
# float64 [n, C] at a time (measured: 13 with two regressions, 23 with four): scores, two probabilities of each and
# their logarithms; targets, and what the pool makes of it. Kernels of a set, beside that which may lie in a file
OF_REGRESSION, BESIDE, KERNELS = 5, 5, 1.2


class Basis(NamedTuple):
    """One feature set with one kernel, without labels."""

    name: str
    scale: Scale
    kernel: Kernel
    phi: np.ndarray  # float32 [n, m]
    gram: np.ndarray  # float32 [m, m] phi' phi
    penalties: tuple[float, ...]


class Trained(NamedTuple):
    """What the labels made of it."""

    parts: list[Part]
    pooled: Pooled  # with q [n, C] out of sample


def train(
    raw: dict[str, np.ndarray],
    labels: Labels,
    posterior: np.ndarray,
    transition: np.ndarray,
    group: np.ndarray,
    floor: float,
) -> Trained:
    """raw: name -> features [n, D]; labels [n]; posterior [n, C] of the true class; transition [C, C] as it was
    held; group [n]: members of one are in one fold, so that they do not judge one another."""
    bases = [basis for name, values in raw.items() for basis in _bases(name, values)]
    scores = crossfitted(bases, labels, transition, group, floor)
    fit = pool.fit(readings(scores), labels.given, transition, floor, labels.known)
    return Trained([_part(basis, posterior) for basis in bases], fit)


def needed(examples: int, classes: int, names: Sequence[str]) -> float:
    """Bytes of memory of `train`; names: of the sets of features."""
    own = [predictors.settings(name) for name in names]
    regressions = sum(len(of.sharpness) * len(of.penalties) for of in own)
    kernel = 4 * examples * min(examples, ridge.MOST_LANDMARKS)
    kernels = sum(len(of.sharpness) for of in own) * (KERNELS * kernel + scratch.in_memory(kernel))
    return 8 * examples * classes * (OF_REGRESSION * regressions + BESIDE) + kernels


def _bases(name: str, values: np.ndarray) -> Iterator[Basis]:
    own = predictors.settings(name)
    scale = scaling.fitted(values, own.scaled)
    x = scaling.applied(scale, values)
    for sharpness in own.sharpness:
        kernel = ridge.kernel(x, sharpness)
        phi = ridge.mapped(kernel.marks, kernel.scale, kernel.inverse, x)
        yield Basis(name, scale, kernel, phi, phi.T @ phi, own.penalties)


def crossfitted(
    bases: list[Basis], labels: Labels, transition: np.ndarray, group: np.ndarray, floor: float
) -> list[np.ndarray]:
    """Scores [n, C] of every regression, basis by basis and penalty by penalty; each image's by other folds."""
    number = np.unique(group, return_inverse=True)[1]
    fold = probe.folds(number, FOLDS)
    scores = [np.zeros((len(fold), labels.classes)) for basis in bases for _ in basis.penalties]
    for k in range(FOLDS):
        out, rest = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        if len(out) and len(rest):
            made = _without(bases, labels.of(rest), transition, number[rest], floor, rest, out)
            for whole, part in zip(scores, made, strict=True):
                whole[out] = part
    return scores


def _without(bases, own: Labels, transition, group, floor: float, rest, out) -> list[np.ndarray]:
    """Scores [len(out), C] of every regression, from the images `rest` alone; own, group: of these."""
    several = predictors.members(group)
    ridges = [of for basis in bases for of in _ridges(basis, several, rest, out)]
    targets = predictors.one_hot(own.now(), own.classes)
    for _ in range(CORRECTIONS):
        probs = readings([ridge.left_out(of, targets) for of in ridges])
        targets = pool.fit(probs, own.given, transition, floor, own.known).posterior
    judged = [basis.phi[out] for basis in bases for _ in basis.penalties]
    return [phi @ ridge.weights(of, targets) for phi, of in zip(judged, ridges, strict=True)]


def _ridges(basis: Basis, several: list[np.ndarray], rest, out) -> list[Ridge]:
    phi, gram = basis.phi[rest], basis.gram - basis.phi[out].T @ basis.phi[out]
    return [ridge.factorize(phi, penalty, several, gram) for penalty in basis.penalties]


def _part(basis: Basis, targets: np.ndarray) -> Part:
    """The regressions on all images, as functions of the kernel itself."""
    fitted = [ridge.factorize(basis.phi, penalty, (), basis.gram) for penalty in basis.penalties]
    weights = [basis.kernel.inverse.astype(np.float64) @ ridge.weights(of, targets) for of in fitted]
    kernel = basis.kernel
    return Part(basis.name, basis.scale, kernel.marks, kernel.scale, np.stack(weights).astype(np.float32))
