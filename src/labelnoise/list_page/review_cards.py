"""What the review page knows of each label it asks about, as one object for its script.

Long rows of numbers travel as 16- or 32-bit integers in base64: little-endian, as browsers have them.

Shape letters: N examples of the data set, M cards, I images, F labels of the audit's frame, S strata.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from labelnoise.audit import codes, frame, worklist
from labelnoise.audit.frame import KNOWN, NOT_DRAWN
from labelnoise.audit.state import Audit
from labelnoise.detect import tiers
from labelnoise.detect.types import ORDER
from labelnoise.list_page import neighbours, pictures
from labelnoise.list_page.about import About
from labelnoise.noise.noisy_labels import LEFT_OUT, UNANSWERED, UNSURE
from labelnoise.recheck.answers import WORDS
from labelnoise.recheck.detected import AsShown
from labelnoise.recheck.verdict import STATED
from labelnoise.types import Dataset

KINDS = ("suspect", "suspect blind", "audit", "grid")  # in the export: how a label came to be looked at
TRUSTED = dict.fromkeys(STATED, ", not suspect:") | {ORDER: ", less suspect:"}
NOTHING = 0xFFFF_FFFF  # stands for no number
PIXELS = 64  # images of up to so many a side travel as pixels where they have no file
MOST_THUMBNAILS = 4000  # within the page (ours): more are shown by their files alone


class Asked(NamedTuple):
    """What is asked about, and what is known."""

    dataset: Dataset
    shown: AsShown
    audit: Audit
    rows: list[int]  # examples, in the order of the work list
    waiting: list[int]  # of them those of the audit
    features: dict[str, np.ndarray]  # name -> [N, D]
    answers: np.ndarray  # int [N] of earlier rounds


def cards(of: Asked, about: About, section: Any, folder: Path) -> dict:
    """section: `recheck` of params.yaml; folder: of the page, from which files are found."""
    rows = np.array(of.rows, np.int64)
    untold = np.array(worklist.untold(of.rows, of.waiting, section.audit.seed), bool)
    suggestion = np.where(untold, -1, of.shown.suggestion[rows])
    beside = _beside(of, rows, suggestion)
    examples, near = _examples(rows, beside)
    audit = np.isin(rows, of.waiting)
    page = {
        "files": of.dataset.files,
        "classes": of.dataset.class_names,
        "words": {code: _word(of.dataset.class_names, code) for code in (UNSURE, LEFT_OUT)},
        "said": {word: code for word, code in WORDS.items() if word not in _folded(of.dataset.class_names)},
        "kinds": KINDS,
        "trusted": TRUSTED.get(of.shown.gate.verdict, ":"),
        "tiers": [name if name != tiers.NAMES[tiers.NONE] else "" for name in tiers.NAMES],
        "seconds": section.cost.seconds,
        "labels": _packed(of.shown.given),
        "before": [[int(at), int(of.answers[at])] for at in np.flatnonzero(of.answers != UNANSWERED)],
        "cards": {
            "count": len(rows),
            "suggestion": _packed(suggestion),
            "wrong": [None if hidden or p != p else round(float(p), 4)
                      for hidden, p in zip(untold, of.shown.p_wrong[rows], strict=True)],
            "tier": np.where(untold, 0, of.shown.tier[rows]).tolist(),
            "sure": (~untold & of.shown.sure[rows]).astype(int).tolist(),
            "kind": np.where(audit, KINDS.index("audit"), untold).tolist(),
            "given": _packed(of.shown.given[rows]),
            **_drawn(of.audit, of.dataset, rows),
            "near": _packed(near),
        },
        "examples": _packed(examples),
        "images": _images(of.dataset, about, examples, len(rows), folder),
        "audit": _audit(of.audit, rows),
    }  # fmt: skip
    return {"key": hashlib.sha256(text(page).encode()).hexdigest()[:20]} | page


def text(page: dict) -> str:
    """As JSON that may stand in a page: no name can end the element that holds it."""
    escaped = json.dumps(page, ensure_ascii=True, separators=(",", ":"))
    return escaped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _beside(of: Asked, rows: np.ndarray, suggestion: np.ndarray) -> np.ndarray:
    """int [M, 2, COUNT]: examples of the given class, and of the suggested one."""
    of_class = neighbours.pools(of.shown, len(of.dataset.class_names))
    given = of.shown.given[rows]
    return np.stack([neighbours.nearest(of.features, rows, k, of_class) for k in (given, suggestion)], 1)


def _examples(rows: np.ndarray, beside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[I] examples of all images of the page, those of the cards first; beside, as positions in it."""
    others = np.setdiff1d(beside[beside >= 0], rows)
    examples = np.concatenate([rows, others])
    order = np.argsort(examples, kind="stable")
    if not len(examples):
        return examples, beside
    place = order[np.searchsorted(examples, np.maximum(beside, 0), sorter=order).clip(max=len(order) - 1)]
    return examples, np.where(beside >= 0, place, -1)


