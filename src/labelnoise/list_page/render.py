"""Writes the page from what the list shows."""

import math
from typing import Any, NamedTuple

import pandas as pd

from labelnoise.audit import stop
from labelnoise.audit.frame import CUTS
from labelnoise.detect.types import NOTHING
from labelnoise.list_page import audit_words, evidence, gate_words, pictures, words
from labelnoise.list_page.about import About
from labelnoise.list_page.audited import Audited
from labelnoise.list_page.environment import ENVIRONMENT
from labelnoise.list_page.evidence import Evidence
from labelnoise.list_page.facts import Answered, Confusions, Summary, Truth
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
    confusions: Confusions | None
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
    name: str  # of the file, or index
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
    by, audit = judged_by(about, dataset, seen_by), numbers.audit
    context = {
        "about": about,
        "by": by,
        "looked_at": looked_at(about, dataset, seen_by, numbers.now, by),
        "sentence": words.sentence(numbers.now, by, audit, level, numbers.before, numbers.answered),
        "cards": words.cards(numbers, following(about, numbers, section.cost, by), limits, level, by),
        "blind": blind(about, by, bool(audit.look)) if shown.gate.verdict == NOTHING else "",
        "groups": groups(about, dataset, shown, section.pictures),
        "audit": audit_rows(beside.audit) if audit.look else [],
        "drawn_more": audit.drawn_more,
        "cuts": [f"{cut:.0%}" for cut in CUTS] if (beside.audit["what"] == "tier").any() else [],
        "faults": beside.input_faults.to_dict("records"),
        "first": words.first(beside.input_faults),
        "copies": len(beside.copies),
        "model": model(about, beside.model_check, shown.gate.verdict, audit, by),
        "confusions": numbers.confusions if shown.gate.verdict in verdict.STATED else None,
        "figures": gate_words.figures(shown.gate, limits, by),
        "left_out": beside.left_out.head(LEFT_OUT).to_dict("records"),
        "all_left_out": len(beside.left_out),
        "tasks": label_studio.seen(dataset, about.root),
        "percent": gate_words.percent,
    }
    return ENVIRONMENT.get_template("list.html.jinja").render(context)


def judged_by(about: About, dataset: Dataset, seen_by: str) -> Evidence:
    noun = "image" if label_studio.seen(dataset, about.root) else "example"
    return evidence.of(seen_by.split(" + "), " (`features:`)", noun=noun, row="file" if dataset.files else "index")


def following(about: About, numbers: Numbers, cost: Any, by: Evidence) -> list[str]:
    """What to do next, and where to look when there are no pictures."""
    audit, again = numbers.audit, numbers.answered is not None
    done = audit.stop.advice == stop.STOP
    then = words.DONE if done else words.next_step(about.section, about.own, again, by)
    look = [] if done or by.pictures else [words.without_pictures(by)]
    return [*audit_words.reasons(audit, cost, by), *look, then]


def blind(about: About, by: Evidence, audited: bool) -> str:
    """What to do where there is no list, and why there is none once the top tells of the audit."""
    why = f"{gate_words.no_list(by)} " if audited else ""
    return why + gate_words.which_of_the_two(by, about.section, *words.parameters(about.own))


def model(about: About, check: pd.DataFrame, verdict_: str, audit: Audited, by: Evidence) -> list[str]:
    """Of the classifier that comes out, with a warning where it learned from labels of which nothing is known."""
    file = f"{'own/' * about.own}runs/{about.section}/model.npz"
    unknown = verdict_ == NOTHING and check.empty
    warned = ["It learned from these labels: trust nothing that it says."] * unknown
    return audit_words.model(check, file, audit, by) + warned


def looked_at(about: About, dataset: Dataset, seen_by: str, now: Summary, by: Evidence) -> str:
    """One line: how many, what saw them, where labels came from."""
    classes = gate_words.counted(len(dataset.class_names), "class").replace("classs", "classes")
    many = gate_words.counted(now.labels, by.noun)
    seen = " + ".join(SEEN_BY.get(name, name.replace("_", " ")) for name in seen_by.split(" + "))
    return f"{many} in {classes}, seen through {seen}; {about.labels}."


PARTS = {  # of the audit, in the page's order
    "rate": "all labels",
    "tier": "tier {}",
    "stratum": "drawn from {}",
    "left": "left, with the {:.0%} of highest P(wrong) at the draw rechecked, too",
    "class": "labelled {}",
}
NOW_LEFT = "left: nobody looked at them"


def audit_rows(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Part of the data, answers, wrong ones, estimate, limits."""
    rows = []
    for what, named in PARTS.items():
        for row in table[table.what == what].head(CLASSES).itertuples():
            part = (
                named.format(float(row.of) if what == "left" else row.of)
                if what != "left" or float(row.of)
                else NOW_LEFT
            )
            answers = f"{row.answered:,.0f} of {row.labels:,.0f}"
            middle = "–" if math.isnan(row.estimate) else f"{row.estimate:,.0f}"
            wrong = "" if what == "left" else f"{row.wrong:,.0f}"
            rows.append((part, answers, wrong, middle, audit_words.span(row.low, row.high)))
    return rows


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
        dataset.files[at] if dataset.files else str(at),
        dataset.class_names[shown.given[at]],
        lists.suggested(dataset, shown, at) or "",
        lists.percent(p_wrong) if p_wrong == p_wrong else "",
        bool(shown.sure[at]),
    )
