"""`labelnoise find`: `labelnoise.find` for a folder of images, and its table as CSV."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

import labelnoise
from labelnoise import costs, features, files, find_costs
from labelnoise.classifier import new_images
from labelnoise.classifier.model import Reading
from labelnoise.commands import words
from labelnoise.data import class_notes, images, listing
from labelnoise.data.consensus import TIE
from labelnoise.data.decoding import DARK
from labelnoise.data.entries import Entry
from labelnoise.data.images import SIXTEEN_BITS
from labelnoise.data.own import sorted_names
from labelnoise.data.words import counted
from labelnoise.features import pictures
from labelnoise.sections import CsvColumns, Feature, Folder, Section
from labelnoise.suspects import Suspects
from labelnoise.types import Note

LOOKED_AT = 100  # images, for their grey levels
LARGEST = 1024  # pixels of a side that a section may name
SEEN = Reading(32, "rgb", features.MAX_PIXELS, SIXTEEN_BITS, 255.0)  # how files are looked at beforehand


def run(args: SimpleNamespace) -> None:
    words.check_out(args)
    with redirect_stdout(sys.stderr):
        encoders = _encoders(args.encoder)
        entries = _readable(args.folder, _labelled(args))
        for note in [*(note.what for note in of_classes(entries)), *dark(args.folder, entries)]:
            words.tell(f"note: {note}")
        found = _found(args, entries, encoders)
    files.write_text(args.out, text(found.table, entries))
    print(found.says)
    print(f"{args.out}: {_listed(found.table)}")


def _listed(table: pd.DataFrame) -> str:
    """What the CSV has."""
    if table.empty:
        return "no label, as there is no list"
    many = counted(len(table), "label", "labels")
    if table["p_wrong"].isna().all():
        return f"{many}, the most suspect first; P(wrong) and tiers are withheld"
    obvious, possible = (int((table["tier"] == name).sum()) for name in ("obvious", "possible"))
    return f"{many}, {counted(obvious, 'obvious error', 'obvious errors')}, {possible:,} possible"


def _encoders(names: list[str] | None) -> list[Section] | None:
    """Sections as in params.yaml; None: by the size of the images."""
    if names is None:
        return None
    if "given" in names:
        raise ValueError("--encoder given: is of features, and encodes no images; allowed: others")
    try:
        return [TypeAdapter(Feature).validate_python({"encoder": name}) for name in names]
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "missing":
            said = f"{first['input']['encoder']} also needs {first['loc'][-1]}"
            raise ValueError(f"--encoder: {said}; allowed: others, or this one in presets/own.yaml") from None
        raise ValueError(f"--encoder: {first['msg'].removeprefix('Value error, ')}") from None


def _labelled(args: SimpleNamespace) -> list[Entry]:
    """Images with a label; what else the folder holds is told."""
    section = _section(args, SEEN.size)
    found = listing.entries(args.folder, args.csv, section)
    for note in found.notes:
        words.tell(note.what)
    missing = {TIE, *(section.missing if args.csv else ())}
    entries = [entry for entry in found.entries if entry.label not in missing]
    without = len(found.entries) - len(entries)
    if without:
        words.tell(f"{counted(without, 'image has no label and is', 'images have no label and are')} left out")
    return entries


def of_classes(entries: list[Entry]) -> list[Note]:
    """Names that look alike, and classes of a few labels."""
    names = sorted_names({entry.label for entry in entries})
    given = np.array([names.index(entry.label) for entry in entries], np.int64)
    return class_notes.notes(names, given, np.full(len(given), -1))


def dark(root: Path, entries: list[Entry]) -> list[str]:
    """16-bit images of which none is bright are read almost black: of some, spread over the folder."""
    seen = entries[:: max(len(entries) // LOOKED_AT, 1)]
    read = [images.read(root / entry.file, SEEN.size, SEEN.mode, SEEN.max_pixels) for entry in seen]
    levels = [one.highest for one in read if one.highest != images.EIGHT_BITS]
    if not levels or max(levels) > SIXTEEN_BITS // DARK:
        return []
    most = f"{max(levels):,} of {SIXTEEN_BITS:,}"
    remedy = "make own, with folder.white in presets/own.yaml, reads them rightly"
    return [f"{counted(len(levels), 'image', 'images')} of 16 bits looked at go no higher than {most}: {remedy}"]


def _section(args: SimpleNamespace, size: int) -> Folder:
    columns = CsvColumns(file=args.file_column, label=args.label_column, group=args.group_column)
    table = None if args.csv is None else str(args.csv)
    try:
        own = {"size": min(size, LARGEST), "mode": "rgb", "max_pixels": features.MAX_PIXELS}
        return Folder(root=str(args.folder), csv=table, columns=columns, **own)
    except ValidationError:
        raise ValueError("--group-column: is a column of a CSV; allowed: with --csv") from None


def _readable(root: Path, entries: list[Entry]) -> list[Entry]:
    """Told before minutes are spent on the others."""
    reasons = new_images.reasons(root, [entry.file for entry in entries], SEEN)
    bad = [(entry.file, reason) for entry, reason in zip(entries, reasons, strict=True) if reason]
    if bad:
        words.tell(words.unreadable(bad))
    if len(bad) == len(entries):
        raise ValueError(f"{root}: none of its {len(bad):,} labelled images can be read; allowed: 20 or more")
    return [entry for entry, reason in zip(entries, reasons, strict=True) if not reason]


def _found(args: SimpleNamespace, entries: list[Entry], encoders: list[Section] | None) -> Suspects:
    paths, labels = [args.folder / entry.file for entry in entries], [entry.label for entry in entries]
    size, where = pictures.of_files(paths, SEEN.mode, SEEN.max_pixels).size, words.chosen_device(args.device)
    own = SimpleNamespace(folder=_section(args, size), arrays=None, folds=1, subset=None)
    sets = len(find_costs.columns_of((size, size, 3) if size <= costs.SMALL else (), encoders))
    words.tell(find_costs.in_words(costs.of_dataset(SimpleNamespace(data=own, features=encoders)), sets))
    groups = [entry.group or entry.file for entry in entries] if args.group_column else None
    cache = None if encoders is None else args.cache
    how = {"device": where, "sections": encoders, "cache": cache, "tell": words.tell}
    return labelnoise.find(labels, paths, groups=groups, **how)


def text(table: pd.DataFrame, entries: list[Entry]) -> str:
    """The table of `labelnoise.find` as CSV; P(wrong) is empty where it is not told, the group where an image is
    alone in it."""
    told = [None if pd.isna(p) else float(f"{p:.6g}") for p in table["p_wrong"]]
    columns = {"file": [entries[at].file for at in table["index"]], "given": table["label"], "p_wrong": told}
    columns |= {"tier": table["tier"], "sure": [str(bool(one)).lower() for one in table["sure"]]}
    alone = table["group"].map(table["group"].value_counts()) == 1
    groups = [None if one else int(group) for one, group in zip(alone, table["group"], strict=True)]
    two = [str(bool(one)).lower() for one in table["two_labels"]]
    columns |= {"suggestion": table["suggestion"], "two_labels": two, "group": groups}
    return files.quoted(columns, zip(*columns.values(), strict=True))
