import io
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from labelnoise.figures import style

NAMES = [f"method_{i}" for i in range(30)]
NUMBER = r"-?\d+\.?\d*(?![\w-])"


def test_thirty_methods_look_different():
    looks = style.method_styles(NAMES, set())
    assert len({(look.color, look.marker) for look in looks.values()}) == 30


def test_style_depends_on_the_list_alone():
    assert style.method_styles(NAMES, set())["method_4"] == style.method_styles(NAMES[:5], set())["method_4"]


def test_long_names_stay_apart_when_they_are_shortened():
    alike = ["a very long name of one kind of class", "a very long name of no one kind of class", "cat"]
    assert style.shortened(alike) == {
        alike[0]: "a very lo…of class (1)", alike[1]: "a very lo…of class (2)", "cat": "cat"
    }  # fmt: skip
    assert style.shortened([alike[0], "exactly 18 letters"]) == {
        alike[0]: "a very lo…of class", "exactly 18 letters": "exactly 18 letters"
    }  # fmt: skip


def test_only_oracles_are_dashed():
    looks = style.method_styles(NAMES, {"method_3"})
    assert [name for name, look in looks.items() if look.linestyle == "--"] == ["method_3"]
    assert [name for name, look in looks.items() if look.fill == "white"] == ["method_3"]


def luminance(code):
    """From sRGB, by hand."""
    rgb = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_neighbouring_colors_differ_in_lightness_too():
    """CIE lightness: a reader without colour vision sees only this."""
    lightness = [116 * luminance(color) ** (1 / 3) - 16 for color in style.COLORS]
    assert all(abs(first - second) > 5 for first, second in pairwise(lightness))


def test_every_color_stands_out_on_white():
    """WCAG 2.1, 1.4.11: graphics have a contrast of 3 to 1."""
    assert all(1.05 / (luminance(color) + 0.05) >= 3 for color in style.COLORS)


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


def drawn(svg):
    """What is seen of a picture, element by element: tag, text, and how it looks; clips of groups too."""
    seen, named = [], dict(re.findall(r"\.(s\d+){([^}]*)}", svg))
    for element in ElementTree.fromstring(re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)).iter():
        looks = {name: " ".join(value.split()) for name, value in element.attrib.items()}
        if element.tag.endswith("}g"):
            looks.pop("id", None)
        if element.tag.endswith("}g") and not looks:
            continue
        looks.setdefault("style", named.get(looks.pop("class", ""), ""))
        look = re.sub(r"font: ([\d.]+px)[^;]*", r"font-size: \1", looks["style"]).replace(" ", "")
        looks["style"] = {part for part in look.split(";") if not part.startswith("font-family")}
        if looks.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
            del looks["transform"]
        text = "" if element.tag.endswith("}style") else (element.text or "").strip()
        seen.append((element.tag, text, looks))
    return seen


def test_a_slim_picture_is_the_same_picture():
    """Element by element: what is drawn, where to a hundredth of a point, and how it looks."""
    image = io.BytesIO()
    with style.context():
        fig = Figure()
        ax = fig.subplots()
        ax.errorbar([1, 2], [3, 4], yerr=1, marker="o", label="text of α")
        ax.imshow([[0.1, 0.2]])
        ax.set(xlabel="two words", ylabel="turned", title="A & B")
        fig.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
    whole = image.getvalue().decode()
    slim = style.slim(whole)
    assert len(slim) < 0.8 * len(whole) and "turned" in slim and "A &amp; B" in slim
    pairs = list(zip(drawn(whole), drawn(slim), strict=True))
    assert len(pairs) > 50
    for (old_tag, old_text, old), (tag, text, new) in pairs:
        assert (old_tag, old_text) == (tag, text)
        if tag.endswith("}svg"):
            assert "sans-serif" in new.pop("font-family")
        assert old.pop("style") == new.pop("style") and old.keys() == new.keys()
        for name, value in old.items():
            assert re.split(NUMBER, value) == re.split(NUMBER, new[name]), name
            numbers = [[float(number) for number in re.findall(NUMBER, text)] for text in (value, new[name])]
            assert numbers[0] == pytest.approx(numbers[1], abs=0.0051), name


@pytest.mark.parametrize("at", [5.0, float("nan")])
def test_a_mark_that_is_not_seen_leaves_a_whole_picture(at):
    """Outside of the axes matplotlib writes a group with nothing within."""
    image = io.BytesIO()
    with style.context():
        fig = Figure()
        ax = fig.subplots()
        ax.plot([0.5], [at], "o", color=style.BLUE)
        ax.set(xlim=(0, 1), ylim=(0, 1), title="still there")
        fig.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
    whole = image.getvalue().decode()
    assert re.search(r"<g clip-path=[^>]*/>", whole)  # else this tests nothing
    assert "still there" in [text for _, text, _ in drawn(style.slim(whole))]


def test_dollars_in_names_of_classes_are_dollars():
    """Between two of them matplotlib reads mathematics, and `_` at the end of it is an error."""
    fig = Figure()
    fig.text(0.1, 0.5, style.plain("cost_$low → cost_$high"))
    fig.savefig(io.BytesIO(), format="png")
    assert style.plain(3) == "3"
