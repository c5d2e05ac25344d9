import numpy as np
import synthetic_tables
from synthetic_tables import METHODS, identifier

from labelnoise import words
from labelnoise.figures import unknown


def _marks(axis, marker):
    """y -> (x, face) of the points with a marker."""
    points = [line for line in axis.lines if line.get_marker() == marker and len(line.get_xdata()) == 1]
    return {line.get_ydata()[0]: (line.get_xdata()[0], line.get_markerfacecolor()) for line in points}


def test_every_method_has_its_mean_interval_worst_cell_and_fill(tables):
    for axis, selection in zip(unknown.draw(tables["unknown"]).axes, words.HONEST, strict=True):
        assert axis.get_title() == words.SELECTIONS[selection]
        rows = tables["unknown"].query("selection == @selection").set_index("method")
        labels = [identifier(label.get_text()) for label in axis.get_yticklabels()]
        assert sorted(labels) == sorted(METHODS)
        dots, worst = _marks(axis, "o"), _marks(axis, "x")
        bars = {
            ln.get_ydata()[0]: ln for ln in axis.lines if len(ln.get_xdata()) == 2 and ln.get_ydata()[0] % 1 == 0
        }
        for place, method in enumerate(labels):
            row = rows.loc[method]
            assert np.isclose(dots[place][0], 100 * row["diff"]) and (dots[place][1] != "white") == row["tied"]
            assert np.isclose(worst[place][0], 100 * row["worst_diff"])
            np.testing.assert_allclose(bars[place].get_xdata(), [100 * row["diff_low"], 100 * row["diff_high"]])
            assert bars[place].get_linestyle() == ("--" if row["oracle"] else "-")
        assert sum(face != "white" for _, face in dots.values()) == 1


def test_the_highest_mean_is_on_top_and_oracles_are_below_a_line(tables):
    axis = unknown.draw(tables["unknown"]).axes[0]
    means = [x for _, (x, _) in sorted(_marks(axis, "o").items())]
    assert means[:-1] == sorted(means[:-1], reverse=True) and axis.yaxis_inverted()
    assert axis.get_yticklabels()[-1].get_text() == "forward oracle"
    assert [line.get_ydata()[0] for line in axis.lines if list(line.get_xdata()) == [0, 1]] == [len(METHODS) - 1.5]
    assert axis.get_xlabel() == "difference [percentage points]"


def test_networks_are_panels_of_their_own_and_what_is_missing_is_not_drawn():
    table = synthetic_tables.make(methods=METHODS[:3], seeds=2, epochs=3, networks=("mlp", "small_cnn"))["unknown"]
    lost = table["method"] == "mae"
    table.loc[lost, ["diff", "diff_low", "diff_high", "worst_diff"]] = np.nan
    fig = unknown.draw(table)
    assert [axis.get_title() for axis in fig.axes] == [
        f"{name}: {words.SELECTIONS[selection]}" for name in ("mlp", "small cnn") for selection in words.HONEST
    ]
    labels = [label.get_text() for label in fig.axes[0].get_yticklabels()]
    assert labels == ["cross entropy", "MAE", "forward oracle"]  # what has no mean after what has one
