"""Writes the page and the summary, from tables read with labelnoise.results and from figures.

Text from the data is escaped: autoescape is on, and great_tables escapes cells and headings.
"""

import base64
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from labelnoise import files, results
from labelnoise.figures import calibration, survivors
from labelnoise.report import accuracy, evidence, findings, layout

REQUIRED = ["ledger", "accuracy", "intervals", "curves"]
OPTIONAL = ["calibration", "reliability", "transition", "uncertainty", "detection"]  # left out where missing

# file name: title, caption
FIGURES = {
    "accuracy": (
        "Test accuracy against noise rate",
        "Mean over seeds, bars: interval of the hierarchical bootstrap (seeds, then test images within a seed). "
        "Dashed lines and hollow markers: oracles. Points of one rate stand side by side to keep bars visible.",
    ),
    "differences": (
        "Difference to cross-entropy",
        "Methods at the last epoch minus cross-entropy at the last epoch and with early stopping; bars: interval "
        "of the paired difference. Filled: the interval leaves out 0. Dashed: oracles.",
    ),
    "memorization": (
        "Learning curves in one noise cell",
        "Mean over seeds; the band runs from the lowest to the highest seed and is no confidence interval.",
    ),
    "calibration": (
        "Calibration against noise rate",
        "ECE, NLL and Brier score on clean test images, lower is better; intervals of the hierarchical bootstrap.",
    ),
    "reliability": (
        "Reliability diagram of one noise cell",
        "Accuracy against confidence, all seeds pooled, with Wilson intervals per bin (test images taken as "
        "independent). Below the diagonal: over-confident. Gray bars: share of predictions in the bin.",
    ),
    "uncertainty": (
        "Bootstrap uncertainty of right and wrong labels",
        "Out-of-bag; boxes: quartiles, whiskers: 5% and 95% quantile over examples, averaged over seeds. "
        "AUROC: chance that a wrong label looks more suspicious than a right one; high entropy and mutual "
        "information, and low self-confidence, count as suspicious.",
    ),
}  # fmt: skip


class Section(NamedTuple):
    """One data set in the report."""

    name: str
    study: dict[str, Any]
    findings: list[str]
    tables: list[layout.Table]
    matrices: list[dict]
    diverged: layout.Table | None
    figures: list[dict]


def page(reports: Path, name: str, params: dict[str, Any], out: Path) -> None:
    """Write the part of one data set, `out`.html and `out`.md, from its tables and figures in reports/<name>/.

    `params`: sections datasets, evaluate, methods and report of params.yaml, as dicts. FileNotFoundError
    names a table that must be there and is not.
    """
    section = _section(reports / name, name, params)
    for suffix in (".html", ".md"):
        text = _environment().get_template(f"dataset{suffix}.jinja").render(section=section)
        files.write_text(out.with_suffix(suffix), text)


