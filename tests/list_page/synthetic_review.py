"""Review pages of made data: as many labels as asked for, names that mean harm, and what is on them."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import synthetic_recheck as tiny

from labelnoise.audit import state, worklist
from labelnoise.audit.heard import Heard
from labelnoise.detect import tiers
from labelnoise.list_page import evidence, review
from labelnoise.list_page.about import About
from labelnoise.list_page.review_cards import Asked
from labelnoise.recheck import lists
from labelnoise.recheck.detected import AsShown
from labelnoise.types import Dataset

LEVEL = 0.95
HOSTILE = ["</script><script>alert(1)</script>", '=HYPERLINK("http://x.org";"y")', "100% \U0001f600 'q' \"q\"\nb"]
OWN = About("folder", "my <b>photos</b>", "labels from the names of their folders", True, None, 10**6)
DIGITS = About("digits", "digits", "labels made wrong on purpose", False, None, 0, cell="symmetric 0.4, seed 20")


def asked(
    n=300,
    names=tuple("0123456789"),
    files=False,
    gate=tiny.ALL,
    wrong=0.3,
    looks=(20, 40),
    export=None,
    answers=None,
) -> tuple[Asked, np.ndarray]:
    """What a page asks, and the true classes. A share `wrong` of labels is, and all of these are suspects."""
    rng, classes = np.random.default_rng(3), len(names)
    clean = rng.integers(0, classes, n)
    bad = rng.random(n) < wrong
    given = np.where(bad, (clean + rng.integers(1, classes, n)) % classes, clean)
    images = np.minimum(rng.integers(0, 9, (n, 1, 8, 8)) + clean[:, None, None, None], 16).astype(np.uint8)
    hostile = [f"{name}/{at} %41 #+&.png" for at, name in zip(range(n), [*HOSTILE, "plain"] * n)] if files else []
    data = Dataset(images, np.full(n, -1), np.full(n, -1), list(names), {}, {"given": given}, hostile)
    p_wrong = np.where(bad, rng.uniform(0.5, 1, n), rng.uniform(0, 0.09, n)).round(5)
    tier = np.select([p_wrong > 0.7, p_wrong > 0.1], [tiers.OBVIOUS, tiers.POSSIBLE], tiers.NONE).astype(np.int8)
    said = np.full(n, -1, np.int16) if answers is None else answers
    shown = AsShown(
        0, given.astype(np.int64), said, p_wrong, p_wrong, tier, p_wrong > 0.9, np.zeros(n, bool),
        np.where(bad, clean, -1), np.where(bad, p_wrong, np.nan), gate,
    )  # fmt: skip
    section = tiny.audit(looks=list(looks), purpose="certify")
    before = shown._replace(answers=np.full(n, -1, np.int16))
    frame = state.drawn(before, p_wrong, data, Heard(before.answers, [], {}), section)
    audit = state.standing(frame, data, Heard(said, [], {}), section, LEVEL)
    waiting = state.waiting(audit)
    suspects = lists.ranked(shown)[: export or lists.flagged(shown)].tolist()
    rows = worklist.mixed(suspects, waiting, section.mixed, section.seed)
    features = {"0_pixels": images.reshape(n, -1).astype(np.float32)}
    return Asked(data, shown, audit, rows, waiting, features, said), clean


def html(of: Asked, about=DIGITS, folder=Path(".")) -> str:
    by = evidence.of(["pixels"], noun="image", row="file" if of.dataset.files else "index")
    return review.page(of, about, tiny.section(), folder, by)


def known(page: str) -> dict:
    """What the page's script reads."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def unpacked(text: str) -> np.ndarray:
    """Numbers as the page packs them, -1 for nothing."""
    bits, data = text.split(":")
    numbers = np.frombuffer(base64.b64decode(data), {"16": "<u2", "32": "<u4"}[bits]).astype(np.int64)
    return np.where(numbers == 2 ** int(bits) - 1, -1, numbers)
