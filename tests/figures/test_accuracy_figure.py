import numpy as np
import pytest
import synthetic_tables
from matplotlib.container import ErrorbarContainer
from synthetic_tables import METHODS

from labelnoise.figures import accuracy


def _bars(axis):
    return {c.get_label(): c for c in axis.containers if isinstance(c, ErrorbarContainer)}


def test_plotted_numbers_are_the_tables(tables):
    """Both rows, all panels: means and both ends of every interval, read from the artists."""
    table = tables["intervals"].query("metric == 'test_accuracy' and baseline_selection == 'last'")
    axes = accuracy.draw(tables["intervals"], METHODS).axes
    titles = ["none", "symmetric", "asymmetric", "instance_dependent", "pair_flip"]
    assert len(axes) == 10
    for place, axis in enumerate(axes):
        selection, noise = ["last", "best_noisy_val"][place // 5], titles[place % 5]
        for method in METHODS:
            rows = table[
                (table["noise"] == noise) & (table["method"] == method) & (table["selection"] == selection)
            ]
            rows = rows.sort_values("noise_rate")
            line, _, (bars,) = _bars(axis)[method.replace("_", " ")]
            ends = np.array([[low[1], high[1]] for low, high in bars.get_segments()])
            np.testing.assert_allclose(np.asarray(line.get_ydata(), float), 100 * rows["mean"])
            np.testing.assert_allclose(ends, 100 * rows[["low", "high"]])
            np.testing.assert_allclose(
                np.asarray(line.get_xdata(), float), rows["noise_rate"], atol=0.099
            )  # moved sideways


def test_labels_units_and_legend(tables):
    fig = accuracy.draw(tables["intervals"], METHODS)
    assert [fig.axes[0].get_ylabel(), fig.axes[5].get_ylabel()] == [
        "test accuracy [%]\nlast epoch",
        "test accuracy [%]\nearly stopping",
    ]
    assert all(axis.get_xlabel() == "noise rate" for axis in fig.axes[5:])
    assert [axis.get_title() for axis in fig.axes[:2]] == ["no noise", "symmetric"]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == [m.replace("_", " ") for m in METHODS]


def test_oracles_are_dashed_and_nothing_else(tables):
    for axis in accuracy.draw(tables["intervals"], METHODS).axes:
        dashed = {name for name, bar in _bars(axis).items() if bar[0].get_linestyle() == "--"}
        assert dashed == {"forward oracle"}


def test_selection_puts_the_other_one_below(tables):
    fig = accuracy.draw(tables["intervals"], METHODS, selection="best_noisy_val")
    assert "early stopping" in fig.axes[0].get_ylabel() and "last epoch" in fig.axes[5].get_ylabel()
    with pytest.raises(ValueError, match="allowed: last, best_noisy_val"):
        accuracy.draw(tables["intervals"], METHODS, selection="best_test")


def test_means_of_fewer_seeds_are_crossed_out(tables):
    label = "some seeds diverged"
    table = tables["intervals"].copy()
    assert label not in [t.get_text() for t in accuracy.draw(table, METHODS).legends[0].get_texts()]
    hit = (table["method"] == "mae") & (table["noise_rate"] == 0.6) & (table["selection"] == "last")
    table.loc[hit, "n_seeds"] = 1
    fig = accuracy.draw(table, METHODS)
    crosses = [line for axis in fig.axes for line in axis.lines if line.get_marker() == "x"]
    expected = 100 * table.loc[hit & (table["metric"] == "test_accuracy"), "mean"].iloc[0]
    assert [list(line.get_ydata()) for line in crosses] == [[pytest.approx(expected)]]
    assert [text.get_text() for text in fig.legends[0].get_texts()][-1] == label


def test_a_row_of_panels_per_network():
    tables = synthetic_tables.make(
        methods=METHODS[:2],
        cells=[("none", 0.0), ("symmetric", 0.4)],
        seeds=2,
        epochs=3,
        networks=("mlp", "small_cnn"),
    )
    axes = accuracy.draw(tables["intervals"], METHODS).axes
    assert [axis.get_ylabel().split("\n")[0] for axis in axes][::2] == ["mlp", "mlp", "small cnn", "small cnn"]
