"""The answers of a data set, as far as an audit asks."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from labelnoise.noise.noisy_labels import UNANSWERED
from labelnoise.recheck import answers, seen
from labelnoise.types import Dataset


class Heard(NamedTuple):
    """What people said."""

    label: np.ndarray  # int [N] a class; -1 unanswered; below that nobody can tell, or it is to be left out
    gone: list[tuple[str, str | None]]  # (file, class named; None: nobody can tell) of files no longer there
    votes: dict[int, list[int]]  # example -> each answer, in the order of the file


def read(file: str | None, dataset: Dataset, record: Path) -> Heard:
    """From the CSV `file` of answers, where there is one; record: of files that were seen before."""
    if file is None:
        return Heard(np.full(len(dataset.clean_labels), UNANSWERED), [], {})
    found = answers.read(Path(file).expanduser(), dataset, seen.read(record))
    gone = [(away.file, dataset.class_names[away.label] if away.label >= 0 else None) for away in found.gone]
    return Heard(found.label, gone, found.votes)
