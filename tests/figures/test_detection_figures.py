"""Figures of detection and rechecking show the numbers of their tables."""

import numpy as np
import pandas as pd
import pytest
import synthetic_detection
from scipy import stats

from labelnoise.figures import (
    budget,
    cells,
    detection,
    gallery,
    noise_matrix,
    noise_rate,
    p_wrong_reliability,
    tiers,
)
from labelnoise.statistics import proportions

CELLS = [("none", 0.0), ("symmetric", 0.4), ("pair_flip", 0.3)]


def _wilson(hits, n, z=1.959964):
    """Wilson 1927, as in textbooks."""
    share = hits / n
    middle, half = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


@pytest.fixture(scope="module")
def made():
    return synthetic_detection.make(CELLS, seeds=3)


def test_the_overview_has_every_mean_and_marks_the_noise_model(made):
    axis = detection.overview(made["detection_intervals"]).axes[0]
    rows = made["detection_intervals"].query("metric == 'auprc'")
    assert len(axis.texts) == 2 * len(rows)  # a mean and an interval each; nothing to rank without noise
    assert axis.get_yticklabels()[0].get_text() == "noise model"
    assert axis.get_yticklabels()[0].get_fontweight() == "bold" and len(axis.patches) == 1
    own = rows.query("score == 'noise_model' and noise == 'symmetric'").iloc[0]
    assert f"{own['low']:.2f}–{own['high']:.2f}" in {text.get_text() for text in axis.texts}


def test_differences_are_hollow_where_they_are_not_marked(made):
    table = made["detection_intervals"].copy()
    hit = (table["score"] == "probe_margin") & (table["metric"] == "auprc") & (table["noise"] == "symmetric")
    table.loc[hit, "diff"], table.loc[hit, "differs"] = 0.01, False
    fig = detection.differences(table)
    axis = next(axis for axis in fig.axes if axis.get_title() == "symmetric 0.4")
    dots = [line for line in axis.lines if len(line.get_xdata()) == 1]
    hollow = [line.get_xdata()[0] for line in dots if line.get_markerfacecolor() == "white"]
    assert hollow == [0.01] and len(dots) == len(synthetic_detection.SCORES) - 1


def test_pooled_bins_are_weighted_by_their_counts():
    table = pd.DataFrame({
        "network": "mlp", "noise": ["a", "b"], "noise_rate": 0.1, "realised_rate": 0.1, "score": "planted",
        "bin": 3,
        "count": [30, 10], "stated": [0.2, 0.24], "share_wrong": [0.1, 0.5], "low": 0.0, "high": 1.0,
    })  # fmt: skip
    row = p_wrong_reliability.pooled(table).iloc[0]
    assert row["count"] == 40 and row["stated"] == pytest.approx(0.21) and row["share_wrong"] == pytest.approx(0.2)
    assert (row["low"], row["high"]) == pytest.approx(_wilson(8, 40))


@pytest.mark.parametrize("times", [1, 3])
def test_tiers_pool_labels_over_seeds(times):
    """Two seeds have a range, dotted; six an interval over seeds."""
    table = pd.DataFrame({
        "network": "mlp", "noise": "symmetric", "noise_rate": 0.2, "realised_rate": 0.2, "seed": range(2 * times),
        "tier": "obvious", "count": [90, 10] * times, "share_wrong": [1.0, 0.5] * times,
        "errors_found_share": [0.8, 0.4] * times, "stated": 0.98, "suggestion_right": [0.9, 1.0] * times,
    })  # fmt: skip
    row = tiers.pooled(table).iloc[0]
    assert row["share_wrong"] == pytest.approx(0.95) and row["errors_found_share"] == pytest.approx(0.6)
    found = proportions.share(np.array([90, 5] * times), np.array([90, 10] * times), 0.95)
    ends = (row["smallest"], row["largest"]) if times == 1 else (row["low"], row["high"])
    assert ends == pytest.approx((0.5, 1.0) if times == 1 else (found.low, found.high))
    bars = [line for line in tiers.draw(table).axes[0].lines if len(line.get_xdata()) == 2]
    drawn = next(line for line in bars if np.allclose(line.get_xdata(), 100 * np.array(ends)))
    assert drawn.get_linestyle() == (":" if times == 1 else "-")
    lines = [list(line.get_xdata()) for line in tiers.draw(table).axes[0].lines]
    assert [95, 95] in lines and [95.0] in [pytest.approx(line) for line in lines if len(line) == 1]


def test_the_rate_has_a_line_at_the_truth_where_it_is_known(made):
    fig = noise_rate.draw(made["noise_rate"])
    axis = next(axis for axis in fig.axes if axis.get_title() == "pair flip 0.3")
    assert [30.0, 30.0] in [list(line.get_xdata()) for line in axis.lines]
    blind = noise_rate.draw(made["noise_rate"].assign(realised_rate=np.nan))
    assert len(blind.legends[0].get_texts()) == 1 and len(fig.legends[0].get_texts()) == 2


