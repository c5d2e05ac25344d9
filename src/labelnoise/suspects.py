"""The door for Python: which of these labels are wrong?

    found = labelnoise.find(labels, images=paths)
    found.says            # what may be trusted, in a sentence
    found.table.head(20)  # the labels to recheck first

The list of `make own`, without a pipeline: features, noise model, gate.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from labelnoise import features as encoders
from labelnoise import find_costs, scratch
from labelnoise.data.own import check_one_kind, sorted_names
from labelnoise.detect import conflicts, detector, gate, tiers, topk
from labelnoise.detect.detector import Detection, Labels, Sets
from labelnoise.detect.predictors import PRED_PROBS, Features
from labelnoise.detect.types import ALL, CAUTIOUS, NOTHING, Gate
from labelnoise.features import pictures
from labelnoise.inspection import copies, exact
from labelnoise.inspection.copies import Copies
from labelnoise.list_page import evidence
from labelnoise.list_page.evidence import Evidence
from labelnoise.sections import Section

LIMITS = SimpleNamespace(  # section `detect` of params.yaml
    floor=0.003,
    obvious=0.025,
    possible=0.1,
    gate=SimpleNamespace(signal=5.0, rate=0.025, order=0.05, purity=0.955, least=0.9),
)
FEWEST = 20  # examples: with fewer, folds and halves have nothing to go by


class Suspects(NamedTuple):
    """What `find` found."""

    table: pd.DataFrame  # the most suspect label first; empty where the gate lets nothing be said
    says: str  # the gate's verdict in a sentence
    gate: Gate  # its figures
    copies: int  # examples that are copies of others, exact or near


def find(
    labels: Sequence,
    images: Sequence[str | Path] | np.ndarray | None = None,
    features: np.ndarray | Mapping[str, np.ndarray] | None = None,
    pred_probs: np.ndarray | None = None,
    groups: Sequence | None = None,
    device: str = "cpu",
    sections: Sequence[Section] | None = None,
    cache: str | Path | None = None,
    tell: Callable[[str], object] | None = None,
) -> Suspects:
    """Which of `labels` [n] are wrong, how sure that is, and how far the answer can be trusted.

    labels: a class name or number per example. At least one of:
    images: files, or uint8 [n, H, W] or [n, H, W, channels]; their features are the default ones of `make own`.
    features: float [n, D], or several such arrays by name, which are pooled.
    pred_probs: float [n, C] out-of-sample probabilities of a model of yours, columns in the order of the sorted
    classes; alone they give the order only.
    groups: a value per example, alike for frames of a video, for images of a patient: the members of a group do
    not vouch for one another's label. Nor do copies, exact and near ones: these are found, and groups that share
    one are joined.
    device: cpu or cuda, for features of images. sections: of the encoders that make them, as
    `labelnoise.sections.Patches(encoder="patches")`; None: by the size of the images. cache: a folder that keeps
    features, and weights that some encoders download. tell: gets a line as each step begins, as print would show
    it; None: nothing is said.

    The table has `index` (position in `labels`), `label`, `p_wrong`, `tier` (obvious, possible, rest), `sure`
    (every single predictor contradicts the label) and `suggestion` (empty where the label is the likeliest class);
    NaN and empty where the gate withholds them. `group` is a number, equal for examples that do not vouch for one
    another. `two_labels`: what is as good as the same image has another label, so that one of the two is wrong;
    these come first. ValueError in one line for whatever does not fit.
    """
    classes, given = _classes(labels)
    find_costs.check(len(given), len(classes), _columns(images, features, sections), pred_probs is not None)
    numbers = _groups(groups, len(given))
    say = tell or (lambda _: None)
    own_cache = None if cache is None else Path(cache)
    how = {"device": device, "sections": sections, "cache": own_cache, "tell": say}
    say("1 of 4: features")
    raw = _raw(len(given), classes, images, features, pred_probs, how)
    say("2 of 4: copies, and what predictors are made of")
    alike = _alike(raw, images, numbers)
    own = detector.plain(given, len(classes))
    with threadpool_limits(1):  # as in stages: more would round differently, and wait more than they work
        found, judged = _judged(detector.prepare(raw, alike.group), own, say)
    table = _table(alike, own, found, judged, classes)
    count = int(np.isin(alike.match, [copies.EXACT, copies.NEAR]).sum())
    by = evidence.of([one.name for one in raw], noun="example" if images is None else "image")
    return Suspects(table, _says(table, judged, by) + _copied(count, alike, given), judged, count)


def _judged(sets: Sets, own: Labels, say: Callable[[str], object]) -> tuple[Detection, Gate]:
    of_features = sum(one.name != PRED_PROBS for one in sets.raw)
    model, check = find_costs.seconds(len(own.given), of_features, of_features < len(sets.raw))
    say(f"3 of 4: noise model (predictors, rounds, pool), {find_costs.about(model)}")
    found = detector.detect(sets, own, LIMITS.floor)
    say(f"4 of 4: self-check (shuffled labels, halves, labels drawn from the model), {find_costs.about(check)}")
    return found, gate.judge(sets, own, found, LIMITS)


def _classes(labels: Sequence) -> tuple[list, np.ndarray]:
    """The sorted classes, and the number [n] of each label's."""
    values = np.asarray(labels, object)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"labels have shape {values.shape}; allowed: one label per example")
    if pd.isna(values).any():
        where = int(np.flatnonzero(pd.isna(values))[0])
        raise ValueError(f"labels[{where}] is missing; allowed: a class name or number for every example")
    check_one_kind(values)
    classes, given = np.unique(values.tolist(), return_inverse=True)
    names = classes.tolist()
    if all(isinstance(name, str) for name in names):  # as the pipeline sorts them: 2 before 10
        ordered = sorted_names(set(names))
        given, names = np.array([ordered.index(name) for name in names])[given], ordered
    count = np.bincount(given)
    if len(names) < 2:
        raise ValueError(f"labels: all are {names[0]!r}; allowed: 2 classes or more")
    if count.min() < 2:
        raise ValueError(f"labels: class {names[count.argmin()]!r} has 1 example; allowed: 2 or more")
    if len(values) < FEWEST:
        raise ValueError(f"labels: {len(values)} examples; allowed: {FEWEST} or more")
    return names, given


