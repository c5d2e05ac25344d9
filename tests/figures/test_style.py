import io
from itertools import pairwise

from matplotlib.figure import Figure

from labelnoise.figures import style

NAMES = [f"method_{i}" for i in range(30)]


def test_thirty_methods_look_different():
    looks = style.method_styles(NAMES, set())
    assert len({(look.color, look.marker) for look in looks.values()}) == 30


def test_style_depends_on_the_list_alone():
    assert style.method_styles(NAMES, set())["method_4"] == style.method_styles(NAMES[:5], set())["method_4"]


def test_only_oracles_are_dashed():
    looks = style.method_styles(NAMES, {"method_3"})
    assert [name for name, look in looks.items() if look.linestyle == "--"] == ["method_3"]
    assert [name for name, look in looks.items() if look.fill == "white"] == ["method_3"]


def test_neighbouring_colors_differ_in_lightness_too():
    # CIE lightness from sRGB, by hand: a reader without colour vision sees only this
    def lightness(code):
        rgb = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 116 * (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3) - 16

    for first, second in pairwise(style.COLORS):
        assert abs(lightness(first) - lightness(second)) > 5


def test_saved_twice_byte_equal(tmp_path):
    def draw(folder):
        with style.context():
            fig = Figure(layout="constrained")
            fig.subplots().errorbar([1, 2], [3, 4], yerr=1, marker="o", label="text")
        return style.save(fig, folder, "figure").path.read_bytes()

    first = draw(tmp_path / "a")
    assert first == draw(tmp_path / "b")
    assert b"Matplotlib v" not in first
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["figure.svg"]


def test_the_layout_is_that_of_a_whole_draw(tmp_path):
    """By the widths of the screen's font: an SVG's own would lay out otherwise."""

    def draw():
        fig = Figure(figsize=(3, 2), layout="constrained")
        fig.subplots(1, 2)[0].set(ylabel="long\nlabel", title="wider than its panel")
        return fig

    fig, image = draw(), io.BytesIO()
    with style.context():
        fig.draw_without_rendering()
        fig.set_layout_engine("none")
        fig.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
    assert style.save(draw(), tmp_path, "figure").path.read_bytes() == image.getvalue()


def test_dollars_in_names_of_classes_are_dollars():
    """Between two of them matplotlib reads mathematics, and `_` at the end of it is an error."""
    fig = Figure()
    fig.text(0.1, 0.5, style.plain("cost_$low → cost_$high"))
    fig.savefig(io.BytesIO(), format="png")
    assert style.plain(3) == "3"
