"""The label sets of a study as CSV, with Croissant 1.0 metadata (MLCommons 2024): clean labels, those that people
gave, and a column of noisy labels for every noise model, rate and seed. No image is in it."""

import hashlib
import json
from typing import NamedTuple

import pandas as pd

from labelnoise.archive.citation import Citation, in_words
from labelnoise.archive.piece import Piece
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.types import Dataset

FOLDER, NAME = "labels", "croissant.json"
NONE = "-1: none"
# As the standard has it, its appendix 1.
TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty", "fileSet",
    "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
    "references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"}, **{term: f"cr:{term}" for term in TERMS},
}  # fmt: skip
INTEGER, TEXT, LABEL = "sc:Integer", "sc:Text", ["sc:Integer", "cr:Label"]


class Column(NamedTuple):
    """A column of a CSV."""

    values: object  # [N]
    type: str | list[str]
    description: str


def pieces(name: str, dataset: Dataset, noisy: NoisyLabels, cite: Citation, date: str) -> list[Piece]:
    """labels.csv, classes.csv and their metadata for the data set `name`; date: of publication, ISO 8601."""
    parts = {"labels": _labels(dataset, noisy), "classes": _classes(dataset)}
    texts = {part: _csv(columns) for part, columns in parts.items()}
    said = _croissant(name, parts, texts, cite, date)
    files = {f"{part}.csv": text for part, text in texts.items()} | {NAME: said}
    return [Piece(f"{FOLDER}/{name}/{file}", content) for file, content in files.items()]


def _labels(dataset: Dataset, noisy: NoisyLabels) -> dict[str, Column]:
    count = len(dataset.clean_labels)
    found = {"index": Column(range(count), INTEGER, "of the image in the data set, from 0")}
    if dataset.files:
        found["file"] = Column(dataset.files, TEXT, "of the image, below the folder of the data")
    folds = "fold of the image: the seed s tests on fold s modulo the number of folds; -1: never tested on"
    found["test_fold"] = Column(dataset.test_fold, INTEGER, folds)
    found["clean"] = Column(dataset.clean_labels, LABEL, f"true class; {NONE} known")
    for of, given in sorted(dataset.human_labels.items()):
        found[f"human_{of}"] = Column(given, LABEL, f"class by people, set `{of}`; {NONE}")
    for k, labels in enumerate(noisy.labels):
        noise, rate, seed = noisy.noise[k], noisy.noise_rate[k], noisy.seed[k]
        of = f"noise model `{noise}`, nominal rate {rate:g}, share of wrong labels {noisy.realised_rate[k]:.4f}"
        said = f"class that is trained on: {of}, seed {seed}; -1: the seed tests on the image"
        found[f"{noise}_{rate:g}_seed{seed}"] = Column(labels, LABEL, said)
    return found


def _classes(dataset: Dataset) -> dict[str, Column]:
    return {
        "class": Column(range(len(dataset.class_names)), INTEGER, "as labels.csv has it"),
        "name": Column(dataset.class_names, TEXT, "of the class"),
    }


def _csv(columns: dict[str, Column]) -> bytes:
    frame = pd.DataFrame({name: column.values for name, column in columns.items()})
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _croissant(name: str, parts: dict, texts: dict[str, bytes], cite: Citation, date: str) -> bytes:
    said = {
        "@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"Labels of {name}, clean and noisy",
        "description": f"Labels of the data set {name} as the study trains on them: clean ones, those that people "
        "gave, and noisy ones, a column for every noise model, rate and seed. No image is in it. The licence is "
        "that of the noisy labels; clean labels have that of the data set.",
        "license": cite.licence, "creator": cite.authors, "datePublished": date, "version": "1.0.0",
        "url": cite.url or "./", "citeAs": in_words(cite, date[:4]), "keywords": cite.keywords,
        "distribution": [_file(f"{part}.csv", text) for part, text in texts.items()],
        "recordSet": [_records(part, columns) for part, columns in parts.items()],
    }  # fmt: skip
    return (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode()


def _file(name: str, content: bytes) -> dict:
    return {
        "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name, "encodingFormat": "text/csv",
        "contentSize": f"{len(content)} B", "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip


def _records(part: str, columns: dict[str, Column]) -> dict:
    """The first column is the key."""
    fields = [
        {
            "@type": "cr:Field", "@id": f"{part}/{name}", "name": name, "description": column.description,
            "dataType": column.type,
            "source": {"fileObject": {"@id": f"{part}.csv"}, "extract": {"column": name}},
        }
        for name, column in columns.items()
    ]  # fmt: skip
    return {"@type": "cr:RecordSet", "@id": part, "name": part, "key": {"@id": fields[0]["@id"]}, "field": fields}
