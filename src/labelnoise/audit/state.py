"""An audit as it stands: its frame, what people said of it, and what follows for the list.

Shape letters: F labels of the frame, N examples of the data set.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from labelnoise.audit import codes, frame, recalibration, statements
from labelnoise.audit.frame import Frame
from labelnoise.audit.heard import Heard
from labelnoise.detect import tiers
from labelnoise.detect.types import MAJORITY
from labelnoise.recheck import verdict
from labelnoise.recheck.detected import AsShown
from labelnoise.types import Dataset


class Audit(NamedTuple):
    """One audit as it stands."""

    frame: Frame
    code: np.ndarray  # int8 [F], of audit.codes
    at: np.ndarray  # int [F] where the labels are now, -1: their file is gone
    looks: tuple[int, ...]
    look: int  # answers that count
    level: float  # of a look
    numbers: tuple[float, float] | None  # by which P(wrong) is set right; None before the first look
    pairs: int  # labels up to the look with two answers
    differ: int  # of them, with two different ones


def chosen(
    kept: Sequence[Frame], before: AsShown, p_wrong: np.ndarray, dataset: Dataset, heard: Heard, section: Any
) -> Frame:
    """One of the frames `kept`, in the order of their draws, or a new one of `section.round`.

    Kept is the frame of which most labels that it asks for were answered; with none answered, the last one of
    these very files and labels, since somebody may have its labels in hand: other features alone draw nothing
    anew. A frame of which less than half is there is another data set's. before: of the labels as given;
    p_wrong [N]: of the same run, told or not; section: `recheck.audit`.
    """
    of_round = [of for of in kept if of.round == section.round]
    answers = [_answers(of, dataset, heard) for of in of_round]
    if any(answers):
        return max(zip(answers, range(len(answers)), of_round, strict=True), key=lambda one: one[:2])[2]
    own = "given" in dataset.human_labels  # the study's audits are drawn from what it finds, each time
    new = drawn(before, p_wrong, dataset, heard, section)
    same = [of for of in of_round if own and _same(of, new)]
    return same[-1] if same else new


def _same(kept: Frame, new: Frame) -> bool:
    """Whether both are of the same files and labels; of pictures some may have been saved anew."""
    other = [a != b for a, b in zip(kept.content, new.content, strict=False) if a and b]
    return (kept.file, kept.given) == (new.file, new.given) and sum(other) <= len(other) / 2


def standing(
    of: Frame, dataset: Dataset, heard: Heard, section: Any, level: float, p_wrong: np.ndarray | None = None
) -> Audit:
    """How far it has got. section: `recheck.audit`; level: of all looks together; p_wrong [N]: of the labels as
    given, by the model of today, which is to be set right; None: that at the draw, which stays of labels that were
    changed since, as by moving their files: today's is of another label."""
    at = codes.positions(of, dataset)
    code = codes.codes(of, dataset, heard.label, heard.gone, at)
    looks = codes.reachable(of, of.looks or section.looks)
    look = codes.look(of, code, looks)
    today = of.p_wrong if p_wrong is None else np.where(_as_drawn(of, dataset, at), p_wrong[at], of.p_wrong)
    numbers = _numbers(of, code, look, today) if look else None
    answers = [heard.votes.get(row, ()) for row in at[codes.sampled(of, look)].tolist()]
    twice = [one[:2] for one in answers if len(one) > 1]
    differ = sum(first != second for first, second in twice)
    own = (look, statements.at_look(level, max(len(looks), 1)), numbers, len(twice), differ)
    return Audit(of, code, at, looks, *own)


def _as_drawn(of: Frame, dataset: Dataset, at: np.ndarray) -> np.ndarray:
    """bool [F]: labels that are there, and what they were at the draw."""
    given = dataset.human_labels.get("given")
    if given is None:
        return at >= 0
    names = np.array([*dataset.class_names, ""])[given[at]]  # the last for -1
    return (at >= 0) & (names == np.array(of.given))


