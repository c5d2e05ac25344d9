"""Writes the page on which people recheck labels: one file that asks nothing of any network.

Its script and its style stand in files of their own beside the template, and no others are run: the page names
their hashes (Content Security Policy).
"""

import base64
import hashlib
from pathlib import Path
from typing import Any

from markupsafe import Markup

from labelnoise.audit.frame import KNOWN
from labelnoise.audit.stop import cost
from labelnoise.detect.types import NOTHING
from labelnoise.list_page import gate_words, review_cards, words
from labelnoise.list_page.about import About
from labelnoise.list_page.environment import ENVIRONMENT
from labelnoise.list_page.evidence import Evidence
from labelnoise.list_page.review_cards import Asked
from labelnoise.recheck.label_studio import hotkeys
from labelnoise.recheck.verdict import UNCHECKED

MOST_BUTTONS = 60  # classes up to which each has a button (ours)
SCRIPTS = ("review_filter.js", "review.js")  # the latter begins the work


def page(of: Asked, about: About, section: Any, folder: Path, by: Evidence) -> str:
    """The page as HTML. section: `recheck` of params.yaml; folder: where the page will be, from which files of own
    data are found; by: what judged the labels."""
    cards = review_cards.cards(of, about, section, folder)
    script, style = "".join(map(_beside, SCRIPTS)), _beside("review.css")
    classes = of.dataset.class_names
    context = {
        "about": about,
        "policy": _policy(script, style, cards["images"]["kind"] == "files"),
        "script": Markup(script),
        "style": Markup(style),
        "data": Markup(review_cards.text(cards)),
        "classes": list(zip(classes, hotkeys(classes), strict=True)),
        "most_buttons": MOST_BUTTONS,
        "short": len(classes) <= 10 and max(map(len, classes)) <= 3,
        "typed": not any(hotkeys(classes)),
        "count": len(of.rows),
        "takes": cost(len(of.rows), section.cost),
        "waiting": len(of.waiting),
        "kinds": len(set(of.audit.frame.stratum.tolist()) - {KNOWN}),
        "by": by,
        "why": _why(of, about, by),
        "instead": "" if by.pictures or not of.rows else words.without_pictures(by),
        "words": cards["words"],
    }
    return ENVIRONMENT.get_template("review.html.jinja").render(context)


def _why(of: Asked, about: About, by: Evidence) -> str:
    """Why there is no list, where there is none."""
    if of.shown.gate.verdict == NOTHING:
        remedy = gate_words.which_of_the_two(by, about.section, *words.parameters(about.own))
        return f"{gate_words.no_list(by)} {remedy}"
    return "This seed was not checked, so that there is no list." if of.shown.gate.verdict == UNCHECKED else ""


def _beside(name: str) -> str:
    return ENVIRONMENT.loader.get_source(ENVIRONMENT, name)[0]


def _policy(script: str, style: str, files: bool) -> str:
    """What the page may do: nothing but run its script, and show images of its own and, if any, of own files."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    images = "data: file: 'self'" if files else "data:"
    return (
        f"default-src 'none'; script-src 'sha256-{digests[0]}'; style-src 'sha256-{digests[1]}'; "
        f"img-src {images}; base-uri 'none'; form-action 'none'"
    )
