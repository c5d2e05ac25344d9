"""What is said of a section that pydantic refuses: a line for each fault."""

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from labelnoise.claims.statements import KINDS
from labelnoise.sections.kinds import NAME_PATTERN, allowed

_UNION_BRANCH = re.compile(r"int|float|constrained-int|literal\[.*\]")


def message(error: ValidationError, path: str) -> str:
    """A line for each fault, that names the key and what is allowed."""
    lines: dict[str, None] = {}
    unions = set()  # pydantic says why none of its branches fits: the first will do
    for fault in error.errors():
        key = _key(fault["loc"])
        if key in unions:
            continue
        unions |= {key} if len(key) < len(fault["loc"]) else set()
        lines |= dict.fromkeys(_lines(fault, ".".join(key), path))
    return "\n".join(lines)


def _key(place: tuple[str | int, ...]) -> tuple[str, ...]:
    """Without the branch of a union, as in run.workers.literal['auto']."""
    return tuple(part for part in map(str, place) if not _UNION_BRANCH.fullmatch(part))


def _lines(fault: Any, key: str, path: str) -> list[str]:
    """What a check of this package says may be several faults."""
    if fault["type"] == "float_type" and re.fullmatch(r"[-+]?[0-9.]+e[-+]?[0-9]+", str(fault["input"])):
        fault["msg"] += " (YAML reads 1e-3 as text: write 1.0e-3)"
    if fault["type"] == "string_pattern_mismatch" and fault["ctx"]["pattern"] == NAME_PATTERN:
        return [f"{path}: {_bad_name(key, fault['input'])}"]
    key = re.sub(r"(\.compare\.[0-9]+)\.[a-z_]+", r"\1", key)  # nor the kind of a comparison
    if fault["type"].startswith("union_tag_") and ".compare." in key:
        return [f"{path}: {key}.kind: missing or unknown; {allowed(KINDS)}"]
    text = fault["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    value = "" if isinstance(fault["input"], dict | list | BaseModel) else f" = {fault['input']!r}"
    if fault["type"] == "missing":
        return [f"{path}: {key}: missing key"]
    return [f"{path}: {key}{value}: {line}" if key else f"{path}: {line}" for line in text.split("\n")]


def _bad_name(key: str, name: str) -> str:
    """In place of a pattern. A key of a mapping stands in its own place, as `datasets.My photos.[key]`."""
    place = key.removesuffix(f".{name}.[key]")
    close = re.sub(r"[^a-z0-9-]+", "_", name.lower()).strip("_-")
    instead = f", as {close!r}" if close else ""
    return f"{place}: the name {name!r}; allowed: lower-case letters, digits, _ and -{instead}"
