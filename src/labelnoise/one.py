"""One method trained on arrays: a run of the study, without a project.

    fitted = labelnoise.fit(images, labels, "elr", {"beta": 0.7, "lam": 3.0, "clamp": 1e-4})
    fitted.probs.argmax(1)          # of all examples, also of those without a label
    fitted.history["val_accuracy"]  # epoch by epoch

Shape letters: N examples, n of them trained on, C classes, E epochs.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from pydantic import ValidationError
from threadpoolctl import threadpool_limits

from labelnoise import params as parameters
from labelnoise.data.own import check_one_kind
from labelnoise.device import chosen
from labelnoise.methods import METHODS
from labelnoise.noise import human
from labelnoise.runs import data, estimates, execute, results
from labelnoise.runs.data import CLEAN, GIVEN, MAIN, Data, Reference, TrainingData
from labelnoise.runs.plan import Plan, complete
from labelnoise.runs.run import Run
from labelnoise.sections import Estimate, Training, allowed
from labelnoise.sections.fit import check_no_augmentation, check_section
from labelnoise.train.program import Place
from labelnoise.types import Dataset

# as params.yaml has them for digits
TRAINING = {"epochs": 40, "batch_size": 64, "lr": 0.05, "momentum": 0.9, "weight_decay": 0.0, "sampler": "shuffle",
            "shift": 0, "crop": 0, "flip": False, "cutout": 0, "schedule": "cosine", "decay": 1.0,
            "milestones": [], "optimizer": "sgd", "precision": "float32"}  # fmt: skip
NETWORKS = {
    "mlp": {"hidden": [128, 128], "dropout": 0.0},
    "small_cnn": {"channels": [16, 32, 32], "dropout": 0.0},
    "resnet": {"blocks": [2, 2, 2, 2], "width": 64, "block": "basic", "shortcut": "projected", "norm": "stem",
               "dropout": 0.0},
    "cnn9": {"width": 128, "dropout": 0.25},
    "small_inception": {"width": 16, "batch_norm": True, "dropout": 0.0},
    "small_alexnet": {"width": 64, "dropout": 0.0},
}  # fmt: skip
ESTIMATE = Estimate(anchor_percentile=97, folds=5, epochs=20)


class Fitted(NamedTuple):
    """What a training left."""

    classes: list  # [C] sorted
    probs: np.ndarray  # float32 [N, C] of all examples, at the last epoch
    early_probs: np.ndarray  # float32 [N, C] at the epoch that does best on the validation part's noisy labels
    early_epoch: int  # from 0; -1 where the training diverged at once
    history: dict[str, np.ndarray]  # [E] each: train_loss, val_accuracy; with `truth` test_accuracy, and
    # fitted_wrong and others of training images, which are NaN where these are not evaluated
    index: np.ndarray  # int64 [n] the examples that were trained on


def fit(
    examples: np.ndarray,
    labels: Sequence,
    method: str,
    section: Mapping[str, Any] | None = None,
    *,
    params: str | Path | None = None,
    truth: Sequence | None = None,
    network: str = "mlp",
    seed: int = 0,
    validation_fraction: float = 0.1,
    device: str = "cpu",
    store: str | Path | None = None,
    **training: Any,
) -> Fitted:
    """Train `method` on noisy labels, after what it waits for: estimates of the noise, where it needs them.

    examples: uint8 [N, H, W] or [N, H, W, channels], or features, float [N, D].
    labels: [N] a class name or number each; None, NaN or -1: not trained on, and predicted like the others.
    method, section: a key of `labelnoise.methods.METHODS`, and its hyper-parameters by name.
    params: a params.yaml; `method` may then be a row of its `methods:`, of which `section` says what differs.
    truth: [N] true classes, None where unknown: for the history alone, training does not see them.
    network: a key of NETWORKS, with its parameters there: resnet is ResNet-18, of images from 16 pixels a side on.
    training: what differs from TRAINING, and from what the row has in its place, as epochs=20.
    device: auto, cpu or cuda.
    store: a folder that keeps finished runs, so that the same call returns at once; None: nothing is kept.

    The share `validation_fraction` of the labelled examples is held out, with noisy labels, to choose the early
    epoch. Same arguments, same bytes. ValueError in one line for whatever does not fit.
    """
    classes, given = _classes(labels)
    reference = _reference(truth, classes, len(given))
    settings, images = _settings(training), _images(np.asarray(examples), len(given))
    how = {"training": settings, "validation_fraction": validation_fraction, "device": chosen(device)}
    own = _data(images, given, seed, reference, num_classes=len(classes), **how)
    row, values = _section(method, section or {}, params, training)
    if images.dtype != np.uint8:
        _check_no_images(network, {"training": settings, f"methods.{method}.training": values["training"]})
    study = SimpleNamespace(seeds=1, first_seed=0, development=0)
    told = SimpleNamespace(methods={estimates.FIRST: {}, row: values}, estimate=ESTIMATE, study=study)
    cell = Run(MAIN, _known("network", network, NETWORKS), human.GIVEN, 0.0, seed, name="", method="")
    run = estimates.method_run(told, row, cell)
    if run.oracle:
        raise ValueError(f"{method}: is told the truth about the noise; allowed: methods that are not")
    plan = complete(Plan(told, [run], {MAIN: own}, estimates.SOURCES, probes={}))
    return _fitted(classes, _trained(plan, run, store))


def _classes(labels: Sequence) -> tuple[list, np.ndarray]:
    """The sorted classes, and the number [N] of each label's; -1 where it is missing."""
    values = pd.Series(list(labels), dtype=object)
    there = ~(values.isna() | (values == -1)).to_numpy()
    check_one_kind(values[there])
    classes, numbers = np.unique(values[there].tolist(), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"labels: {len(classes)} classes; allowed: 2 or more")
    given = np.full(len(values), -1)
    given[there] = numbers
    return classes.tolist(), given


