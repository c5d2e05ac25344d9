"""Which runs there are, and which are trained together: those on the same images with the same settings."""

from typing import Any

import numpy as np

from labelnoise import planned
from labelnoise.runs.data import CLEAN, Data, Reference, TrainingData, standardized
from labelnoise.runs.run import START, Examples, Run, settings
from labelnoise.studies.memorization import conditions
from labelnoise.studies.memorization.conditions import RANDOM_LABELS, RANDOM_PIXELS, TRUE_LABELS, Condition
from labelnoise.studies.setting import Setting
from labelnoise.train.types import EVERY

FITTING, STARTS = "memorization", "first epoch"
METHOD = "cross_entropy"


def possible(of: Setting) -> bool:
    """The study needs images of which every true label is known; no seeds: it is not asked for."""
    known = bool((of.dataset.clean_labels >= 0).all()) and of.dataset.images.dtype == "uint8"
    return known and of.params.memorization.seeds > 0


def data(of: Setting) -> dict[str, Data]:
    """At most `images` images as they are, and without a pattern; of first epochs, those of one seed alone."""
    if not possible(of):
        return {}
    plan = of.params.memorization
    part = conditions.limited(of.dataset, plan.images)
    labelled = conditions.with_labels(plan.corruption)
    changed = [Condition(name, 0.0) for name in conditions.WITHOUT_PATTERN]
    seeds = planned.seeds(of.params, plan.seeds)
    made = {f"{FITTING} {TRUE_LABELS.name}": (labelled, TRUE_LABELS.name, seeds)}
    made |= {f"{FITTING} {c.name}": ([c], c.name, seeds) for c in changed}
    made |= {f"{STARTS} {c.name}": ([c], c.name, seeds[:1]) for c in (TRUE_LABELS, RANDOM_LABELS, RANDOM_PIXELS)}
    return {name: _data(of, part, *facts) for name, facts in made.items()}


def _data(of: Setting, part: Any, wanted: list[Condition], images: str, seeds: range) -> Data:
    """Images as the condition `images` changes them, with a column of labels per condition and seed."""
    section = of.params.datasets[of.name]
    changed, folds = part._replace(images=conditions.images(part.images, images)), section.data.folds
    keys = [(condition, seed) for condition in wanted for seed in seeds]
    labels = np.stack([conditions.labels(part, folds, condition, seed) for condition, seed in keys])
    none = of.params.memorization.regularizers["none"].model_dump(exclude_none=True)
    own = TrainingData(
        standardized(changed, section.data.standardise),
        labels,
        {(condition.name, condition.corruption, seed, ""): at for at, (condition, seed) in enumerate(keys)},
        len(part.class_names),
        int((labels >= 0).sum(1).min()),
        section.validation_fraction,
        section.training.model_dump() | {"sampler": "shuffle"} | {k: v for k, v in none.items() if k != "dropout"},
        of.main.training.networks,
        of.device,
    )
    return Data(own, Reference(CLEAN, part.clean_labels), part.clean_labels, None, part.test_fold, folds)


def runs(of: Setting) -> list[Run]:
    """Zhang's study and Arpit's first epochs; none where the truth is not known."""
    return [*fitting(of), *starts(of)] if possible(of) else []


def fitting(of: Setting) -> list[Run]:
    """Every condition without a regulariser, true and random labels with each of them."""
    plan, made = of.params.memorization, []
    labelled = conditions.with_labels(plan.corruption)
    probed = [c for c in labelled if c.corruption in (0, plan.probe.corruption, 1)]
    rest = [c for c in labelled if c not in probed]
    regularized = [c for c in labelled if c.corruption in plan.regularized]
    for network in plan.epochs:
        made += _fits(of, network, probed, "none", probe=True, beside="probed")
        for name in conditions.WITHOUT_PATTERN:
            made += _fits(of, network, [Condition(name, 0.0)], "none", probe=name == RANDOM_PIXELS.name)
        made += _fits(of, network, rest, "none", beside="others")
        for name in plan.regularizers:
            if name != "none":
                made += _fits(of, network, regularized, name)
    return made


def starts(of: Setting) -> list[Run]:
    """One epoch from many initial weights, on the images and labels of one seed."""
    plan, made = of.params.memorization.first_epoch, []
    (seed,) = planned.seeds(of.params, 1)
    for network in of.params.memorization.epochs:
        for condition in (TRUE_LABELS, RANDOM_LABELS, RANDOM_PIXELS):
            run = _run(of, f"{STARTS} {condition.name}", network, condition, seed, "none")
            run = run._replace(settings=settings(dict(run.settings) | {"epochs": 1}))
            for k in range(plan.initializations):
                of_run = Examples(START, k, plan.initializations)
                made.append(run._replace(examples=of_run, beside=f"block {k // plan.together}"))
    return made


def _fits(of: Setting, network: str, wanted: list[Condition], regularizer: str, **other: Any) -> list[Run]:
    """The seeds of all conditions, trained together; they must be about the same images."""
    other = {"beside": "all"} | other
    return [
        _run(of, f"{FITTING} {_images(condition)}", network, condition, seed, regularizer)._replace(**other)
        for condition in wanted
        for seed in planned.seeds(of.params, of.params.memorization.seeds)
    ]


def _images(condition: Condition) -> str:
    return condition.name if condition.name in conditions.WITHOUT_PATTERN else TRUE_LABELS.name


def _run(of: Setting, data: str, network: str, condition: Condition, seed: int, regularizer: str) -> Run:
    plan = of.params.memorization
    own = plan.regularizers[regularizer].model_dump(exclude_none=True)
    dropout = own.pop("dropout", plan.regularizers["none"].dropout)
    return Run(
        data,
        network,
        condition.name,
        condition.corruption,
        seed,
        name=regularizer,
        method=METHOD,
        settings=settings(own | {"epochs": plan.epochs[network], "evaluate": EVERY}),
        layers=settings({"dropout": dropout}),
    )


def probes(of: Setting, data: dict[str, Data]) -> dict[tuple[str, str], dict[str, Any]]:
    """(data, network) -> Arpit's probes at some epochs; radii are shares of the range of the pixels, and of images
    that have each a standard deviation of its own, in units of their mean."""
    plan = of.params.memorization.probe
    made = {}
    for name, each in data.items():
        unit = float(np.ptp(each.training.images.pixels)) / float(np.mean(each.training.images.std))
        for network, epochs in of.params.memorization.epochs.items():
            made[name, network] = {
                "epochs": [epoch - 1 for epoch in plan.epochs if epoch <= epochs],
                "radii": [radius * unit for radius in plan.radii],
                **{key: getattr(plan, key) for key in ("examples", "step", "noise", "steps")},
            }
    return made
