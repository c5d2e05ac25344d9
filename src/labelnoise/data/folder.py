"""A folder of one's own images: root/<class>/<image>, or files that a CSV names, labels and, if known, truth."""

from pathlib import Path

import numpy as np

from labelnoise.data import decoding, own
from labelnoise.data.entries import Entry
from labelnoise.data.listing import entries
from labelnoise.data.own import Texts
from labelnoise.types import Dataset


def load(name: str, data, download) -> Dataset:
    """All images of the folder, uint8 [N, channels, size, size], in the order of their names.

    data: section `datasets.<name>.data` with its `folder`; download.cache keeps what was decoded. Clean labels are
    -1 where the CSV tells none, and the given ones where the folder is trusted; given ones are -1 where a word for
    a missing label stands. Whatever its owner should know of is in `notes`. ValueError in one line, naming files
    and rows, for whatever does not fit; nothing is decoded before all labels do.
    """
    section = data.folder
    root = Path(section.root).expanduser()
    table = None if section.csv is None else Path(section.csv).expanduser()
    listing = entries(root, table, section)
    texts = _texts(listing.entries, root, table, section)
    dataset = own.labelled(name, data, section.trusted, texts)
    paths = [root / entry.file for entry in listing.entries]
    images = decoding.decoded(name, paths, texts.origin, texts.where, section, Path(download.cache).expanduser())
    left_out = tuple((texts.files[at], images.reasons[at]) for at in images.left_out)
    if left_out:
        texts = own.kept(texts, np.delete(np.arange(len(paths)), images.left_out))
        dataset = own.labelled(name, data, section.trusted, texts)
    return dataset._replace(
        images=own.varied(images.pixels, texts.origin),
        asymmetric_map=own.similar(name, section.similar, dataset.class_names),
        left_out=left_out,
        contents=images.contents,
        notes=(*listing.notes, *images.notes, *dataset.notes),
    )


def _texts(found: list[Entry], root: Path, table: Path | None, section) -> Texts:
    def where(example: int) -> str:
        entry = found[example]
        return f"line {entry.row}: {entry.file}" if table else entry.file

    return Texts(
        labels=[entry.label for entry in found],
        clean=[entry.clean for entry in found] if section.columns.clean and table else [],
        split=[entry.split for entry in found] if found[0].split else [],
        group=[entry.group for entry in found] if section.columns.group and table else [],
        files=[entry.file for entry in found],
        missing=frozenset(section.missing) if table else frozenset(),
        origin=str(table or root),
        where=where,
        human={name: [entry.human[at] for entry in found] for at, name in enumerate(section.columns.human)},
    )
