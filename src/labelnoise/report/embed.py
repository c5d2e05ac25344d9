"""An SVG within a page: in the page's colours, light or dark, with ids and classes of its own."""

import re

from markupsafe import Markup, escape

# colours of labelnoise.figures.style -> names of the page's style sheet
COLORS = {
    "#ffffff": "paper", "#000000": "ink", "#767676": "dim", "#e4e4e4": "line", "#0072b2": "f-blue",
    "#d55e00": "f-red", "#00795a": "f-green", "#cc79a7": "f-pink", "#bf8300": "f-orange", "#3d9ad1": "f-sky",
}  # fmt: skip


def svg(text: str, name: str, label: str) -> Markup:
    """The element `svg` of the file `text`. name: unique in the page; label: for readers who do not see it.

    Its letters take the page's font and colour."""
    body = text[text.index("<svg") :]
    body = re.sub(r'(\bid="|href="#|url\(#|class="|\.(?=s\d+\{))', rf"\1{name}-", body)
    body = re.sub(r"#[0-9a-fA-F]{6}\b", lambda color: _of_page(color[0]), body)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', body)
    width = f"{float(size[1]) * 4 / 3:.0f}"
    opening = f'<svg role="img" aria-label="{escape(label)}" viewBox="{size[0][9:-1]}" style="--wide:{width}px">'
    return Markup(opening + body[body.index(">") + 1 :].replace("\n", ""))


def _of_page(color: str) -> str:
    named = COLORS.get(color.lower())
    return f"var(--{named})" if named else color
