"""What the claims compare: rows of `methods:` in the claims' noise cells, and a table of their metrics."""

from typing import Any

import numpy as np
import pandas as pd

from labelnoise import planned, results
from labelnoise.claims import metrics
from labelnoise.runs.data import CLEAN, MAIN
from labelnoise.runs.results import Arrays, Selection
from labelnoise.runs.run import SPLIT, Run
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.uncertainty.cells import CELL


def runs(of: Setting) -> list[Run]:
    """Cells that the data set does not have are left out. None where test images are not judged by clean labels:
    claims are about the truth."""
    if of.main.reference.name != CLEAN:
        return []
    cells, made = setting.trained(of), []
    for name, wanted in planned.contrast_runs(of.params).items():
        chosen = [cell for cell in cells if cell.seed in wanted.get((cell.noise, cell.noise_rate), [])]
        made += setting.of_method(of, name, chosen)
    return made


def tables(of: Setting, done: Selection) -> dict[str, pd.DataFrame]:
    """Table `contrasts`, in long form."""
    wanted, rows = {run[1:6] for run in runs(of)}, []
    chosen = done.select(data=MAIN, change="", examples=SPLIT).among(wanted, *CELL, "seed", "name")
    names = ("index", "val_index", "transition", "probs_*", "history_fitted_*", "history_test_accuracy")
    for key, run in chosen.each(*names):
        values = metrics.of_run(_run(of, key, run), of.params.evaluate.calibration_bins)
        own = setting.key(of, key) | {"method": key.name}
        rows += [own | {"metric": name, "value": value} for name, value in values.items()]
    return {"contrasts": pd.DataFrame(rows, columns=results.columns("contrasts"))}


def _run(of: Setting, key: Any, run: Arrays) -> metrics.Run:
    given = of.main.training.column(key.noise, key.noise_rate, key.seed)
    designed = of.main.designed[of.main.training.columns[key.noise, key.noise_rate, key.seed, ""]]
    return metrics.Run(
        last=run["probs_last"],
        early=run["probs_best_noisy_val"],
        tested=run["history_test_accuracy"],
        fitted_clean=run["history_fitted_clean"],
        fitted_wrong=run["history_fitted_wrong"],
        index=run["index"],
        given=given,
        clean=np.where((given >= 0) | of.main.tested(key.seed), of.dataset.clean_labels, -1),
        transition=designed if key.oracle else run.get("transition"),
        validated=run["val_index"],
    )
