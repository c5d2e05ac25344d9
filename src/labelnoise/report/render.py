"""Writes the page, the summary and the results by method, from tables read with labelnoise.results and figures.

Text from the data is escaped: autoescape is on, and layout.html escapes cells and headings.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from labelnoise import files, results, words
from labelnoise.report import (
    accuracy,
    audit,
    audit_study,
    by_method,
    detection,
    evidence,
    findings,
    gate,
    headline,
    layout,
    noise_kind,
    numbers,
    parts,
    recheck,
    runs,
)

REQUIRED = ["ledger", "accuracy", "intervals", "curves"]
OPTIONAL = [
    "statements",
    "contrasts",
    "best",
    "unknown",
    *parts.OPTIONAL,
    *parts.DETECTION,
]  # left out where missing

INTRODUCTIONS = {  # by the labels that data sets have, whose names are filled in
    "injected": "Networks are trained on labels of which a known share was made wrong on purpose, and tested on "
    "images with clean labels.",
    "given": "{}: networks are trained on labels as given, and tested on images with clean labels.",
    "unknown": "{}: no clean label is known. Networks are trained on labels as given, of which nobody knows how "
    "many are wrong, and tested on held-out noisy labels.",
}


class Section(NamedTuple):
    """One data set in the report."""

    name: str
    study: dict[str, Any]
    headline: dict[str, str]
    findings: list[str]
    parts: list[parts.Part]
    matrices: list[dict]
    diverged: layout.Table | None
    links: list[tuple[str, str]]


def page(reports: Path, name: str, params: dict[str, Any], drawn: dict[str, str], out: Path) -> None:
    """Write the page of one data set, reports/<name>/index.html, from the tables and figures beside it, and its
    part of the overview and of the summary: `out`.html, .md and .json. drawn: where its figures are, by name.

    The json holds what there is to tell about each method, in Markdown, and which labels there are. `params`:
    sections datasets, detect (limits of the tiers), evaluate, methods, variants (name -> its method), report and
    recheck.cell of params.yaml.
    FileNotFoundError names a table that must be there and is not.
    """
    tables = _read(reports / name / "tables")
    section = _section(reports / name, name, params, drawn, tables)
    labels = _labels(tables)
    text = _environment().get_template("page.html.jinja").render(section=section, labels=[labels])
    files.write_text(reports / name / "index.html", text)
    for suffix, template in ((".html", "overview.html.jinja"), (".md", "dataset.md.jinja")):
        text = _environment().get_template(template).render(section=section)
        # an apostrophe needs no escape outside attributes, of which Markdown has none, and should read as one
        files.write_text(out.with_suffix(suffix), text.replace("&#39;", "'") if suffix == ".md" else text)
    entries = by_method.entries(tables, list(params["methods"]), params["variants"])
    told = {"labels": labels, "methods": entries}
    files.write_text(out.with_suffix(".json"), json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def write(pages: Path, names: list[str], index: Path, summary: Path, methods: Path) -> None:
    """Put the parts of all data sets together: the page `index`, the Markdown `summary` and `methods`."""
    told = {name: json.loads((pages / f"{name}.json").read_text("utf-8")) for name in names}
    labels = {name: told[name]["labels"] for name in names}
    for path, template in ((index, "index.html.jinja"), (summary, "summary.md.jinja")):
        made = [(name, Markup((pages / f"{name}{path.suffix}").read_text("utf-8"))) for name in names]
        context = {"parts": made, "labels": labels.values(), "introduction": _introduction(labels)}
        files.write_text(path, _environment().get_template(template).render(context))
    entries = {name: told[name]["methods"] for name in names}
    context = {"groups": by_method.grouped(entries), "labels": labels.values()}
    files.write_text(methods, _environment().get_template("methods.md.jinja").render(context))


def _labels(tables: dict[str, pd.DataFrame]) -> str:
    """Which labels a data set has, a key of INTRODUCTIONS."""
    if accuracy.judged_by_noise(tables["accuracy"]):
        return "unknown"
    return "given" if (tables["ledger"]["convention"] == "given").all() else "injected"


def _introduction(labels: dict[str, str]) -> str:
    """What networks are trained and tested on; labels: of every data set, as `_labels` says."""
    kinds = {kind: [name.replace("_", " ") for name in labels if labels[name] == kind] for kind in INTRODUCTIONS}
    return " ".join(INTRODUCTIONS[kind].format(", ".join(names)) for kind, names in kinds.items() if names)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("labelnoise.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["table_html"] = lambda table, prefix: Markup(layout.html(table, prefix))
    environment.filters["table_markdown"] = layout.markdown
    environment.filters["sentence"] = lambda title: title if title.endswith("?") else f"{title}."
    return environment


def _section(
    folder: Path, name: str, params: dict[str, Any], drawn: dict[str, str], tables: dict[str, pd.DataFrame]
) -> Section:
    methods, dwelt = list(params["methods"]), (params["report"]["noise"], params["report"]["noise_rate"])
    recheck_ = params["recheck"]
    listed = gate.listed(tables["gate"], **recheck_) if len(tables.get("gate", [])) else None
    about = "" if listed is None else gate.run_name(listed)
    source = (recheck_["noise"], recheck_["noise_rate"])
    shown = parts.shown_by_gate(tables)
    return Section(
        name=name,
        study=_study(tables, name, params),
        headline=headline.numbers_of(tables, *dwelt, listed),
        findings=[
            *detection.sentences(tables),
            *(noise_kind.coverage(shown["noise_rate"]) if "noise_rate" in shown else []),
            *recheck.sentences(shown),
            *audit.sentences(shown, params["evaluate"]["level"]),
            *audit_study.sentences(shown, params["evaluate"]["level"]),
            *findings.sentences(tables, methods, *dwelt),
        ],
        parts=parts.make(
            tables,
            methods,
            params["evaluate"]["level"],
            folder,
            parts.Wanted(dwelt, source, about, params["detect"], drawn),
        ),
        matrices=evidence.matrices(tables["ledger"]),
        diverged=runs.diverged(tables["accuracy"]),
        links=recheck.links(folder, about),
    )


def _read(folder: Path) -> dict[str, pd.DataFrame]:
    optional = [name for name in OPTIONAL if (folder / f"{name}.csv").exists()]
    return {name: results.read(name, folder) for name in [*REQUIRED, *optional]}


def _study(tables: dict[str, pd.DataFrame], name: str, params: dict[str, Any]) -> dict[str, str]:
    """What was run: term and value."""
    section, evaluate = params["datasets"][name], params["evaluate"]
    training = {key.replace("_", " "): _value(value) for key, value in section["training"].items()}
    seeds = tables["accuracy"]["seed"].nunique()
    return {
        "data set": name.replace("_", " "),
        "network": ", ".join(sorted(tables["accuracy"]["network"].unique())),
        "seeds": f"{seeds}; a seed fixes fold, noise draw, initial weights and batch order",
        "bootstrap": _bootstrap(section["bootstrap"]),
        "training": ", ".join(f"{key} {value}" for key, value in training.items()),
        "test folds": str(section["data"]["folds"]),
        "validation share": f"{section['validation_fraction']:g} of the training part, with noisy labels",
        "intervals": f"{evaluate['level']:.0%}, t over seeds; of ECE {evaluate['resamples']} resamples of images",
        "methods": _methods([name for name in params["methods"] if name in set(tables["accuracy"]["method"])]),
    } | _noisy_words(tables["accuracy"])


def _noisy_words(table: pd.DataFrame) -> dict[str, str]:
    """Where accuracy is not what it is elsewhere."""
    return (
        {"test labels": "held-out noisy labels; no clean label is known"}
        if accuracy.judged_by_noise(table)
        else {}
    )


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _methods(methods: list[str]) -> str:
    """How many, and which, by family."""
    listed = [
        f"{family.title}: {', '.join(words.name(name) for name in names)}"
        for family, names in words.grouped(methods)
    ]
    return f"{len(methods)}. {'; '.join(listed)}"


def _bootstrap(section: dict[str, Any]) -> str:
    """The bags behind bootstrap uncertainty: how many, where, how long."""
    where = [words.cell_name(noise, rate) for noise, rates in section["cells"].items() for rate in rates]
    if not where:
        return "no bags"
    return (
        f"{section['bags']} bags for the first {numbers.counted(section['seeds'], 'seed')} of {', '.join(where)}; "
        f"{section['epochs']} epochs each"
    )
