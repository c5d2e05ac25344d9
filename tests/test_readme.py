"""The README's table of methods: a row for each, with a file, a link to its results, and its family."""

import re
from pathlib import Path

import pytest

from labelnoise import families, params
from labelnoise.methods import METHODS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()
ROW = re.compile(
    r"^\| \[`(\w+)`\]\((\S+)\) \|(.*)\| (.+) \| \[result\]\(reports/methods\.md#(\w+)\) \|$", re.MULTILINE
)
ROWS = {name: (file, anchor) for name, file, _, _, anchor in ROW.findall(TEXT)}
REPORT = ROOT / "reports" / "methods.md"


def test_every_method_has_a_row_and_every_row_a_method():
    assert sorted(ROWS) == sorted(METHODS) and len(ROW.findall(TEXT)) == len(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_files_and_anchors(name):
    file, anchor = ROWS[name]
    assert (ROOT / file).is_file() and Path(file).stem == name and anchor == name


def test_rows_stand_under_their_family_and_variants_apart():
    chosen = params.load(ROOT / "params.yaml")
    expected = {family.title: list(family.methods) for family in families.FAMILIES.values()}
    parts = re.split(r"^\*\*([\w -]+)\*\*: ", TEXT[TEXT.index("\n## Methods\n") :], flags=re.MULTILINE)
    found = {title: [row[0] for row in ROW.findall(part)] for title, part in zip(parts[1::2], parts[2::2])}
    variants = found.pop("Variants")
    assert {title: names for title, names in found.items() if names} == expected
    assert not set(variants) & set(chosen.methods) and set(variants) <= set(chosen.variants)


@pytest.mark.skipif(not REPORT.exists(), reason="the study was not run")
def test_results_have_a_heading_per_method():
    headings = re.findall(r"^### (\w+)$", REPORT.read_text(), flags=re.MULTILINE)
    assert set(ROWS) <= set(headings) and len(headings) == len(set(headings))
