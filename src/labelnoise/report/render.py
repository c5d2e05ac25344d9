"""Writes the pages, the summary and the results by method, from tables read with labelnoise.results and figures.

The page of a data set answers questions (report.main_page). All else stands on pages of its own in the folder
`more` beside it.
"""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from labelnoise import files, results
from labelnoise.report import (
    accuracy,
    by_method,
    elsewhere,
    main_page,
    parts,
    provenance,
    readme,
    reference,
    section,
    summary,
    templating,
)
from labelnoise.report.main_page import Known

REQUIRED = ["ledger", "accuracy", "intervals", "curves"]
# left out where missing
OPTIONAL = ["statements", "contrasts", "best", "unknown", *parts.OPTIONAL, *parts.DETECTION]

WORDS = Markup("<!-- words -->")  # where the words of a page are listed, once the page is written
INTRODUCTIONS = {  # by the labels that data sets have, whose names are filled in
    "injected": "Networks are trained on labels of which a known share was made wrong on purpose, and tested on "
    "images with clean labels.",
    "given": "{}: networks are trained on labels as given, and tested on images with clean labels.",
    "unknown": "{}: no clean label is known. Networks are trained on labels as given, of which nobody knows how "
    "many are wrong, and tested on held-out noisy labels.",
}


def page(reports: Path, name: str, params: dict[str, Any], drawn: dict[str, str], out: Path, known: Known) -> None:
    """Write the page of one data set, reports/<name>/index.html, and what it links to, reports/<name>/more, from
    the tables and figures beside it; and its part of the overview and of the summary: `out`.html, .md and .json.
    drawn: where its figures are, by name.

    The json holds what there is to tell about each method, in Markdown, which labels there are, and the findings.
    `params`: sections datasets, detect (limits of the tiers), evaluate, methods, variants (name -> its method),
    report and recheck.cell of params.yaml.
    FileNotFoundError names a table that must be there and is not.
    """
    folder = reports / name
    tables = _read(folder / "tables")
    where = provenance.read(folder, known.stages)
    told = section.make(folder, name, params, drawn, tables)
    shown = main_page.make(told, params, drawn, tables, where, known)
    labels, environment = _labels(tables), templating.environment()
    text = environment.get_template("page.html.jinja").render(page=shown, section=told)
    files.write_text(folder / "index.html", text)
    _more(folder / "more", told, shown, labels, where, environment)
    for suffix, template in ((".html", "overview.html.jinja"), (".md", "dataset.md.jinja")):
        commit = summary.commit(name, params["datasets"][name]["data"], known.copied)
        context = {"section": told, "page": shown, "run": summary.run(tables), "commit": commit}
        context["figure"] = summary.figure(drawn)
        text = environment.get_template(template).render(context)
        files.write_text(out.with_suffix(suffix), _plain(text) if suffix == ".md" else text)
    entries = by_method.entries(tables, list(params["methods"]), params["variants"])
    filled = {name: table for name, table in tables.items() if len(table)}
    dwelt, level = (params["report"]["noise"], params["report"]["noise_rate"]), params["evaluate"]["level"]
    found = {"labels": labels, "methods": entries, readme.MARK: readme.findings(filled, name, *dwelt, level)}
    files.write_text(out.with_suffix(".json"), json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def _more(
    folder: Path, told: section.Section, shown: main_page.Page, labels: str, where: provenance.Map,
    environment: Environment,
) -> None:  # fmt: skip
    """A page per part, with all that is known of it; pages of an earlier run go."""
    shutil.rmtree(folder, ignore_errors=True)
    template = environment.get_template("more.html.jinja")
    found = {part.key: (part.heading, part) for part in told.parts} | {
        key: (heading, None) for key, heading in main_page.MORE.items()
    }
    for key, (heading, part) in found.items():
        text = template.render(
            key=key, heading=heading, part=part, section=told, page=shown, labels=[labels],
            figure_source=partial(provenance.of_figure, where), table_source=partial(provenance.of_table, where),
            mark=WORDS,
        )  # fmt: skip
        files.write_text(folder / f"{key}.html", text.replace(WORDS, reference.of_page(text), 1))


def write(pages: Path, names: list[str], index: Path, short: Path, methods: Path) -> None:
    """Put the parts of all data sets together: the page `index`, and in Markdown `short` and `methods`."""
    told = {name: json.loads((pages / f"{name}.json").read_text("utf-8")) for name in names}
    labels = {name: told[name]["labels"] for name in names}
    beside = elsewhere.found(index.parent)
    for path, template in ((index, "index.html.jinja"), (short, "summary.md.jinja")):
        made = [(name, Markup((pages / f"{name}{path.suffix}").read_text("utf-8").strip())) for name in names]
        context = {
            "parts": made,
            "labels": labels.values(),
            "introduction": _introduction(labels),
            "beside": beside,
        }
        text = templating.environment().get_template(template).render(context)
        files.write_text(path, _plain(text) if path == short else text)
    entries = {name: told[name]["methods"] for name in names}
    context = {"groups": by_method.grouped(entries), "labels": labels.values()}
    files.write_text(methods, templating.environment().get_template("methods.md.jinja").render(context))


def _plain(text: str) -> str:
    """Markdown with its apostrophes: these need no escape outside attributes, of which it has none."""
    return text.replace("&#39;", "'")


def _labels(tables: dict[str, pd.DataFrame]) -> str:
    """Which labels a data set has, a key of INTRODUCTIONS."""
    if accuracy.judged_by_noise(tables["accuracy"]):
        return "unknown"
    return "given" if (tables["ledger"]["convention"] == "given").all() else "injected"


def _introduction(labels: dict[str, str]) -> str:
    """What networks are trained and tested on; labels: of every data set, as `_labels` says."""
    kinds = {kind: [name.replace("_", " ") for name in labels if labels[name] == kind] for kind in INTRODUCTIONS}
    return " ".join(INTRODUCTIONS[kind].format(", ".join(names)) for kind, names in kinds.items() if names)


def _read(folder: Path) -> dict[str, pd.DataFrame]:
    optional = [name for name in OPTIONAL if (folder / f"{name}.csv").exists()]
    return {name: results.read(name, folder) for name in [*REQUIRED, *optional]}
