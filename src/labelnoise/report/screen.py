"""What a screen of a data set's page is: a question with figures, one table, a finding and a doubt."""

from collections.abc import Sequence
from typing import NamedTuple

from labelnoise.report.layout import Table


class Screen(NamedTuple):
    """One question."""

    key: str
    heading: str
    figures: str  # what the names of its figures begin with
    caption: str
    table: Table
    drawn_from: list[str]  # result tables that its figures are made of
    tables: list[str]  # and its table
    filters: dict[str, str]  # column of `table` that a reader may choose a value of -> what it is called
    found: str
    doubt: str
    more: list[str]  # parts that have the rest
    chart: Sequence[str] = ()  # columns of `table` that are drawn, a line per row; none where there is but one
