"""Detection in a whole data set: every noise cell and seed.

Injected noise is looked at seed by seed, on the images that a seed does not test on; labels from people once, on
all images that have one, since every prediction leaves out the example that it judges.

Shape letters: K runs, N examples of the data set, n of them with a label in a run, C classes.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from labelnoise.data.counted import counted
from labelnoise.detect import baselines, conflicts, detector, gate, many, predictors, tiers, topk
from labelnoise.detect.detector import Detection, Labels, Sets
from labelnoise.detect.predictors import Features
from labelnoise.detect.topk import Probs, TopK
from labelnoise.detect.types import ALL, CAUTIOUS, Gate
from labelnoise.noise import human
from labelnoise.noise.noisy_labels import LEFT_OUT, UNANSWERED, NoisyLabels
from labelnoise.recheck import cell as rechecked
from labelnoise.types import Dataset
from labelnoise.uncertainty.transition import confident_joint
from labelnoise.uncertainty.transition import rate as rate_of

Arrays = dict[str, np.ndarray]
KEYS = ("network", "noise", "noise_rate", "seed", "column")
UNCHECKED = Gate("", "", *[np.nan] * (len(Gate._fields) - 2))  # of a seed that was not checked


class Plan(NamedTuple):
    """Which runs, and how to count."""

    detect: Any  # section `detect` of params.yaml
    seeds: Sequence[int]  # of injected noise
    checked: Sequence[int]  # of them: with halving and worlds
    source: str  # the noise whose labels `rechecked` stands for
    level: float
    bins: int


class Task(NamedTuple):
    """Columns of labels on the same images."""

    columns: tuple[int, ...]
    where: np.ndarray  # int [n] these images
    given: np.ndarray  # int64 [k, n] a row per column
    known: np.ndarray  # int64 [k, n] what a rechecker said, -1 where nothing
    checked: tuple[bool, ...]  # whether the gate is asked, per column


class Found(NamedTuple):
    """What is kept of one column: made where it is found, since the M predictions [n, C] stay there."""

    low: np.ndarray  # [n] P(wrong) with T low; T high where the labels contradict T low
    high: np.ndarray  # [n] with T high
    q: Probs  # float32 [n, C] before the label is seen
    posterior: Probs  # [n, C] of the true class
    transition_low: np.ndarray  # [C, C]
    transition_high: np.ndarray  # [C, C]
    joint_rate: float  # noise rate by the confident joint of q
    disagreement: float  # share of labels that q does not say
    predicted: np.ndarray  # int16 [M, n] the class that each predictor says
    scores: Arrays  # name -> [n]
    gate: Gate


class Run(NamedTuple):
    """One run with what was found of it; arrays are of the data set's N examples, NaN where there is no label."""

    key: dict  # network, noise, noise_rate, realised_rate, seed
    column: int
    given: np.ndarray  # int64 [N], -1 where there is none
    known: np.ndarray  # int64 [N]
    p_low: np.ndarray  # [N] P(wrong) with T low; T high where the labels contradict T low
    p_high: np.ndarray  # [N] with T high
    p_wrong: np.ndarray  # [N] their mean
    q: Probs  # float32 [N, C] before the label is seen
    posterior: Probs  # [N, C] of the true class, T low
    transition_low: np.ndarray  # [C, C]
    transition_high: np.ndarray  # [C, C]
    joint_rate: float  # noise rate by the confident joint of q
    disagreement: float  # share of labels that q does not say
    gate: Gate
    tier: np.ndarray  # int8 [N] after the gate
    sure: np.ndarray  # bool [N]
    two_labels: np.ndarray  # bool [N] a copy of it has another label: one of them is wrong
    scores: Arrays  # name -> [N]


