"""How every figure looks, and how it is written so that a rerun changes no byte.

A method is told apart by colour, marker and line style together, so that none of them alone is needed.
Colours: Okabe and Ito, "Color Universal Design" (2008), without yellow, which is too pale on white.
"""

import io
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

from labelnoise import files

BLACK, ORANGE, BLUE, GREEN = "#000000", "#E69F00", "#0072B2", "#009E73"
SKY, VERMILION, PURPLE = "#56B4E9", "#D55E00", "#CC79A7"
COLORS = [BLACK, ORANGE, BLUE, GREEN, SKY, VERMILION, PURPLE]  # neighbours differ in lightness as well
# 11 markers and 7 colours have no common divisor: 77 methods before a pair repeats.
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h"]
LINES = ["-", "-.", ":"]  # the second and third round of colours; dashes are kept for oracles
GRAY = "#767676"  # the lightest gray with a contrast of 4.5 to 1 on white

RC = {
    "svg.hashsalt": "labelnoise",  # ids of SVG elements are random without it
    "svg.fonttype": "path",  # text as outlines: looks the same where the font is missing
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.5,
    "lines.markersize": 5.5,
    "figure.facecolor": "white",
    "savefig.dpi": 140,  # of images within an SVG
}


class MethodStyle(NamedTuple):
    """What tells a method apart."""

    color: str
    marker: str
    linestyle: str
    fill: str  # face of the marker: white for oracles


def context() -> AbstractContextManager:
    """The project's matplotlib settings, for the length of a `with` block."""
    return mpl.rc_context(RC)


def plain(name: object) -> str:
    """The name of a class as matplotlib is to print it: between dollars it would read mathematics."""
    return str(name).replace("$", r"\$")


def method_styles(methods: list[str], oracles: set[str]) -> dict[str, MethodStyle]:
    """A style per method, by its position in `methods`; those in `oracles` dashed, with hollow markers."""
    return {name: _style(place, name in oracles) for place, name in enumerate(methods)}


def _style(place: int, oracle: bool) -> MethodStyle:
    color, marker = COLORS[place % len(COLORS)], MARKERS[place % len(MARKERS)]
    line = "--" if oracle else LINES[place // len(COLORS) % len(LINES)]
    return MethodStyle(color, marker, line, "white" if oracle else color)


class Picture(NamedTuple):
    """A figure on disk. A notebook shows the picture and names the file, which notebook.py makes a link of."""

    path: Path

    def __repr__(self) -> str:
        return self.path.as_posix()

    def _repr_svg_(self) -> str:
        return self.path.read_text("utf-8")


def save(fig: Figure, folder: str | Path, name: str, text: bool = False) -> Picture:
    """Write `folder/name.svg` (temporary name, then rename). SVG: sharp at any size, and small when packed.

    text: letters stay letters, in a tenth of the bytes, for a page that has the figure within itself."""
    image, path = io.BytesIO(), Path(folder, f"{name}.svg")
    with mpl.rc_context(RC | ({"svg.fonttype": "none"} if text else {})):
        if layout := fig.get_layout_engine():
            layout.execute(fig)  # by the widths of the screen's font
            fig.set_layout_engine(None)  # not "none", for which savefig draws once more and throws it away
        # None leaves out what differs between runs or versions: the date, and matplotlib's own name.
        fig.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
    files.write_text(path, slim(image.getvalue().decode()))
    return Picture(path)


def slim(svg: str) -> str:
    """The same picture in two thirds of the bytes: reports in git hold some of them.

    Most of a figure is text, a `<use>` per letter. What goes: indents; names of groups, to which nothing refers;
    the name of the font in that of each letter; decimals of coordinates below a hundredth of a point.
    """
    svg = re.sub(r"\n +<", "\n<", svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg).replace("DejaVuSans-", "F")
    svg = re.sub(r'translate\([^)]*\)|\b[dxy]="[^"]*"', lambda place: _rounded(place[0]), svg)
    return re.sub(r'(<use xlink:href="#F[^"]*") transform="translate\((\S+) 0\)"', r'\1 x="\2"', svg)


def _rounded(place: str) -> str:
    return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), place)
