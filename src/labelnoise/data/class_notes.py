"""What is odd about classes before anything is trained: names that look alike, and classes with hardly a label."""

import re
import unicodedata
from decimal import Decimal

import numpy as np

from labelnoise.data.words import counted, some
from labelnoise.types import Note

FEW = 5  # labels of a class: with fewer, hardly anything can be told of it
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")
BETWEEN = re.compile(r"(?<!\d)[\s_-]+|[\s_-]+(?!\d)")  # digits on both sides are two numbers


def notes(names: list[str], given: np.ndarray, test_fold: np.ndarray) -> list[Note]:
    """names [C]; given int [N], -1 where a label is missing; test_fold int [N]."""
    trained = test_fold < 0 if (test_fold < 0).any() else np.ones(len(given), bool)
    counts = np.bincount(given[given >= 0], minlength=len(names)).tolist()
    learned = np.bincount(given[trained & (given >= 0)], minlength=len(names)).tolist()
    return [*_alike(names, counts), *_invisible(names), *_tiny(names, counts), *_untrained(names, learned)]


def look(name: str) -> str:
    """What names that look alike have in common: letters whatever their case and form, no blanks, hyphens and
    invisible characters; the value of a number."""
    shown = _visible(unicodedata.normalize("NFKC", name)).casefold().strip()
    if NUMBER.fullmatch(shown):
        return str(Decimal(shown).normalize() + 0)
    return BETWEEN.sub("", shown)


def _visible(name: str) -> str:
    """Without zero-width characters and those that set the direction of text (category Cf)."""
    return "".join(letter for letter in name if unicodedata.category(letter) != "Cf")


def _alike(names: list[str], counts: list[int]) -> list[Note]:
    together: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        together.setdefault(look(name), []).append(at)
    alike = [members for members in together.values() if len(members) > 1]
    if not alike:
        return []
    told = [" and ".join(f"{names[at]!r} ({counts[at]:,})" for at in members) for members in alike]
    what = f"classes look alike: {some(told)}: if they are one class, give all its examples one name"
    return [Note("class_names", what, sum(map(len, alike)), some(told))]


def _invisible(names: list[str]) -> list[Note]:
    odd = [repr(name) for name in names if _visible(name) != name]
    what = f"{counted(len(odd), 'class has', 'classes have')} invisible characters in the name: {some(odd)}"
    return [Note("class_names", what, len(odd), some(odd))] if odd else []


def _tiny(names: list[str], counts: list[int]) -> list[Note]:
    few = [f"{name} ({count})" for name, count in zip(names, counts) if count < FEW]
    said = counted(len(few), "class has", "classes have")
    what = f"{said} fewer than {FEW} labels: hardly anything can be told of {some(few)}"
    return [Note("tiny_class", what, len(few), some(few))] if few else []


def _untrained(names: list[str], learned: list[int]) -> list[Note]:
    lost = [name for name, count in zip(names, learned) if not count]
    said = counted(len(lost), "class is", "classes are")
    what = f"{said} in the test part only: no network of the study learns {some(lost)}"
    return [Note("no_training", what, len(lost), some(lost))] if lost else []
