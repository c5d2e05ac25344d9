"""A data set's study as the stages read it: what trains, and, kept apart, the truth that judges.

`load` returns both; only `study` goes into programs. Truth goes into opaque monitors and into evaluation.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from labelnoise import columns, truth
from labelnoise.columns import LEFT_OUT, Columns
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.params import Params
from labelnoise.train import engine, runs, store
from labelnoise.train.engine import Job
from labelnoise.train.program import DYNAMICS, NOTHING, Place
from labelnoise.train.runs import Row, Study
from labelnoise.train.types import Monitor
from labelnoise.types import Dataset

CLEAN, GIVEN = "clean_labels", "given_labels"  # what test images are judged by
WATCHED = "cross_entropy"  # the method whose training dynamics are kept
ENOUGH = 50  # clean labels of a test part: with fewer, an accuracy has a standard error above seven points


class Judge(NamedTuple):
    """The labels by which test images are judged, and what they are."""

    name: str  # CLEAN or GIVEN
    labels: np.ndarray  # int64 [N], -1 where an image is not judged


class Loaded(NamedTuple):
    """Everything about one data set that the training stages need."""

    study: Study
    rows: list[Row]
    dataset: Dataset
    columns: Columns


def load(params: Params, name: str, data: Path, noise: Path) -> Loaded:
    """Read what the download and noise stages wrote for the data set `name`."""
    return assemble(params, params.datasets[name], npz.read(data), columns.load(noise))


def assemble(params: Params, section: Any, dataset: Dataset, drawn: Columns) -> Loaded:
    """The study of a data set with these columns of labels; section: `datasets.<name>`, or one like it."""
    # labels before answers: what these leave out shall not train everything again
    labelled = dataset.human_labels.get("given", np.zeros_like(dataset.test_fold)) >= 0
    study = Study(
        runs.standardisation(dataset.images, dataset.test_fold),
        drawn.labels,
        len(dataset.class_names),
        min(int((labelled & (dataset.test_fold != fold)).sum()) for fold in range(section.data.folds)),
        section,
        params.networks,
        engine.device(params.run.device),
    )
    rows = runs.rows(section.networks, drawn.noise, drawn.noise_rate, drawn.seed)
    return Loaded(study, rows, dataset, drawn)


def judged_by(dataset: Dataset) -> Judge:
    """Clean labels where every test part has ENOUGH; else the labels as given, which are noisy: they can tell
    which of two methods is better, but not how good it is. Data that have no labels as given have clean ones."""
    known = dataset.clean_labels >= 0
    parts = np.unique(dataset.test_fold[dataset.test_fold >= 0])
    enough = known.any() and all(known[dataset.test_fold == part].sum() >= ENOUGH for part in parts)
    if enough or "given" not in dataset.human_labels:
        return Judge(CLEAN, dataset.clean_labels)
    return Judge(GIVEN, dataset.human_labels["given"].astype(np.int64))


def answered(judge: Judge, columns: Columns) -> Judge:
    """With the answers of a rechecker in place of labels as given, and nothing where an image is left out. The
    monitor goes without: its labels are in the name of every run, and an answer shall not train all of them
    again."""
    if judge.name == CLEAN:
        return judge
    answers = columns.answers.max(0)  # the same in every column that has any
    left_out = (columns.answers == LEFT_OUT).any(0)
    return judge._replace(labels=np.where(left_out, -1, np.where(answers >= 0, answers, judge.labels)))


def tellable(loaded: Loaded, method: str) -> bool:
    """Whether `method` can be trained: an oracle cannot be told a truth that nobody knows in full."""
    return not method.endswith("_oracle") or bool((loaded.dataset.clean_labels >= 0).all())


def place(params: Params) -> Place:
    """Where runs are kept while they train."""
    return Place(Path(params.run.store), params.run.checkpoint_seconds)


def tested(loaded: Loaded, row: Row) -> np.ndarray:
    """bool [N]: images that the seed of `row` tests on. Others may lack a label too: none given, or left out."""
    return loaded.dataset.test_fold == row.seed % loaded.study.section.data.folds


def monitor(loaded: Loaded, stack: list[Row], index: np.ndarray) -> Monitor:
    """The monitor of one stack of runs that train on images index [R, n]."""
    labels = loaded.columns.labels[[row.column for row in stack]].astype(np.int64)
    given = np.full_like(labels, -1)
    np.put_along_axis(given, index, np.take_along_axis(labels, index, 1), 1)
    judge, test = judged_by(loaded.dataset), np.stack([tested(loaded, row) for row in stack])
    # labels as given say nothing of the images trained on: which of those labels are wrong stays unknown
    clean = judge.labels if judge.name == CLEAN else np.where(test, judge.labels, -1)
    parts = (clean, given, test)
    return truth.monitor(*(torch.from_numpy(part) for part in parts))


def grid(loaded: Loaded, seeds: int) -> list[Row]:
    """The rows of the main study; `Loaded.rows` also has the further seeds of cells that claims use, and cells in
    which only label errors are looked for."""
    return [row for row in loaded.rows if row.seed < seeds and not _detection_only(loaded, row)]


def _detection_only(loaded: Loaded, row: Row) -> bool:
    section = loaded.study.section
    here = row.noise_rate in section.noises.get(row.noise, [])
    return not here and row.noise_rate in section.detection_noises.get(row.noise, [])


def trained(loaded: Loaded, seeds: int, cells: dict[tuple[str, float], int]) -> list[Row]:
    """The rows that plain networks are trained on, and that methods may be told of: the main study, and the seeds
    of `cells` (planned.trained_cells)."""
    main = set(grid(loaded, seeds))
    return [row for row in loaded.rows if row in main or row.seed < cells.get((row.noise, row.noise_rate), 0)]


def bagged(loaded: Loaded) -> list[Row]:
    """The rows of which bags, and full runs with planted labels, are trained."""
    section = loaded.study.section.bootstrap
    return [
        row
        for row in loaded.rows
        if row.seed < section.seeds and row.noise_rate in section.cells.get(row.noise, [])
    ]


def positions(given: dict[str, np.ndarray], rows: list[Row]) -> list[int]:
    """Where `rows` are in the arrays of an npz file that has `keys`, as that of the estimate stage."""
    where = {row: at for at, row in enumerate(rows_of(given))}
    return [where[row] for row in rows]


def rows_of(arrays: dict[str, np.ndarray]) -> list[Row]:
    """The rows whose `keys` are in an npz file."""
    return [Row(*(value.item() for value in key)) for key in zip(*(arrays[name] for name in Row._fields))]


def jobs(loaded: Loaded, rows: list[Row], method: str, section: dict, given: dict[str, np.ndarray]) -> list[Job]:
    """All programs of one method for `rows`, which are sorted as `Loaded.rows`. `given` has `keys` and, with an
    entry for each, the fields of `Given` that the method uses; it may be empty where that is none."""
    watch = DYNAMICS if method == WATCHED else NOTHING
    judge = [store.code_hash([Path(truth.__file__)]), store.array_hash(judged_by(loaded.dataset).labels)]
    made = []
    for stack in runs.stacks(rows):
        known = {name: given[name][positions(given, stack)] for name in METHODS[method].uses}
        if method.endswith("_oracle"):
            known |= _told(loaded, stack, METHODS[method].uses)
        program = runs.study_program(loaded.study, stack, method, section, known, watch)
        # The store keeps what the monitor says, so its entries must not outlive a change of the monitor.
        program.spec["monitor"] = judge
        made.append(Job(program, monitor(loaded, stack, program.arrays["index"])))
    return made


def _told(loaded: Loaded, stack: list[Row], uses: tuple[str, ...]) -> dict[str, np.ndarray]:
    """What an oracle is told in place of the estimates: the designed transition matrix, the class shares."""
    columns = [row.column for row in stack]
    designed = loaded.columns.designed[columns]
    trained = [loaded.dataset.clean_labels[loaded.columns.labels[column] >= 0] for column in columns]
    shares = np.stack([np.bincount(part, minlength=designed.shape[1]) / len(part) for part in trained])
    return {name: value for name, value in (("transition", designed), ("prior", shares)) if name in uses}


def keys(rows: list[Row]) -> dict[str, np.ndarray]:
    """The key of every row as arrays, for an npz file."""
    return {name: np.array([getattr(row, name) for row in rows]) for name in Row._fields}


def collect(rows: list[Row], results: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Results of all programs of one method as one set of arrays, a run per row; without training dynamics, which
    `alternatives` takes from the store."""
    names = [name for name in results[0] if not name.startswith(f"{DYNAMICS}_")]
    arrays = {name: np.concatenate([part[name] for part in results]) for name in names}
    return keys(rows) | arrays
