import numpy as np
from matplotlib.container import BarContainer, ErrorbarContainer
from synthetic_tables import METHODS

from labelnoise.figures import calibration


def test_scores_are_the_tables_with_their_units(tables):
    units = {"ece": ("ECE [%]", 100), "nll": ("NLL [nats]", 1), "brier": ("Brier score [0 to 2]", 1)}
    for metric, (label, scale) in units.items():
        fig = calibration.draw(tables["intervals"], METHODS, metric)
        assert fig.axes[0].get_ylabel() == label
        rows = tables["intervals"].query(
            "noise == 'symmetric' and method == 'mae' and selection == 'last' and baseline_selection == 'last'"
        )
        rows = rows[rows["metric"] == metric]
        bar = next(c for c in fig.axes[11].containers if c.get_label() == "MAE")
        np.testing.assert_allclose(
            np.asarray(bar[0].get_ydata(), float), scale * rows.sort_values("noise_rate")["mean"]
        )


def test_reliability_shows_filled_bins_with_their_intervals_and_counts(tables):
    fig = calibration.reliability(tables["reliability"], METHODS, "symmetric", 0.4)
    rows = tables["reliability"].query(
        "noise == 'symmetric' and noise_rate == 0.4 and selection == 'last' and method == 'mae' and count > 0"
    )
    axis = next(axis for axis in fig.axes if axis.get_title() == "MAE")
    (bar,) = [c for c in axis.containers if isinstance(c, ErrorbarContainer)]
    np.testing.assert_allclose(np.asarray(bar[0].get_xdata(), float), 100 * rows["confidence"])
    np.testing.assert_allclose(np.asarray(bar[0].get_ydata(), float), 100 * rows["accuracy"])
    ends = [[low[1], high[1]] for low, high in bar[2][0].get_segments()]
    np.testing.assert_allclose(ends, 100 * rows[["low", "high"]], atol=1e-9)
    (shares,) = [c for c in axis.containers if isinstance(c, BarContainer)]
    np.testing.assert_allclose([p.get_height() for p in shares], 100 * rows["count"] / rows["count"].sum())
