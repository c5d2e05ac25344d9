import io
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from labelnoise.figures import style

NAMES = [f"method_{i}" for i in range(30)]
NUMBER, HREF = r"-?\d+\.?\d*(?![\w-])", "{http://www.w3.org/1999/xlink}href"


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
    assert style.save(draw(), tmp_path, "figure").path.read_text() == style.slim(image.getvalue().decode())


def test_a_slim_picture_is_the_same_picture():
    """Element by element: what is drawn, where to a hundredth of a point, and how it looks."""
    image = io.BytesIO()
    with style.context():
        fig = Figure()
        ax = fig.subplots()
        ax.errorbar([1, 2], [3, 4], yerr=1, marker="o", label="text of α")
        ax.imshow([[0.1, 0.2]])
        ax.set(xlabel="two words", ylabel=r"$p_i^2$", title="DejaVuSans-1")
        fig.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
    whole = image.getvalue().decode()
    slim = style.slim(whole)
    assert len(slim) < 0.8 * len(whole)
    pairs = list(zip(*(list(ElementTree.fromstring(text).iter()) for text in (whole, slim)), strict=True))
    letters = 0
    for before, after in pairs:
        assert before.tag == after.tag and (before.text or "").strip() == (after.text or "").strip()
        old, new = dict(before.attrib), dict(after.attrib)
        if "x" in new and old.get(HREF, "").startswith("#DejaVuSans-"):  # a letter moved to the right
            old["x"], place = re.fullmatch(r"translate\((\S+) (\S+)\)", old.pop("transform")).groups()
            assert float(place) == 0
            letters += 1
        elif before.tag.endswith("}g"):
            old.pop("id", None)
        assert old.keys() == new.keys()
        for name, value in old.items():
            texts = (value.replace("DejaVuSans-", "F"), new[name])
            assert re.split(NUMBER, texts[0]) == re.split(NUMBER, texts[1]), name
            numbers = [[float(number) for number in re.findall(NUMBER, text)] for text in texts]
            assert numbers[0] == pytest.approx(numbers[1], abs=0.0051), name
    assert letters > 20


def test_dollars_in_names_of_classes_are_dollars():
    """Between two of them matplotlib reads mathematics, and `_` at the end of it is an error."""
    fig = Figure()
    fig.text(0.1, 0.5, style.plain("cost_$low → cost_$high"))
    fig.savefig(io.BytesIO(), format="png")
    assert style.plain(3) == "3"
