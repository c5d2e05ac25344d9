"""Values of one setting against scikit-learn, comparison with published values, and the formulas on the real file.

The last is a test of our formulas: the same artefacts by the same formula. It is no reproduction of the paper.
"""

import hashlib
import os
from pathlib import Path

import made_released
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from labelnoise.detect import baselines
from labelnoise.papers import published
from labelnoise.released import files, northcutt2021, rules
from labelnoise.released.files import Setting
from labelnoise.released.rules import CODE, PAPER

FILE = "LABELNOISE_NORTHCUTT2021"  # names the real npz file
MADE = made_released.arrays()
TRUTH = MADE["clean_labels"].astype(np.int64)
SETTING = Setting(0.7, 0.2, MADE["labels"][1].astype(np.int64), MADE["pred_probs"][1])
WRONG = SETTING.labels != TRUTH


@pytest.fixture(scope="module")
def facts() -> dict[tuple[str, str, str], float]:
    found = northcutt2021.facts(SETTING, TRUTH, 0.003)
    assert len({fact[:3] for fact in found}) == len(found)
    return {fact[:3]: fact.value for fact in found}


@pytest.mark.parametrize("form", rules.FORMS)
@pytest.mark.parametrize("rule", rules.RULES)
def test_what_a_rule_finds(facts, rule, form):
    chosen = rules.selections(SETTING.probs, SETTING.labels, form)[rule]
    judges = {"accuracy": accuracy_score, "f1": f1_score, "precision": precision_score, "recall": recall_score}
    for name, judge in judges.items():
        assert facts[rule, form, f"detection_{name}"] == pytest.approx(judge(WRONG, chosen)), name


def test_rankings(facts):
    probs = SETTING.probs.astype(np.float64)
    own = probs[np.arange(len(probs)), SETTING.labels]
    others = np.where(np.arange(3) == SETTING.labels[:, None], -1, probs).max(1)
    for method, suspicion in {"pred_probs_self_confidence": -own, "pred_probs_margin": others - own}.items():
        assert facts[method, PAPER, "detection_auroc"] == pytest.approx(roc_auc_score(WRONG, suspicion))
        assert facts[method, PAPER, "detection_auprc"] == pytest.approx(average_precision_score(WRONG, suspicion))


def test_errors_of_the_matrix_and_of_the_joint(facts):
    labels, guess = SETTING.labels, SETTING.probs.argmax(1)
    drawn, counted = (
        np.array([[((of == true) & (labels == given)).sum() for given in range(3)] for true in range(3)])
        for of in (TRUTH, guess)
    )
    truth, estimate = (of / of.sum(1, keepdims=True) for of in (drawn, counted))
    off = np.abs(truth - estimate).sum() / 3
    assert facts["argmax_counts", PAPER, "relative_l1"] == pytest.approx(off)
    rmse = np.sqrt(np.mean((drawn / len(labels) - counted / len(labels)) ** 2))
    assert facts["argmax_counts", PAPER, "joint_rmse"] == pytest.approx(rmse)
    assert facts["predictions", PAPER, "out_of_sample_accuracy"] == pytest.approx((guess == TRUTH).mean())


@pytest.mark.parametrize("name", [northcutt2021.NOISE_MODEL, northcutt2021.LOW])
def test_the_noise_model_calls_wrong_what_is_likelier_wrong_than_right(facts, name):
    probs = SETTING.probs.astype(np.float64)
    found = northcutt2021.detected(probs / probs.sum(1, keepdims=True), SETTING.labels, 0.003)[name]
    assert facts[name, "ours", "detection_f1"] == pytest.approx(f1_score(WRONG, found.p_wrong > 0.5))
    precision = average_precision_score(WRONG, found.p_wrong)
    assert facts[name, "ours", "detection_auprc"] == pytest.approx(precision) and precision > WRONG.mean() + 0.1


def rows(**columns: list) -> pd.DataFrame:
    usual = {"noise_rate": 0.2, "sparsity": 0.0, "method": "both", "metric": "detection_f1"}
    return pd.DataFrame(usual | columns)


def test_a_value_agrees_within_rounding_and_half_of_its_last_digit():
    made = rows(form=[CODE, PAPER], value=[0.7153, 0.7154])
    there = rows(kind=["published", "recomputed"], value=[0.71, 0.715])
    found = northcutt2021.compared(made, there).set_index(["kind", "form"])
    assert found["agrees"].to_dict() == {
        ("published", CODE): "yes",  # .0053 = .005 + .0003
        ("published", PAPER): "no",
        ("recomputed", CODE): "yes",  # .0003 <= .00035
        ("recomputed", PAPER): "no",
    }
    counts = northcutt2021.agreement(northcutt2021.compared(made, there)).set_index(["kind", "form"])
    assert counts["agree"].to_list() == [1, 0, 1, 0] and counts["values"].to_list() == [1, 1, 1, 1]
    assert counts["largest"].to_list() == pytest.approx([0.0053, 0.0054, 0.0003, 0.0004])


