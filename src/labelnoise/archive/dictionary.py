"""What the columns of result tables hold, as CSV on the Web (W3C 2015).

A file per folder of tables, under the name by which readers of CSVW look for it. Columns, keys and words are those
of labelnoise.results and labelnoise.words.
"""

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import pandas as pd

from labelnoise import results
from labelnoise.archive.piece import Piece
from labelnoise.words import kinds

NAME = "csv-metadata.json"


def of_tables(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """A dictionary for every folder of result tables among `pieces`."""
    folders: dict[PurePosixPath, list[dict]] = {}
    for piece in pieces:
        path = PurePosixPath(piece.path)
        if path.parent.name == "tables" and path.suffix == ".csv" and (found := _table(path, piece.read())):
            folders.setdefault(path.parent, []).append(found)
    for folder, tables in folders.items():
        said = {"@context": "http://www.w3.org/ns/csvw", "tables": tables}
        yield Piece(f"{folder}/{NAME}", (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode())


def _table(path: PurePosixPath, content: bytes) -> dict | None:
    """None for what is no table of results.SCHEMA."""
    found = list(pd.read_csv(io.BytesIO(content), nrows=0))
    if path.stem not in results.SCHEMA or found != results.columns(path.stem):
        return None
    columns = [
        {
            "name": name,
            "titles": name,
            "dc:description": kinds.described(name),
            "datatype": _datatype(kinds.kind(path.stem, name)),
        }
        for name in found
    ]
    return {"url": path.name, "tableSchema": {"columns": columns, "primaryKey": results.SCHEMA[path.stem][0]}}


def _datatype(kind: kinds.Kind) -> str | dict:
    if kind.base == kinds.BOOLEAN:
        return {"base": kind.base, "format": "True|False"}
    limits = {"minimum": kind.low, "maximum": kind.high}
    known = {name: limit for name, limit in limits.items() if limit is not None}
    return {"base": kind.base, **known} if known else kind.base
