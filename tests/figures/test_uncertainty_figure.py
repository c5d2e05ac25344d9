import numpy as np

from labelnoise.figures import style, uncertainty


def _axis(tables, statistic):
    fig = uncertainty.draw(tables["uncertainty"], tables["alternatives"])
    return next(axis for axis in fig.axes if axis.get_ylabel().startswith(statistic))


def test_medians_and_places_of_the_boxes(tables):
    axis = _axis(tables, "entropy")
    medians = {round(float(np.mean(line.get_xdata())), 2): line.get_ydata()[0] for line in axis.lines[4::5]}
    q50 = tables["uncertainty"].query("statistic == 'oob_entropy' and noise == 'symmetric' and noise_rate == 0.2")
    mean = q50.groupby("labels")["q50"].mean()
    assert np.isclose(medians[0.8], mean["right"]) and np.isclose(medians[1.2], mean["wrong"])
    assert -0.2 in medians and 0.2 not in medians  # no noise: no box for wrong labels


def test_auroc_is_the_mean_over_seeds(tables):
    texts = [text.get_text() for text in _axis(tables, "mutual information").texts]
    auroc = tables["alternatives"].query("score == 'oob_mutual_information' and noise == 'symmetric'")
    expected = auroc.groupby("noise_rate")["auroc"].mean()
    assert [t for t in texts if t in {f"AUROC {v:.2f}" for v in expected}] and len(texts) == 8


def test_units_and_hatching(tables):
    fig = uncertainty.draw(tables["uncertainty"])
    labels = [axis.get_ylabel() for axis in fig.axes]
    assert labels == ["entropy [nats]", "mutual information [nats]", "self confidence"]
    assert {patch.get_hatch() or "" for patch in fig.axes[0].patches} == {"", "////"}
    assert len(fig.axes[0].texts) == 0  # no table of scores, no AUROC


def test_the_legend_of_one_noise_cell_is_whole(tables):
    rows = tables["uncertainty"].query("noise == 'symmetric' and noise_rate == 0.2")
    fig = uncertainty.draw(rows)
    with style.context():
        fig.draw_without_rendering()
    legend = fig.legends[0].get_window_extent()
    assert fig.bbox.x0 <= legend.x0 and legend.x1 <= fig.bbox.x1