def test_other_settings_and_methods_are_not_compared():
    there = rows(sparsity=[0.2, 0.0], kind=["published"] * 2, value=[0.5, 0.5], method=["both", "prune"])
    assert northcutt2021.compared(rows(form=[CODE], value=[0.5]), there).empty


def test_rivals_by_a_t_interval_over_settings():
    rng = np.random.default_rng(0)
    names = [(m, *of) for m, of in [(m, of) for m, all_of in northcutt2021.RIVALS.items() for of in all_of]]
    names += [(metric, of, "ours") for metric in northcutt2021.RIVALS for of in ("noise_model", "noise_model_low")]
    settings = [(rate, sparsity) for rate in (0.2, 0.7) for sparsity in (0.0, 0.2, 0.4)]
    made = pd.DataFrame(
        [
            {"noise_rate": r, "sparsity": s, "metric": m, "method": method, "form": form, "value": rng.random()}
            for r, s in settings
            for m, method, form in names
        ]
    )
    both = northcutt2021.rivals(made, 0.9).set_index(["score", "metric", "method", "setting"])
    found = both.loc["noise_model"]
    values = made.set_index(["metric", "method"])["value"]
    diff = (values["detection_f1", "noise_model"] - values["detection_f1", "both"].to_numpy()).to_numpy()
    of = found.loc["detection_f1", "both", "all"]
    assert [of["diff_low"], of["diff_high"]] == pytest.approx(stats.ttest_1samp(diff, 0).confidence_interval(0.9))
    assert (of["settings"], of["better"]) == (6, (diff > 0).sum())
    of = found.loc["detection_f1", "both", "noise 0.7"]
    assert (of["settings"], of["diff"]) == (3, pytest.approx(diff[3:].mean()))
    best = np.max([values["detection_f1", rule] for rule in rules.RULES], axis=0)
    expected = (values["detection_f1", "noise_model"] - best).mean()
    assert found.loc["detection_f1", "best_rule", "all"]["diff"] == pytest.approx(expected)
    less = (values["relative_l1", "confident_joint"].to_numpy() - values["relative_l1", "noise_model"]).mean()
    assert found.loc["relative_l1", "confident_joint", "all"]["diff"] == pytest.approx(less)
    diff = values["detection_auprc", "noise_model_low"] - values["detection_auprc", "pred_probs_margin"].to_numpy()
    of = both.loc["noise_model_low", "detection_auprc", "pred_probs_margin", "all"]
    assert of["diff"] == pytest.approx(diff.mean())


def test_published_values_are_in_the_package():
    there = published.read()
    there = there[there["paper"].isin(northcutt2021.PUBLISHED) & (there["metric"] != "test_accuracy")]
    assert there.groupby("kind").size().to_dict() == {"published": 144, "recomputed": 324}
    assert not there.duplicated([*northcutt2021.KEY, "kind"]).any()


@pytest.fixture(scope="module")
def real():
    path = os.environ.get(FILE)
    if not path:
        pytest.skip(f"{FILE} names no file: the released probabilities are not in this project")
    return files.load(path, hashlib.sha256(Path(path).read_bytes()).hexdigest(), None)


def test_same_artefacts_same_formula(real):
    """AUROC and AUPRC of both scores in all settings, 48 values, and the rules as the released code has them."""
    there = published.read()
    there = there[(there["paper"] == northcutt2021.PUBLISHED[0]) & (there["kind"] == published.RECOMPUTED)]
    expected = there.set_index(["noise_rate", "sparsity", "method", "metric"])["value"]
    off = {}
    for of in real.settings:
        probs, wrong = of.probs.astype(np.float64), of.labels != real.clean_labels
        scores = {
            "pred_probs_self_confidence": 1 - probs[np.arange(len(probs)), of.labels],
            "pred_probs_margin": baselines.margin(probs, of.labels),
        }
        found = {name: northcutt2021.ranked(score, wrong) for name, score in scores.items()}
        for rule, chosen in rules.selections(of.probs, of.labels, CODE).items():
            found[rule] = northcutt2021.selected(chosen, wrong)
        for method, values in found.items():
            for metric, value in values.items():
                key = (of.noise_rate, of.sparsity, method, metric)
                off[key] = abs(value - expected[key])
    assert len(off) == 12 * (2 * 2 + 5 * 4)
    assert {key: of for key, of in off.items() if of > northcutt2021.TOLERANCE + 0.00005} == {}
