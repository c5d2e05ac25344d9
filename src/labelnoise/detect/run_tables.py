"""The tables of detection in a whole data set, from its runs.

Shape letters: N examples of the data set, C classes.
"""

import numpy as np
import pandas as pd

from labelnoise.detect import tables, tiers, topk
from labelnoise.detect.study import Plan, Run
from labelnoise.detect.tables import Scored
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.types import Dataset
from labelnoise.uncertainty import cells

SMALL = 30  # classes: up to here the whole noise matrix is told
LARGEST = 200  # off-diagonal entries told of a larger one
TABLES = (
    "detection",
    "detection_intervals",
    "detection_reliability",
    "tiers",
    "gate",
    "noise_rate",
    "noise_matrix",
)


def all_tables(found: list[Run], dataset: Dataset, columns: NoisyLabels, plan: Plan) -> dict[str, pd.DataFrame]:
    """TABLES by name: runs one by one, then cell by cell. The gate withholds nothing here but tiers: every score
    is judged in every cell."""
    made: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for run in found:
        made["detection"].append(tables.detection_rows(run.key, _scored(run, dataset), plan.bins))
        made["noise_rate"].append(_rates(run))
        if run.gate.verdict:
            made["tiers"].append(_tiers(run, dataset))
            made["gate"].append(_gate(run, dataset, plan.detect.obvious))
    for members in cells.grouped([run.key for run in found]):
        cell = [found[at] for at in members]
        key = cells.key([run.key for run in cell])
        judged = [_scored(run, dataset) for run in cell]
        made["detection_intervals"].append(tables.interval_rows(key, judged, plan.level, plan.bins))
        made["detection_reliability"].append(tables.reliability_rows(key, judged, plan.bins, plan.level))
        truth = np.mean([columns.realised[run.column] for run in cell], axis=0)
        made["noise_matrix"].append(_matrix(key, cell, dataset.class_names, truth))
    whole = {name: cells.joined(name, parts) for name, parts in made.items()}
    return whole | {"detection_intervals": tables.marked(whole["detection_intervals"], plan.level)}


def _now(run: Run) -> np.ndarray:
    """The labels [N] in use: answers stand in place of what they answer."""
    return np.where(run.known >= 0, run.known, run.given)


def _scored(run: Run, dataset: Dataset) -> Scored:
    """Scores and truth of the run. Answered labels do not count: only the noise model is told of them."""
    pool = (run.given >= 0) & (run.known < 0)
    scores = {name: values[pool] for name, values in run.scores.items()}
    return tables.with_truth(scores, run.given[pool], dataset.clean_labels[pool])


def _tiers(run: Run, dataset: Dataset) -> pd.DataFrame:
    members = tiers.members(run.tier, run.sure, np.isfinite(run.p_low))
    guess = topk.likeliest(topk.without_nan(run.posterior))
    return tiers.table_rows(run.key, members, run.p_low, guess, _now(run), dataset.clean_labels)


def _gate(run: Run, dataset: Dataset, obvious: float) -> pd.DataFrame:
    """Every figure of the gate; `flagged` is the tier that it leaves, `withheld` what rule A would flag beyond
    it, each with the share that is wrong in truth."""
    flagged, everything = run.tier == tiers.OBVIOUS, np.zeros(len(run.tier), bool)
    everything[tiers.rule_a(tiers.eligible(run.p_low, run.p_wrong, _now(run)), obvious)] = True
    facts = run.gate._asdict()
    for name, part in (("flagged", flagged), ("withheld", everything & ~flagged)):
        known = part & (dataset.clean_labels >= 0)
        wrong = (_now(run) != dataset.clean_labels)[known]
        facts |= {name: int(part.sum()), f"{name}_wrong": float(wrong.mean()) if len(wrong) else np.nan}
    return pd.DataFrame([run.key | facts])


def _rates(run: Run) -> pd.DataFrame:
    """How much noise there is: the model with its range between T low and T high, the confident joint of the pool,
    and how often the pool disagrees with the labels, which is no estimate, as predictions err too."""
    labelled = np.isfinite(run.p_low)
    rates = [float(of[labelled].mean()) for of in (run.p_wrong, run.p_low, run.p_high)]
    facts = {
        "noise_model": (rates[0], min(rates), max(rates)),
        "confident_joint": (run.joint_rate, np.nan, np.nan),
        "disagreement": (run.disagreement, np.nan, np.nan),
    }
    rows = [run.key | {"estimator": k, "estimate": v[0], "low": v[1], "high": v[2]} for k, v in facts.items()]
    return pd.DataFrame(rows)


def _matrix(key: dict, cell: list[Run], names: list[str], truth: np.ndarray) -> pd.DataFrame:
    """P(given | true) of a cell, T low, the mean over its seeds; low and high: the range between T low and T high,
    the mean of the seeds' ends."""
    lower = np.stack([run.transition_low for run in cell])
    upper = np.stack([run.transition_high for run in cell])
    columns = {
        "estimate": lower.mean(0),
        "low": np.minimum(lower, upper).mean(0),
        "high": np.maximum(lower, upper).mean(0),
        "truth": truth,
    }
    clean, given = np.divmod(np.arange(len(names) ** 2), len(names))
    frame = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    frame = frame.assign(clean=[names[at] for at in clean], given=[names[at] for at in given], **key)
    return frame[_listed(columns["estimate"]).ravel()]


def _listed(estimate: np.ndarray) -> np.ndarray:
    """Which entries [C, C] the table has: all of a small matrix, else the diagonal and the largest others."""
    if len(estimate) <= SMALL:
        return np.ones(estimate.shape, bool)
    others = np.where(np.eye(len(estimate), dtype=bool), -1, estimate)
    return np.eye(len(estimate), dtype=bool) | (others >= np.sort(others.ravel())[-LARGEST])
