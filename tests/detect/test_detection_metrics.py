"""Detection metrics against scikit-learn, and by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from labelnoise.detect import metrics


def curve(suspicion, wrong):
    return metrics.curve(np.asarray(suspicion, float), np.asarray(wrong))


@pytest.mark.parametrize(
    ("metric", "expected"), [(metrics.auroc, roc_auc_score), (metrics.auprc, average_precision_score)]
)
@pytest.mark.parametrize("seed", range(8))
def test_rankings_agree_with_scikit_learn(seed, metric, expected):
    """60 examples with ties."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(60) < 0.3
    suspicion = np.round(rng.random(60) + 0.4 * wrong, 1)
    assert metric(curve(suspicion, wrong)) == pytest.approx(expected(wrong, suspicion))


def every_metric(curve):
    found = {name: metric(curve) for name, metric in metrics.RANKING.items()}
    return found | metrics.at_the_top(curve)


def test_top_without_ties_by_counting():
    rng = np.random.default_rng(0)
    suspicion, wrong = rng.random(200), rng.random(200) < 0.3
    found, order = every_metric(curve(suspicion, wrong)), np.argsort(-suspicion)
    for percent, count in {1: 2, 5: 10, 10: 20}.items():
        hits = wrong[order[:count]].sum()
        assert found[f"precision_{percent}"] == pytest.approx(hits / count)
        assert found[f"recall_{percent}"] == pytest.approx(hits / wrong.sum())
    assert found["precision_at_noise_rate"] == pytest.approx(wrong[order[: wrong.sum()]].mean())


def test_ties_count_by_share():
    """Ten examples, one wrong on top, then five tied of which two are wrong: three wrong labels in all."""
    made = curve([9, 5, 5, 5, 5, 5, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert metrics.precision_at_noise_rate(made) == pytest.approx((1 + 2 * 2 / 5) / 3)
    assert metrics.precision_at(made, 20) == pytest.approx((1 + 2 / 5) / 2)
    assert metrics.recall_at(made, 5) == pytest.approx(0.5 / 3)  # half an example
    assert metrics.precision_at(made, 100) == pytest.approx(0.3)
    assert metrics.recall_at(made, 100) == pytest.approx(1)


def test_limits():
    """A perfect score, its opposite and a constant one."""
    wrong = np.arange(10) < 4
    for suspicion, expected in [(wrong, (1, 1, 1)), (np.zeros(10), (0.5, 0.4, 0.4))]:
        made = curve(suspicion, wrong)
        assert tuple(metric(made) for metric in metrics.RANKING.values()) == pytest.approx(expected)
    assert metrics.auroc(curve(~wrong, wrong)) == 0


@pytest.mark.parametrize("wrong", [np.zeros(5, bool), np.ones(5, bool)])
def test_nothing_to_rank_is_nan(wrong):
    assert np.isnan(list(every_metric(curve(np.arange(5), wrong)).values())).all()


def test_a_score_that_is_not_finite_is_nan():
    suspicion, wrong = np.array([0.5, np.nan, 0.2]), np.array([True, False, False])
    assert np.isnan(list(every_metric(curve(suspicion, wrong)).values())).all()
    assert np.isnan(metrics.ece(suspicion, wrong, 15))


def test_ece_by_hand():
    """P(wrong) .3 for ten labels of which four are wrong, and .9 for ten that all are: gaps .1 and .1."""
    probability, wrong = np.repeat([0.3, 0.9], 10), np.r_[np.arange(10) < 4, np.ones(10, bool)]
    assert metrics.ece(probability, wrong, 15) == pytest.approx(0.1)
    assert metrics.ece(probability[:4], wrong[:4], 15) == pytest.approx(0.7)  # the four wrong ones alone
    both = np.r_[probability[:5], probability[10:]]  # four of five wrong, and all of ten
    assert metrics.ece(both, np.r_[wrong[:5], wrong[10:]], 15) == pytest.approx((5 * 0.5 + 10 * 0.1) / 15)


def test_ece_is_defined_without_wrong_labels():
    assert metrics.ece(np.full(8, 0.02), np.zeros(8, bool), 15) == pytest.approx(0.02)
