"""Scores that need networks beside the noise model, which does not: both on the examples that networks train on.

Every run that methods are trained on has the training dynamics of plain cross-entropy and confident learning by
folds; a few cells have bags and full runs with planted labels too. What the detect stage found of the same labels
stands beside them.

Shape letters: N examples of the data set, n of a run's training part, C classes.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.detect import pool, topk
from labelnoise.detect import tables as detection
from labelnoise.detect.tables import REFERENCE, Scored
from labelnoise.runs import estimates
from labelnoise.runs.results import Arrays, Selection
from labelnoise.runs.run import BAG, FOLD, PLANTED, SPLIT, Run
from labelnoise.studies import setting
from labelnoise.studies.alternatives import models, scores
from labelnoise.studies.alternatives import runs as planned
from labelnoise.studies.alternatives.models import Full
from labelnoise.studies.alternatives.scores import Evidence, filled
from labelnoise.studies.setting import Setting
from labelnoise.train.program import DYNAMICS
from labelnoise.uncertainty import cells, entropy, posterior
from labelnoise.uncertainty import tables as summaries
from labelnoise.uncertainty.entropy import OutOfBag

BESIDE = (REFERENCE, "sample_only", "class_only")  # scores of the detect stage
DETECTED = ("transition_low", *map("score_{}".format, BESIDE))
PREFIX = f"{DYNAMICS}_"


class Trained(NamedTuple):
    """What networks left of one run."""

    labels: np.ndarray  # int64 [N] as they were trained on, -1 where there is none
    index: np.ndarray  # int [n] examples of the training part
    dynamics: Arrays  # name -> [n]; NaN where the run diverged
    folds: np.ndarray  # [n, C] out-of-sample probabilities
    bags: OutOfBag | None = None  # of all N examples
    full: Full | None = None  # of all N examples


class ScoredRun(NamedTuple):
    """One run with its scores on the examples whose truth is known."""

    key: dict  # network, noise, noise_rate, realised_rate, seed
    scored: Scored


class Plan(NamedTuple):
    """How to count."""

    level: float
    bins: int


def tables(of: Setting, done: Selection) -> dict[str, pd.DataFrame]:
    """Tables `alternatives` and `alternatives_intervals`, and `uncertainty` of the bags."""
    plan = Plan(of.params.evaluate.level, of.params.evaluate.calibration_bins)
    bagged = set(planned.bagged(of))
    networks = {cell: trained(of, cell, done, cell in bagged) for cell in setting.trained(of)}
    parts = [_uncertainty(of, cell, networks[cell].bags) for cell in planned.bagged(of)]
    return score_tables(scored_runs(of, networks), plan) | {"uncertainty": cells.joined("uncertainty", parts)}


def _uncertainty(of: Setting, cell: Run, bags: OutOfBag) -> pd.DataFrame:
    """Uncertainty of one cell's bags, by right and wrong labels; no row where no truth is known."""
    given, truth = of.main.training.column(cell.noise, cell.noise_rate, cell.seed), of.dataset.clean_labels
    pool = given >= 0
    if not (truth[pool] >= 0).any():
        return results.empty("uncertainty")
    own = OutOfBag(*(values[pool].astype(np.float32) for values in bags))  # NaN where every bag had the example
    return summaries.uncertainty_rows(setting.key(of, cell), own, given[pool], truth[pool])


def trained(of: Setting, cell: Run, done: Selection, bagged: bool) -> Trained:
    """What networks left of one cell."""
    column = {"data": cell.data, "network": cell.network, "noise": cell.noise, "noise_rate": cell.noise_rate}
    own = done.select(**column, seed=cell.seed, name=estimates.FIRST, change="")
    ((_, first),) = own.select(examples=SPLIT).each("index", "diverged_epoch", f"{PREFIX}*")
    labels = of.main.training.column(cell.noise, cell.noise_rate, cell.seed)
    folds = estimates.pred_probs(first["index"], own.select(examples=FOLD))
    found = Trained(labels, first["index"], _dynamics(first), folds)
    if not bagged:
        return found
    bags = out_of_bag(own.select(examples=BAG), len(labels), of.main.training.num_classes)
    return found._replace(bags=bags, full=_full(own.select(examples=PLANTED), len(labels)))


def out_of_bag(bags: Selection, images: int, classes: int) -> OutOfBag:
    """Of every image by the bags that left it out, one bag in memory at a time; a diverged bag says nothing."""
    prob_sum, entropy_sum, count = np.zeros((images, classes)), np.zeros(images), np.zeros(images, int)
    for _, bag in bags.each("index", "probs_last"):
        left_out = np.isfinite(bag["probs_last"]).all(1)
        left_out[bag["index"]] = False
        probs = bag["probs_last"][left_out].astype(np.float64)
        prob_sum[left_out] += probs
        entropy_sum[left_out] += entropy.entropy(probs)
        count += left_out
    return entropy.from_sums(prob_sum, entropy_sum, count)


