"""Suspicion scores by hand, against cleanlab's definition, and their common behaviour."""

import subprocess
import sys

import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores
from made_evidence import evidence
from sklearn.metrics import roc_auc_score

from labelnoise.detect import scores
from labelnoise.detect.scores import SCORES, Evidence, all_scores

LABEL_FREE = {"oob_entropy", "oob_mutual_information"}  # noise in the made evidence
NAMES = {
    "early_disagreement", "early_probability", "loss_last", "loss_mean", "loss_gmm", "aum", "forgetting",
    "cartography_confidence", "cartography_variability", "oob_self_confidence", "oob_margin", "oob_margin_window",
    "oob_entropy", "oob_mutual_information", "confident_learning_oob", "confident_learning_window",
    "confident_learning_folds",
}  # fmt: skip


def by_hand(**changes):
    """Two examples, two classes, two full runs; the first example's label is planted in the second run."""
    names = ["early_disagreement", "early_prob", "loss_last", "loss_mean", "margin_mean", "prob_mean"]
    full = {name: np.array([[0.2, 0.6], [9.0, 0.8]]) for name in names}
    full["prob_variance"] = np.array([[0.04, 0.09], [9, 0.25]])
    full["forgetting"], full["first_learned"] = np.array([[2.0, 0], [7, 3]]), np.array([[5, -1], [5, 0]])
    oob = np.array([[[0.9, 0.1], [0.6, 0.4]], [[0.7, 0.3], [0.5, 0.5]], [[0.2, 0.8], [1, 0]]])
    made = Evidence(
        np.array([0, 1]), 2, oob, 1, np.array([0.1, 0.2]), np.array([0.3, 0.4]), oob[0], full,
        np.array([[False, False], [True, False]]),
    )  # fmt: skip
    return made._replace(**changes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("early_disagreement", [0.2, 0.7]),
        ("early_probability", [0.8, 0.3]),
        ("loss_last", [0.2, 0.7]),
        ("loss_mean", [0.2, 0.7]),
        ("aum", [-0.2, -0.7]),
        ("cartography_confidence", [0.8, 0.3]),
        ("cartography_variability", [0.2, (0.3 + 0.5) / 2]),
        ("forgetting", [2, (3 + 3) / 2]),  # never learned in the first run: 2 + 1
        ("oob_self_confidence", [0.8, 1]),
        ("oob_margin", [0.6, 1]),
        ("oob_margin_window", [-0.4, 0]),
        ("oob_entropy", [0.1, 0.2]),
        ("oob_mutual_information", [0.3, 0.4]),
        # folds: thresholds 0.9 and 0.4; the margin of p - t, shifted and scaled by (0.9 - 0.9) + (0.9 - 0.4) + 1
        (
            "confident_learning_folds",
            [0.5 - ((0.9 - 0.9) - (0.1 - 0.4)) / 3, 0.5 - ((0.4 - 0.4) - (0.6 - 0.9)) / 3],
        ),
    ],
)
def test_by_hand(name, expected):
    """A planted label says nothing of the given one: the first example has its first run only."""
    np.testing.assert_allclose(SCORES[name](by_hand()), expected)


def test_every_score_is_there_and_finds_wrong_labels():
    made, wrong = evidence(np.random.default_rng(0))
    found = all_scores(made)
    assert set(found) == NAMES
    for name, values in found.items():
        assert values.shape == wrong.shape and np.isfinite(values).all()
        assert name in LABEL_FREE or roc_auc_score(wrong, values) > 0.8, name


def test_never_out_of_bag_is_neither_suspect_nor_trusted():
    made, _ = evidence(np.random.default_rng(0))
    for name in ("oob_self_confidence", "oob_margin_window", "confident_learning_oob"):
        values = all_scores(made)[name]
        assert np.isnan(SCORES[name](made)[0])
        assert values[0] == pytest.approx(np.median(values[1:]))


def test_a_diverged_full_run_is_left_out_and_all_of_them_give_nan():
    made, _ = evidence(np.random.default_rng(0), planted_share=0)
    lost = {
        name: np.array([values[0], values[1], np.full_like(values[2], np.nan)])
        for name, values in made.full.items()
    }
    two = {name: values[:2] for name, values in made.full.items()}
    for name in ("forgetting", "loss_mean", "loss_gmm", "cartography_variability"):
        expected = SCORES[name](made._replace(full=two, planted=made.planted[:2]))
        np.testing.assert_array_equal(SCORES[name](made._replace(full=lost)), expected)
    nothing = {name: np.full_like(values, np.nan) for name, values in made.full.items()}
    assert np.isnan(all_scores(made._replace(full=nothing))["loss_gmm"]).all()
    assert np.isnan(all_scores(made._replace(full=nothing))["aum"]).all()


def test_loss_gmm_is_a_posterior_of_the_larger_component():
    rng = np.random.default_rng(0)
    loss = np.concatenate([rng.normal(0.2, 0.05, 300), rng.normal(3, 0.3, 100)])
    made, _ = evidence(rng, planted_share=0)
    values = scores.loss_gmm(made._replace(full={"loss_mean": np.stack([loss] * 3)}))
    assert (values[:300] < 0.01).all() and (values[300:] > 0.99).all()


def test_confident_learning_without_missing_classes_is_cleanlab():
    made, _ = evidence(np.random.default_rng(0))
    expected = get_label_quality_scores(
        made.labels, made.folds, method="normalized_margin", adjust_pred_probs=True
    )
    np.testing.assert_allclose(scores.confident_learning(made.folds, made.labels), 1 - expected)


def test_confident_learning_leaves_out_classes_without_labels():
    """Two more classes with hardly any probability, one of them first in order, change nothing but rounding."""
    made, _ = evidence(np.random.default_rng(0))
    tiny = np.full((400, 1), 1e-9)
    wider = np.concatenate([tiny, made.folds, tiny], axis=1)
    few = scores.confident_learning(made.folds, made.labels)
    np.testing.assert_allclose(scores.confident_learning(wider, made.labels + 1), few, atol=1e-6)


def test_confident_learning_with_one_class_and_with_a_thousand():
    constant = scores.confident_learning(np.array([[0.9, 0.1], [np.nan, np.nan]]), np.array([0, 0]))
    np.testing.assert_array_equal(constant, [0.5, np.nan])
    rng = np.random.default_rng(0)
    truth = 100 * rng.integers(10, size=500)  # most classes have no label
    probs = 0.5 * rng.dirichlet(np.ones(1000), 500) + 0.5 * np.eye(1000)[truth]
    labels = np.where(np.arange(500) < 50, (truth + 100) % 1000, truth)
    values = scores.confident_learning(probs.astype(np.float32), labels)
    assert roc_auc_score(np.arange(500) < 50, values) > 0.8


def test_no_torch_is_imported():
    code = "import sys, labelnoise.detect.tables, labelnoise.detect.alternatives; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "labelnoise.detect.scores" in loaded
    assert not {"torch", "cleanlab"} & set(loaded)  # cleanlab is slow to import
