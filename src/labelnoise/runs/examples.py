"""From a run to the examples that it trains on and validates on.

Every part is drawn after the noise, so all of it is noisy. The splits of all seeds of a data set have equally many
examples, so that they can be trained side by side.

Shape letters: N images, n examples that a run trains on, m validation images.
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


def arrays(run: Run, data: TrainingData) -> Arrays:
    """index and labels [n], val_index and val_labels [m]; bool planted [n] of planted labels."""
    made = {BAG: _bag, FOLD: _fold, PLANTED: _planted}.get(run.examples.kind, _split)
    return made(run, data)


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


def _split(run: Run, data: TrainingData) -> Arrays:
    return _with_labels(*split(run, data), labels(run, data))


def _fold(run: Run, data: TrainingData) -> Arrays:
    """The training part less one fold, which is the validation part.

    Every run trains on equally many examples: where the fold left out is one smaller, one example more is left
    out.
    """
    folds, train_index = run.examples.of, split(run, data)[0]
    count = len(train_index)
    drawn = _rng(run.seed, 0, streams.FOLD)
    fold = drawn.permutation(count) % folds
    largest = -(-count // folds)
    if largest >= count:
        raise ValueError(f"estimate.folds = {folds}: leaves nothing to train on; {count} examples are there")
    own = run.examples.number
    kept = [drawn.permutation(np.flatnonzero(fold != k))[: count - largest] for k in range(own + 1)]
    return _with_labels(train_index[np.sort(kept[own])], train_index[fold == own], labels(run, data))


def _bag(run: Run, data: TrainingData) -> Arrays:
    """Images drawn with replacement, as many as there are."""
    images = _pool(run, data)
    index = np.sort(_rng(run.seed, replicate(run), streams.BAG).choice(images, len(images)))
    return _unvalidated(index, labels(run, data)[index])


def _planted(run: Run, data: TrainingData) -> Arrays:
    """All images, of which each run has its own share of labels replaced by wrong ones.

    No two runs replace the same label, so that each example keeps its label in all runs but one. bool planted
    [n]: which were replaced.
    """
    images, runs, planted = _pool(run, data), run.examples.of, run.examples.share
    rng = _rng(run.seed, FIRST[PLANTED], streams.PLANT)
    share = max(1, int(len(images) * planted))
    if share * runs > len(images):
        raise ValueError(f"bootstrap.full: {runs} runs x planted {planted:g} must be at most 1")
    order = rng.permutation(len(images))[: share * runs].reshape(runs, share)
    column = labels(run, data)[images].astype(np.int64)
    replaced = np.isin(np.arange(len(images)), order[run.examples.number])
    shift = rng.integers(1, data.num_classes, size=(runs, len(images)))[run.examples.number]
    column = np.where(replaced, (column + shift) % data.num_classes, column)
    return _unvalidated(images, column) | {"planted": replaced}


def _pool(run: Run, data: TrainingData) -> np.ndarray:
    """Images that have a given label."""
    return np.flatnonzero(labels(run, data) >= 0)


def _rng(seed: int, of: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(streams.sequence(Stream(seed, of, 0), purpose))


def _with_labels(index: np.ndarray, val_index: np.ndarray, column: np.ndarray) -> Arrays:
    """column [N]: the given labels."""
    labels, val_labels = (column[part].astype(np.int64) for part in (index, val_index))
    return {"index": index, "labels": labels, "val_index": val_index, "val_labels": val_labels}


def _unvalidated(index: np.ndarray, of: np.ndarray) -> Arrays:
    """Nothing stops early, so nothing is validated: one image stands in for the validation part."""
    of = of.astype(np.int64)
    return {"index": index, "labels": of, "val_index": index[:1], "val_labels": of[:1]}