def _full(runs: Selection, images: int) -> Full:
    """Full runs; NaN, and False, where an image has no label."""
    parts = [each for _, each in runs.each("index", "planted", "diverged_epoch", f"{PREFIX}*")]
    index = np.stack([part["index"] for part in parts])

    def spread(values: np.ndarray, empty: float) -> np.ndarray:
        whole = np.full((len(values), images), empty, values.dtype)
        np.put_along_axis(whole, index, values, 1)
        return whole

    own = [_dynamics(part) for part in parts]
    dynamics = {name: spread(np.stack([of[name] for of in own]), np.nan) for name in own[0]}
    return Full(dynamics, spread(np.stack([part["planted"] for part in parts]), False))


def _dynamics(run: Arrays) -> Arrays:
    """Training dynamics [n] by name. The prediction of a diverged network is the first class, and would count as
    one: all is NaN there."""
    broken = run["diverged_epoch"] >= 0
    return {
        name.removeprefix(PREFIX): np.where(broken, np.nan, values)
        for name, values in run.items()
        if name.startswith(PREFIX)
    }


def scored_runs(of: Setting, networks: dict[Run, Trained]) -> list[ScoredRun]:
    """Every cell that the detect stage has looked at too."""
    where, runs = setting.detected(of), []
    for cell, run in networks.items():
        place = (cell.noise, cell.noise_rate, cell.seed)
        if place in where:
            at, column = where[place], of.main.training.columns[*place, ""]
            own = {name: of.detected[name][at] for name in DETECTED}
            own["q"] = topk.dense(topk.of_run("q", of.detected, at))
            made = of_run(run, own, of.params.detect.floor)
            answered = of.columns.answers[column] >= 0
            runs.append(ScoredRun(setting.key(of, cell), scored(run, made, of.dataset.clean_labels, answered)))
    return runs


def of_run(run: Trained, detected: Arrays, floor: float) -> Arrays:
    """Every suspicion score [n] of the training part, by name. found: the detect stage's arrays of the same
    labels."""
    index = run.index
    bags = None if run.bags is None else OutOfBag(*(values[index] for values in run.bags))
    evidence = Evidence(run.labels[index], run.dynamics, run.folds, bags)
    made = {name: detected[f"score_{name}"][index].astype(np.float64) for name in BESIDE}
    made |= scores.all_scores(evidence)
    if run.bags is not None:
        made["mixture"] = models.mixture(evidence)
        made |= {name: filled(values[index]) for name, values in noise_models(run, detected, floor).items()}
    if run.full is not None:
        own = {name: values[:, index] for name, values in run.full.dynamics.items()}
        made["planted"] = models.planted(Full(own, run.full.planted[:, index]))
    return made


def noise_models(run: Trained, detected: Arrays, floor: float) -> Arrays:
    """P(wrong) [N] of the noise model on bags in place of features, and on both, with the same T held; NaN for
    what no bag left out."""
    seen = (run.labels >= 0) & np.isfinite(run.bags.probs).all(1)
    made = {name: np.full(len(seen), np.nan) for name in ("noise_model_on_bags", "noise_model_with_bags")}
    if not seen.any():
        return made
    labels, probs, matrix = run.labels[seen], run.bags.probs[seen], detected["transition_low"]
    on = posterior.fit(probs, labels, np.full(len(labels), -1), floor, matrix).posterior
    both = pool.fit([detected["q"][seen].astype(np.float64), probs], labels, matrix, floor).posterior
    for name, one in zip(made, (on, both), strict=True):
        made[name][seen] = posterior.p_wrong(one, labels)
    return made


def scored(run: Trained, made: Arrays, clean: np.ndarray, answered: np.ndarray) -> Scored:
    """Scores and truth of the training part. clean [N]: -1 where not known. answered, bool [N]: labels that a
    rechecker named; they do not count, since only the noise model is told of them."""
    kept = ~answered[run.index]
    index = run.index[kept]
    return detection.with_truth({name: of[kept] for name, of in made.items()}, run.labels[index], clean[index])


def score_tables(runs: list[ScoredRun], plan: Plan) -> dict[str, pd.DataFrame]:
    """Tables `alternatives` and `alternatives_intervals`."""
    keys = [run.key for run in runs]
    rows = [detection.detection_rows(run.key, run.scored, plan.bins) for run in runs]
    members = [[runs[at] for at in cell] for cell in cells.grouped(keys)]
    intervals = [part for cell in members for part in _intervals(cell, plan)]
    made = {"alternatives": rows, "alternatives_intervals": intervals}
    whole = {name: cells.joined(name, parts) for name, parts in made.items()}
    return whole | {"alternatives_intervals": detection.marked(whole["alternatives_intervals"], plan.level)}


def _intervals(cell: list[ScoredRun], plan: Plan) -> list[pd.DataFrame]:
    """Rows of one cell. Bags may be there for a part of its seeds: each score is held against the noise model on
    the seeds that it has."""
    key = cells.key([run.key for run in cell])
    groups: dict[tuple[int, ...], list[str]] = {}
    for name in dict.fromkeys(name for run in cell for name in run.scored.scores):
        groups.setdefault(tuple(at for at, run in enumerate(cell) if name in run.scored.scores), []).append(name)
    parts = []
    for seeds, names in groups.items():
        kept, found = dict.fromkeys([REFERENCE, *names]), [cell[at].scored for at in seeds]
        own = [of._replace(scores={name: of.scores[name] for name in kept}) for of in found]
        table = detection.interval_rows(key, own, plan.level, plan.bins)
        parts.append(table[table["score"].isin(names)])
    return parts
