"""Confident learning on the predictions that its authors released, published values, and the noise model beside.

Tables: `released` (every rule, score and estimate in every setting), `released_published` (beside the values of
papers/published.csv), `released_agreement` (how many agree), `released_rivals` (the noise model against each).

TOLERANCE is of rounding, as files and formulas are the same. It was fixed for AUROC and AUPRC before any value was
compared, and then taken for all; half a unit of the last published digit comes on top. The noise model is that of
`detect`, told nothing but probabilities and given labels; it calls a label wrong where P(wrong) > MOST, which was
fixed before, too, and minimises the expected number of mistakes.

Shape letters: N examples, C classes.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise.detect import baselines, detector, metrics
from labelnoise.detect.predictors import PRED_PROBS, Features
from labelnoise.papers.beside import NO, YES
from labelnoise.papers.published import RECOMPUTED
from labelnoise.released import rules
from labelnoise.released.files import Released, Setting
from labelnoise.released.rules import CODE, PAPER
from labelnoise.statistics import means
from labelnoise.uncertainty.transition import pairs, relative_l1

PUBLISHED = ("Northcutt et al. 2021", "Northcutt et al. 2021, authors' notebook")  # in papers/published.csv
NOISE_MODEL, LOW, OURS = "noise_model", "noise_model_low", "ours"  # methods, and their form
BEST, PREDICTIONS = "best_rule", "predictions"
TOLERANCE, ROUNDING = 0.0003, 1e-9  # ROUNDING: of float64, at the tolerance itself
DIGITS = {RECOMPUTED: 1e-4, "joint_rmse": 1e-3, "": 1e-2}  # a unit of the last digit that is printed
MOST = 0.5
LOWER = ("relative_l1", "joint_rmse")  # metrics of which less is better
F1, AUROC, AUPRC, L1 = "detection_f1", "detection_auroc", "detection_auprc", "relative_l1"
RIVALS = {  # metric -> (method, form) that the noise model is compared with
    F1: [(rule, CODE) for rule in rules.RULES],
    AUPRC: [("pred_probs_self_confidence", PAPER), ("pred_probs_margin", PAPER), ("confident_learning", CODE)],
    AUROC: [("pred_probs_self_confidence", PAPER), ("pred_probs_margin", PAPER), ("confident_learning", CODE)],
    L1: [("confident_joint", PAPER), ("argmax_counts", PAPER)],
}
KEY = ["noise_rate", "sparsity", "method", "metric"]


class Fact(NamedTuple):
    """A row of `released` but for the setting."""

    method: str
    form: str
    metric: str
    value: float


def tables(released: Released, published: pd.DataFrame, floor: float, level: float) -> dict[str, pd.DataFrame]:
    """All tables by name. published: papers.published.read(); floor: of the noise model; level: of intervals."""
    rows = [
        {"noise_rate": of.noise_rate, "sparsity": of.sparsity, **fact._asdict()}
        for of in released.settings
        for fact in facts(of, released.clean_labels, floor)
    ]
    made = pd.DataFrame(rows)
    beside = compared(made, published[published["paper"].isin(PUBLISHED)])
    return {
        "released": made,
        "released_published": beside,
        "released_agreement": agreement(beside),
        "released_rivals": rivals(made, level),
    }


def facts(of: Setting, truth: np.ndarray, floor: float) -> list[Fact]:
    """All that is told of one setting; truth [N]."""
    probs, wrong = of.probs.astype(np.float64), of.labels != truth
    found = []
    for form in rules.FORMS:
        for rule, chosen in rules.selections(of.probs, of.labels, form).items():
            found += [Fact(rule, form, metric, value) for metric, value in selected(chosen, wrong).items()]
    own = probs[np.arange(len(truth)), of.labels]
    scores = {
        ("pred_probs_self_confidence", PAPER): 1 - own,
        ("pred_probs_margin", PAPER): baselines.margin(probs, of.labels),
        ("confident_learning", CODE): baselines.confident_learning(probs, of.labels),
    }
    models = detected(probs / probs.sum(1, keepdims=True), of.labels, floor)
    scores |= {(name, OURS): model.p_wrong for name, model in models.items()}
    found += [Fact(*name, *fact) for name, score in scores.items() for fact in ranked(score, wrong).items()]
    for name, model in models.items():
        found += [Fact(name, OURS, *fact) for fact in selected(model.p_wrong > MOST, wrong).items()]
    found += _noise(of, truth, {name: model.transition for name, model in models.items()})
    return [*found, Fact(PREDICTIONS, PAPER, "out_of_sample_accuracy", float((probs.argmax(1) == truth).mean()))]


class Detected(NamedTuple):
    """What the noise model says of one setting."""

    p_wrong: np.ndarray  # [N]
    transition: np.ndarray  # [C, C]


def detected(probs: np.ndarray, labels: np.ndarray, floor: float) -> dict[str, Detected]:
    """The noise model on `probs` [N, C] and given `labels` [N]: as it orders its list, and with T low alone."""
    own = detector.plain(labels, probs.shape[1])
    found = detector.detect(detector.prepare([Features(PRED_PROBS, probs)]), own, floor)
    fits = {NOISE_MODEL: found.lead, LOW: found.low}
    return {name: Detected(detector.p_wrong(fit, own), fit.transition) for name, fit in fits.items()}


def selected(chosen: np.ndarray, wrong: np.ndarray) -> dict[str, float]:
    """How well `chosen` [N] finds the labels that are `wrong` [N], both bool; NaN where there is none."""
    hits = float((chosen & wrong).sum())
    return {
        "detection_accuracy": float((chosen == wrong).mean()),
        "detection_precision": hits / chosen.sum() if chosen.any() else np.nan,
        "detection_recall": hits / wrong.sum() if wrong.any() else np.nan,
        F1: 2 * hits / (chosen.sum() + wrong.sum()) if chosen.any() or wrong.any() else np.nan,
    }


def ranked(suspicion: np.ndarray, wrong: np.ndarray) -> dict[str, float]:
    """AUROC and AUPRC of `suspicion` [N], high where a label is suspect."""
    curve = metrics.curve(suspicion, wrong)
    return {AUROC: metrics.auroc(curve), AUPRC: metrics.auprc(curve)}


def _noise(of: Setting, truth: np.ndarray, models: dict[str, np.ndarray]) -> list[Fact]:
    """Errors of the estimates of T, those of `models` among them, and of the joint of given and true class; the
    truth is what was drawn."""
    labels, classes = of.labels, of.probs.shape[1]
    drawn = pairs(labels, truth, classes)
    joints = {("argmax_counts", PAPER): pairs(labels, of.probs.argmax(1), classes)}
    for form, kind in ((PAPER, np.float64), (CODE, np.float16)):
        guess = rules.confident(of.probs.astype(kind), labels, form)
        joints["confident_joint", form] = rules.scaled(rules.counts(guess, labels, classes), labels)
    truly = rules.transition(drawn)
    found = [Fact(name, OURS, L1, relative_l1(truly, matrix)) for name, matrix in models.items()]
    for name, joint in joints.items():
        rmse = float(np.sqrt(np.mean((joint / joint.sum() - drawn / drawn.sum()) ** 2)))
        found.append(Fact(*name, L1, relative_l1(truly, rules.transition(joint))))
        found.append(Fact(*name, "joint_rmse", rmse))
    return found


def compared(made: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Table `released_published`: `made` beside every published value of the same setting, method and metric."""
    here = published.assign(method=published["method"].replace("", PREDICTIONS), published=published["value"])
    here = here[here["metric"].isin(made["metric"])]
    beside = here[[*KEY, "kind", "published"]].merge(made, on=KEY)
    printed = beside["metric"].map(DIGITS).fillna(DIGITS[""])
    unit = printed.mask(beside["kind"] == RECOMPUTED, DIGITS[RECOMPUTED])
    tolerance, difference = TOLERANCE + unit / 2, beside["value"] - beside["published"]
    agrees = np.where(difference.abs() <= tolerance + ROUNDING, YES, NO)
    return beside.assign(difference=difference, tolerance=tolerance, agrees=agrees)