def _packed(numbers: np.ndarray) -> str:
    """int [...] as base64 of 32 bits, or of 16 where that is enough; below 0: NOTHING of that width."""
    kind = "<u2" if numbers.max(initial=0) < NOTHING & 0xFFFF else "<u4"
    whole = np.where(numbers < 0, NOTHING if kind == "<u4" else NOTHING & 0xFFFF, numbers)
    return f"{8 * np.dtype(kind).itemsize}:" + base64.b64encode(whole.astype(kind).tobytes()).decode()


def _word(class_names: list[str], code: int) -> str:
    """What stands in the export for `code`: a word that is no class. Empty where all are."""
    return next((word for word, of in WORDS.items() if of == code and word not in _folded(class_names)), "")


def _folded(class_names: list[str]) -> set[str]:
    return set(map(str.casefold, class_names))


def _images(dataset: Dataset, about: About, examples: np.ndarray, first: int, folder: Path) -> dict:
    """Of the examples, the first of which are the cards'."""
    channels, height, width = dataset.images.shape[1:]
    at_hand = about.root is not None and bool(dataset.files)
    if not at_hand and (dataset.images.dtype != np.uint8 or not dataset.images.size):
        return {"kind": "none"}
    if not at_hand and max(height, width) <= PIXELS:
        pixels = np.rint(dataset.images[examples] * (255 / pictures.brightest(dataset))).astype(np.uint8)
        shown = pixels[:, :3] if channels >= 3 else pixels[:, :1]
        size = {"channels": shown.shape[1], "height": height, "width": width}
        return {"kind": "pixels", **size, "data": base64.b64encode(shown.tobytes()).decode()}
    below = list(range(first, len(examples))) + list(range(first))  # those that stand beside others come first
    kept = set(below[:MOST_THUMBNAILS])
    made = [
        pictures.thumbnail(dataset, int(at), about.root, about.max_pixels, about.white) if place in kept else ""
        for place, at in enumerate(examples)
    ]
    return {"kind": "files", "thumbnails": made, "folder": _address(about.root, folder) if at_hand else ""}


def _address(root: Path, folder: Path) -> str:
    """Of `root` from a page in `folder`, ending with a slash."""
    return quote(os.path.relpath(root.resolve(), folder.resolve()).replace(os.sep, "/")) + "/"


def _drawn(audit: Audit, dataset: Dataset, rows: np.ndarray) -> dict:
    """Of each card its stratum at the draw, S where the frame has not its label, and its class then."""
    of, classes = audit.frame, {name: k for k, name in enumerate(dataset.class_names)}
    row = {at: row for row, at in enumerate(audit.at.tolist()) if at >= 0}
    where = [row.get(at) for at in rows.tolist()]
    strata = [len(frame.NAMES) if at is None else int(of.stratum[at]) for at in where]
    was = np.array([-1 if at is None else classes.get(of.given[at], -1) for at in where], np.int64)
    return {"stratum": strata, "was": _packed(was)}


def _audit(audit: Audit, rows: np.ndarray) -> dict:
    """What limits are computed from: strata, and what was answered before this page.

    places: of each label in the order of the audit, its card (-1: none), its stratum, its code by earlier answers.
    """
    of, strata = audit.frame, range(len(frame.NAMES))
    told = np.where(audit.code == codes.GONE, codes.UNSURE, audit.code)  # the page's own answers end there
    card = {at: place for place, at in enumerate(rows.tolist())}
    drawn = np.flatnonzero(of.place > NOT_DRAWN)
    ordered = drawn[np.argsort(of.place[drawn])]

    def number(part: np.ndarray) -> list[int]:
        return [int((part & (of.stratum == k)).sum()) for k in strata]

    return {
        "looks": list(audit.looks),
        "level": audit.level,
        "total": len(of.index),
        "size": number(np.ones(len(of.index), bool)),
        "known": KNOWN,
        "wrong": number(audit.code == codes.WRONG),
        "right": number(audit.code == codes.RIGHT),
        "unknown": number(np.isin(audit.code, (*codes.MAY_BE_EITHER, codes.UNANSWERED))),
        "places": [[card.get(int(audit.at[row]), -1), int(of.stratum[row]), int(told[row])] for row in ordered],
    }
