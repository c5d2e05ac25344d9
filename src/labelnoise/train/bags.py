"""Programs of one run beside the methods: bags drawn with replacement, and full runs with planted labels.

All train on the whole pool: every image that has a given label, training and validation part alike. Nothing stops
early, so nothing is validated; one image stands in for the validation part. Bags are the runs (seed, 1), (seed,
2), ...; full runs count from a start of their own, so that no two runs share a random stream.
"""

import numpy as np

from labelnoise.train import runs, streams
from labelnoise.train.program import DYNAMICS, OUT_OF_BAG, Program
from labelnoise.train.runs import Row, Study
from labelnoise.train.streams import Stream

FIRST_BAG, FIRST_FULL = 1, 30_000
METHOD = "cross_entropy"

Arrays = dict[str, np.ndarray]


def bag_program(study: Study, row: Row) -> Program:
    """All bags of one run: images drawn with replacement, as many as there are; `left_out` [R, N] tells which
    images a bag does not contain, test images too: those it judges."""
    section, images = study.section.bootstrap, pool(study, row)
    names = [(row.seed, FIRST_BAG + bag) for bag in range(section.bags)]
    index = np.stack([np.sort(_rng(*name, streams.BAG).choice(images, len(images))) for name in names])
    out = np.ones((len(index), study.labels.shape[1]), bool)
    np.put_along_axis(out, index, False, axis=1)
    arrays = {"labels": study.labels[row.column][index], "left_out": out}
    return _program(study, row, names, index, section.epochs, arrays)


def full_program(study: Study, row: Row) -> Program:
    """Full runs, of which each has labels of its own share of the pool replaced by wrong ones.

    No two runs replace the same label, so that each example keeps its label in all runs but one. `labels` are
    those trained on; bool `planted` [P, n] tells which were replaced.
    """
    section, images = study.section.bootstrap.full, pool(study, row)
    names = [(row.seed, FIRST_FULL + k) for k in range(section.runs)]
    rng = _rng(row.seed, FIRST_FULL, streams.PLANT)
    share = max(1, int(len(images) * section.planted))
    if share * section.runs > len(images):
        raise ValueError(f"bootstrap.full: {section.runs} runs x planted {section.planted:g} must be at most 1")
    order = rng.permutation(len(images))[: share * section.runs].reshape(section.runs, share)
    labels = np.repeat(study.labels[row.column, images][None], section.runs, 0).astype(np.int64)
    planted = np.zeros(labels.shape, bool)
    np.put_along_axis(planted, order, True, axis=1)
    shift = rng.integers(1, study.num_classes, size=labels.shape)
    labels = np.where(planted, (labels + shift) % study.num_classes, labels)
    index = np.repeat(images[None], section.runs, 0)
    return _program(study, row, names, index, section.epochs, {"labels": labels, "planted": planted})


def pool(study: Study, row: Row) -> np.ndarray:
    """Images that have a given label."""
    return np.flatnonzero(study.labels[row.column] >= 0)


def _rng(seed: int, replicate: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(streams.sequence(Stream(seed, replicate, 0), purpose))


def _program(
    study: Study, row: Row, names: list[tuple[int, int]], index: np.ndarray, epochs: int, arrays: Arrays
) -> Program:
    """A program that watches what its bags left out at the last epoch, or, without `left_out`, the dynamics of
    every epoch."""
    section, bagged = study.section.bootstrap, "left_out" in arrays
    stand_in = {"index": index, "val_index": index[:, :1], "val_labels": arrays["labels"][:, :1]}
    own = {"epochs": epochs, "batch_size": section.batch_size, "lr": section.lr}
    own |= {"weight_decay": section.weight_decay, "evaluate_every": epochs if bagged else 1}
    training = study.section.training.model_dump() | own
    watch = OUT_OF_BAG if bagged else DYNAMICS
    return runs.program(study, row.network, METHOD, {}, training, names, watch, arrays | stand_in)
