"""The table of studies, and the plan of all their runs."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from labelnoise.runs import estimates
from labelnoise.runs.data import MAIN, Data
from labelnoise.runs.plan import Plan, complete
from labelnoise.runs.results import Selection
from labelnoise.runs.run import Run
from labelnoise.studies import conformal, contrasts, imbalance, retrained
from labelnoise.studies.accuracy import runs as accuracy_runs
from labelnoise.studies.accuracy import tables as accuracy_tables
from labelnoise.studies.alternatives import runs as alternatives_runs
from labelnoise.studies.alternatives import tables as alternatives_tables
from labelnoise.studies.memorization import runs as memorization_runs
from labelnoise.studies.memorization import tables as memorization_tables
from labelnoise.studies.setting import Setting


def _nothing(*args: Any) -> Mapping:
    return {}


class Study(NamedTuple):
    """Two functions; studies on other images or labels than the noise stage's have a third, which makes these."""

    runs: Callable[[Setting], list[Run]]
    tables: Callable[[Setting, Selection], dict[str, pd.DataFrame]]
    data: Callable[[Setting], Mapping[str, Data]] = _nothing
    probes: Callable[[Setting, Mapping[str, Data]], Mapping] = _nothing  # what its runs are asked while they train


STUDIES = {
    "accuracy": Study(accuracy_runs.runs, accuracy_tables.tables),
    "alternatives": Study(alternatives_runs.runs, alternatives_tables.tables),
    "conformal": Study(conformal.runs, conformal.tables),
    "contrasts": Study(contrasts.runs, contrasts.tables),
    "imbalance": Study(imbalance.runs, imbalance.tables, imbalance.data),
    "memorization": Study(
        memorization_runs.runs, memorization_tables.tables, memorization_runs.data, memorization_runs.probes
    ),
    "retrained": Study(retrained.runs, retrained.tables, retrained.data),
}


def of_setting(of: Setting) -> Plan:
    """Every run of every study, once, with what it waits for."""
    data: dict[str, Data] = {MAIN: of.main}
    probes, runs = {}, []
    for study in STUDIES.values():
        own = study.data(of)
        data, probes = data | own, probes | study.probes(of, own)
        runs += study.runs(of)
    return complete(Plan(of.params, runs, data, estimates.SOURCES, probes))
