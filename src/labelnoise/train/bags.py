"""Programs of one run for what detection looks at: bags, folds, full runs with planted labels, and a second round.

All train on the whole pool: every image that has a given label, training and validation part alike. Nothing stops
early, so nothing is validated; one image stands in for the validation part. Bags are the runs (seed, 1), (seed,
2), ...; the other kinds count from starts of their own, so that no two runs share a random stream.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.train import out_of_bag, runs, streams
from labelnoise.train.program import Program
from labelnoise.train.runs import Row, Study
from labelnoise.train.streams import Stream
from labelnoise.train.types import evaluated

FIRST_BAG, FIRST_PARTITION, FIRST_FULL = 1, 20_000, 30_000
SECOND = {"drop": 40_000, "soft": 50_000, "forward": 60_000}  # round 2: three ways to train on what round 1 found
KEEP = 0.5  # dropped where the label is more likely wrong than right

Arrays = dict[str, np.ndarray]


class FirstRound(NamedTuple):
    """What round 2 needs of round 1: only the out-of-bag posterior, estimated without a clean label."""

    posterior: np.ndarray  # [N, C] P(true class | image, given label); anything where there is no given label
    transition: np.ndarray  # [C, C]


def bag_program(study: Study, row: Row) -> Program:
    """All bags of one run: cross-entropy on images drawn with replacement."""
    section = study.section.bootstrap
    drawn = _draws(pool(study, row), row.seed, FIRST_BAG, section.bags)
    return _bags(study, row, "cross_entropy", drawn, FIRST_BAG, section.epochs, {})


def partition_program(study: Study, row: Row) -> Program:
    """Cross-entropy by folds, `folds.repeats` partitions side by side: as many runs as there are bags cost alike.

    Every run trains on equally many images: where the fold left out is one smaller, one image more is left out.
    """
    section, images = study.section.bootstrap, pool(study, row)
    folds, count = section.folds.folds, len(images)
    if -(-count // folds) >= count:
        raise ValueError(f"bootstrap.folds.folds = {folds}: leaves nothing to train on; {count} images are there")
    index, out = [], []
    for repeat in range(section.folds.repeats):
        rng = _rng(row.seed, FIRST_PARTITION + repeat, streams.FOLD)
        fold = rng.permutation(count) % folds
        for k in range(folds):
            kept = rng.permutation(np.flatnonzero(fold != k))[: count - -(-count // folds)]
            index.append(images[np.sort(kept)])
            out.append(np.isin(np.arange(study.labels.shape[1]), images[fold == k]))
    names = [(row.seed, FIRST_PARTITION + k) for k in range(len(index))]
    return _program(
        study, row, "cross_entropy", names, np.stack(index), section.epochs, {"left_out": np.stack(out)}
    )


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
    arrays = {"labels": labels, "planted": planted}
    return _program(study, row, "cross_entropy", names, index, section.epochs, arrays)


def second_programs(study: Study, row: Row, first: FirstRound) -> list[Program]:
    """Fresh bags, trained in three ways on what the first round found (noise_model: drop, soft, forward).

    drop: the given labels of the images that are more likely right than wrong; soft: the posterior in place of the
    label; forward: loss corrected with the estimated transition matrix.
    """
    section, images = study.section.bootstrap.second, pool(study, row)
    given = study.labels[row.column, images]
    kept = images[first.posterior[images, given] >= KEEP]
    pools = {"drop": kept if len(kept) else images, "soft": images, "forward": images}
    matrix = np.repeat(first.transition[None], section.bags, 0)
    own: dict[str, Arrays] = {
        "drop": {},
        "soft": {"image_targets": first.posterior.astype(np.float32)},
        "forward": {"transition_confident_joint": matrix},
    }
    made = []
    for way, start in SECOND.items():
        method = "forward_confident_joint" if way == "forward" else "cross_entropy"
        drawn = _draws(pools[way], row.seed, start, section.bags)
        made.append(_bags(study, row, method, drawn, start, section.epochs, own[way]))
    return made


def pool(study: Study, row: Row) -> np.ndarray:
    """Images that have a given label."""
    return np.flatnonzero(study.labels[row.column] >= 0)


def _rng(seed: int, replicate: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(streams.sequence(Stream(seed, replicate, 0), purpose))


def _draws(images: np.ndarray, seed: int, start: int, bags: int) -> np.ndarray:
    """As many draws with replacement as there are images, per bag; [R, n]."""
    rngs = [_rng(seed, start + bag, streams.BAG) for bag in range(bags)]
    return np.stack([np.sort(rng.choice(images, len(images))) for rng in rngs])


def _bags(
    study: Study, row: Row, method: str, index: np.ndarray, start: int, epochs: int, arrays: Arrays
) -> Program:
    """Bags of images index [R, n]; whatever a bag does not contain it judges, test images too."""
    out = np.ones((len(index), study.labels.shape[1]), bool)
    np.put_along_axis(out, index, False, axis=1)
    names = [(row.seed, start + bag) for bag in range(len(index))]
    return _program(study, row, method, names, index, epochs, arrays | {"left_out": out})


def _program(
    study: Study,
    row: Row,
    method: str,
    names: list[tuple[int, int]],
    index: np.ndarray,
    epochs: int,
    arrays: Arrays,
) -> Program:
    """A program whose snapshots are kept out of bag, or, without `left_out`, the dynamics of every epoch."""
    section = study.section.bootstrap
    labels = {"labels": study.labels[row.column][index]} | arrays
    stand_in = {"index": index, "val_index": index[:, :1], "val_labels": labels["labels"][:, :1]}
    every = section.snapshot_every if "left_out" in arrays else 1
    own = {"epochs": epochs, "evaluate_every": every, "batch_size": section.batch_size, "lr": section.lr}
    training = study.section.training.model_dump() | own | {"weight_decay": section.weight_decay}
    taken = evaluated(epochs, every) if "left_out" in arrays else []
    watch = {"snapshots": taken} if taken else {"dynamics": True}
    return runs.program(study, row.network, method, {}, training, names, watch, labels | stand_in)


def out_of_bag_probs(entry: Arrays) -> np.ndarray:
    """Mean out-of-bag probabilities [W + 1, N, C] that a program of bags or folds left; NaN: never out of bag."""
    count = entry["bags_count"]
    return entry["bags_prob_sum"] / np.where(count > 0, count, np.nan)[..., None]


def whole_window(epochs: int, every: int) -> int:
    """Position of the window of all snapshots."""
    return len(out_of_bag.windows(len(evaluated(epochs, every)))) - 1
