"""All that the list stage writes: the list, what to look at next, a page, tasks for Label Studio, a sentence."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise.audit import state, stop, worklist
from labelnoise.audit.state import Audit
from labelnoise.list_page import facts, render, words
from labelnoise.list_page import review as review_page
from labelnoise.list_page.about import About
from labelnoise.list_page.audited import audited
from labelnoise.list_page.gate_words import capital
from labelnoise.list_page.render import Beside, Numbers
from labelnoise.list_page.review_cards import Asked
from labelnoise.noise.noisy_labels import UNSURE, NoisyLabels
from labelnoise.recheck import cell, detected, label_studio, lists
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import AsShown, Detected
from labelnoise.types import Dataset


class Inputs(NamedTuple):
    """What the stages before made of a data set."""

    detected: Detected
    columns: NoisyLabels
    dataset: Dataset
    source: Source
    audit: Audit


def listed(of: Inputs, limits: Any) -> AsShown:
    """The list's run, with P(wrong) as the audit sets it right. limits: `detect` of params.yaml."""
    run = detected.listed_run(of.detected, of.source)
    shown = _as_shown(of, run)
    if of.audit.numbers is None:
        return shown
    return state.adjusted(shown, of.detected.p_wrong[run], of.audit.numbers, limits)


def _as_shown(of: Inputs, run: int) -> AsShown:
    return detected.as_shown(of.detected, run, of.dataset, of.columns, of.source)


def unseen(shown: AsShown) -> np.ndarray:
    """Positions [M] of the list, without those that people could not tell."""
    order = lists.ranked(shown)
    return order[shown.answers[order] != UNSURE]


def work(of: Inputs, shown: AsShown, section: Any) -> list[int]:
    """Examples of the work list: suspects and labels of the audit."""
    order = unseen(shown)
    advised = (
        stop.worth_a_look(shown.p_wrong[order], section.cost.worth) if of.audit.look or not of.audit.looks else 0
    )
    suspects = order[: max(section.export, lists.flagged(shown), advised)].tolist()
    return worklist.mixed(suspects, state.waiting(of.audit), section.audit.mixed, section.audit.seed)


def texts(of: Inputs, about: About, beside: Beside, section: Any, limits: Any, level: float) -> dict[str, str]:
    """Files by name. section: `recheck` of params.yaml; limits: `detect`; level: of the audit's limits."""
    shown = listed(of, limits)
    rows = work(of, shown, section)
    asked = [lists.asked(of.dataset, shown, at) for at in rows]
    untold = worklist.untold(rows, state.waiting(of.audit), section.audit.seed)
    believed = ["" if hidden else lists.believed(shown, at) for at, hidden in zip(rows, untold, strict=True)]
    root = None if about.root is None else about.root.resolve().name
    seen = str(of.detected.network[shown.run])
    numbers = page_numbers(of, shown, rows, section.cost.worth)
    by = render.judged_by(about, of.dataset, seen)
    said = words.sentence(numbers.now, by, numbers.audit, level, numbers.before, numbers.answered)
    html = render.page(about, numbers, of.dataset, shown, beside, section, limits.gate, seen, level)
    return {
        "list.html": html,
        "to_recheck.csv": lists.text(of.dataset, lists.to_recheck(of.dataset, shown)),
        "to_audit.csv": worklist.text(asked, "file" if of.dataset.files else "index"),
        "label_studio.json": label_studio.tasks(of.dataset, asked, believed, root),
        "label_studio.xml": label_studio.interface(of.dataset.class_names),
        "verdict.txt": "\n".join([*words.first(beside.input_faults), _of_what(about, said)]) + "\n",
    }


def _of_what(about: About, said: str) -> str:
    """The verdict as it is read without its page: labels of a study were made wrong on purpose."""
    return f"{capital(about.labels)}: {said[0].lower()}{said[1:]}" if about.cell else said


def review(
    of: Inputs, about: About, section: Any, limits: Any, features: dict, answers: np.ndarray, folder: Path
) -> str:
    """The page on which people answer. features: name -> [N, D]; answers: int [N]; folder: where it will be."""
    shown = listed(of, limits)
    rows, waiting = work(of, shown, section), state.waiting(of.audit)
    asked = Asked(of.dataset, shown, of.audit, rows, waiting, features, answers)
    by = render.judged_by(about, of.dataset, str(of.detected.network[shown.run]))
    return review_page.page(asked, about, section, folder, by)


def page_numbers(of: Inputs, shown: AsShown, rows: list[int], worth: float) -> Numbers:
    """The numbers of the page. rows: of the work list; worth: `recheck.cost.worth`."""
    rechecked = of.detected.noise[shown.run] == cell.NOISE
    answered, before = facts.answered(shown, state.wrong_as_drawn(of.audit, len(shown.given))), None
    if rechecked and answered:
        before = facts.summary(_as_shown(of, detected.run_before(of.detected, of.source)))
    transition = of.detected.transition_low[shown.run]
    return Numbers(
        facts.summary(shown),
        before,
        answered,
        facts.truth(shown, of.dataset.clean_labels),
        facts.confusions(transition, of.dataset.class_names),
        audited(of.audit, shown.p_wrong[unseen(shown)], rows, worth, np.flatnonzero(shown.given >= 0)),
    )


def gallery(of: Inputs, most: int, limits: Any) -> pd.DataFrame:
    """Table `gallery`."""
    shown = listed(of, limits)
    return lists.gallery(detected.key(of.detected, of.columns, shown.run), of.dataset, shown, most)
