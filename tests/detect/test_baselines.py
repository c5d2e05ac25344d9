"""Scores beside the noise model: by hand, against cleanlab, and what they may not depend on."""

import subprocess
import sys

import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores
from made_features import clouds, encoded, symmetric
from sklearn.metrics import roc_auc_score

from labelnoise.detect import baselines, detector


def test_margin_by_hand():
    probs, labels = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2]]), np.array([1, 0])
    np.testing.assert_allclose(baselines.margin(probs, labels), [0.5, -0.2])
    assert probs[0, 1] == 0.2  # left as it was


def test_confident_learning_by_hand_and_by_cleanlab():
    """Thresholds .9 and .4; the margin of p - t, shifted and scaled by (.9 - .4) + 1 and its double."""
    probs = np.array([[0.9, 0.1], [0.6, 0.4]])
    expected = [0.5 - ((0.9 - 0.9) - (0.1 - 0.4)) / 3, 0.5 - ((0.4 - 0.4) - (0.6 - 0.9)) / 3]
    np.testing.assert_allclose(baselines.confident_learning(probs, np.array([0, 1])), expected)
    rng = np.random.default_rng(0)
    probs, labels = rng.dirichlet(np.ones(4), 100), rng.integers(4, size=100)
    quality = get_label_quality_scores(labels, probs, method="normalized_margin", adjust_pred_probs=True)
    np.testing.assert_allclose(baselines.confident_learning(probs, labels), 1 - quality)


def test_class_only_by_hand():
    """Classes 0, 1 with prior .6, .4; 10% of 0 become 1, 30% of 1 become 0. No one gets or has class 2."""
    transition = np.array([[0.9, 0.1, 0], [0.3, 0.7, 0], [0, 0, 1]])
    values = baselines.class_only(transition, np.array([0.6, 0.4, 0]), np.array([0, 1, 1, 2]))
    np.testing.assert_allclose(values, [0.12 / 0.66, 0.06 / 0.34, 0.06 / 0.34, 1])


def test_class_only_is_the_share_of_wrong_labels_of_the_class():
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=5000)
    labels = np.where(rng.random(5000) < 0.2 * (truth + 1) / 2, rng.integers(3, size=5000), truth)
    counts = np.array([[(labels[truth == i] == j).sum() for j in range(3)] for i in range(3)])
    values = baselines.class_only(counts / counts.sum(1, keepdims=True), counts.sum(1) / 5000, labels)
    for given in range(3):
        assert values[labels == given] == pytest.approx((truth != labels)[labels == given].mean())


def doubtful():
    """Predictions of which half are unclear; labels err where they are."""
    rng = np.random.default_rng(0)
    truth, unclear = rng.integers(3, size=600), np.arange(600) % 2 == 0
    sharp = np.where(unclear, 0.4, 0.9)[:, None]
    q = sharp * np.eye(3)[truth] + (1 - sharp) * rng.dirichlet(np.full(3, 5), 600)
    return q, symmetric(truth, np.where(unclear, 0.5, 0.05), 3), unclear


def test_sample_only_is_the_error_rate_of_images_like_it():
    q, labels, unclear = doubtful()
    rate, wrong = baselines.sample_only(q, labels), q.argmax(1) != labels
    for part in (unclear, ~unclear):
        assert rate[part].mean() == pytest.approx(wrong[part].mean(), abs=0.03)
    assert rate[unclear].min() > rate[~unclear].max()


def test_the_own_label_has_no_part_in_sample_only():
    q, labels, _ = doubtful()
    changed = labels.copy()
    changed[5] = (labels[5] + 1) % 3
    before, after = baselines.sample_only(q, labels), baselines.sample_only(q, changed)
    assert after[5] == before[5] and (after != before).any()


def test_sample_only_of_too_few_errors_is_one_rate():
    q, _, _ = doubtful()
    labels = q.argmax(1)
    labels[:2] = (labels[:2] + 1) % 3
    np.testing.assert_allclose(baselines.sample_only(q, labels), 2 / 600)


def test_scores_are_of_the_likeliest_predictor_of_each_kind():
    values, truth = clouds(200)
    labels = symmetric(truth, 0.2)
    own = detector.plain(labels, 4)
    found = detector.detect(detector.prepare(encoded(values)), own, 0.003)
    scores = baselines.scores(found, own)
    kinds = ("ridge", "probe", "neighbours")
    names = {f"{kind}_{of}" for kind in kinds for of in ("self_confidence", "margin")}
    assert set(scores) == names | {"confident_learning", "sample_only", "class_only"}
    likeliest = max(range(4), key=lambda at: found.likelihoods[at])  # the first four are ridge regressions
    expected = [1 - found.predictions[likeliest].probs[at, label] for at, label in enumerate(labels)]
    np.testing.assert_allclose(scores["ridge_self_confidence"], expected)
    for name in names | {"confident_learning"}:
        assert roc_auc_score(labels != truth, scores[name]) > 0.9, name


def test_neither_torch_nor_cleanlab_is_imported():
    """Detection trains no network, and cleanlab is slow to import."""
    modules = ", ".join(f"labelnoise.detect.{name}" for name in ("tables", "gate", "baselines"))
    code = f"import sys, {modules}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "labelnoise.detect.pool" in run.stdout.split()
    assert not {"torch", "cleanlab"} & set(run.stdout.split())
