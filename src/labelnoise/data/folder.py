"""A folder of one's own images: root/<class>/<image>, or files that a CSV names, labels and, if known, truth."""

from pathlib import Path

import numpy as np

from labelnoise.data import decoding, own
from labelnoise.data.listing import Entry, entries
from labelnoise.data.own import Texts
from labelnoise.types import Dataset


def load(name: str, data, download) -> Dataset:
    """All images of the folder, uint8 [N, channels, size, size], sorted by file name.

    data: section `datasets.<name>.data` with its `folder`; download.cache keeps what was decoded. Clean labels are
    -1 where the CSV tells none, and the given ones where the folder is trusted. ValueError in one line, naming
    file and row, for whatever does not fit; nothing is decoded before all labels do.
    """
    section = data.folder
    root = Path(section.root).expanduser()
    table = None if section.csv is None else Path(section.csv).expanduser()
    found = entries(root, table, section.columns)
    if not found:
        raise ValueError(f"{table or root}: names no image; allowed: 2 classes or more, of 2 images or more")
    texts = _texts(found, root, table, section)
    dataset = own.labelled(name, data, section.trusted, texts)
    where = [texts.where(example) for example in range(len(found))]
    paths = [root / entry.file for entry in found]
    pixels, reasons = decoding.decoded(name, paths, where, section, Path(download.cache).expanduser())
    left_out = tuple((entry.file, reason) for entry, reason in zip(found, reasons) if reason)
    if left_out:
        texts = own.kept(texts, np.array([row for row, reason in enumerate(reasons) if not reason]))
        dataset = own.labelled(name, data, section.trusted, texts)
    return dataset._replace(images=own.varied(pixels, texts.origin), left_out=left_out)


def _texts(found: list[Entry], root: Path, table: Path | None, section) -> Texts:
    def where(example: int) -> str:
        entry = found[example]
        return f"{table}: line {entry.row}: {entry.file}" if table else str(root / entry.file)

    return Texts(
        labels=[entry.label for entry in found],
        clean=[entry.clean for entry in found] if section.columns.clean and table else [],
        split=[entry.split for entry in found] if section.columns.split and table else [],
        files=[entry.file for entry in found],
        origin=str(table or root),
        where=where,
    )
