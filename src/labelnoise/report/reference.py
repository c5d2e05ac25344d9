"""Two pages to look things up in, from labelnoise.words and the schema alone: what methods, scores and terms are,
reports/glossary.html, and what the columns of the tables hold, reports/columns.html."""

import re
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from labelnoise import files, words
from labelnoise.report import dictionary
from labelnoise.words import scores
from labelnoise.words.methods import link

OF = {
    scores.FEATURES: "Scores of features: no network is trained",
    scores.DYNAMICS: "Scores of training dynamics",
    scores.BAGS: "Scores of bags of networks",
    scores.MODELS: "Scores from models on top of these",
}  # what a score looks at: heading


class Entry(NamedTuple):
    """A method, a score or a term."""

    key: str  # unique on the page
    name: str
    identifier: str  # in parameters and tables; empty where there is none
    line: str
    paper: str
    address: str  # of the paper; empty where none is known


def write(glossary: Path, columns: Path) -> None:
    """Write both pages."""
    environment = Environment(
        loader=PackageLoader("labelnoise.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["inline"] = inline
    told = {"parts": parts(), "tables": dictionary.tables()}
    for path, template in ((glossary, "glossary.html.jinja"), (columns, "columns.html.jinja")):
        files.write_text(path, environment.get_template(template).render(told))


def parts() -> list[tuple[str, list[Entry]]]:
    """Heading and entries: terms, methods by family, variants, scores by what they look at."""
    found = [("Terms", [_term(term) for term in words.TERMS])]
    named = (("Kinds of noise", "noise", words.NOISE_KINDS), ("Networks", "network", words.NETWORKS))
    for heading, kind, of in named:
        found.append((heading, [_identified(f"{kind}-{name}", name, term) for name, term in of.items()]))
    grid = [name for name, method in words.METHODS.items() if method.family]
    found += [
        (f"{family.title}: {family.idea}", [_method(name) for name in names])
        for family, names in words.grouped(grid)
    ]
    found.append(("Variants, run for claims alone", [_method(name) for name in words.METHODS if name not in grid]))
    for of, heading in OF.items():
        named = [name for name, score in words.SCORES.items() if score.of == of]
        found.append((heading, [_score(name) for name in named]))
    return found


def _method(name: str) -> Entry:
    _, paper, line = words.METHODS[name]
    return _entry(name, words.name(name), name, line, paper)


def _score(name: str) -> Entry:
    score = words.SCORES[name]
    stated = "; a probability" if score.probability else ""
    return _entry(f"score-{name}", score.name, name, f"{score.line}{stated}", score.paper)


def _term(term: words.Term) -> Entry:
    key = re.sub("[^a-z]+", "-", term.name.lower()).strip("-")
    return _entry(f"term-{key}", term.name, "", term.line, term.paper)


def _identified(key: str, name: str, term: words.Term) -> Entry:
    """A term that parameters and tables have an identifier for."""
    return _entry(key, term.name, name, term.line, term.paper)


def _entry(key: str, name: str, identifier: str, line: str, paper: str) -> Entry:
    return Entry(key, name, identifier, line, paper, link(paper.removeprefix("after ")))


def of_page(page: str) -> str:
    """Links to the glossary from the terms, noises and networks that a page beside the answers has in its text, as
    HTML; nothing where it has none. page: HTML."""
    text = " ".join(re.sub(r"<(script|style|nav)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL).split())
    used = [(key, name) for key, name in _looked_up() if _has(text, name)]
    links = ", ".join(f'<a href="../../glossary.html#{key}">{escape(name)}</a>' for key, name in used)
    return f'<p class="note">Words of this page: {links}.</p>' if links else ""


def _has(text: str, name: str) -> bool:
    """Whether a name, or its plural, is a word of the text."""
    return re.search(rf"(?<!\w){re.escape(escape(name))}s?(?!\w)", text, re.IGNORECASE) is not None


def _looked_up() -> list[tuple[str, str]]:
    """Keys of entries that a page lists, and the word by which they are found in its text."""
    terms = [(_term(term).key, term.found) for term in words.TERMS if term.found]
    named = [(f"noise-{name}", term.name) for name, term in words.NOISE_KINDS.items()]
    return terms + named + [(f"network-{name}", term.name) for name, term in words.NETWORKS.items()]


def inline(text: str) -> Markup:
    """The little Markdown that words have, as escaped HTML: code and emphasis."""
    coded = re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\*(\w+)\*", r"<em>\1</em>", coded))
