"""The same picture in half the bytes: reports in git hold some of them, and pages have some within themselves."""

import re
from collections import Counter

OFTEN = 3  # times that a style stands in a picture, from which on it has a name
GROUP = re.compile(r"(<g\b[^>]*>|</g>)")
PLACE = re.compile(r'translate\([^)]*\)|\b[dxy]="[^"]*"')
STYLE = re.compile(r'\bstyle="([^"]*)"')
DIGITS = re.compile(r"-?\d+\.\d{3,}")
FAMILY = "'DejaVu Sans', Verdana, sans-serif"  # where the first is missing, one of the same width


def slim(svg: str) -> str:
    """`svg` as matplotlib writes it, without what nobody sees.

    What goes: who wrote it; indents and line ends; names of groups, to which nothing refers, and groups that then
    say nothing; turns by nothing; spaces in styles; the font of each text, for one that all have; styles that are
    there again and again, for classes (`s0`, `s1`, ...); decimals of coordinates below a hundredth of a point.
    """
    svg = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*|<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\n +<", "\n<", svg)
    svg = re.sub(r"<g\b[^>]*/>", "", svg)  # nothing is within, as where a mark lies outside of the axes
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", svg)
    svg = _ungrouped(svg)
    svg = STYLE.sub(lambda style: _style(style[0]), svg)
    svg = PLACE.sub(lambda place: DIGITS.sub(lambda number: _rounded(number[0]), place[0]), svg)
    svg = re.sub(r"\bd=\"[^\"]*\"", lambda path: " ".join(path[0].split()).replace(' "', '"'), svg)
    svg = _classes(svg)
    return re.sub(r"\n+", "\n", svg.replace("<svg ", f'<svg font-family="{FAMILY}" ', 1))


def _ungrouped(svg: str) -> str:
    """Without groups that have no attribute."""
    kept, inside = [], []
    for part in GROUP.split(svg):
        if part == "</g>" and not inside.pop():
            continue
        if part.startswith("<g"):
            inside.append(part != "<g>")
            if not inside[-1]:
                continue
        kept.append(part)
    return "".join(kept)


def _style(style: str) -> str:
    style = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", style)
    style = re.sub(r"font-family: [^;\"]*(; )?", "", style)
    return re.sub(r"([;:]) ", r"\1", style).replace(';"', '"')


def _rounded(number: str) -> str:
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def _classes(svg: str) -> str:
    """Frequent styles as classes, of which an element `style` in `defs` tells."""
    counts = Counter(STYLE.findall(svg))
    named = {style: f"s{place}" for place, style in enumerate(one for one, n in counts.items() if n >= OFTEN)}
    rules = "".join(f".{name}{{{style}}}" for style, name in named.items())
    svg = STYLE.sub(lambda found: f'class="{named[found[1]]}"' if found[1] in named else found[0], svg)
    return svg.replace("</style>", f"{rules}</style>", 1)