def wrong_as_drawn(audit: Audit, count: int) -> np.ndarray:
    """bool [N] of `count` examples: those whose label at the draw was wrong, as answers say; not the one that is
    left of two copies, where that was right."""
    found, there = np.zeros(count, bool), audit.at >= 0
    found[audit.at[there & (audit.code == codes.WRONG)]] = True
    found[audit.at[there & (audit.code == codes.RIGHT)]] = False
    return found


def _answers(kept: Frame, dataset: Dataset, heard: Heard) -> int:
    """How many labels that the audit asks for were answered, also of files that are gone; 0 for a frame of another
    data set, of which less than half is there: some labels are by chance, as one of C rows without contents."""
    at, lost = codes.positions(kept, dataset), dict(heard.gone)
    known = [
        heard.label[row] != -1 if row >= 0 else kept.file[place] in lost for place, row in enumerate(at.tolist())
    ]
    there, half = int((at >= 0).sum()), len(at) / 2
    there = there >= half if any(kept.content) else there > half
    return int((np.array(known, bool) & (kept.place > frame.NOT_DRAWN)).sum()) if there else 0


def drawn(before: AsShown, p_wrong: np.ndarray, dataset: Dataset, heard: Heard, section: Any) -> Frame:
    """A new frame of all labels; those that were answered are known in full."""
    index = np.flatnonzero((before.given >= 0) & np.isfinite(p_wrong))
    seen = verdict.listed(before.gate)  # else all labels are one stratum: the model knows nothing of them
    own = p_wrong[index] if seen else np.full(len(index), np.nan)
    stratum = np.where(heard.label[index] != -1, frame.KNOWN, frame.strata(own)).astype(np.int8)
    place = frame.places(stratum, section.purpose, max(section.looks), section.seed, section.round)
    told = before.gate.verdict in verdict.STATED
    return Frame(
        index,
        [dataset.files[row] if dataset.files else "" for row in index.tolist()],
        [dataset.contents[row] if dataset.contents else "" for row in index.tolist()],
        [dataset.class_names[label] for label in before.given[index].tolist()],
        stratum,
        own,
        [tiers.NAMES[code] if told else "" for code in before.tier[index].tolist()],
        place,
        section.round,
        tuple(section.looks),
    )


def _numbers(of: Frame, code: np.ndarray, look: int, p_wrong: np.ndarray) -> tuple[float, float] | None:
    """p_wrong [F]"""
    told = codes.sampled(of, look) & np.isin(code, [codes.RIGHT, codes.WRONG]) & np.isfinite(p_wrong)
    return recalibration.fitted(p_wrong[told], code[told] == codes.WRONG) if told.any() else None


def waiting(audit: Audit) -> list[int]:
    """Examples that the audit still asks for, in its order."""
    rows = np.flatnonzero((audit.frame.place > frame.NOT_DRAWN) & (audit.code == codes.UNANSWERED))
    return audit.at[rows[np.argsort(audit.frame.place[rows])]].tolist()


def adjusted(shown: AsShown, p_wrong: np.ndarray, numbers: tuple[float, float], section: Any) -> AsShown:
    """`found` with P(wrong) set right by the audit, and its tiers by that.

    An obvious error must be one by the gate and by the new P(wrong), which must not say right. The order stays.
    p_wrong [N]: of the list's run; section: `detect` of params.yaml.
    """
    if shown.gate.verdict not in verdict.STATED:
        return shown
    right = recalibration.applied(p_wrong, numbers)
    open_ = np.where((shown.given >= 0) & (shown.answers < 0), right, np.nan)
    head = np.zeros(len(right), bool)
    head[tiers.rule_a(np.where(open_ > MAJORITY, open_, np.nan), section.obvious)] = True
    tier = tiers.assign(open_, np.flatnonzero(head & (shown.tier == tiers.OBVIOUS)), section.possible)
    return shown._replace(p_wrong=right, tier=tier, sure=shown.sure & (tier == tiers.OBVIOUS))
