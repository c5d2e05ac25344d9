"""What the columns of the result tables hold: as a Frictionless Data Package (v1) of one data set, and as rows for
a page of all tables. Words and types are those of labelnoise.words."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from labelnoise import results, words
from labelnoise.words import kinds
from labelnoise.words.tables import TABLES

LIMITS = {"minimum": "low", "maximum": "high"}  # name of a constraint: that of a kind
FLAGS = {"trueValues": ["True"], "falseValues": ["False"]}


class Column(NamedTuple):
    """One column of one table."""

    name: str
    holds: str
    kind: str  # as in: number from 0 to 1
    key: bool


def tables() -> list[tuple[str, str, list[Column]]]:
    """Name of every table, what it is about, and its columns."""
    return [(name, TABLES[name], _columns(name)) for name in sorted(results.SCHEMA)]


def _columns(table: str) -> list[Column]:
    keys = results.SCHEMA[table][0]
    return [
        Column(name, kinds.described(name), str(kinds.kind(table, name)), name in keys)
        for name in results.columns(table)
    ]


def package(dataset: str, folder: Path) -> str:
    """The descriptor, as JSON, of the tables in `folder`/tables: it belongs into `folder`, and has no date."""
    found = [name for name in sorted(results.SCHEMA) if (folder / "tables" / f"{name}.csv").exists()]
    described = {
        "profile": "tabular-data-package",
        "name": dataset.lower(),
        "title": f"Result tables of labelnoise: {words.name(dataset)}",
    }
    resources = ",\n".join(_as_text(resource) for resource in _resources(found))
    return f'{_line(described)[:-1]}, "resources": [\n{resources}\n]}}\n'


def _as_text(resource: dict[str, Any]) -> str:
    """A line per field, so that a change of one is a line in git. Indents would make it half as large again."""
    fields = ",\n  ".join(_line(field) for field in resource["schema"].pop("fields"))
    return f'{_line(resource)[:-2]}, "fields": [\n  {fields}]}}}}'


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _resources(names: Iterable[str]) -> Iterable[dict[str, Any]]:
    for name in names:
        fields = [_field(name, column) for column in results.columns(name)]
        yield {
            "profile": "tabular-data-resource", "name": name, "path": f"tables/{name}.csv",
            "description": TABLES[name], "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
            "schema": {"primaryKey": results.SCHEMA[name][0], "missingValues": [""], "fields": fields},
        }  # fmt: skip


def _field(table: str, column: str) -> dict[str, Any]:
    kind = kinds.kind(table, column)
    limits = {name: getattr(kind, of) for name, of in LIMITS.items() if getattr(kind, of) is not None}
    field = {"name": column, "type": kind.base, "description": kinds.described(column)}
    return field | (FLAGS if kind.base == kinds.BOOLEAN else {}) | ({"constraints": limits} if limits else {})
