import numpy as np
from synthetic_tables import METHODS, identifier

from labelnoise import words
from labelnoise.figures import differences


def test_differences_intervals_and_filled_markers(tables):
    axis = next(a for a in differences.draw(tables["intervals"], METHODS).axes if a.get_title() == "symmetric 0.4")
    rows = tables["intervals"].query(
        "metric == 'test_accuracy' and selection == 'last' and noise == 'symmetric' and noise_rate == 0.4"
    )
    drawn = [line for line in axis.lines if len(line.get_xdata()) == 1 and line.get_marker() in "os"]
    ends = {tuple(np.round(line.get_xdata(), 6)) for line in axis.lines if len(line.get_xdata()) == 2}
    assert len(drawn) == 2 * len(METHODS) - 1  # cross-entropy against itself is left out
    for row in rows.itertuples():
        if row.method == "cross_entropy" and row.baseline_selection == "last":
            continue
        point = min(drawn, key=lambda line, x=100 * row.diff: abs(line.get_xdata()[0] - x))
        assert np.isclose(point.get_xdata()[0], 100 * row.diff)
        assert (point.get_markerfacecolor() == "white") == (not row.differs)
        assert tuple(np.round([100 * row.diff_low, 100 * row.diff_high], 6)) in ends


def test_fewer_seeds_on_either_side_are_crosses(tables):
    label = "some seeds diverged"
    table = tables["intervals"].copy()
    cell = (table["noise"] == "pair_flip") & (table["selection"] == "last")
    legend = differences.draw(table, METHODS).legends[0]
    assert label not in [text.get_text() for text in legend.get_texts()]
    for method, expected in {"mae": 2, "cross_entropy": len(METHODS)}.items():  # as method: both baselines
        pairs = table["method"] == method
        if method == "cross_entropy":
            pairs |= table["baseline_selection"] == "last"
        hurt = table.assign(
            n_seeds=table["n_seeds"].mask(cell & (table["method"] == method), 1),
            pair_seeds=table["pair_seeds"].mask(cell & pairs, 1),
        )
        fig = differences.draw(hurt, METHODS)
        crosses = [ln for ax in fig.axes for ln in ax.lines if ln.get_marker() == "x" and len(ln.get_xdata())]
        assert len(crosses) == expected
        assert label in [text.get_text() for text in fig.legends[0].get_texts()]


def test_oracle_dashed_and_units(tables):
    fig = differences.draw(tables["intervals"], METHODS)
    axis = fig.axes[-1]
    assert axis.get_xlabel() == "difference [percentage points]"
    dashed = {
        words.ordered(METHODS)[round(float(line.get_ydata()[0]))]
        for line in axis.lines
        if line.get_linestyle() == "--" and len(line.get_xdata()) == 2
    }
    assert dashed == {"forward_oracle"}
    names = [identifier(label.get_text()) for label in fig.axes[0].get_yticklabels()]
    assert names == words.ordered(METHODS)
    assert fig.axes[0].yaxis_inverted()  # the first of them on top
    parted = [line.get_ydata()[0] for line in fig.axes[0].lines if list(line.get_xdata()) == [0, 1]]
    assert parted == [0.5, 2.5, 3.5, 4.5]  # between two families
