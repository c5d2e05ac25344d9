"""Where a figure or a table comes from: result tables, notebook, stages and their parameters.

The hash of a file is its MD5, as dvc.lock has it of the same file: it is computed from the file itself, since a
page that depends on dvc.lock would never be up to date. For the same reason no page names its commit: `git log` of
the file does.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from labelnoise import results

DIGITS = 8  # of a hash that are shown
# what the report calls a table, as its key begins -> the result tables behind it; others have the name of theirs
TABLES = {
    "accuracy": ["intervals", "best"], "seeds": ["accuracy"], "diverged": ["accuracy"], "score": ["intervals"],
    "winners": ["intervals"], "differences": ["intervals"], "nnaqc": ["contrasts"], "penalty": ["contrasts"],
    "calibration": ["intervals"], "prediction-sets": ["conformal"], "scores-": ["detection_intervals"],
    "alternatives-": ["alternatives_intervals"], "top": ["detection"], "p-wrong": ["detection_reliability"],
    "confusions": ["noise_matrix"], "gate-seeds": ["gate"], "needed": ["budget_needed"],
    "answers": ["noise_rate", "tiers", "accuracy"], "audit-": ["audit_coverage"], "papers": ["papers_agreement"],
    "papers-apart": ["papers"], "detection": ["alternatives"],
}  # fmt: skip


class Source(NamedTuple):
    """What a footer shows."""

    tables: list[tuple[str, str]]  # address from the folder of the data set, and the first digits of the hash
    notebook: str  # address; empty: no notebook
    stages: list[str]
    params: list[str]


class Map(NamedTuple):
    """Who wrote what, of one data set."""

    folder: Path  # reports/<data set>
    writers: dict[str, str]  # name of a result table: stage
    params: dict[str, list[str]]  # stage: keys of params.yaml
    notebooks: dict[str, str]  # name of a notebook: its text


def read(folder: Path, stages: dict[str, Any]) -> Map:
    """stages: section `stages` of dvc.yaml; folder: reports/<data set>."""
    writers, keys = {}, {}
    for stage, section in stages.items():
        keys[stage] = [str(key).replace("${item.dataset}", folder.name) for key in section.get("params", [])]
        for out in section.get("outs", []):
            path = Path(out if isinstance(out, str) else next(iter(out)))
            if path.parent.name == "tables":
                writers[path.stem] = stage
    notebooks = {path.stem: path.read_text("utf-8") for path in sorted((folder / "notebooks").glob("*.ipynb"))}
    return Map(folder, writers, keys, notebooks)


def of_table(where: Map, key: str, names: list[str] | None = None) -> Source:
    """Of the report's table `key`, or of what is made of the result tables `names`."""
    begins = [begin for begin in TABLES if key.startswith(begin)]
    known = TABLES[max(begins, key=len)] if begins else [key.replace("-", "_")]
    return _source(where, names or known, "")


def of_figure(where: Map, address: str, names: list[str] | None = None) -> Source:
    """Of the figure at `address`: the notebook that links to it, and the result tables `names`; without these all
    that the notebook reads."""
    notebook = next((name for name, text in where.notebooks.items() if f"../{address}" in text), None)
    if notebook is None:
        return _source(where, names or [], "", "figures")
    read_ = _read(where.notebooks[notebook]) if names is None else names
    return _source(where, read_, f"notebooks/{notebook}.ipynb", "figures")


def _read(text: str) -> list[str]:
    """Result tables that the cells of a notebook read, in order."""
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    lines = [line for cell in cells for line in cell["source"] if "results.read(" in line]
    names = [name for line in lines for name in re.findall(r'"(\w+)"', line) if name in results.SCHEMA]
    return list(dict.fromkeys(names))


def _source(where: Map, names: list[str], notebook: str, *stages: str) -> Source:
    there = {name: where.folder / "tables" / f"{name}.csv" for name in names}
    tables = [(f"tables/{name}.csv", _hash(path)) for name, path in there.items() if path.exists()]
    by = list(dict.fromkeys([*(where.writers[name] for name in names if name in where.writers), *stages]))
    keys = list(dict.fromkeys(key for stage in by for key in where.params.get(stage, [])))
    return Source(tables, notebook, by, keys)


def _hash(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()[:DIGITS]


def of_values(values: Any) -> str:
    """The same of parameters: of their JSON, keys in order."""
    return hashlib.md5(json.dumps(values, sort_keys=True).encode()).hexdigest()[:DIGITS]


def of_file(path: Path) -> str:
    """Of a file that may not be there: then nothing."""
    return _hash(path) if path.exists() else ""