def test_the_matrix_is_a_map_for_few_classes_and_dots_for_many(made):
    fig = noise_matrix.draw(made["noise_matrix"], "pair_flip", 0.3)
    assert [axis.get_title() for axis in fig.axes[:2]] == ["estimate and range [%]", "truth [%]"]
    assert fig.axes[1].images[0].get_array()[0, 1] == pytest.approx(30)
    long = ["a class with a long name, the first", "a class with a long name, another", "cost $x$ & $y$"]
    named = synthetic_detection.make([("symmetric", 0.4)], 1, classes=long)["noise_matrix"]
    labels = [label.get_text() for label in noise_matrix.draw(named, "symmetric", 0.4).axes[0].get_yticklabels()]
    assert labels == ["a class w… another", "a class w…he first", r"cost \$x\$ & \$y\$"]
    many = synthetic_detection.make([("symmetric", 0.4)], 1, classes=[str(c) for c in range(13)])["noise_matrix"]
    axis = noise_matrix.draw(many, "symmetric", 0.4).axes[0]
    off = many[many["clean"] != many["given"]].sort_values("estimate", ascending=False)
    first = axis.get_yticklabels()[0].get_text()
    assert (
        first == f"{off['clean'].iloc[0]} → {off['given'].iloc[0]}" and len(axis.get_yticks()) == noise_matrix.MOST
    )


def test_retrained_bars_are_t_intervals_over_seeds():
    part = pd.DataFrame({"rechecked_share": 0.1, "test_accuracy": [0.8, 0.9, 0.85], "seed": [0, 1, 2]})
    row = budget.t_intervals(part).iloc[0]
    low, high = stats.t.interval(0.95, 2, 0.85, stats.sem(part["test_accuracy"]))
    assert row["mean"] - row["half"] == pytest.approx(low) and row["mean"] + row["half"] == pytest.approx(high)


def test_budget_lines_are_means_over_seeds(made):
    axis = next(axis for axis in budget.draw(made["budget"]).axes if axis.get_title() == "symmetric 0.4")
    rows = made["budget"].query("noise == 'symmetric' and order == 'noise_model' and rechecker_error == 0")
    mean = 100 * rows.groupby("rechecked_share")["errors_found_share"].mean()
    assert any(len(line.get_ydata()) == len(mean) and np.allclose(line.get_ydata(), mean) for line in axis.lines)
    panels = budget.rechecker(made["budget"], "symmetric", 0.4).axes
    assert [axis.get_title() for axis in panels] == [f"rechecker wrong in {e}%" for e in (0, 5, 10)]


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32)])
def test_the_gallery_frames_wrong_suggestions_where_the_truth_is_known(shape):
    shown = pd.DataFrame({
        "place": [0, 1, 2, 3], "given": ["a", "b", "c", "very " * 20], "suggested": ["b", "c", "a", "b"],
        "p_wrong": [0.99996, 0.9, 0.8, 0.7], "truth": ["b", "b", "b", ""],
    })  # fmt: skip
    axes = gallery.draw(shown, np.full((4, *shape), 200, np.uint8)).axes
    assert [axis.spines["left"].get_visible() for axis in axes[:4]] == [False, True, True, False]
    texts = [axis.get_xlabel() for axis in axes[:4]]
    assert texts[0] == "a → b\nP(wrong) >99.9%"
    assert "✗ label is right" in texts[1] and "✗ it is b" in texts[2] and "✗" not in texts[3]
    assert max(len(line) for line in texts[3].splitlines()) <= gallery.WIDTH


def test_the_gallery_of_labels_without_a_suggestion():
    shown = pd.DataFrame({
        "place": [0, 1], "given": ["a", "b"], "suggested": ["", ""], "p_wrong": [0.3, 0.2], "truth": ["", "c"],
    })  # fmt: skip
    axes = gallery.draw(shown, np.full((2, 1, 8, 8), 200, np.uint8)).axes
    assert [axis.get_xlabel() for axis in axes[:2]] == ["a\nP(wrong) 30.0%", "b\nP(wrong) 20.0%\n✗ it is c"]


def test_the_cell_that_is_dwelt_on():
    table = pd.DataFrame({"noise": ["none", "symmetric", "pair_flip"], "noise_rate": [0.0, 0.4, 0.3]})
    assert cells.chosen(table, "pair_flip", 0.3) == ("pair_flip", 0.3)
    assert cells.chosen(table, "asymmetric", 0.3) == ("symmetric", 0.4)
    own = pd.DataFrame({"noise": ["rechecked", "given"], "noise_rate": [0.0, 0.0]})
    assert cells.chosen(own, "symmetric", 0.4) == ("given", 0.0)
    with pytest.raises(ValueError, match="no rows"):
        cells.chosen(table[:0], "symmetric", 0.4)
