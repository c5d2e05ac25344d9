"""A CSV file of answers as it stands on the disk: its rows, and all that is wrong with them in one message."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from labelnoise.data import faults, table
from labelnoise.data.faults import Kind

COLUMNS = ("file", "index", "label", "given", "annotation_id")  # those that are read


class Row(NamedTuple):
    """A row that is not blank."""

    line: int  # its first; the header is in line 1
    of: dict[str, str]  # column -> what stands there


class Fault(NamedTuple):
    """One row that does not fit."""

    line: int
    kind: Kind
    said: str  # what stands there, as: unknown class 'cow'


class Sheet(NamedTuple):
    """A file of answers."""

    header: list[str]
    rows: list[Row]
    repeated: int  # rows that were left out, since a later one has the same annotation_id
    faults: list[Fault]  # rows of the wrong length, which are not among `rows`


def read(path: Path) -> Sheet:
    """The rows of `path`; ValueError when it is no CSV with the columns label, and file or index.

    A CSV of Label Studio numbers its answers (annotation_id): where exports of several days were put together,
    each answer counts once, as it was last.
    """
    header, lines = _opened(path)
    kind = Kind("", "have too many or too few fields", f"{len(header)} fields, as in the header")
    rows, wrong = [], []
    for line, cells in lines:
        if len(cells) == len(header):
            rows.append(Row(line, dict(zip(header, cells))))
        else:
            wrong.append(Fault(line, kind, f"has {len(cells)}"))
    latest = {_identity(row): row for row in rows}
    return Sheet(header, list(latest.values()), len(rows) - len(latest), wrong)


def check(path: Path, found: list[Fault]) -> None:
    """ValueError in one line where there is any fault: counted by kind; of each, what differs is named first."""
    times: Counter = Counter()

    def again(fault: Fault) -> int:
        times[fault[1:]] += 1
        return times[fault[1:]]

    wrong: faults.Faults = {}
    for fault in sorted(sorted(found, key=lambda fault: fault.line), key=again):
        faults.add(wrong, fault.kind, f"line {fault.line}: {fault.said}")
    faults.check(wrong, str(path), "rows")


def _identity(row: Row) -> tuple:
    """What no two answers have in common."""
    number = row.of.get("annotation_id", "").strip()
    return (number, row.of.get("file"), row.of.get("index")) if number else (row.line,)


def _opened(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Header, and (first line, cells) of every further row that is not blank."""
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Excel puts a byte order mark in front
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text; save it as CSV UTF-8") from error
    if text.lstrip()[:1] in ("[", "{"):
        raise ValueError(f"{path}: a JSON file; allowed: CSV; in Label Studio export CSV")
    found = table.lines(path, csv.reader(_lines(text), strict=True))
    rows = ((line, cells) for line, cells in found if any(cell.strip() for cell in cells))
    header = [cell.strip() for cell in next(rows, (1, []))[1]]
    _check_header(path, header)
    return header, rows


def _check_header(path: Path, header: list[str]) -> None:
    where = f"{path}: line 1:"
    if repeated := [name for name in COLUMNS if header.count(name) > 1]:
        raise ValueError(f"{where} column {repeated[0]!r} stands there twice")
    if len(header) == 1 and (other := [mark for mark in ";\t" if mark in header[0]]):
        raise ValueError(f"{where} columns are separated by {other[0]!r}; allowed: a comma")
    if "label" not in header or not {"file", "index"} & set(header):
        columns = ", ".join(map(repr, header)) or "nothing"
        raise ValueError(f"{where} needs a column label, and file or index; it has {columns}")


def _lines(text: str) -> list[str]:
    """Lines with their ends. Not str.splitlines, which also breaks at characters that a file name may hold."""
    return [line + "\n" for line in text.split("\n")]
