"""Rows fit the schema; intervals are those over seeds, differences are paired; reliability pools seeds."""

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_1samp
from sklearn.metrics import average_precision_score, roc_auc_score

from labelnoise import results
from labelnoise.detect import tables
from labelnoise.detect.tables import Scored, with_truth

CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.3, "realised_rate": 0.29}
RUN = {**CELL, "seed": 0}
RANKINGS = ["auroc", "auprc", "precision_at_noise_rate", "precision_1", "precision_5", "precision_10", "recall_1",
            "recall_5", "recall_10"]  # fmt: skip


def run(rng, n=300, rate=0.3):
    """A good probability, a worse score, and the good one again under another name."""
    wrong = rng.random(n) < rate
    good = np.clip(rng.normal(0.2 + 0.6 * wrong, 0.2), 0, 1)
    return Scored({"noise_model": good, "aum": rng.random(n) + 0.3 * wrong, "planted": good.copy()}, wrong)


@pytest.fixture
def seeds():
    rng = np.random.default_rng(0)
    return [run(rng, n) for n in (300, 280, 320)]


def intervals(runs, **changes):
    frame = tables.marked(tables.interval_rows(CELL, runs, 0.95, 15, **changes), 0.95, **changes)
    return results.check("detection_intervals", frame).set_index(["score", "metric"])


def test_unknown_truth_is_left_out():
    found = with_truth({"aum": np.arange(4.0)}, np.array([0, 1, 1, 0]), np.array([0, 0, -1, -1]))
    np.testing.assert_array_equal(found.wrong, [False, True])
    np.testing.assert_array_equal(found.scores["aum"], [0, 1])


def test_detection_rows_agree_with_scikit_learn(seeds):
    frame = results.check("detection", tables.detection_rows(RUN, seeds[0], 15)).set_index("score")
    for score, values in seeds[0].scores.items():
        assert frame.loc[score, "auroc"] == pytest.approx(roc_auc_score(seeds[0].wrong, values))
        assert frame.loc[score, "auprc"] == pytest.approx(average_precision_score(seeds[0].wrong, values))
    assert np.isnan(frame.loc["aum", "ece"])  # states no probability
    values, wrong = seeds[0].scores["noise_model"], seeds[0].wrong
    bin_ = np.ceil(values * 15).clip(1)  # (low, high]
    gaps = [abs((wrong - values)[bin_ == b].sum()) for b in range(1, 16)]
    assert frame.loc["noise_model", "ece"] == pytest.approx(sum(gaps) / len(wrong))


def test_without_wrong_labels_there_is_an_ece_but_no_ranking(seeds):
    clean = seeds[0]._replace(wrong=np.zeros(300, bool))
    frame = tables.detection_rows(RUN, clean, 15).set_index("score")
    assert frame[RANKINGS].isna().all(axis=None)
    assert frame.loc["noise_model", "ece"] == pytest.approx(clean.scores["noise_model"].mean())


def test_without_truth_there_are_no_rows():
    unknown = with_truth({"noise_model": np.zeros(5)}, np.zeros(5, int), np.full(5, -1))
    assert len(results.check("detection", tables.detection_rows(RUN, unknown, 15))) == 0
    assert len(intervals([unknown, unknown])) == 0
    assert len(results.check("detection_reliability", tables.reliability_rows(CELL, [unknown], 15, 0.95))) == 0


def test_interval_rows(seeds):
    frame = intervals(seeds)
    assert set(frame.index) == {
        *((score, metric) for score in ("noise_model", "planted") for metric in ("auroc", "auprc",
          "precision_at_noise_rate", "ece")),
        *(("aum", metric) for metric in ("auroc", "auprc", "precision_at_noise_rate")),
    }  # fmt: skip
    values = np.array([roc_auc_score(seed.wrong, seed.scores["aum"]) for seed in seeds])
    row = frame.loc[("aum", "auroc")]
    assert row["mean"] == pytest.approx(values.mean()) and row["n_seeds"] == 3
    np.testing.assert_allclose([row["low"], row["high"]], ttest_1samp(values, 0).confidence_interval(0.95))
    other = np.array([roc_auc_score(seed.wrong, seed.scores["noise_model"]) for seed in seeds])
    assert row["diff"] == pytest.approx((other - values).mean()) and row["pair_seeds"] == 3
    expected = ttest_1samp(other - values, 0)  # two rows are compared, and one is marked
    assert row["differs"] and expected.pvalue < 0.025 and row["diff_level"] == pytest.approx(1 - 0.05 / 2)
    np.testing.assert_allclose([row["diff_low"], row["diff_high"]], expected.confidence_interval(0.975))


def test_differences_are_paired_and_the_reference_is_no_rival(seeds):
    """The same scores under another name differ by nothing, in every seed."""
    frame = intervals(seeds)
    assert (frame.loc["planted", ["diff", "diff_low", "diff_high"]] == 0).all(axis=None)
    assert (frame.loc["noise_model", ["diff", "diff_low", "diff_high"]] == 0).all(axis=None)
    assert not frame.loc[["planted", "noise_model"], "differs"].any()
    assert intervals(seeds, reference="aum").loc[("noise_model", "auroc"), "diff"] < 0


def test_a_missing_reference_gives_nan(seeds):
    lacking = [seed._replace(scores={"aum": seed.scores["aum"]}) for seed in seeds]
    assert intervals(lacking)[["diff", "diff_low", "diff_high", "pair_seeds"]].isna().all(axis=None)


def test_one_seed_has_no_interval(seeds):
    row = intervals(seeds[:1]).loc[("aum", "auroc")]
    assert np.isfinite([row["mean"], row["diff"]]).all() and np.isnan([row["low"], row["diff_high"]]).all()
    assert not row["differs"]


def test_a_diverged_seed_is_left_out_of_its_score_alone(seeds):
    seeds[1].scores["aum"][:] = np.nan
    frame = intervals(seeds)
    assert frame.loc[("aum", "auroc"), "n_seeds"] == 2
    assert frame.loc[("noise_model", "auroc"), "n_seeds"] == 3
    assert np.isfinite(frame.loc[("aum", "auroc"), "diff"])


def test_reliability_pools_the_seeds(seeds):
    seeds[2].scores["planted"][0] = np.nan
    frame = results.check("detection_reliability", tables.reliability_rows(CELL, seeds, 10, 0.9))
    assert set(frame.score) == {"noise_model", "planted"}
    counts = frame.groupby("score")["count"].sum()
    assert counts["noise_model"] == 900 and counts["planted"] == 580
    values = np.concatenate([seed.scores["noise_model"] for seed in seeds])
    wrong = np.concatenate([seed.wrong for seed in seeds])
    part = (values > 0.3) & (values <= 0.4)
    row = frame[(frame.score == "noise_model") & (frame.bin == 3)].iloc[0]
    interval = binomtest(int(wrong[part].sum()), int(part.sum())).proportion_ci(0.9, method="wilson")
    expected = [part.sum(), values[part].mean(), wrong[part].mean(), interval.low, interval.high]
    np.testing.assert_allclose(list(row[["count", "stated", "share_wrong", "low", "high"]]), expected)
