import numpy as np
import pytest

from labelnoise.claims import gradients as study
from labelnoise.figures import gradients


@pytest.fixture(scope="module")
def table():
    return study.study(10, 0.05)


def test_lines_are_the_closed_form_and_dots_are_autograd(table):
    table = table.assign(norm=table["norm"] + 1)  # apart, to see which is which
    fig = gradients.draw(table)
    for axis, relation in zip(fig.axes, gradients.RELATIONS):
        lines = [line for line in axis.lines if line.get_marker() == "None"]
        dots = [line for line in axis.lines if line.get_marker() == "o"]
        for line, dot, layer in zip(lines, dots, gradients.LAYERS):
            rows = table[(table["layer"] == layer) & (table["relation"] == relation)]
            np.testing.assert_allclose(line.get_ydata(), rows["closed_form"])
            np.testing.assert_allclose(line.get_xdata(), rows["confidence"])
            assert set(dot.get_ydata()) <= set(rows["norm"]) and len(dot.get_ydata()) > 5
            assert dot.get_color() == line.get_color()


def test_layers_are_those_of_the_study_and_not_told_apart_by_color_alone(table):
    assert set(table["layer"]) == set(gradients.LAYERS) and set(table["relation"]) == set(gradients.RELATIONS)
    assert len({str(line) for _, _, line in gradients.LAYERS.values()}) == len(gradients.LAYERS)


def test_panels_say_what_they_show(table):
    fig = gradients.draw(table)
    assert [axis.get_title() for axis in fig.axes] == list(gradients.RELATIONS.values())
    assert [text.get_text() for text in fig.axes[0].get_xticklabels()] == ["0.1", "0.5", "0.9", "0.99", "0.999"]
    assert fig.axes[1].get_ylim()[0] == 0 and fig.axes[1].get_ylim()[1] > table["norm"].max()
    fig.draw_without_rendering()
    box = fig.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.x1 <= fig.bbox.x1