def _columns(images: Any, features: Any, sections: Sequence[Section] | None) -> list[int]:
    """Of each feature set, as far as it can be told before anything is made; what has no columns is told later."""
    own = [*features.values()] if isinstance(features, Mapping) else [] if features is None else [features]
    shapes = [np.shape(values) for values in own]
    made = (
        [] if images is None else find_costs.columns_of(np.shape(images)[1:] if _pixels(images) else (), sections)
    )
    return [shape[1] for shape in shapes if len(shape) == 2] + made


def _raw(count: int, classes: list, images: Any, features: Any, pred_probs: Any, how: dict) -> list[Features]:
    own = dict(features) if isinstance(features, Mapping) else {} if features is None else {"features": features}
    found = [Features(f"given {name}", _checked(name, values, count)) for name, values in own.items()]
    if pred_probs is not None:
        found.append(Features(PRED_PROBS, _checked_probs(pred_probs, classes, count)))
    if images is not None:  # last, as it takes longest
        found += [Features(name, values) for name, values in _of_images(images, count, how).items()]
    if not found:
        raise ValueError("nothing to judge labels by; allowed: images, features or pred_probs")
    return found


def _of_images(images: Any, count: int, how: dict[str, Any]) -> dict[str, np.ndarray]:
    if len(images) != count:
        raise ValueError(f"images: {len(images)}; allowed: {count}, one per label")
    if _pixels(images):
        if images.dtype != np.uint8 or images.ndim not in (3, 4):
            allowed = "uint8 [n, H, W] or [n, H, W, channels]"
            raise ValueError(f"images are {images.dtype} of shape {images.shape}; allowed: {allowed}")
        made = encoders.of_images(images, **how)
    else:
        if not all(isinstance(path, str | Path) for path in images):
            raise ValueError("images: a list must name files; allowed: paths, or one array uint8 [n, H, W]")
        made = encoders.of_files([Path(path) for path in images], **how)
    return {name.split("_", 1)[-1]: values for name, values in made.items()}


def _checked(name: str, values: Any, count: int) -> np.ndarray:
    try:
        array = _float32(values)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: no numbers; allowed: float ({count}, columns)") from None
    if array.ndim != 2 or len(array) != count or not array.shape[1]:
        raise ValueError(f"{name} has shape {array.shape}; allowed: ({count}, columns), a row per label")
    for at in scratch.blocks(count):
        off = np.argwhere(~np.isfinite(array[at]))
        if len(off):
            row, column = off[0] + [at.start, 0]
            raise ValueError(f"{name}[{row}, {column}] = {array[row, column]}; allowed: finite numbers")
    return array


def _float32(values: Any) -> np.ndarray:
    """`values` themselves where they are float32, else by blocks: they may be larger than memory."""
    array = np.asarray(values)
    if array.dtype == np.float32 or not array.ndim:
        return np.asarray(array, np.float32)
    out = scratch.empty(array.shape)
    for at in scratch.blocks(len(array)):
        out[at] = array[at]
    return out