def tasks(dataset: Dataset, columns: NoisyLabels, plan: Plan) -> list[Task]:
    """What to look at. Of labels from people one column, of injected noise that of each of the plan's seeds."""
    together: dict[Any, list[int]] = {}
    for at in range(len(columns.seed)):
        noise, seed = str(columns.noise[at]), int(columns.seed[at])
        if _by_people(dataset, noise, plan.source):
            if seed == min(columns.seed[columns.noise == noise]):
                together[noise] = [at]
        elif seed in plan.seeds:
            fewer = (columns.answers[at] == LEFT_OUT).any()  # images: those of the other columns stay as they are
            together.setdefault((seed, noise if fewer else ""), []).append(at)
    return [_task(dataset, columns, members, plan) for members in together.values()]


def _by_people(dataset: Dataset, noise: str, source: str) -> bool:
    return human.column(source if noise == rechecked.NOISE else noise) in dataset.human_labels


def _task(dataset: Dataset, columns: NoisyLabels, members: list[int], plan: Plan) -> Task:
    given = np.stack([_given(dataset, columns, at, plan.source) for at in members])
    where = np.flatnonzero((given >= 0).all(0))
    checked = [
        _by_people(dataset, str(columns.noise[at]), plan.source) or columns.seed[at] in plan.checked
        for at in members
    ]
    known = np.maximum(columns.answers[members], UNANSWERED).astype(np.int64)  # who cannot tell says nothing
    return Task(tuple(members), where, given[:, where], known[:, where], tuple(checked))


def _given(dataset: Dataset, columns: NoisyLabels, at: int, source: str) -> np.ndarray:
    """Labels int64 [N] of one column before any answer; those from people also where a seed tests. What people
    left out has none, -1."""
    noise = source if columns.noise[at] == rechecked.NOISE else str(columns.noise[at])
    by_people = dataset.human_labels.get(human.column(noise))
    labels = columns.given[at] if by_people is None else by_people
    return np.where(columns.answers[at] == LEFT_OUT, -1, labels).astype(np.int64)


def runs(
    dataset: Dataset,
    columns: NoisyLabels,
    features: Arrays,
    plan: Plan,
    workers: int,
    title: str,
    copies: Arrays | None = None,
) -> list[Run]:
    """Every run, in the order of its columns. features: of the stage `features`, [N, D] each. copies: of the stage
    `inspection`, group and same [N]; None: there are none."""
    made, raw, classes = tasks(dataset, columns, plan), predictors.named(features), len(dataset.class_names)
    are_many = any(many.are_many(len(task.where), classes) for task in made)  # alike in all that is stored
    alone = np.arange(len(dataset.clean_labels))
    group, same = (alone, alone) if copies is None else (copies["group"], copies["same"])
    jobs = (  # made when a worker is free: the examples of all tasks would be in memory together
        joblib.delayed(_of_task)(
            [one.of(task.where) for one in raw], group[task.where], task, classes, plan.detect, are_many
        )
        for task in made
    )
    parallel = joblib.Parallel(min(workers, len(made)), return_as="generator", pre_dispatch="n_jobs")
    found = counted(parallel(jobs), sum(len(task.columns) for task in made), f"detect {title}", unit="runs")
    rows = [
        _run(dataset, columns, at, task, row, one, " + ".join(of.name for of in raw), plan.detect, same)
        for task, parts in zip(made, found, strict=True)
        for row, (at, one) in enumerate(zip(task.columns, parts, strict=True))
    ]
    return sorted(rows, key=lambda run: run.column)


def _of_task(
    raw: list[Features], group: np.ndarray, task: Task, classes: int, section: Any, are_many: bool
) -> list[Found]:
    """Every column of a task; the features are factorised once. One thread: bytes must not depend on cores."""
    with threadpool_limits(1):
        sets = detector.prepare(raw, group)._replace(parts={} if sum(task.checked) > 1 else None)
        return list(_each(sets, task, classes, section, are_many))


def _each(sets: Sets, task: Task, classes: int, section: Any, are_many: bool) -> Iterator[Found]:
    for given, known, checked in zip(task.given, task.known, task.checked, strict=True):
        own = Labels(given, known, classes)
        detection = detector.detect(sets, own, section.floor, None, are_many)
        found = _found(detection, own)
        detection = detection._replace(predictions=[])  # the gate needs that memory for detections of its own
        yield found._replace(gate=gate.judge(sets, own, detection, section)) if checked else found


