"""A table as the report shows it: text by row and noise cell, in groups of rows; as HTML, and flat in Markdown."""

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

import pandas as pd
from markupsafe import escape

from labelnoise import words
from labelnoise.figures import cells

GROUP, ROW = "group", "row"


class Table(NamedTuple):
    """What the report prints as one table."""

    key: str  # unique within a data set
    title: str
    note: str  # what the numbers and intervals are
    frame: pd.DataFrame  # text; columns `group` (optional), `row`, and the rest
    spanners: dict[str, list[str]]  # heading over columns -> those columns
    folded: bool  # behind a click


class Group(NamedTuple):
    """Some rows of a table under one heading."""

    heading: str
    facts: pd.DataFrame  # columns noise, noise_rate, and those that `by` and `text` read
    by: str  # column whose values name the rows
    text: Callable[[pd.DataFrame], str]  # facts of one row and cell -> what the table shows


def by_cell(groups: list[Group], order: list[str]) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Text per (row, noise cell), rows in the order of `order`; and the noise models as spanners."""
    places = cells.cells(pd.concat([group.facts[["noise", "noise_rate"]] for group in groups]))
    rows = [row for group in groups for row in _rows(group, order, places)]
    columns = [GROUP, ROW, *(words.cell_name(*place) for place in places)]
    return pd.DataFrame(rows, columns=columns), _spanners(places)


def _rows(group: Group, order: list[str], places: list[tuple[str, float]]) -> list[dict[str, str]]:
    found = dict(iter(group.facts.groupby([group.by, "noise", "noise_rate"])))
    named = {words.cell_name(*place): place for place in places}
    return [
        {GROUP: group.heading, ROW: words.name(name)}
        | {cell: _text(group, found.get((name, *place))) for cell, place in named.items()}
        for name in order
        if (group.facts[group.by] == name).any()
    ]


def _text(group: Group, facts: pd.DataFrame | None) -> str:
    return "–" if facts is None else group.text(facts)


def _spanners(places: list[tuple[str, float]]) -> dict[str, list[str]]:
    spanners: dict[str, list[str]] = {}
    for noise, rate in places:
        if noise not in words.NOISES:
            spanners.setdefault(words.name(noise), []).append(words.cell_name(noise, rate))
    return spanners


def html(table: Table, prefix: str) -> str:
    """The table as escaped HTML, without classes on its cells: many thousands, which would be most of the page."""
    above = {column: heading for heading, columns in table.spanners.items() for column in columns}
    columns = [name for name in table.frame if name not in (GROUP, ROW)]
    deep = ' rowspan="2"' if above else ""
    first, second = [f"<td{deep}></td>"], []  # a heading without text is none
    for heading, part in groupby(columns, above.get):
        names = list(part)
        first += [_heading(name, deep) for name in names if not heading]
        if heading:
            first.append(_heading(heading, f' colspan="{len(names)}"'))
            second += [_heading(name.removeprefix(f"{heading} ")) for name in names]
    head = "".join(f"<tr>{''.join(line)}</tr>\n" for line in (first, second) if line)
    body = "".join(_body(*part, columns) for part in _parts(table.frame))
    opening = f'<div id="{escape(prefix)}-{table.key}" class="scroll" tabindex="0"><table class="of-results">'
    return f"{opening}\n<thead>\n{head}</thead>\n{body}</table></div>"


def _body(heading: str, rows: pd.DataFrame, columns: list[str]) -> str:
    """A group of rows, with its heading where it has one."""
    over = [_heading(heading, f' colspan="{len(columns) + 1}"')] if heading else []
    lines = [
        _heading(name) + "".join(f"<td>{escape(text)}</td>" for text in texts)
        for name, *texts in rows[[ROW, *columns]].itertuples(index=False, name=None)
    ]
    return "<tbody>\n" + "".join(f"<tr>{line}</tr>\n" for line in over + lines) + "</tbody>\n"


def _heading(text: str, attributes: str = "") -> str:
    return f"<th{attributes}>{escape(text)}</th>"


def _parts(frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """(heading, rows) of the groups in order; one without a heading where there are no groups."""
    return list(frame.groupby(GROUP, sort=False)) if GROUP in frame else [("", frame)]


def flat(frame: pd.DataFrame) -> str:
    """A frame of text in Markdown, a line per row."""
    text = frame.map(lambda value: str(value).replace("\n", " ").replace("|", "\\|"))
    return text.rename(columns={ROW: ""}).to_markdown(index=False, disable_numparse=True)
