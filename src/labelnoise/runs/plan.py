"""The plan of a data set: every run that some study asks for, each once, and what it waits for."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from labelnoise.params import Params
from labelnoise.runs import results, stopping
from labelnoise.runs.data import Data
from labelnoise.runs.estimates import Source
from labelnoise.runs.run import Run

Places = dict[Run, str]  # where a finished run is: name of its entry in the store


class Plan(NamedTuple):
    """All runs, what they train on, and where estimates come from."""

    params: Params
    runs: list[Run]  # none twice
    data: dict[str, Data]
    sources: dict[str, Source]
    probes: dict[tuple[str, str], dict[str, Any]]  # (data, network) -> what probed runs are asked

    def requires(self, run: Run) -> list[Run]:
        """The runs whose results `run` waits for."""
        return [*self._told(run), *stopping.on(run)]

    def _told(self, run: Run) -> list[Run]:
        return self.sources[run.source].requires(self.params, run) if run.source else []

    def stop(self, run: Run, done: Places, folder: Path) -> int:
        """The epoch at which a run stops early, by those that it waits for; -1: it says so itself."""
        needed = {need: done[need] for need in stopping.on(run)}
        return stopping.epoch(results.of(needed, folder)) if needed else -1

    def estimates(self, run: Run, done: Places, folder: Path) -> dict[str, np.ndarray]:
        """Every field of `Estimates` that its source knows for a run. done: at least what it requires, in
        `folder`."""
        of, data = self.sources[run.source], self.data[run.data]
        needed = {need: done[need] for need in self._told(run)}
        return of.estimate(self.params, data if of.oracle else data.training, run, results.of(needed, folder))


def complete(plan: Plan) -> Plan:
    """The plan with the runs that its runs wait for, each once, these first."""
    runs = dict.fromkeys(plan.runs)
    while more := {need: None for run in runs for need in plan.requires(run) if need not in runs}:
        runs = more | runs
    waited = dict.fromkeys(need for run in runs for need in plan.requires(run))
    return plan._replace(runs=list(waited | runs))
