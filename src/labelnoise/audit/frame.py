"""The frame of an audit: every label at the time of the draw, its stratum, and the order in which to ask.

It is drawn before anybody answers, and kept: later lists, other features and moved files do not change it, and
the frame of another data set is kept beside it. Within a stratum the order is random. Answers count up to a look
(60, 100, 200 labels in that order), whose number per stratum is fixed beforehand: so people may stop anywhere, and
no answer decides what is counted.

Shape letters: F labels of the frame, S strata.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labelnoise import files

STRATA = ("suspect", "doubtful", "rest")  # by P(wrong); `known` was rechecked before the draw
KNOWN = len(STRATA)
NAMES = (*STRATA, "known")
CUTS = (0.5, 0.05)  # P(wrong) above which a label is suspect, and doubtful
PURPOSES = {"calibrate": (0.4, 0.3, 0.3), "certify": (0.2, 0.2, 0.6)}  # share of each stratum among the answers
COLUMNS = ("index", "file", "content", "given", "stratum", "p_wrong", "tier", "place", "round", "looks")
NOT_DRAWN = 0
_SEQUENCE = 7  # random stream


class Frame(NamedTuple):
    """One draw; a row per label."""

    index: np.ndarray  # int [F] of the example, at the time of the draw
    file: list[str]  # [F] its file then; all empty where examples have none
    content: list[str]  # [F] sha256 of the file; empty where not known
    given: list[str]  # [F] name of its class then
    stratum: np.ndarray  # int8 [F] position in NAMES
    p_wrong: np.ndarray  # [F]; NaN where the gate let nothing be told
    tier: list[str]  # [F]
    place: np.ndarray  # int [F] in the order of the audit, from 1; NOT_DRAWN elsewhere
    round: int
    looks: tuple[int, ...] = ()  # that were fixed when it was drawn; (): those of params.yaml


def strata(p_wrong: np.ndarray) -> np.ndarray:
    """int8 [F]; where nothing is told of P(wrong) [F] all are one stratum."""
    return np.where(p_wrong > CUTS[0], 0, np.where(p_wrong > CUTS[1], 1, 2)).astype(np.int8)


def places(stratum: np.ndarray, purpose: str, most: int, seed: int, round_: int) -> np.ndarray:
    """int [F]: the order in which `most` labels are asked for, from 1; NOT_DRAWN elsewhere.

    Every beginning of the order holds the strata in the shares of the purpose, as far as they have labels.
    """
    rng = np.random.default_rng([_SEQUENCE, seed, round_])
    waiting = [rng.permutation(np.flatnonzero(stratum == k)).tolist() for k in range(KNOWN)]
    order, taken = np.zeros(len(stratum), np.int64), np.zeros(KNOWN)
    share = np.array(PURPOSES[purpose])
    for place in range(1, min(most, sum(map(len, waiting))) + 1):
        left = np.array([len(of) > 0 for of in waiting])
        owed = np.where(left, share * place - taken, -np.inf)
        stratum_next = int(owed.argmax())
        taken[stratum_next] += 1
        order[waiting[stratum_next].pop()] = place
    return order


def text(frame: Frame) -> str:
    """As CSV."""
    return files.quoted(COLUMNS, (_row(frame, at) for at in range(len(frame.index))))


def _row(frame: Frame, at: int) -> list:
    p_wrong = "" if np.isnan(frame.p_wrong[at]) else float(f"{frame.p_wrong[at]:.6g}")
    own = [frame.file[at], frame.content[at], frame.given[at], NAMES[frame.stratum[at]]]
    row = [int(frame.index[at]), *own, p_wrong, frame.tier[at], int(frame.place[at]), frame.round]
    return [*row, " ".join(map(str, frame.looks))]


def kept(folder: Path) -> dict[Path, Frame]:
    """All frames of `folder` by their files, in the order of their draws. ValueError for a damaged one."""
    paths = [path for path in folder.glob("*.csv") if path.stem.isdecimal()]
    return {path: read(path) for path in sorted(paths, key=lambda path: int(path.stem))}


def place(folder: Path, before: Mapping[Path, Frame], round_: int, replace: bool) -> Path:
    """File of a new frame of a round, beside those `before`; replace: in the place of the last of its round."""
    same = [path for path, of in before.items() if of.round == round_]
    if replace and same:
        return same[-1]
    return folder / f"{1 + max((int(path.stem) for path in before), default=0)}.csv"


def read(path: Path) -> Frame:
    """What `text` wrote. ValueError when the file was damaged."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file, strict=True)
        if header != list(COLUMNS):
            raise ValueError(f"its columns are {', '.join(header)}")
        return _frame([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    except (ValueError, csv.Error) as error:
        hint = "put the file back, or delete it: then labels are drawn anew, among those without an answer"
        raise ValueError(f"{path}: not the frame of an audit ({error}); {hint}") from error


def _frame(rows: list[dict[str, str]]) -> Frame:
    numbers = {name: np.array([int(row[name]) for row in rows], np.int64) for name in ("index", "place", "round")}
    words = {name: [row[name] for row in rows] for name in ("file", "content", "given", "tier")}
    p_wrong = np.array([float(row["p_wrong"] or "nan") for row in rows])
    stratum = np.array([NAMES.index(row["stratum"]) for row in rows], np.int8)
    round_ = int(numbers.pop("round").max(initial=1))
    looks = tuple(map(int, rows[0]["looks"].split())) if rows else ()
    return Frame(stratum=stratum, p_wrong=p_wrong, round=round_, looks=looks, **numbers, **words)
