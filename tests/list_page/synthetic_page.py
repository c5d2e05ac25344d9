"""The page of a data set of 60 images, before and after answers, and what a reader sees of it."""

import html
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import synthetic_recheck as tiny

from labelnoise import results
from labelnoise.audit import state, statements
from labelnoise.audit.heard import Heard
from labelnoise.list_page import outputs
from labelnoise.list_page.about import About
from labelnoise.list_page.render import Beside
from labelnoise.recheck import detected

LEVEL = 0.95
UNHEARD = np.full(tiny.N, -1, np.int16)


def made(gate=tiny.ALL, answers=None, truth=True, files=True, names=tiny.NAMES, said=None) -> outputs.Inputs:
    """answers: int16 [N], to what was drawn before any; said: example -> each answer."""
    data = tiny.dataset(files, truth)._replace(class_names=names)
    drawn = tiny.columns(data, answers)
    found = tiny.detected(drawn, gate=gate)
    at = detected.run_before(found, tiny.PEOPLE)
    before = detected.as_shown(found, at, data, drawn, tiny.PEOPLE)
    of = state.drawn(before, found.p_wrong[at], data, Heard(UNHEARD, [], {}), tiny.audit())
    heard = Heard(UNHEARD if answers is None else answers, [], said or {})
    return outputs.Inputs(found, drawn, data, tiny.PEOPLE, state.standing(of, data, heard, tiny.audit(), LEVEL))


def table(of: outputs.Inputs) -> pd.DataFrame:
    """Table `audit`, as the audit stage makes it."""
    key = detected.key(of.detected, of.columns, detected.run_before(of.detected, of.source))
    return results.check("audit", statements.table(key, *of.audit[:2], of.audit.look, of.audit.level))


def texts(of: outputs.Inputs, root=None, title="my photos", section=None, own=True, **tables) -> dict[str, str]:
    """tables: in place of empty ones."""
    about = About("folder", title, "labels from the names of their folders", own, root, 10**6)
    empty = {name: results.empty(name) for name in ("left_out", "input_faults", "copies", "model_check")}
    beside = Beside(**empty | {"audit": table(of)} | tables)
    return outputs.texts(of, about, beside, section or tiny.section(), tiny.DETECT, LEVEL)


def plain(page: str) -> str:
    """What a reader sees."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"</?code>", "", body))).split())


def shown(of: outputs.Inputs, **more) -> str:
    return plain(texts(of, **more)["list.html"])


class Checked(HTMLParser):
    """Tags in order; fails where one is closed that is not open."""

    EMPTY = ("meta", "img", "br", "input")

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(page: str) -> list[tuple[str, dict]]:
    parser = Checked()
    parser.feed(page)
    assert parser.open == []
    return parser.seen
