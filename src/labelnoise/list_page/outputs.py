"""All that the list stage writes: the list, its page, tasks for Label Studio, one sentence, two tables."""

from typing import Any, NamedTuple

import pandas as pd

from labelnoise.columns import Columns
from labelnoise.list_page import facts, render, words
from labelnoise.list_page.about import About
from labelnoise.list_page.render import Told
from labelnoise.recheck import audit, cell, detected, label_studio, lists
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import Detected, Judgement
from labelnoise.types import Dataset


class Made(NamedTuple):
    """What the stages before made of a data set."""

    found: Detected
    columns: Columns
    dataset: Dataset
    source: Source


def judged(of: Made) -> Judgement:
    return _judged(of, detected.listed_run(of.found, of.source))


def _judged(of: Made, run: int) -> Judgement:
    return detected.judge(of.found, run, of.dataset, of.columns, of.source)


def texts(of: Made, about: About, left_out: pd.DataFrame, section: Any, limits: Any) -> dict[str, str]:
    """Files by name. section: `recheck` of params.yaml; limits: `detect.gate`."""
    found = judged(of)
    rows = lists.to_recheck(of.dataset, found)
    exported = rows[: max(section.export, lists.flagged(found))]
    root = None if about.root is None else about.root.resolve().name
    seen = str(of.found.network[found.run])
    html = render.page(about, told(of, found), of.dataset, found, left_out, section.pictures, limits, seen)
    return {
        "list.html": html,
        "to_recheck.csv": lists.text(of.dataset, rows),
        "label_studio.json": label_studio.tasks(of.dataset, exported, root),
        "label_studio.xml": label_studio.interface(of.dataset.class_names),
        "verdict.txt": words.sentence(facts.summary(found)) + "\n",
    }


def told(of: Made, found: Judgement) -> Told:
    """The numbers of the page."""
    rechecked = of.found.noise[found.run] == cell.NOISE
    before = facts.summary(_judged(of, detected.run_before(of.found, of.source))) if rechecked else None
    transition = of.found.transition_low[found.run]
    return Told(
        facts.summary(found),
        before,
        facts.answered(found),
        facts.truth(found, of.dataset.clean_labels),
        facts.confusions(transition, of.dataset.class_names),
    )


def tables_of(of: Made, gallery: int, level: float) -> dict[str, pd.DataFrame]:
    """Tables audit and gallery."""
    found = judged(of)
    key = detected.key(of.found, of.columns, found.run)
    return {
        "audit": audit.table(of.found, of.columns, of.dataset, of.source, found.answers, level),
        "gallery": lists.gallery(key, of.dataset, found, gallery),
    }


def said(of: Made) -> str:
    """How long the list is, and the verdict."""
    now = facts.summary(judged(of))
    return f"{words.counted(now.listed, 'label')} to recheck. {words.sentence(now)}"