def _found(detection: Detection, own: Labels) -> Found:
    lead, now = detection.lead, own.now()
    low, high = (detector.p_wrong(of, own) for of in (lead, detection.high))
    scores = {"noise_model": low, "noise_model_high": high, "noise_model_mean": detector.between(low, high)}
    return Found(
        low,
        high,
        lead.q if detection.many else lead.q.astype(np.float32),
        lead.posterior,
        lead.transition,
        detection.high.transition,
        _joint_rate(lead.q, own),
        float((topk.likeliest(lead.q) != now).mean()),
        np.stack([topk.likeliest(one.probs) for one in detection.predictions]).astype(np.int16),  # as labels are
        scores | baselines.scores(detection, own),
        UNCHECKED,
    )


def _joint_rate(q: Probs, own: Labels) -> float:
    """Noise rate by the confident joint, the labels in use as given."""
    if isinstance(q, TopK):
        return rate_of(*many.confident_joint(q, own.now(), np.full(len(own.given), -1)))
    return rate_of(*confident_joint(q, own.now()))


def _run(
    dataset: Dataset,
    columns: NoisyLabels,
    at: int,
    task: Task,
    row: int,
    found: Found,
    name: str,
    section,
    same: np.ndarray,
) -> Run:
    count, own = len(dataset.clean_labels), Labels(task.given[row], task.known[row], len(dataset.class_names))
    key = {"network": name} | {of: getattr(columns, of)[at].item() for of in KEYS[1:4]}
    key["realised_rate"] = float(columns.realised_rate[at])
    judged = found.gate
    may_be = tiers.eligible(found.low, found.scores["noise_model_mean"], own.now())
    obvious = tiers.chosen(may_be, judged.rule, judged.cut, section.obvious)
    tier = tiers.assign(found.low, obvious, section.possible)
    if judged.verdict not in (CAUTIOUS, ALL):
        tier = np.zeros_like(tier)

    def spread(values: Probs, rest: Any = np.nan) -> Probs:
        if isinstance(values, TopK):
            parts = spread(values.at, 0), spread(values.probs, np.float32(np.nan)), spread(values.rest)
            return TopK(*parts, values.classes)
        whole = np.full((count, *values.shape[1:]), rest, np.result_type(values, type(rest)))
        whole[task.where] = values
        return whole

    return Run(
        key,
        at,
        spread(own.given, -1),
        spread(own.known, -1),
        spread(found.low),
        spread(found.high),
        spread(found.scores["noise_model_mean"]),
        spread(found.q, np.float32(np.nan)),
        spread(found.posterior),
        found.transition_low,
        found.transition_high,
        found.joint_rate,
        found.disagreement,
        judged,
        spread(tier, 0).astype(np.int8),
        spread(tiers.sure(found.predicted, own.now(), tier), False),
        conflicts.two_labels(same, spread(own.now(), -1)),
        {of: spread(values) for of, values in found.scores.items()},
    )


def arrays(found: list[Run]) -> Arrays:
    """What later stages read, an entry per run."""
    parts = {name: np.array([run.key[name] for run in found]) for name in KEYS[:4]}
    parts["column"] = np.array([run.column for run in found])
    for name in (
        "p_low",
        "p_wrong",
        "q",
        "posterior",
        "transition_low",
        "transition_high",
        "tier",
        "sure",
        "two_labels",
    ):
        parts |= topk.stored(name, [getattr(run, name) for run in found])
    parts |= {f"gate_{name}": np.array([getattr(run.gate, name) for run in found]) for name in Gate._fields}
    scores = dict.fromkeys(name for run in found for name in run.scores)
    return parts | {f"score_{name}": np.stack([run.scores[name] for run in found]) for name in scores}
