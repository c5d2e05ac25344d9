"""What people said of the labels of a frame, by name or content of their files, and how far the audit has got.

Shape letters: F labels of the frame, N examples of the data set.
"""

from collections.abc import Sequence

import numpy as np

from labelnoise.audit.frame import KNOWN, NOT_DRAWN, Frame
from labelnoise.types import Dataset

UNANSWERED, RIGHT, WRONG, UNSURE, GONE = range(5)  # unsure: nobody can tell; gone: a file that nobody answered
MAY_BE_EITHER = (UNSURE, GONE)  # right or wrong: limits allow for both


def positions(frame: Frame, dataset: Dataset) -> np.ndarray:
    """int [F]: where the frame's labels are now, -1 where their file is gone. A moved file keeps its content."""
    if not dataset.files:
        return _by_index(frame, dataset)
    by_name = {name: at for at, name in enumerate(dataset.files)}
    by_content = {content: at for at, content in reversed(list(enumerate(dataset.contents))) if content}
    contents = set(frame.content)

    def place(file: str, content: str) -> int:
        at = by_name.get(file, -1)
        now = dataset.contents[at] if at >= 0 and dataset.contents else ""
        if at >= 0 and (not content or now in ("", content)):
            return at
        if content in by_content:
            return by_content[content]
        return at if now not in contents else -1  # saved anew, or another picture of the frame under its name

    return np.array([place(*of) for of in zip(frame.file, frame.content, strict=True)], np.int64)


def _by_index(frame: Frame, dataset: Dataset) -> np.ndarray:
    """An example whose label is another one now is taken for another example."""
    given = dataset.human_labels.get("given")
    there = frame.index < len(dataset.clean_labels)
    if given is not None:
        now = given[np.where(there, frame.index, 0)]
        same = [of < 0 or dataset.class_names[of] == was for of, was in zip(now, frame.given, strict=True)]
        there &= np.array(same, bool)
    return np.where(there, frame.index, -1)


def codes(
    frame: Frame, dataset: Dataset, answers: np.ndarray, gone: Sequence[tuple[str, str | None]], at: np.ndarray
) -> np.ndarray:
    """int8 [F] of UNANSWERED, RIGHT, WRONG, UNSURE, GONE. A lost label is gone, unless it was answered before.

    answers: int [N], a class, -1 unanswered, below that nobody can tell; gone: (file, class named) of answers
    whose files are no longer there; at: `positions`.
    """
    lost = dict(gone)
    made = np.empty(len(at), np.int8)
    for row, position in enumerate(at.tolist()):
        if position < 0:
            if frame.file[row] not in lost:
                made[row] = GONE
                continue
            said = lost[frame.file[row]]
        else:
            answer = int(answers[position])
            if answer == -1:
                made[row] = UNANSWERED
                continue
            said = dataset.class_names[answer] if answer >= 0 else None
        made[row] = UNSURE if said is None else RIGHT if said == frame.given[row] else WRONG
    return made


def reachable(frame: Frame, looks: Sequence[int]) -> tuple[int, ...]:
    """`looks`, none beyond the labels that the audit asks for: small data have fewer."""
    asked = int((frame.place > NOT_DRAWN).sum())
    return tuple(sorted({min(of, asked) for of in looks} - {0}))


def look(frame: Frame, code: np.ndarray, looks: Sequence[int]) -> int:
    """The largest of `looks` up to which every label in the order of the audit is answered; 0: none yet."""
    done = answered_prefix(frame, code)
    return max((of for of in looks if of <= done), default=0)


def answered_prefix(frame: Frame, code: np.ndarray) -> int:
    """How many labels in the order of the audit are answered before the first that is not."""
    drawn = np.flatnonzero(frame.place > NOT_DRAWN)
    ordered = code[drawn[np.argsort(frame.place[drawn])]]
    waiting = np.flatnonzero(ordered == UNANSWERED)
    return int(waiting[0]) if len(waiting) else len(ordered)


def sampled(frame: Frame, look_: int) -> np.ndarray:
    """bool [F]: the labels drawn at random whose answers count at the look."""
    return (frame.place > NOT_DRAWN) & (frame.place <= look_)


def counted(frame: Frame, look_: int) -> np.ndarray:
    """bool [F]: those, and all that was known before the draw."""
    return sampled(frame, look_) | (frame.stratum == KNOWN)
