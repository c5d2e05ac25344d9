"""From a stack of runs to the examples that each trains on and validates on.

Every part is drawn after the noise, so all of it is noisy. Within a stack all runs train on equally many examples.

Shape letters: R runs of a stack, N images, n examples that a run trains on, m validation images.
"""

import numpy as np

from labelnoise.runs.data import TrainingData
from labelnoise.runs.run import BAG, FOLD, PLANTED, SPLIT, START, Run
from labelnoise.train import streams
from labelnoise.train.streams import Stream

FIRST = {SPLIT: 0, BAG: 1, FOLD: 10_000, START: 20_000, PLANTED: 30_000}  # replicates of a seed: no shared streams
Arrays = dict[str, np.ndarray]


def replicate(run: Run) -> int:
    """What, beside the seed, names a run's random streams."""
    return FIRST[run.examples.kind] + run.examples.number


def arrays(stack: list[Run], data: TrainingData) -> Arrays:
    """index and labels [R, n], val_index and val_labels [R, m]; further arrays of bags and planted labels."""
    made = {BAG: _bags, FOLD: _folds, PLANTED: _planted}.get(stack[0].examples.kind, _splits)
    return made(stack, data)


def labels(run: Run, data: TrainingData) -> np.ndarray:
    """int16 [N]: the run's column of given labels."""
    return data.labels[data.columns[run.noise, run.noise_rate, run.seed, run.change]]


def split(run: Run, data: TrainingData) -> tuple[np.ndarray, np.ndarray]:
    """Images to train on [n] and to validate on [m].

    n is the same for every seed, whatever the size of its fold: the remainder goes to the validation part.
    """
    count = int(data.smallest_pool * (1 - data.validation_fraction))
    if not 0 < count < data.smallest_pool:
        raise ValueError(
            f"validation_fraction = {data.validation_fraction:g} leaves no image to train on or none to validate "
            f"on; {data.smallest_pool} images are there for both"
        )
    pool = _rng(run.seed, 0, streams.VALIDATION).permutation(_pool(run, data))
    if len(pool) <= count:
        raise ValueError(
            f"noise {run.noise}, seed {run.seed}: answers leave out so much that {len(pool)} images remain; "
            f"allowed: more than {count}, as the other noises train on so many"
        )
    return np.sort(pool[:count]), np.sort(pool[count:])


def _splits(stack: list[Run], data: TrainingData) -> Arrays:
    parts = [split(run, data) for run in stack]
    columns = np.stack([labels(run, data) for run in stack])
    return _with_labels(np.stack([part[0] for part in parts]), [part[1] for part in parts], columns)


def _folds(stack: list[Run], data: TrainingData) -> Arrays:
    """The training part less one fold, which is the validation part.

    Every run trains on equally many examples: where the fold left out is one smaller, one example more is left
    out.
    """
    folds, train_index = len(stack), split(stack[0], data)[0]
    count = len(train_index)
    drawn = _rng(stack[0].seed, 0, streams.FOLD)
    fold = drawn.permutation(count) % folds
    largest = -(-count // folds)
    if largest >= count:
        raise ValueError(f"estimate.folds = {folds}: leaves nothing to train on; {count} examples are there")
    kept = [drawn.permutation(np.flatnonzero(fold != k))[: count - largest] for k in range(folds)]
    column = labels(stack[0], data).astype(np.int64)
    return _with_labels(
        train_index[np.sort(np.stack(kept), 1)],
        [train_index[fold == k] for k in range(folds)],
        np.repeat(column[None], folds, 0),
    )


def _bags(stack: list[Run], data: TrainingData) -> Arrays:
    """Images drawn with replacement, as many as there are. bool left_out [R, N]: what a bag does not contain, test
    images too: those it judges."""
    column, images = labels(stack[0], data), _pool(stack[0], data)
    drawn = [_rng(run.seed, replicate(run), streams.BAG).choice(images, len(images)) for run in stack]
    index = np.stack([np.sort(bag) for bag in drawn])
    out = np.ones((len(index), len(column)), bool)
    np.put_along_axis(out, index, False, axis=1)
    return _unvalidated(index, column[index]) | {"left_out": out}


def _planted(stack: list[Run], data: TrainingData) -> Arrays:
    """All images, of which each run has its own share of labels replaced by wrong ones.

    No two runs replace the same label, so that each example keeps its label in all runs but one. bool planted
    [R, n]: which were replaced.
    """
    images, runs, planted = _pool(stack[0], data), len(stack), stack[0].examples.share
    rng = _rng(stack[0].seed, FIRST[PLANTED], streams.PLANT)
    share = max(1, int(len(images) * planted))
    if share * runs > len(images):
        raise ValueError(f"bootstrap.full: {runs} runs x planted {planted:g} must be at most 1")
    order = rng.permutation(len(images))[: share * runs].reshape(runs, share)
    column = np.repeat(labels(stack[0], data)[images][None], runs, 0).astype(np.int64)
    replaced = np.zeros(column.shape, bool)
    np.put_along_axis(replaced, order, True, axis=1)
    shift = rng.integers(1, data.num_classes, size=column.shape)
    column = np.where(replaced, (column + shift) % data.num_classes, column)
    return _unvalidated(np.repeat(images[None], runs, 0), column) | {"planted": replaced}


def _pool(run: Run, data: TrainingData) -> np.ndarray:
    """Images that have a given label."""
    return np.flatnonzero(labels(run, data) >= 0)


def _rng(seed: int, of: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(streams.sequence(Stream(seed, of, 0), purpose))


def _with_labels(index: np.ndarray, validation: list[np.ndarray], columns: np.ndarray) -> Arrays:
    """columns [R, N]; shorter validation parts are padded with images that have label -1."""
    longest = max(len(part) for part in validation)
    padded = [np.pad(part, (0, longest - len(part)), constant_values=-1) for part in validation]
    val_index, rows = np.stack(padded), np.arange(len(index))[:, None]
    return {
        "index": index,
        "labels": columns[rows, index],
        "val_index": np.maximum(val_index, 0),
        "val_labels": np.where(val_index >= 0, columns[rows, np.maximum(val_index, 0)], -1),
    }


def _unvalidated(index: np.ndarray, of: np.ndarray) -> Arrays:
    """Nothing stops early, so nothing is validated: one image stands in for the validation part."""
    return {"index": index, "labels": of, "val_index": index[:, :1], "val_labels": of[:, :1]}
