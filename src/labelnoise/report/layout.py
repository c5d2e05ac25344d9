"""A table as the report shows it: text by row and noise cell, in groups of rows; as HTML and as Markdown."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
from great_tables import GT

from labelnoise.figures import cells

GROUP, ROW = "group", "row"


class Table(NamedTuple):
    """What the report prints as one table."""

    key: str  # unique within a data set
    title: str
    note: str  # what the numbers and intervals are
    frame: pd.DataFrame  # text; columns `group` (optional), `row`, and the rest
    spanners: dict[str, list[str]]  # heading over columns -> those columns
    folded: bool  # behind a click, and left out of the summary


class Group(NamedTuple):
    """Some rows of a table under one heading."""

    heading: str
    facts: pd.DataFrame  # columns noise, noise_rate, and those that `by` and `text` read
    by: str  # column whose values name the rows
    text: Callable[[pd.DataFrame], str]  # facts of one row and cell -> what the table shows


def by_cell(groups: list[Group], order: list[str]) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Text per (row, noise cell), rows in the order of `order`; and the noise models as spanners."""
    places = cells.cells(pd.concat([group.facts[["noise", "noise_rate"]] for group in groups]))
    rows = [
        {GROUP: group.heading, ROW: cells.name(name)} | _texts(group, name, places)
        for group in groups
        for name in order
        if (group.facts[group.by] == name).any()
    ]
    columns = [GROUP, ROW, *(cells.cell_name(*place) for place in places)]
    return pd.DataFrame(rows, columns=columns), _spanners(places)


def _texts(group: Group, name: str, places: list[tuple[str, float]]) -> dict[str, str]:
    part = group.facts[group.facts[group.by] == name]
    found = {key: facts for key, facts in part.groupby(["noise", "noise_rate"])}
    return {cells.cell_name(*place): group.text(found[place]) if place in found else "–" for place in places}


def _spanners(places: list[tuple[str, float]]) -> dict[str, list[str]]:
    spanners: dict[str, list[str]] = {}
    for noise, rate in places:
        if noise not in cells.ONLY:
            spanners.setdefault(cells.name(noise), []).append(cells.cell_name(noise, rate))
    return spanners


def html(table: Table, prefix: str) -> str:
    """The table as escaped HTML, without great_tables' own colours: the page styles light, dark and print."""
    frame = table.frame
    grouped = GROUP if GROUP in frame else None
    shown = GT(frame, rowname_col=ROW, groupname_col=grouped, id=f"{prefix}-{table.key}")
    for heading, columns in table.spanners.items():
        labels = {column: column.removeprefix(f"{heading} ") for column in columns}
        shown = shown.tab_spanner(heading, columns).cols_label(labels)
    markup = shown.tab_stubhead("").as_raw_html()
    markup = re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL)
    return re.sub(r'^(\s*<div id="[^"]*") style="[^"]*"', r'\1 class="scroll" tabindex="0"', markup)


def markdown(table: Table) -> str:
    """The table in Markdown, one table per group of rows."""
    if GROUP not in table.frame:
        return flat(table.frame)
    parts = table.frame.groupby(GROUP, sort=False)
    return "\n\n".join(f"**{name}**\n\n{flat(part.drop(columns=GROUP))}" for name, part in parts)


def flat(frame: pd.DataFrame) -> str:
    """A frame of text in Markdown, a line per row."""
    text = frame.map(lambda value: str(value).replace("\n", " ").replace("|", "\\|"))
    return text.rename(columns={ROW: ""}).to_markdown(index=False, disable_numparse=True)
