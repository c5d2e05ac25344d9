"""Writes the page from what the list shows. Text from the data is escaped: autoescape is on."""

import re
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from labelnoise.audit import stop
from labelnoise.detect.types import NOTHING
from labelnoise.list_page import audit_words, pictures, words
from labelnoise.list_page.about import About
from labelnoise.list_page.audited import Audited
from labelnoise.list_page.facts import Answered, Confusion, Summary, Truth
from labelnoise.noise.noisy_labels import UNSURE
from labelnoise.recheck import label_studio, lists, verdict
from labelnoise.recheck.detected import AsShown
from labelnoise.types import Dataset

LEFT_OUT = 20  # files that the page names
CLASSES = 30  # whose audit the page shows
SEEN_BY = {"given": "your features", "pred_probs": "your probabilities"}  # names of features in words


class Numbers(NamedTuple):
    """Numbers of the page."""

    now: Summary
    before: Summary | None  # the labels before any answer
    answered: Answered | None
    truth: Truth | None
    confusions: list[Confusion]
    audit: Audited


class Beside(NamedTuple):
    """Tables of other stages that the page shows."""

    left_out: pd.DataFrame
    input_faults: pd.DataFrame
    copies: pd.DataFrame
    audit: pd.DataFrame
    model_check: pd.DataFrame


class Item(NamedTuple):
    """One picture of the gallery."""

    picture: str  # data URI, empty where there is none
    name: str  # of the file, or number of the example
    given: str
    suggested: str  # empty: none
    p_wrong: str  # empty: not to be told
    sure: bool


def page(
    about: About,
    numbers: Numbers,
    dataset: Dataset,
    shown: AsShown,
    beside: Beside,
    section: Any,
    limits: Any,
    seen_by: str,
    level: float,
) -> str:
    """The page as HTML. section: `recheck` of params.yaml; limits: `detect.gate`; seen_by: names of the features;
    level: of the audit's limits."""
    done = numbers.audit.stop.advice == stop.STOP
    then = words.DONE if done else words.next_step(about.section, about.own, numbers.answered is not None)
    then = [*audit_words.reasons(numbers.audit, section.cost), then]
    context = {
        "about": about,
        "looked_at": looked_at(about, dataset, seen_by, numbers.now),
        "sentence": words.sentence(numbers.now, numbers.audit, level),
        "cards": words.cards(numbers, then, limits, level),
        "blind": blind(about, numbers.audit) if shown.gate.verdict == NOTHING else "",
        "groups": groups(about, dataset, shown, section.pictures),
        "audit": audit_rows(beside.audit) if numbers.audit.look else [],
        "faults": beside.input_faults.to_dict("records"),
        "first": words.first(beside.input_faults),
        "copies": len(beside.copies),
        "model": audit_words.model(beside.model_check, f"{'own/' * about.own}runs/{about.section}/model.npz"),
        "confusions": numbers.confusions if shown.gate.verdict in verdict.STATED else [],
        "figures": words.figures(shown.gate, limits),
        "left_out": beside.left_out.head(LEFT_OUT).to_dict("records"),
        "all_left_out": len(beside.left_out),
        "tasks": label_studio.seen(dataset, about.root),
        "percent": words.percent,
    }
    environment = Environment(
        loader=PackageLoader("labelnoise.list_page"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["code"] = _code
    return environment.get_template("list.html.jinja").render(context)


def blind(about: About, audit: Audited) -> str:
    """What to do where features do not see the classes, and that they do not once the top tells of the audit."""
    why = f"{words.BLIND} " if audit.look else ""
    return why + words.for_the_blind(about.section, about.own)


def looked_at(about: About, dataset: Dataset, seen_by: str, now: Summary) -> str:
    """One line: how many, what saw them, where labels came from."""
    what = "image" if label_studio.seen(dataset, about.root) else "example"
    classes = words.counted(len(dataset.class_names), "class").replace("classs", "classes")
    many = words.counted(now.labels, what)
    seen = " + ".join(SEEN_BY.get(name, name.replace("_", " ")) for name in seen_by.split(" + "))
    return f"{many} in {classes}, seen through {seen}; {about.labels}."


PARTS = {  # of the audit, in the page's order
    "rate": "all labels",
    "tier": "tier {}",
    "stratum": "drawn from {}",
    "left": "left, with the {:.0%} of highest P(wrong) at the draw rechecked",
    "class": "labelled {}",
}


def audit_rows(table: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Part of the data, answers, wrong ones, limits."""
    rows = []
    for what, named in PARTS.items():
        for row in table[(table.what == what) & ((what != "left") | (table.of != "0"))].head(CLASSES).itertuples():
            part = named.format(float(row.of) if what == "left" else row.of)
            answers = f"{row.answered:,.0f} of {row.labels:,.0f}"
            rows.append((part, answers, f"{row.wrong:,.0f}", audit_words.span(row.low, row.high)))
    return rows


def _code(text: str) -> Markup:
    """Text with what stands between backquotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def groups(about: About, dataset: Dataset, found: AsShown, most: int) -> list[tuple[str, list[Item]]]:
    """Heading and pictures: obvious errors, then possible ones; of an order alone its beginning."""
    order = lists.ranked(found)
    order = order[found.answers[order] != UNSURE]  # of which people could not tell: they saw them
    if found.gate.verdict not in verdict.STATED:
        parts = [("Top of the list", order)]
    else:
        parts = [
            (f"{name.capitalize()} errors", order[found.tier[order] == code]) for name, code in lists.SHOWN.items()
        ]
    made = []
    for heading, at in parts:
        shown = [_item(about, dataset, found, position) for position in at[:most].tolist()]
        some = f": the first {len(shown)} of {len(at):,}" if len(shown) < len(at) else f": {len(at):,}"
        made += [(heading + some, shown)] if shown else []
    return made


def _item(about: About, dataset: Dataset, shown: AsShown, at: int) -> Item:
    p_wrong = shown.p_wrong[at]
    return Item(
        pictures.address(dataset, at, about.root, about.max_pixels, about.white),
        dataset.files[at] if dataset.files else f"example {at}",
        dataset.class_names[shown.given[at]],
        lists.suggested(dataset, shown, at) or "",
        lists.percent(p_wrong) if p_wrong == p_wrong else "",
        bool(shown.sure[at]),
    )
