"""What the claims compare: methods and variants in the claims' noise cells, and a table of their metrics."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise import params, planned, results, study
from labelnoise.claims import metrics
from labelnoise.params import Params
from labelnoise.study import Loaded
from labelnoise.train.engine import Job
from labelnoise.train.runs import Row

Arrays = dict[str, np.ndarray]


class Part(NamedTuple):
    """All runs of one method or variant."""

    name: str
    rows: list[Row]
    jobs: list[Job]


def parts(p: Params, loaded: Loaded, given: Arrays) -> list[Part]:
    """A part per name that the claims compare; cells that the data set does not have are left out. None where test
    images are not judged by clean labels: claims are about the truth."""
    found = []
    if study.judged_by(loaded.dataset).name != study.CLEAN:
        return found
    for name, cells in planned.contrast_runs(p).items():
        trained = [row for row in study.rows_of(given) if row.seed < p.claims.seeds]
        rows = [row for row in trained if (row.noise, row.noise_rate) in cells]
        if rows:
            found.append(Part(name, rows, study.jobs(loaded, rows, *params.resolved(p, name), given)))
    return found


def table(loaded: Loaded, made: list[Part], found: list[Arrays], bins: int) -> pd.DataFrame:
    """Table `contrasts`, in long form, from what all jobs of all parts found, in order."""
    rows, start = [], 0
    for part in made:
        arrays = study.collect(part.rows, found[start : (start := start + len(part.jobs))])
        for at, row in enumerate(part.rows):
            key = {name: getattr(row, name) for name in Row._fields[:4]} | {"method": part.name}
            key["realised_rate"] = float(loaded.columns.realised_rate[row.column])
            values = metrics.of_run(_run(loaded, part, arrays, at), bins)
            rows += [key | {"metric": name, "value": value} for name, value in values.items()]
    return pd.DataFrame(rows, columns=results.columns("contrasts"))


def _run(loaded: Loaded, part: Part, arrays: Arrays, at: int) -> metrics.Run:
    row = part.rows[at]
    given = loaded.columns.labels[row.column].astype(np.int64)
    learned = arrays["transition"][at] if "transition" in arrays else None
    told = part.jobs[0].program.spec["method"].endswith("_oracle")
    return metrics.Run(
        last=arrays["probs_last"][at],
        early=arrays["probs_best_noisy_val"][at],
        fitted_clean=arrays["history_fitted_clean"][at],
        fitted_wrong=arrays["history_fitted_wrong"][at],
        index=arrays["index"][at],
        given=given,
        clean=np.where((given >= 0) | study.tested(loaded, row), loaded.dataset.clean_labels, -1),
        transition=loaded.columns.designed[row.column] if told else learned,
    )
