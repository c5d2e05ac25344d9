"""Detection metrics against scikit-learn with sample weights, and by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from labelnoise.detect import metrics


@pytest.fixture
def drawn():
    """60 examples with ties, and integer weights of 8 resamples, many of them 0."""
    rng = np.random.default_rng(0)
    wrong = rng.random(60) < 0.3
    suspicion = np.round(rng.random(60) + 0.4 * wrong, 1)
    return suspicion, wrong, rng.multinomial(60, np.full(60, 1 / 60), size=8).astype(float)


def plain(suspicion, wrong):
    return metrics.curve(np.ones((1, len(wrong))), metrics.ranked(np.asarray(suspicion, float), np.asarray(wrong)))


@pytest.mark.parametrize(
    ("metric", "expected"), [(metrics.auroc, roc_auc_score), (metrics.auprc, average_precision_score)]
)
def test_rankings_agree_with_scikit_learn(drawn, metric, expected):
    suspicion, wrong, weights = drawn
    values = metric(metrics.curve(weights, metrics.ranked(suspicion, wrong)))
    for value, weight in zip(values, weights, strict=True):
        assert value == pytest.approx(expected(wrong, suspicion, sample_weight=weight))


def every_metric(curve):
    found = {name: metric(curve) for name, metric in metrics.RANKING.items()}
    return found | metrics.at_the_top(curve)


def test_weights_are_repetitions(drawn):
    suspicion, wrong, weights = drawn
    weighted = every_metric(metrics.curve(weights, metrics.ranked(suspicion, wrong)))
    for row, weight in enumerate(weights.astype(int)):
        once = every_metric(plain(np.repeat(suspicion, weight), np.repeat(wrong, weight)))
        for name, values in weighted.items():
            assert values[row] == pytest.approx(once[name][0]), name


def test_top_without_ties_by_counting():
    rng = np.random.default_rng(0)
    suspicion, wrong = rng.random(200), rng.random(200) < 0.3
    found, order = every_metric(plain(suspicion, wrong)), np.argsort(-suspicion)
    for percent, count in {1: 2, 5: 10, 10: 20}.items():
        hits = wrong[order[:count]].sum()
        assert found[f"precision_{percent}"][0] == pytest.approx(hits / count)
        assert found[f"recall_{percent}"][0] == pytest.approx(hits / wrong.sum())
    assert found["precision_at_noise_rate"][0] == pytest.approx(wrong[order[: wrong.sum()]].mean())


def test_ties_count_by_share():
    """Ten examples, one wrong on top, then five tied of which two are wrong: three wrong labels in all."""
    curve = plain([9, 5, 5, 5, 5, 5, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert metrics.precision_at_noise_rate(curve)[0] == pytest.approx((1 + 2 * 2 / 5) / 3)
    assert metrics.precision_at(curve, 20)[0] == pytest.approx((1 + 2 / 5) / 2)
    assert metrics.recall_at(curve, 5)[0] == pytest.approx(0.5 / 3)  # half an example
    assert metrics.precision_at(curve, 100)[0] == pytest.approx(0.3)
    assert metrics.recall_at(curve, 100)[0] == pytest.approx(1)


def test_limits():
    """A perfect score, its opposite and a constant one."""
    wrong = np.arange(10) < 4
    for suspicion, expected in [(wrong, (1, 1, 1)), (np.zeros(10), (0.5, 0.4, 0.4))]:
        curve = plain(suspicion, wrong)
        assert tuple(metric(curve)[0] for metric in metrics.RANKING.values()) == pytest.approx(expected)
    assert metrics.auroc(plain(~wrong, wrong))[0] == 0


@pytest.mark.parametrize("wrong", [np.zeros(5, bool), np.ones(5, bool)])
def test_nothing_to_rank_is_nan(wrong):
    assert all(np.isnan(values).all() for values in every_metric(plain(np.arange(5), wrong)).values())


def test_one_resample_without_wrong_labels_leaves_the_others():
    items = metrics.ranked(np.array([3.0, 2, 1]), np.array([True, False, False]))
    found = every_metric(metrics.curve(np.array([[1.0, 1, 1], [0, 2, 1], [3, 0, 0]]), items))
    for values in found.values():
        assert np.isfinite(values[0]) and np.isnan(values[1:]).all()


def test_a_score_that_is_not_finite_is_nan():
    suspicion, wrong = np.array([0.5, np.nan, 0.2]), np.array([True, False, False])
    assert all(np.isnan(values).all() for values in every_metric(plain(suspicion, wrong)).values())
    assert np.isnan(metrics.ece(np.ones((1, 3)), metrics.gaps(suspicion, wrong, 15)))


def test_ece_by_hand():
    """P(wrong) .3 for ten labels of which four are wrong, and .9 for ten that all are: gaps .1 and .1."""
    probability, wrong = np.repeat([0.3, 0.9], 10), np.r_[np.arange(10) < 4, np.ones(10, bool)]
    gap = metrics.gaps(probability, wrong, 15)
    weights = np.ones((2, 20))
    weights[1, :10] = 3  # three times the first group
    np.testing.assert_allclose(metrics.ece(weights, gap), [0.1, 0.1])
    weights[1] = np.arange(20) < 4  # the four wrong ones only
    assert metrics.ece(weights, gap)[1] == pytest.approx(0.7)


def test_ece_is_defined_without_wrong_labels():
    gap = metrics.gaps(np.full(8, 0.02), np.zeros(8, bool), 15)
    assert metrics.ece(np.ones((1, 8)), gap)[0] == pytest.approx(0.02)
