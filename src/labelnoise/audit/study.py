"""Audits in the study, where the truth is known: whether limits hold, and what answers do to P(wrong).

Every run of injected noise, and of labels from people with known truth, is audited again and again.
"""

from typing import Any

import joblib
import numpy as np
import pandas as pd

from labelnoise.audit import coverage, statements
from labelnoise.detect.types import Gate
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.recheck import cell, tables
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import Detected, key
from labelnoise.types import Dataset
from labelnoise.uncertainty import cells

_DRAWS = 9  # random stream


def audit_tables(
    found: Detected,
    columns: NoisyLabels,
    dataset: Dataset,
    of: Source,
    section: Any,
    level: float,
    bins: int,
    workers: int,
) -> dict[str, pd.DataFrame]:
    """Tables audit_coverage and recalibrated. section: `recheck` of params.yaml; level: of all looks together;
    workers: processes."""
    tasks = []
    for at in range(len(found.seed)):
        p_wrong, wrong = _known(found, columns, dataset, at, of)
        if len(wrong) and found.noise[at] != cell.NOISE:
            run = key(found, columns, at), p_wrong, wrong, found.gate[at]
            tasks.append(joblib.delayed(_of_run)(*run, section, level, bins))
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        made = joblib.Parallel(max(1, min(workers, len(tasks))))(tasks)
    parts = {name: [part[name] for part in made if name in part] for name in ("audit_coverage", "recalibrated")}
    return {name: cells.joined(name, part) for name, part in parts.items()}


def _of_run(
    run: dict, p_wrong: np.ndarray, wrong: np.ndarray, gate: Gate, section: Any, level: float, bins: int
) -> dict[str, pd.DataFrame]:
    """P(wrong) is set right only where the gate was asked."""
    made = {"audit_coverage": _coverage(run, p_wrong, wrong, (gate.rate_low, gate.rate_high), section, level)}
    if gate.verdict:
        made["recalibrated"] = _recalibrated(run, p_wrong, wrong, section.audit, bins)
    return made


def _known(
    found: Detected, columns: NoisyLabels, dataset: Dataset, at: int, of: Source
) -> tuple[np.ndarray, np.ndarray]:
    """P(wrong) and whether the label is wrong, of the examples of known truth."""
    labels = tables.labels_in_use(found, columns, dataset, at, of)
    known = (labels >= 0) & np.isfinite(found.p_wrong[at]) & (dataset.clean_labels >= 0)
    return found.p_wrong[at, known], (labels != dataset.clean_labels)[known]


def _coverage(
    run: dict, p_wrong: np.ndarray, wrong: np.ndarray, model: tuple[float, float], section: Any, level: float
) -> pd.DataFrame:
    """model: its two rates; NaN where the gate was not asked."""
    audit, rows = section.audit, []
    design, low, high = coverage.design(p_wrong, audit.purpose, audit.looks), min(model), max(model)
    asked = bool(np.isfinite(model).all())
    own = {"model_covered": float(low <= wrong.mean() <= high) if asked else np.nan, "model_width": high - low}
    for look in audit.looks:
        for error in section.errors:
            rng = np.random.default_rng([_DRAWS, run["seed"], look, round(error * 1e6)])
            of_look = statements.at_look(level, len(audit.looks))
            facts = coverage.covered(design, wrong, look, of_look, error, audit.draws, rng)
            rows.append(run | {"look": look, "rechecker_error": error, "draws": audit.draws} | facts | own)
    return pd.DataFrame(rows)


def _recalibrated(run: dict, p_wrong: np.ndarray, wrong: np.ndarray, audit: Any, bins: int) -> pd.DataFrame:
    rows = []
    for look in (0, *audit.looks):
        ece, error = coverage.recalibrated(p_wrong, wrong, look, audit.fits, audit.purpose, bins)
        rows.append(run | {"look": look, "fits": audit.fits if look else 0, "ece": ece, "rate_error": error})
    return pd.DataFrame(rows)
