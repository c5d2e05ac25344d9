"""Templates of pages. Text from the data is escaped: autoescape is on, and layout.html escapes cells and
headings."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from labelnoise import words
from labelnoise.report import layout, titles

METHODS = {str(escape(words.name(key))): key for key in words.METHODS}
NOISES = {term.name: key for key, term in words.NOISE_KINDS.items()}


def environment() -> Environment:
    """With the filters that the templates use."""
    environment = Environment(
        loader=PackageLoader("labelnoise.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["table_html"] = lambda table, prefix: Markup(layout.html(table, prefix))
    environment.filters["marked"] = _marked
    environment.filters["titled"] = _titled
    environment.filters["code"] = _code
    environment.filters["sentence"] = lambda title: title if title.endswith("?") else f"{title}."
    return environment


def _marked(table: Markup, name: str) -> Markup:
    """Cells that are marked better or worse, and links: from statements of the note to what is told of them, from
    methods and noises to the glossary."""
    kinds = {"▲": "up", "▼": "down"}
    text = re.sub("<td>([▲▼])", lambda found: f'<td class="{kinds[found[1]]}">{found[1]}', table)
    linked = rf'<th><a href="more/claims.html#{name}-claim-\1">\1</a>. '
    text = re.sub(r"<th>(\d+)\. ", linked, text)
    return Markup(re.sub(r"<tr><th>([^<]+)</th>", lambda row: _of_glossary(row[0], row[1]), text))


def _of_glossary(row: str, name: str) -> str:
    """The begin of a table's row with the name of a method or a noise linked; of others as it is."""
    kind = NOISES.get(re.sub(r" [\d.]+$", "", name))
    key = f"noise-{kind}" if kind else METHODS.get(name)
    if not key:
        return row
    line = escape((words.NOISE_KINDS[kind] if kind else words.METHODS[key]).line)
    return f'<tr><th><a href="../glossary.html#{key}" title="{line}">{name}</a></th>'


def _code(text: str) -> Markup:
    """Text with what stands between backquotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _titled(line: str, name: str) -> Markup:
    """A line about a statement of the note, as report.answers has it: the numbers of its claims, each a link to
    what is told of it, and its title."""
    ids, _, said = line.removeprefix("No. ").partition(": ")
    links = [f'<a href="more/claims.html#{escape(name)}-claim-{one}">{one}</a>' for one in ids.split(", ")]
    return Markup(f"{', '.join(links)}: {escape(titles.title(said).rstrip('.'))}")
