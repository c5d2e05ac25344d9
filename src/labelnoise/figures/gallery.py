"""Images whose label is suspected to be wrong: given label, suggested label, and how sure the noise model is."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import panels, style

BELOW = (
    "below each, given label → suggested label (the likeliest class but the given one), and the probability that "
    "the given label is wrong. Dashed frame: the suggestion is not right, and ✗ what is, where the truth is known."
)
CAPTIONS = {
    "gallery_obvious": ("Obvious label errors", f"The most suspect images of one noise cell and seed: {BELOW}"),
    "gallery_possible": (
        "Possible label errors", f"Suspect, but not obvious: {BELOW} Here people should decide."
    ),
}  # fmt: skip
COLUMNS = 6
MOST = 24  # images of one figure
WIDTH = 18  # characters of a line below an image


def rows(gallery: pd.DataFrame, noise: str, noise_rate: float, tier: str) -> pd.DataFrame:
    """The first images of one tier in one noise cell, of the first network and seed; class names as text. No rows
    where nothing was flagged."""
    part = gallery[(gallery["noise"] == noise) & (gallery["noise_rate"] == noise_rate)]
    part = part[part["tier"] == tier]
    part = part[(part["network"] == part["network"].min())]
    part = part[part["seed"] == part["seed"].min()].drop_duplicates("index").rename(columns={"index": "place"})
    names = {column: part[column].fillna("").astype(str) for column in ("given", "suggested", "truth")}
    return part.assign(**names).sort_values(["p_wrong", "rank"], ascending=[False, True], kind="stable").head(MOST)


def draw(shown: pd.DataFrame, images: np.ndarray) -> Figure:
    """A grid of images with "given → suggested" and P(label wrong) below each; `shown` is from `rows`. A label
    that became a suspect by an audit alone may have no suggestion.

    `images`: uint8 [N, channels, height, width]. Where the truth is known, a suggestion that is not right has a
    dashed frame and says what the image shows.
    """
    with style.context():
        depth = max(_caption(row).count("\n") for row in shown.itertuples()) + 1
        fig, axes = panels.grid(len(shown), COLUMNS, 1.55, 1.35 + 0.155 * depth)
        for axis, row in zip(axes, shown.itertuples()):
            _image(axis, images[row.place], int(images.max()))
            axis.set_xlabel(_caption(row), fontsize=8.5, labelpad=3)
            if not right(row):
                axis.spines[:].set(visible=True, color=style.VERMILION, linewidth=2.6, linestyle=(0, (3, 1.5)))
    return fig


def right(row: tuple) -> bool:
    """Whether the suggestion is right, or cannot be judged."""
    return row.truth in ("", row.suggested or row.given)


def _caption(row: tuple) -> str:
    names = [_short(name) for name in (row.given, row.suggested) if name]
    pair = (
        " → ".join(names)
        if len(names) < 2 or len(" → ".join(names)) <= WIDTH
        else f"{_wrap(names[0])}\n{_wrap(f'→ {names[1]}')}"
    )
    lines = [pair, f"P(wrong) {_percent(row.p_wrong)}"]
    if not right(row):
        lines.append(_wrap("✗ label is right" if row.truth == row.given else f"✗ it is {_short(row.truth)}"))
    return style.plain("\n".join(lines))


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_on_hyphens=False)


def _short(name: str) -> str:
    """Two lines at most, with room for an arrow."""
    return name if len(name) <= 2 * WIDTH - 6 else f"{name[: 2 * WIDTH - 7]}…"


def _percent(share: float) -> str:
    """Never 100%: nothing is certain."""
    return ">99.9%" if share > 0.999 else f"{100 * share:.1f}%"


def _image(axis: Axes, image: np.ndarray, brightest: int) -> None:
    """Gray or colour; the pixels as they are, so that small images stay sharp in SVG."""
    if image.shape[0] == 3:
        axis.imshow(image.transpose(1, 2, 0), interpolation="none")
    else:
        axis.imshow(image[0], cmap="gray", vmin=0, vmax=max(brightest, 1), interpolation="none")
    axis.set_xticks([])
    axis.set_yticks([])
    axis.grid(False)
    axis.spines[:].set_visible(False)
