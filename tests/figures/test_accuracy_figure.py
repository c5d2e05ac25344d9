import numpy as np
import pytest
import synthetic_tables
from matplotlib.container import ErrorbarContainer
from synthetic_tables import METHODS

from labelnoise import words
from labelnoise.figures import accuracy

NOISES = ["none", "symmetric", "asymmetric", "instance_dependent", "pair_flip"]
# a row of panels per family of METHODS that has more than cross-entropy
ROWS = [["forward_estimated", "forward_oracle"], ["noise_layer"], ["mae"], ["joint_optimization"]]
GRAY = ["cross entropy, last epoch", "cross entropy, early stopping"]


def _bars(axis):
    return {c.get_label(): c for c in axis.containers if isinstance(c, ErrorbarContainer)}


@pytest.mark.parametrize("selection", ["last", "best_noisy_val"])
def test_plotted_numbers_are_the_tables(tables, selection):
    """All panels: means and both ends of every interval, read from the artists; families apart."""
    table = tables["intervals"].query("metric == 'test_accuracy' and baseline_selection == 'last'")
    axes = accuracy.draw(tables["intervals"], METHODS, selection).axes
    assert len(axes) == 5 * len(ROWS)
    for place, axis in enumerate(axes):
        bars, noise = _bars(axis), NOISES[place % 5]
        drawn = {words.name(m): (m, selection) for m in ROWS[place // 5]}
        drawn |= {label: ("cross_entropy", s) for label, s in zip(GRAY, ["last", "best_noisy_val"])}
        assert set(bars) == set(drawn)
        for label, (method, chosen) in drawn.items():
            rows = table[(table["noise"] == noise) & (table["method"] == method) & (table["selection"] == chosen)]
            rows = rows.sort_values("noise_rate")
            line, _, (ends,) = bars[label]
            found = np.array([[low[1], high[1]] for low, high in ends.get_segments()])
            np.testing.assert_allclose(np.asarray(line.get_ydata(), float), 100 * rows["mean"])
            np.testing.assert_allclose(found, 100 * rows[["low", "high"]])
            shift = np.asarray(line.get_xdata(), float) - rows["noise_rate"]
            assert (abs(shift) < 0.099).all()  # moved sideways, and nearer to its own rate than to the next


def test_labels_units_and_legends(tables):
    fig = accuracy.draw(tables["intervals"], METHODS)
    assert {axis.get_ylabel() for axis in fig.axes[::5]} == {"test accuracy [%]\nlast epoch"}
    assert all(axis.get_xlabel() == "noise rate" for axis in fig.axes[-5:])
    assert [axis.get_title() for axis in fig.axes[:2]] == ["no noise", "symmetric"]
    legends = [axis.get_legend() for axis in fig.axes[4::5]]
    assert [legend.get_title().get_text() for legend in legends] == [
        "Transition matrix",
        "Noise layers",
        "Robust losses",
        "Changed labels",
    ]
    for legend, row in zip(legends, ROWS):
        assert [t.get_text() for t in legend.get_texts()] == [*GRAY, *(words.name(m) for m in row)]


def test_oracles_are_dashed_and_nothing_else(tables):
    for place, axis in enumerate(accuracy.draw(tables["intervals"], METHODS).axes):
        dashed = {name for name, bar in _bars(axis).items() if bar[0].get_linestyle() == "--"}
        assert dashed == ({"forward oracle"} if place < 5 else set())


def test_a_leaky_selection_is_refused(tables):
    with pytest.raises(ValueError, match="allowed: last, best_noisy_val"):
        accuracy.draw(tables["intervals"], METHODS, selection="best_test")


def test_means_of_fewer_seeds_are_crossed_out(tables):
    label = "some seeds diverged"
    table = tables["intervals"].copy()

    def legends(fig):
        return [[t.get_text() for t in axis.get_legend().get_texts()] for axis in fig.axes[4::5]]

    assert not any(label in texts for texts in legends(accuracy.draw(table, METHODS)))
    hit = (table["method"] == "mae") & (table["noise_rate"] == 0.6) & (table["selection"] == "last")
    table.loc[hit, "n_seeds"] = 1
    fig = accuracy.draw(table, METHODS)
    crosses = [line for axis in fig.axes for line in axis.lines if line.get_marker() == "x"]
    expected = 100 * table.loc[hit & (table["metric"] == "test_accuracy"), "mean"].iloc[0]
    assert [list(line.get_ydata()) for line in crosses] == [[pytest.approx(expected)]]
    assert [texts[-1] == label for texts in legends(fig)] == [False, False, True, False]  # the family of mae


def test_a_row_of_panels_per_network():
    tables = synthetic_tables.make(
        methods=METHODS[:2], cells=[("none", 0.0), ("symmetric", 0.4)], seeds=2, epochs=3,
        networks=("mlp", "small_cnn"),
    )  # fmt: skip
    axes = accuracy.draw(tables["intervals"], METHODS).axes
    titles = [axis.get_legend().get_title().get_text() for axis in axes[1::2]]
    assert titles == ["mlp\nRobust losses", "small cnn\nRobust losses"]


def test_cross_entropy_alone_is_drawn_too():
    tables = synthetic_tables.make(methods=METHODS[:1], cells=[("symmetric", 0.4)], seeds=2, epochs=3)
    (axis,) = accuracy.draw(tables["intervals"], METHODS[:1]).axes
    assert list(_bars(axis)) == GRAY
