"""Does the network's confidence hold for the true class, though nobody has a clean label to calibrate it on?

Prediction sets (uncertainty.conformal) and one temperature (uncertainty.temperature) are calibrated on the noisy
labels of the validation part: taken as they are, and through T, the confident joint, which is estimated from noisy
labels too. Two oracles stand beside them: the designed T, and the clean labels of the same images, which show what
so few labels allow without any noise. Clean labels of test images judge all of them.

The epoch `best_noisy_val` was chosen on these validation labels, so that they are not quite new to the network.

Shape letters: n validation images with a label, M test images, N images, C classes.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.runs import estimates
from labelnoise.runs.data import CLEAN, MAIN
from labelnoise.runs.results import Arrays, Selection
from labelnoise.runs.run import SPLIT, Run
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.uncertainty import calibration, conformal, temperature
from labelnoise.uncertainty.cells import CELL

SELECTIONS = ("last", "best_noisy_val")
METRICS = (calibration.nll, calibration.brier, calibration.ece)


class Calibration(NamedTuple):
    """Labels of the validation part, and how they are taken to err."""

    name: str
    labels: np.ndarray  # int [n]
    matrix: np.ndarray  # [C, C] P(label = j | clean = i)
    oracle: bool  # whether it is given the truth


class Outputs(NamedTuple):
    """What a run says of the images that calibrate it, and of those that judge it."""

    told: np.ndarray  # [n, C]
    tested: np.ndarray  # [M, C]
    clean: np.ndarray  # int [M]


def runs(of: Setting) -> list[Run]:
    """What T is estimated from in the cells of the grid, all runs of other studies. None where test images are not
    judged by clean labels."""
    cells = setting.grid(of) if of.main.reference.name == CLEAN else []
    return [run for c in cells for run in (estimates.first(of.params, c), *estimates.folds(of.params, c))]


def tables(of: Setting, done: Selection) -> dict[str, pd.DataFrame]:
    """Tables `conformal` and `temperature`, of the methods that are trained; without rows where the study is left
    out."""
    cells = {run[1:5] for run in runs(of)}
    chosen = done.select(data=MAIN, change="", examples=SPLIT, name=list(of.params.evaluate.conformal.methods))
    chosen = chosen.among(cells, *CELL, "seed")
    rows: dict[str, list[dict]] = {"conformal": [], "temperature": []}
    for key, run in chosen.each("val_*", "probs_*"):
        known = _calibrations(of, key, run, estimates.of_cell(of.params, of.main.training, key, done))
        for selection in SELECTIONS:
            own = setting.key(of, key) | {"method": key.name, "selection": selection}
            given = of.params.evaluate, key.oracle, known, _outputs(of, key, run, selection)
            rows["conformal"] += [own | row for row in _sets(*given)]
            rows["temperature"] += [own | row for row in _temperatures(*given)]
    return {name: pd.DataFrame(made, columns=results.columns(name)) for name, made in rows.items()}


def _calibrations(of: Setting, key: Any, run: Arrays, told: Arrays) -> list[Calibration]:
    """All that there are of a run: no oracle where the truth is not known."""
    index, labels = _labelled(run)
    plain, clean = np.eye(of.main.training.num_classes), of.main.clean_labels[index]
    designed = of.main.designed[of.main.training.columns[key.noise, key.noise_rate, key.seed, ""]]
    made = [
        Calibration("noisy_labels", labels, plain, False),
        Calibration("confident_joint", labels, told["transition_confident_joint"], False),
    ]
    if np.isfinite(designed).all():
        made.append(Calibration("designed", labels, designed, True))
    if (clean >= 0).all():
        made.append(Calibration("clean_labels", clean, plain, True))
    return made


def _labelled(run: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Images of the validation part and their labels, both [n]."""
    known = run["val_labels"] >= 0
    return run["val_index"][known], run["val_labels"][known]


def _outputs(of: Setting, key: Any, run: Arrays, selection: str) -> Outputs:
    probs, clean = run[f"probs_{selection}"], of.main.reference.labels
    tested = of.main.tested(key.seed) & (clean >= 0)
    return Outputs(probs[_labelled(run)[0]], probs[tested], clean[tested])


def _sets(plan: Any, oracle: bool, known: list[Calibration], of: Outputs) -> Iterator[dict]:
    """A row per score and calibration. plan: `evaluate` of params.yaml."""
    level = plan.conformal.level
    for score, function in conformal.SCORES.items():
        told, tested = function(of.told), function(of.tested)
        for each in known:
            tau = conformal.threshold(told, each.labels, each.matrix, level)
            facts = {"score": score, "calibration": each.name, "oracle": oracle or each.oracle, "level": level}
            yield facts | {"examples": len(each.labels)} | _covered(conformal.sets(tested, tau), of.clean, tau)


def _covered(members: np.ndarray, clean: np.ndarray, tau: float) -> dict[str, float]:
    """How often sets, bool [M, C], hold the class clean [M], and how large they are; NaN without a threshold."""
    if np.isnan(tau):
        return dict.fromkeys(("coverage", "set_size", "empty_share"), np.nan)
    sizes, hits = members.sum(1), members[np.arange(len(clean)), clean]
    return {"coverage": hits.mean(), "set_size": sizes.mean(), "empty_share": (sizes == 0).mean()}


def _temperatures(plan: Any, oracle: bool, known: list[Calibration], of: Outputs) -> Iterator[dict]:
    """A row per calibration, and one of the network as it is."""
    fitted = [(each.name, each.oracle, temperature.fit(of.told, each.labels, each.matrix)) for each in known]
    for name, own, value in [("none", False, 1.0), *fitted]:
        items = calibration.prepare(temperature.scaled(of.tested, value), of.clean, plan.calibration_bins)
        ones = np.ones((1, len(of.clean)))
        judged = {metric.__name__: float(metric(ones, items)[0]) for metric in METRICS}
        facts = {"calibration": name, "oracle": oracle or own, "temperature": value}
        yield facts | {"examples": len(of.told)} | judged
