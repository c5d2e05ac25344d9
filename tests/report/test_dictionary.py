"""The data package against the specification, and against tables read with nothing but the csv module."""

import csv
import json
import re

import jsonschema
import pytest
import synthetic_tables
from made_report import CELLS, METHODS

from labelnoise import results
from labelnoise.report import dictionary
from labelnoise.words import kinds
from labelnoise.words.tables import TABLES

# what the specifications Data Package, Data Resource and Table Schema, v1, ask for, and what is used of them
NAME = {"type": "string", "pattern": "^[-a-z0-9._/]+$"}
FIELD = {
    "type": "object", "required": ["name", "type", "description"], "additionalProperties": False,
    "properties": {
        "name": {"type": "string"}, "description": {"type": "string", "minLength": 1},
        "type": {"enum": ["string", "number", "integer", "boolean"]},
        "constraints": {
            "type": "object", "additionalProperties": False,
            "properties": {"minimum": {"type": "number"}, "maximum": {"type": "number"}},
        },
        "trueValues": {"const": ["True"]}, "falseValues": {"const": ["False"]},
    },
}  # fmt: skip
RESOURCE = {
    "type": "object", "required": ["name", "path", "schema", "profile"],
    "properties": {
        "name": NAME, "path": {"type": "string", "pattern": r"^(?!/|\.\./)"},
        "profile": {"const": "tabular-data-resource"}, "encoding": {"const": "utf-8"},
        "schema": {
            "type": "object", "required": ["fields", "primaryKey", "missingValues"],
            "properties": {"fields": {"type": "array", "minItems": 1, "items": FIELD}},
        },
    },
}  # fmt: skip
PACKAGE = {
    "type": "object", "required": ["name", "profile", "resources"],
    "properties": {
        "name": NAME, "profile": {"const": "tabular-data-package"},
        "resources": {"type": "array", "minItems": 1, "items": RESOURCE},
    },
}  # fmt: skip
READ = {
    "integer": lambda text: int(text), "number": float, "string": str,
    "boolean": lambda text: {"True": True, "False": False}[text],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = synthetic_tables.make(METHODS, CELLS, seeds=2, epochs=2)
    found = tmp_path_factory.mktemp("reports") / "digits"
    synthetic_tables.write(found / "tables", made)
    return found


@pytest.fixture(scope="module")
def package(folder):
    return json.loads(dictionary.package("digits", folder))


def test_it_is_a_data_package_of_all_tables_that_are_there(package, folder):
    jsonschema.validate(package, PACKAGE)
    paths = {resource["path"] for resource in package["resources"]}
    assert paths == {f"tables/{path.name}" for path in (folder / "tables").iterdir()} and len(paths) > 40


def test_every_table_is_as_described(package, folder):
    """Header, types, limits and keys, with readers of this test."""
    for resource in package["resources"]:
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        fields = resource["schema"]["fields"]
        assert header == [field["name"] for field in fields]
        for field, texts in zip(fields, zip(*rows, strict=True), strict=False):
            values = [READ[field["type"]](text) for text in texts if text != ""]
            limits = field.get("constraints", {})
            place = f"{resource['name']}.{field['name']}"
            assert all(limits.get("minimum", value) <= value for value in values), place
            assert all(value <= limits.get("maximum", value) for value in values), place
        at = [header.index(name) for name in resource["schema"]["primaryKey"]]
        keys = [tuple(row[place] for place in at) for row in rows]
        assert len(keys) == len(set(keys)), resource["name"]


def test_the_same_tables_give_the_same_bytes_and_no_date(folder):
    text = dictionary.package("digits", folder)
    assert text == dictionary.package("digits", folder) and text.endswith("}\n")
    assert not re.search(r"20\d\d-\d\d|/tmp|created", text)


def test_every_table_has_a_line_and_every_column_a_row():
    assert set(TABLES) == set(results.SCHEMA)
    for name, told, columns in dictionary.tables():
        assert told == TABLES[name] and [column.name for column in columns] == results.columns(name)
        assert all(column.holds and column.kind for column in columns)
        assert [column.name for column in columns if column.key] == results.SCHEMA[name][0]


def test_kinds_in_words():
    told = [
        str(kinds.kind(*place)) for place in (("tiers", "count"), ("tiers", "share_wrong"), ("papers", "mean"))
    ]
    assert told == ["integer from 0", "number from 0 to 1", "number"]
    assert str(kinds.kind("budget", "errors_found_share")) == "number to 1"
