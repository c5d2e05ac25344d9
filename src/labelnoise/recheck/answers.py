"""Answers of people who rechecked labels: a CSV file comes in, labels with the answers in their place go out.

Shape letters: N examples of the data set (training and test).
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from labelnoise.data.names import class_name
from labelnoise.types import Dataset

UNANSWERED = -1


def read(path: Path, dataset: Dataset) -> np.ndarray:
    """int16 [N]: the class that the CSV file `path` names for each example, -1 where it names none.

    Columns: `label` (name of a class), and `file` or `index` (position in the data set, from 0); others are
    ignored, and `index` too where examples have files and the column `file` is there. ValueError names the file,
    its line and what is allowed, before anything is used. An answer may be repeated, but not contradicted.
    """
    found = np.full(len(dataset.clean_labels), UNANSWERED, np.int16)
    lines: dict[int, int] = {}
    header, records = _records(path)
    find = _finder(path, header, dataset)
    classes = {name: at for at, name in enumerate(dataset.class_names)}
    for line, record in records:
        where = f"{path}: line {line}"
        at, label = find(where, record), record["label"]
        label = label if label in classes else class_name(label, where)
        _same_example(where, record, at, dataset)
        if label not in classes:
            said = f"unknown class {label!r}" if label else "label is empty"
            raise ValueError(f"{where}: {said}; allowed: {_some(dataset.class_names)}")
        if at in lines and found[at] != classes[label]:
            other = dataset.class_names[found[at]]
            raise ValueError(f"{where}: {label!r} contradicts line {lines[at]}, which says {other!r}")
        found[at] = classes[label]
        lines.setdefault(at, line)
    if not lines:
        raise ValueError(f"{path}: holds no answer; take it out of recheck.answers, or add lines")
    return found


def _same_example(where: str, record: dict[str, str], at: int, dataset: Dataset) -> None:
    """Answers that keep the list's column `given` must agree with the data: an index means another example once
    examples have been added or taken out."""
    given = dataset.human_labels.get("given")
    if given is None or dataset.files or "given" not in record:
        return
    own = dataset.class_names[given[at]]
    if record["given"] != own and class_name(record["given"], where) != own:
        raise ValueError(f"{where}: given is {record['given']!r}; allowed: {own!r}, the label of example {at}")


def apply(labels: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """`labels` [..., N] with `answers` [N] in their place; examples without a label (-1) stay without."""
    return np.where((answers >= 0) & (labels >= 0), answers, labels).astype(labels.dtype)


def _records(path: Path) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """Header, and (first line, record) of every row that is not blank."""
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Excel puts a byte order mark in front
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text; save it as CSV UTF-8") from error
    reader = csv.reader(_lines(text), strict=True)
    rows = _rows(path, reader)
    header = next(rows, (1, []))[1]
    repeated = [name for name in ("file", "index", "label") if header.count(name) > 1]
    if repeated:
        raise ValueError(f"{path}: line 1: column {repeated[0]!r} stands there twice")
    if "label" not in header or not {"file", "index"} & set(header):
        columns = ", ".join(map(repr, header)) or "nothing"
        raise ValueError(f"{path}: line 1: needs a column label, and file or index; it has {columns}")
    return header, _named(path, header, rows)


def _lines(text: str) -> list[str]:
    """Lines with their ends. Not str.splitlines, which also breaks at characters that a file name may hold."""
    return [line + "\n" for line in text.split("\n")]


def _rows(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{path}: line {line}: not CSV ({error})") from error


def _named(path: Path, header: list[str], rows: Iterator) -> Iterator[tuple[int, dict[str, str]]]:
    for line, row in rows:
        if len(row) != len(header):
            raise ValueError(f"{path}: line {line}: has {len(row)} fields, not {len(header)} as the header")
        yield line, dict(zip(header, row))


def _finder(path: Path, header: list[str], dataset: Dataset) -> Any:
    """A function (where, record) -> position of the example."""
    count = len(dataset.clean_labels)
    if "file" in header and dataset.files:
        return _by_file({name: at for at, name in enumerate(dataset.files)})
    if "index" not in header:
        raise ValueError(f"{path}: line 1: examples of this data set have no file; allowed: column index")

    def find(where: str, record: dict[str, str]) -> int:
        text = record["index"].strip()
        if not (text.isascii() and text.isdigit() and int(text) < count):
            raise ValueError(f"{where}: index {record['index']!r} is not allowed; allowed: 0 to {count - 1}")
        return int(text)

    return find


def _by_file(positions: dict[str, int]) -> Any:
    def find(where: str, record: dict[str, str]) -> int:
        if record["file"] not in positions:
            known = f"files of the data set, as {next(iter(positions))!r}"
            raise ValueError(f"{where}: unknown file {record['file']!r}; allowed: {known}")
        return positions[record["file"]]

    return find


def _some(names: list[str], most: int = 20) -> str:
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