def _checked_probs(pred_probs: Any, classes: list, count: int) -> np.ndarray:
    array = _checked("pred_probs", pred_probs, count)
    if array.shape[1] != len(classes):
        raise ValueError(
            f"pred_probs has shape {array.shape}; allowed: a column for each of {len(classes)} classes"
        )
    out = scratch.empty(array.shape)
    for at in scratch.blocks(count):
        total = array[at].sum(1, keepdims=True)
        off = np.flatnonzero((array[at] < 0).any(1) | ~(np.abs(total[:, 0] - 1) < 1e-2))  # half precision rounds
        if len(off):
            said = f"pred_probs[{at.start + off[0]}] sums to {total[off[0], 0]:g}"
            raise ValueError(f"{said}; allowed: probabilities that sum to 1")
        out[at] = array[at] / total
    return out


def _groups(groups: Sequence | None, count: int) -> np.ndarray | None:
    if groups is None:
        return None
    values = np.asarray(groups)
    if values.shape != (count,):
        raise ValueError(f"groups have shape {values.shape}; allowed: ({count},), a value per label")
    return np.unique(values, return_inverse=True)[1]


def _alike(raw: list[Features], images: Any, groups: np.ndarray | None) -> Copies:
    """Copies: of images where there are some, else of features; pred_probs may agree by chance."""
    if images is None:
        own = [one.values for one in raw if one.name != PRED_PROBS]
        content = exact.of_table(*own) if own else np.arange(len(raw[0].values))
        return copies.find(raw, content, None, groups)
    if _pixels(images):
        stored = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
        return copies.find(raw, exact.numbers(exact.digests(images)), pictures.of_array(stored), groups)
    paths = [Path(path) for path in images]
    return copies.find(raw, exact.of_files(paths), pictures.of_files(paths, "rgb", encoders.MAX_PIXELS), groups)


def _pixels(images: Any) -> bool:
    return isinstance(images, np.ndarray) and images.dtype.kind != "U"


def _table(alike: Copies, own: Labels, detection: Detection, judged: Gate, classes: list) -> pd.DataFrame:
    low, high = detector.p_wrong(detection.lead, own), detector.p_wrong(detection.high, own)
    mean = detector.between(low, high)
    contradicted = conflicts.two_labels(alike.same, own.given)
    order = np.lexsort((-low, ~contradicted))
    names, stated = np.array(classes, dtype=object), judged.verdict in (CAUTIOUS, ALL)
    obvious = tiers.chosen(tiers.eligible(low, mean, own.given), judged.rule, judged.cut, LIMITS.obvious)
    tier = tiers.assign(low, obvious, LIMITS.possible)
    predicted = np.stack([topk.likeliest(one.probs) for one in detection.predictions])
    said = mean if judged.verdict == ALL else low
    likeliest = topk.likeliest(detection.lead.posterior)
    table = pd.DataFrame(
        {
            "index": np.arange(len(low)),
            "label": names[own.given],
            "p_wrong": said if stated else np.nan,
            "tier": np.array(tiers.NAMES, dtype=object)[tier] if stated else "",
            "sure": tiers.sure(predicted, own.given, tier) & stated,
            "suggestion": np.where(likeliest != own.given, names[likeliest], ""),
            "group": alike.group,
            "two_labels": contradicted,
        }
    ).iloc[order]
    table = table.reset_index(drop=True)
    return table.iloc[:0] if judged.verdict == NOTHING else table


def _copied(count: int, alike: Copies, given: np.ndarray) -> str:
    """What is said of copies, where there are some."""
    contradicted = int(conflicts.two_labels(alike.same, given).sum())
    said = f" {count:,} examples are copies of others: none vouches for the label of another." if count else ""
    if contradicted:
        said += f" {contradicted:,} have a copy with another label, and come first: one of the two is wrong."
    return said


def _says(table: pd.DataFrame, judged: Gate, by: Evidence) -> str:
    from labelnoise.list_page import words
    from labelnoise.list_page.facts import Summary

    flagged = np.flatnonzero(table["tier"].isin(["obvious", "possible"]))
    first = int(flagged[-1]) + 1 if len(flagged) else 0
    tier, p = table["tier"], table["p_wrong"].to_numpy(float)
    counts = (int((tier == "obvious").sum()), int(table["sure"].sum()), int((tier == "possible").sum()))
    sums = (float(p[:first].sum()), float(p.sum()))
    return words.sentence(Summary(judged, len(table), len(table), *counts, first, *sums), by)
