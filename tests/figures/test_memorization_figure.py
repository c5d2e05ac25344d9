import numpy as np
import pandas as pd
import pytest
from synthetic_tables import METHODS

from labelnoise import words
from labelnoise.figures import memorization, style


def test_lines_are_means_over_seeds_and_bands_their_range(tables):
    fig = memorization.draw(tables["curves"], METHODS, "symmetric", 0.4)
    cell = tables["curves"].query("noise == 'symmetric' and noise_rate == 0.4")
    for axis, method in zip(fig.axes, METHODS):
        lines = {line.get_label(): line for line in axis.lines}
        wide = cell[cell["method"] == method].pivot(index="seed", columns="epoch", values="fitted_wrong")
        np.testing.assert_allclose(lines["wrong labels fitted"].get_ydata(), 100 * wide.to_numpy().mean(axis=0))
        wide = cell[cell["method"] == method].pivot(index="seed", columns="epoch", values="test_accuracy")
        band = axis.collections[0].get_paths()[0].vertices[:, 1]
        assert band.min() == pytest.approx(100 * wide.to_numpy().min())
        assert band.max() == pytest.approx(100 * wide.to_numpy().max())


def test_only_the_chosen_methods_are_shown(tables):
    fig = memorization.draw(tables["curves"], ["mae", "cross_entropy"], "symmetric", 0.4)
    assert [axis.get_title() for axis in fig.axes] == ["MAE", "cross entropy"]


def test_labels_say_what_the_band_is(tables):
    fig = memorization.draw(tables["curves"], METHODS, "symmetric", 0.4)
    assert fig.get_suptitle() == "symmetric 0.4: mean of 3 seeds, band from lowest to highest seed"
    one = style.mean_and_band(pd.DataFrame({"seed": [7, 7]}))
    assert one == style.seeds(pd.DataFrame({"seed": [7]})) == "1 seed"
    assert [axis.get_title() for axis in fig.axes] == [words.name(m) for m in METHODS]
    assert fig.axes[0].get_ylabel() == "share of examples [%]" and fig.axes[-1].get_xlabel() == "epoch"
    assert len({line.get_linestyle() for line in fig.axes[0].lines}) == 4  # not told apart by colour alone


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_legend_fits_into_the_figure(tables, count):
    curves = tables["curves"][tables["curves"]["method"].isin(METHODS[:count])]
    fig = memorization.draw(curves, METHODS, "symmetric", 0.4)
    fig.draw_without_rendering()
    box = fig.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.x1 <= fig.bbox.x1


def test_without_noise_there_are_no_wrong_labels_to_draw(tables):
    axis = memorization.draw(tables["curves"], METHODS, "none", 0.0).axes[0]
    assert [len(line.get_xdata()) for line in axis.lines] == [8, 8, 0, 0]


def test_unknown_cell(tables):
    with pytest.raises(ValueError, match=r"no rows for symmetric 0\.5"):
        memorization.draw(tables["curves"], METHODS, "symmetric", 0.5)