def _reference(truth: Sequence | None, classes: list, count: int) -> Reference:
    if truth is None:
        return Reference(GIVEN, np.full(count, -1))
    if len(truth) != count:
        raise ValueError(f"truth: {len(truth)}; allowed: {count}, one per label")
    numbers = {name: number for number, name in enumerate(classes)} | {None: -1, -1: -1}
    if unknown := [name for name in truth if name not in numbers and name == name]:  # NaN is not itself
        raise ValueError(f"truth: {unknown[0]!r} is no class of labels; allowed: those, None, NaN or -1")
    return Reference(CLEAN, np.array([numbers.get(name, -1) for name in list(truth)]))


def _images(examples: np.ndarray, count: int) -> np.ndarray:
    """As data sets store them: uint8 [N, channels, H, W], or float32 [N, 1, 1, D]."""
    shape, pixels = examples.shape, examples.dtype == np.uint8
    if shape[0] != count or len(shape) not in ((3, 4) if pixels else (2,)):
        wanted = f"uint8 ({count}, H, W) or ({count}, H, W, channels), or float ({count}, D)"
        raise ValueError(f"examples are {examples.dtype} of shape {shape}; allowed: {wanted}")
    if not pixels:
        return examples.astype(np.float32)[:, None, None]
    return examples[:, None] if len(shape) == 3 else examples.transpose(0, 3, 1, 2)


def _check_no_images(network: str, trainings: dict[str, dict[str, Any]]) -> None:
    if network != "mlp":
        raise ValueError("network: features are no images; allowed: mlp")
    for where, training in trainings.items():
        check_no_augmentation(where, training, "features")


def _settings(changed: dict[str, Any]) -> dict[str, Any]:
    for name in changed:
        _known("training", name, TRAINING)
    try:
        return Training(**TRAINING | changed).model_dump()
    except ValidationError as error:
        raise ValueError(parameters.message(error, "training").replace("\n", "; ")) from None


def _section(
    name: str, changed: Mapping[str, Any], path: str | Path | None, training: dict[str, Any]
) -> tuple[str, dict]:
    """The method (a key of METHODS) and its hyper-parameters, with what its row changes of the training and
    `training` does not."""
    rows = {of: {} for of in METHODS} if path is None else _rows(Path(path))
    method, section = parameters.resolved(SimpleNamespace(methods=rows), _known("method", name, rows))
    section = section | dict(changed)
    try:
        check_section(METHODS[_known("method", method, METHODS)], section, name)
    except ValueError as error:
        raise ValueError(str(error).replace("\n", "; ")) from None
    own = {key: value for key, value in rows[name].get("training", {}).items() if key not in training}
    return method, section | {"training": _settings(own) and own}


def _rows(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        raise ValueError(f"{path}: no such file; allowed: a params.yaml")
    return parameters.read(path)["methods"]


def _known(what: str, name: str, names: Mapping[str, Any]) -> str:
    if name not in names:
        raise ValueError(f"{what}: unknown {name!r}; {allowed(names)}")
    return name


def _data(images: np.ndarray, given: np.ndarray, seed: int, reference: Reference, **how: Any) -> Data:
    """One column of labels; what has none is the test part."""
    fold = np.where(given < 0, 0, -1)
    own = TrainingData(
        images=data.standardized(Dataset(images, reference.labels, fold, [], {}, {}, [])),
        labels=given[None].astype(np.int16),
        columns={(human.GIVEN, 0.0, seed, ""): 0},
        smallest_pool=int((given >= 0).sum()),
        networks=NETWORKS,
        **how,
    )
    return Data(own, reference, reference.labels, designed=None, test_fold=fold, folds=1)


@threadpool_limits.wrap(limits=1)  # more would round differently
def _trained(plan: Plan, run: Run, store: str | Path | None) -> dict[str, np.ndarray]:
    """What `run` left; torch has as many threads as before."""
    threads = torch.get_num_threads()
    try:
        with tempfile.TemporaryDirectory() as unkept, redirect_stdout(sys.stderr):
            place = Place(Path(store or unkept), checkpoint_seconds=30)
            done = execute.train(plan, place, 1, "fit")
            ((_, left),) = results.of({run: done[run]}, place.store).each("*")
    finally:
        torch.set_num_threads(threads)
    return left


def _fitted(classes: list, left: dict[str, np.ndarray]) -> Fitted:
    history = {name.removeprefix("history_"): part for name, part in left.items() if name.startswith("history_")}
    known = {name: part for name, part in history.items() if np.isfinite(part).any()}  # the others need the truth
    probs = (left["probs_last"], left["probs_best_noisy_val"], int(left["best_noisy_val_epoch"]))
    return Fitted(classes, *probs, known, left["index"])
