"""All that the list stage writes: the list, what to look at next, a page, tasks for Label Studio, a sentence."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise.audit import state, worklist
from labelnoise.audit.state import Audit
from labelnoise.columns import UNSURE, Columns
from labelnoise.list_page import facts, render, words
from labelnoise.list_page.about import About
from labelnoise.list_page.audited import audited
from labelnoise.list_page.render import Beside, Told
from labelnoise.recheck import cell, detected, label_studio, lists
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import Detected, Judgement
from labelnoise.types import Dataset


class Made(NamedTuple):
    """What the stages before made of a data set."""

    found: Detected
    columns: Columns
    dataset: Dataset
    source: Source
    audit: Audit


def judged(of: Made, limits: Any) -> Judgement:
    """The list's run, with P(wrong) as the audit sets it right. limits: `detect` of params.yaml."""
    run = detected.listed_run(of.found, of.source)
    found = _judged(of, run)
    if of.audit.numbers is None:
        return found
    return state.adjusted(found, of.found.p_wrong[run], of.audit.numbers, limits)


def _judged(of: Made, run: int) -> Judgement:
    return detected.judge(of.found, run, of.dataset, of.columns, of.source)


def unseen(found: Judgement) -> np.ndarray:
    """Positions [M] of the list, without those that people could not tell."""
    order = lists.ranked(found)
    return order[found.answers[order] != UNSURE]


def work(of: Made, found: Judgement, section: Any) -> list[int]:
    """Examples of the work list: suspects and labels of the audit."""
    suspects = unseen(found)[: max(section.export, lists.flagged(found))].tolist()
    return worklist.mixed(suspects, state.waiting(of.audit), section.audit.mixed, section.audit.seed)


def texts(of: Made, about: About, beside: Beside, section: Any, limits: Any, level: float) -> dict[str, str]:
    """Files by name. section: `recheck` of params.yaml; limits: `detect`; level: of the audit's limits."""
    found = judged(of, limits)
    rows = work(of, found, section)
    asked = [lists.asked(of.dataset, found, at) for at in rows]
    root = None if about.root is None else about.root.resolve().name
    seen = str(of.found.network[found.run])
    numbers = told(of, found, rows, section.cost.worth)
    said = words.sentence(numbers.now, numbers.audit, level)
    html = render.page(about, numbers, of.dataset, found, beside, section, limits.gate, seen, level)
    return {
        "list.html": html,
        "to_recheck.csv": lists.text(of.dataset, lists.to_recheck(of.dataset, found)),
        "to_audit.csv": worklist.text(asked, "file" if of.dataset.files else "index"),
        "label_studio.json": label_studio.tasks(of.dataset, asked, root),
        "label_studio.xml": label_studio.interface(of.dataset.class_names),
        "verdict.txt": "\n".join([*words.first(beside.input_faults), said]) + "\n",
    }


def told(of: Made, found: Judgement, rows: list[int], worth: float) -> Told:
    """The numbers of the page. rows: of the work list; worth: `recheck.cost.worth`."""
    rechecked = of.found.noise[found.run] == cell.NOISE
    before = facts.summary(_judged(of, detected.run_before(of.found, of.source))) if rechecked else None
    transition = of.found.transition_low[found.run]
    return Told(
        facts.summary(found),
        before,
        facts.answered(found),
        facts.truth(found, of.dataset.clean_labels),
        facts.confusions(transition, of.dataset.class_names),
        audited(of.audit, found.p_wrong[unseen(found)], rows, worth, np.flatnonzero(found.given >= 0)),
    )


def gallery(of: Made, most: int, limits: Any) -> pd.DataFrame:
    """Table `gallery`."""
    found = judged(of, limits)
    return lists.gallery(detected.key(of.found, of.columns, found.run), of.dataset, found, most)
