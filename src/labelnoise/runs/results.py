"""What finished runs left: chosen by their keys, read from their entries when asked for."""

import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labelnoise import files
from labelnoise.runs import run as runs
from labelnoise.runs.run import Run
from labelnoise.train import store

INDEX = "runs.csv"
ORDER = ["network", "noise", "noise_rate", "seed", "change", "number"]
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Selection:
    """Some runs. `selection["probs_last"]` is that array of all of them, [R, ...] in the order of `keys`."""

    keys: pd.DataFrame  # a row per run
    folder: Path

    def __getitem__(self, name: str) -> np.ndarray:
        return np.stack([_entry(self.folder, entry, name)[name] for entry in self.keys["entry"]])

    def __len__(self) -> int:
        return len(self.keys)

    def each(self, *names: str) -> Iterator[tuple[Any, Arrays]]:
        """The row of `keys` of every run, and its own part of the named arrays; a name may be a pattern."""
        for key in self.keys.itertuples():
            yield key, dict(_entry(self.folder, key.entry, *names))

    def select(self, **where: Any) -> "Selection":
        """Those of which every named column has the value, or one of the values in a list."""
        chosen = np.ones(len(self.keys), bool)
        for column, wanted in where.items():
            chosen &= self.keys[column].isin(wanted if isinstance(wanted, list | set) else [wanted]).to_numpy()
        return self.only(chosen)

    def only(self, chosen: Any) -> "Selection":
        """Those that are True in `chosen`, an entry per run."""
        return replace(self, keys=self.keys[chosen])

    def among(self, wanted: Collection[tuple], *columns: str) -> "Selection":
        """Those whose values of the columns are one of `wanted`."""
        keys = zip(*(self.keys[column] for column in columns), strict=True)
        return self.only([key in wanted for key in keys])

    def groups(self, *columns: str) -> Iterator[tuple[Any, "Selection"]]:
        """The runs of every value of the columns, in the order in which they come."""
        for value, keys in self.keys.groupby(list(columns), sort=False):
            yield value, replace(self, keys=keys)


def load(folder: Path) -> Selection:
    """All runs that a train stage left in `folder`."""
    return Selection(_sorted(pd.read_csv(folder / INDEX, keep_default_na=False)), folder)


def of(places: dict[Run, str], folder: Path) -> Selection:
    """Runs whose entries there are known. Of two that differ in `held` alone one is there to say when the other
    stops: it is left out."""
    said = {run._replace(held=()) for run in places if run.held}
    rows = [runs.as_row(run) | {"entry": entry} for run, entry in places.items() if run not in said]
    columns = [*Run._fields, "number", "entry"]
    return Selection(_sorted(pd.DataFrame(rows, columns=columns)), folder)


def write(places: dict[Run, str], source: Path, folder: Path) -> None:
    """Put the runs' entries of the store `source` and their index into `folder`; nothing is copied where the file
    system can link."""
    keys = of(places, folder).keys
    for name in sorted(set(keys["entry"])):
        _link(store.finished(source, name), store.finished(folder, name))
    files.write_text(folder / INDEX, keys.to_csv(index=False, lineterminator="\n"))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def _sorted(keys: pd.DataFrame) -> pd.DataFrame:
    return keys.sort_values(ORDER, kind="stable", ignore_index=True)


@lru_cache(maxsize=2)  # few: each may hold the probabilities of all examples
def _entry(folder: Path, name: str, *patterns: str) -> Arrays:
    return store.read(folder, name, *patterns)
