"""How every figure looks, and how it is written so that a rerun changes no byte.

A method is told apart by colour, marker and line style together, so that none of them alone is needed.
Colours: Okabe and Ito, "Color Universal Design" (2008), without yellow, which is too pale on white. Orange, sky
and green are darker than theirs: all have a contrast of 3 to 1 on white, and neighbours differ in lightness.
"""

import io
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from labelnoise import files
from labelnoise.figures.slim import slim

BLACK, ORANGE, BLUE, GREEN = "#000000", "#BF8300", "#0072B2", "#00795A"
SKY, VERMILION, PURPLE = "#3D9AD1", "#D55E00", "#CC79A7"
COLORS = [BLACK, ORANGE, BLUE, SKY, VERMILION, PURPLE, GREEN]  # neighbours differ in lightness as well
# 11 markers and 7 colours have no common divisor: 77 methods before a pair repeats.
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h"]
LINES = ["-", "-.", ":"]  # the second and third round of colours; dashes are kept for oracles
GRAY = "#767676"  # the lightest gray with a contrast of 4.5 to 1 on white

RC = {
    "svg.hashsalt": "labelnoise",  # ids of SVG elements are random without it
    "svg.fonttype": "none",  # letters stay letters, in a tenth of the bytes; pages show them in their own font
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


def seeds(table: pd.DataFrame) -> str:
    """How many seeds a table has: 1 seed, 10 seeds."""
    count = table["seed"].nunique()
    return f"{count} seed{'' if count == 1 else 's'}"


def mean_and_band(table: pd.DataFrame) -> str:
    """What lines over seeds are, for a title; of one seed neither is there."""
    told = seeds(table)
    return told if told == "1 seed" else f"mean of {told}, band from lowest to highest seed"


def plain(name: object) -> str:
    """The name of a class as matplotlib is to print it: between dollars it would read mathematics."""
    return str(name).replace("$", r"\$")


def shortened(names: Iterable[str], most: int = 18) -> dict[str, str]:
    """Long names cut in their middle: names of classes often begin, or end, alike. Equal cuts are numbered."""
    half = most // 2
    cuts = {name: name if len(name) <= most else f"{name[:half]}…{name[half + 1 - most :]}" for name in names}
    alike = {cut: [name for name in cuts if cuts[name] == cut] for cut in cuts.values()}
    return {
        name: f"{cut} ({alike[cut].index(name) + 1})" if len(alike[cut]) > 1 else cut for name, cut in cuts.items()
    }


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


def save(fig: Figure, folder: str | Path, name: str) -> Picture:
    """Write `folder/name.svg` (temporary name, then rename). SVG: sharp at any size, and small when packed."""
    image, path = io.BytesIO(), Path(folder, f"{name}.svg")
    with context():
        if layout := fig.get_layout_engine():
            layout.execute(fig)  # by the widths of the screen's font
            fig.set_layout_engine(None)  # not "none", for which savefig draws once more and throws it away
        # None leaves out what differs between runs or versions: the date, and matplotlib's own name.
        fig.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
    files.write_text(path, slim(image.getvalue().decode()))
    return Picture(path)