def write(pages: Path, names: list[str], index: Path, summary: Path) -> None:
    """Put the parts of all data sets together: the page `index` and the Markdown `summary`."""
    for path, template in ((index, "index.html.jinja"), (summary, "summary.md.jinja")):
        parts = [(name, Markup((pages / f"{name}{path.suffix}").read_text("utf-8"))) for name in names]
        files.write_text(path, _environment().get_template(template).render(parts=parts))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("labelnoise.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["table_html"] = lambda table, prefix: Markup(layout.html(table, prefix))
    environment.filters["table_markdown"] = layout.markdown
    return environment


def _section(folder: Path, name: str, params: dict[str, Any]) -> Section:
    tables = _read(folder / "tables")
    methods, level = list(params["methods"]), params["evaluate"]["level"]
    cell = params["report"]
    return Section(
        name=name,
        study=_study(tables, name, params),
        findings=findings.sentences(tables, methods, cell["noise"], cell["noise_rate"]),
        tables=_tables(tables, methods, level),
        matrices=evidence.matrices(tables["ledger"]),
        diverged=accuracy.diverged(tables["accuracy"]),
        figures=_figures(folder / "figures", folder, _crosses(tables["intervals"])),
    )


def _read(folder: Path) -> dict[str, pd.DataFrame]:
    optional = [name for name in OPTIONAL if (folder / f"{name}.csv").exists()]
    return {name: results.read(name, folder) for name in [*REQUIRED, *optional]}


def _study(tables: dict[str, pd.DataFrame], name: str, params: dict[str, Any]) -> dict[str, str]:
    """What was run: term and value."""
    section, evaluate = params["datasets"][name], params["evaluate"]
    training = {key.replace("_", " "): f"{value:g}" for key, value in section["training"].items()}
    seeds = tables["accuracy"]["seed"].nunique()
    return {
        "data set": name.replace("_", " "),
        "network": ", ".join(sorted(tables["accuracy"]["network"].unique())),
        "seeds": f"{seeds}; a seed fixes fold, noise draw, initial weights and batch order",
        "bootstrap": _bootstrap(section["bootstrap"], seeds),
        "training": ", ".join(f"{key} {value}" for key, value in training.items()),
        "test folds": str(section["data"]["folds"]),
        "validation share": f"{section['validation_fraction']:g} of the training part, with noisy labels",
        "intervals": f"{evaluate['level']:.0%}, {evaluate['resamples']} bootstrap resamples",
        "methods": ", ".join(method.replace("_", " ") for method in params["methods"]),
    }


def _bootstrap(section: dict[str, int], seeds: int) -> str:
    """The bags behind bootstrap uncertainty: how many, of which seeds, how long."""
    first = min(section["seeds"], seeds)
    return (
        f"{section['bags']} bags for the first {first} {'seed' if first == 1 else 'seeds'}, {section['epochs']} "
        f"epochs each, a snapshot every {section['snapshot_every']} epochs"
    )


def _tables(tables: dict[str, pd.DataFrame], methods: list[str], level: float) -> list[layout.Table]:
    intervals = tables["intervals"]
    made = [
        accuracy.score(intervals, methods),
        *accuracy.means(intervals, methods, level),
        *accuracy.differences(intervals, methods, level),
        accuracy.seeds(tables["accuracy"], methods),
        evidence.calibration(intervals, methods, level),
        *(make(tables[name]) for name, make in _optional() if name in tables),
        evidence.ledger(tables["ledger"]),
    ]
    return [table for table in made if table is not None]


def _optional() -> list[tuple]:
    return [
        ("transition", evidence.transition),
        ("uncertainty", evidence.uncertainty),
        ("detection", evidence.detection),
    ]


def _crosses(intervals: pd.DataFrame) -> dict[str, str]:
    """What crosses in a figure mean, for the figures that have them."""
    table = survivors.counted(intervals)
    means = " Crosses: seeds diverged, the mean is over the others; no point where all did."
    pairs = " Crosses: seeds diverged on either side, neither better nor worse; no point where all did."
    scores = table["metric"].isin(list(calibration.METRICS)) & (table["selection"] == "last")
    accuracies = (table["metric"] == "test_accuracy") & table["selection"].isin(accuracy.HONEST)
    paired = survivors.compared(intervals, "test_accuracy", "last")
    return {
        "accuracy": means if (table["incomplete"] & accuracies).any() else "",
        "calibration": means if (table["incomplete"] & scores).any() else "",
        "differences": pairs if paired["pair_incomplete"].any() else "",
    }


def _figures(folder: Path, section: Path, notes: dict[str, str]) -> list[dict]:
    """The figures that were made; an image by address keeps the ids of several SVGs apart."""
    found = []
    for name, (title, caption) in FIGURES.items():
        for svg in sorted(folder.rglob(f"{name}.svg"))[:1]:
            address = "data:image/svg+xml;base64," + base64.b64encode(svg.read_bytes()).decode()
            png = svg.with_suffix(".png").relative_to(section).as_posix()
            found.append(
                {
                    "name": name,
                    "title": title,
                    "caption": caption + notes.get(name, ""),
                    "address": address,
                    "png": png,
                }
            )
    return found