def agreement(beside: pd.DataFrame) -> pd.DataFrame:
    """Table `released_agreement`: how many published values agree, by metric, method and form."""
    facts = beside.assign(off=beside["difference"].abs(), yes=beside["agrees"] == YES)
    by = facts.groupby(["kind", "metric", "method", "form"], as_index=False)
    return by.agg(values=("yes", "size"), agree=("yes", "sum"), largest=("off", "max"))


def rivals(made: pd.DataFrame, level: float) -> pd.DataFrame:
    """Table `released_rivals`: a score of ours less each rival, better is positive; over all settings and by rate.

    Ours are the noise model as it is, and LOW: which T orders the list was decided with these settings in view.
    The interval is a t interval over settings: one network and one draw of noise each, on the same images. BEST is
    the rule that is best in each setting, which only the truth can tell.
    """
    rows = []
    for metric, names in RIVALS.items():
        values = made[made["metric"] == metric].set_index(["noise_rate", "sparsity", "method", "form"])["value"]
        wide = values.unstack(["method", "form"])
        against = {name: wide[name] for name in names}
        if metric == F1:
            against[BEST, CODE] = wide[names].max(axis=1)
        for score, (method, form) in product((NOISE_MODEL, LOW), against):
            ours, other = wide[score, OURS], against[method, form]
            diff = other - ours if metric in LOWER else ours - other
            key = {"score": score, "metric": metric, "method": method, "form": form}
            parts = {"all": diff} | {f"noise {rate:g}": of for rate, of in diff.groupby(level="noise_rate")}
            rows += [key | {"setting": setting} | _mean(of.to_numpy(), level) for setting, of in parts.items()]
    return pd.DataFrame(rows)


def _mean(diff: np.ndarray, level: float) -> dict[str, float]:
    """Mean and interval of differences, and how many of how many are positive."""
    mean, low, high = map(float, means.interval(diff, level))
    return {
        "diff": mean, "diff_low": low, "diff_high": high, "settings": len(diff), "better": int((diff > 0).sum()),
    }  # fmt: skip
