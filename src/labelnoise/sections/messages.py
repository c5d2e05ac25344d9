"""What is said of a section that pydantic refuses: one line."""

import re

from pydantic import BaseModel, ValidationError

from labelnoise.claims.statements import KINDS
from labelnoise.sections.kinds import NAME_PATTERN, allowed

_UNION_BRANCH = re.compile(r"int|float|constrained-int|literal\[.*\]")


def message(error: ValidationError, path: str) -> str:
    """The first error as one line that names the key and what is allowed."""
    first = error.errors()[0]
    if first["type"] == "float_type" and re.fullmatch(r"[-+]?[0-9.]+e[-+]?[0-9]+", str(first["input"])):
        first["msg"] += " (YAML reads 1e-3 as text: write 1.0e-3)"
    # pydantic names the branch of a union too, as in run.workers.literal['auto']
    key = ".".join(str(part) for part in first["loc"] if not _UNION_BRANCH.fullmatch(str(part)))
    if first["type"] == "string_pattern_mismatch" and first["ctx"]["pattern"] == NAME_PATTERN:
        return f"{path}: {_bad_name(key, first['input'])}"
    key = re.sub(r"(\.compare\.[0-9]+)\.[a-z_]+", r"\1", key)  # nor the kind of a comparison
    if first["type"].startswith("union_tag_") and ".compare." in key:
        return f"{path}: {key}.kind: missing or unknown; {allowed(KINDS)}"
    text = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    value = "" if isinstance(first["input"], dict | list | BaseModel) else f" = {first['input']!r}"
    if first["type"] == "missing":
        return f"{path}: {key}: missing key"
    return f"{path}: {key}{value}: {text}" if key else f"{path}: {text}"


def _bad_name(key: str, name: str) -> str:
    """In place of a pattern. A key of a mapping stands in its own place, as `datasets.My photos.[key]`."""
    place = key.removesuffix(f".{name}.[key]")
    close = re.sub(r"[^a-z0-9-]+", "_", name.lower()).strip("_-")
    instead = f", as {close!r}" if close else ""
    return f"{place}: the name {name!r}; allowed: lower-case letters, digits, _ and -{instead}"
