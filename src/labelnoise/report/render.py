"""Writes the pages, the summary and the results by method, from tables read with labelnoise.results and figures.

The page of a data set answers questions: a screen of answers, and a screen per question (report.screens). All else
stands on pages of its own in the folder `more` beside it. Text from the data is escaped: autoescape is on, and
layout.html escapes cells and headings.
"""

import json
import re
import shutil
import textwrap
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from labelnoise import files, results, words
from labelnoise.report import (
    accuracy,
    answers,
    audit,
    audit_study,
    by_method,
    detection,
    embed,
    evidence,
    findings,
    gate,
    layout,
    noise_kind,
    numbers,
    papers,
    parts,
    provenance,
    recheck,
    runs,
    screens,
    summary,
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


SHORT = 38  # letters of a statement on the first screen
FIRST = ("unknown", "budget", "papers", "note")  # answers, in the page's order; all others follow
MORE = {"findings": "All findings, and what was run", "reading": "How to read this"}  # pages that are no parts
LEADING = (
    "Points of test accuracy against early-stopped cross-entropy, a mean over noise cells, each kind of noise "
    "alike; bars: t interval over seeds, not for the winner of many. Filled: may be the best. ×: worst noise cell "
    "(arrow: beyond −20). Right: networks trained for an answer."
)


class Section(NamedTuple):
    """One data set in the report."""

    name: str
    study: dict[str, Any]
    answers: list[answers.Answer]
    findings: list[str]
    parts: list[parts.Part]
    matrices: list[dict]
    diverged: layout.Table | None
    links: list[tuple[str, str]]


class Known(NamedTuple):
    """What tables do not tell of themselves."""

    stages: dict[str, Any]  # section `stages` of dvc.yaml
    images: Path  # the data: their hash is told


class Page(NamedTuple):
    """The page of one data set."""

    title: str  # as its user calls the data
    run: str  # what was run, in a line
    beside: dict[str, list[tuple[str, str]]]  # key of an answer: links
    published: list[str]  # how many labels are wrong before any is made so
    papers: list[str]  # why nothing stands beside published values
    leading: list[Markup]
    leading_caption: str
    leading_source: provenance.Source
    screens: list[tuple]  # screen, figures, source of these, source of the table, pages with more
    more: list[tuple[str, str]]  # address and heading
    links: list[tuple[str, str]]


def page(reports: Path, name: str, params: dict[str, Any], drawn: dict[str, str], out: Path, known: Known) -> None:
    """Write the page of one data set, reports/<name>/index.html, and what it links to, reports/<name>/more, from
    the tables and figures beside it; and its part of the overview and of the summary: `out`.html, .md and .json.
    drawn: where its figures are, by name.

    The json holds what there is to tell about each method, in Markdown, and which labels there are. `params`:
    sections datasets, detect (limits of the tiers), evaluate, methods, variants (name -> its method), report and
    recheck.cell of params.yaml.
    FileNotFoundError names a table that must be there and is not.
    """
    folder = reports / name
    tables = _read(folder / "tables")
    where = provenance.read(folder, known.stages)
    section = _section(folder, name, params, drawn, tables)
    shown = _page(section, params, drawn, tables, where, known)
    labels, environment = _labels(tables), _environment()
    text = environment.get_template("page.html.jinja").render(page=shown, section=section)
    files.write_text(folder / "index.html", text)
    _more(folder / "more", section, shown, labels, where, environment)
    for suffix, template in ((".html", "overview.html.jinja"), (".md", "dataset.md.jinja")):
        context = {"section": section, "page": shown, "run": summary.run(tables), "figure": summary.figure(drawn)}
        text = environment.get_template(template).render(context)
        # an apostrophe needs no escape outside attributes, of which Markdown has none, and should read as one
        files.write_text(out.with_suffix(suffix), text.replace("&#39;", "'") if suffix == ".md" else text)
    entries = by_method.entries(tables, list(params["methods"]), params["variants"])
    told = {"labels": labels, "methods": entries}
    files.write_text(out.with_suffix(".json"), json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def _more(
    folder: Path, section: Section, shown: Page, labels: str, where: provenance.Map, environment: Environment
) -> None:
    """A page per part, with all that is known of it; pages of an earlier run go."""
    shutil.rmtree(folder, ignore_errors=True)
    template = environment.get_template("more.html.jinja")
    found = {part.key: (part.heading, part) for part in section.parts} | {
        key: (heading, None) for key, heading in MORE.items()
    }
    for key, (heading, part) in found.items():
        text = template.render(
            key=key, heading=heading, part=part, section=section, page=shown, labels=[labels],
            figure_source=partial(provenance.of_figure, where), table_source=partial(provenance.of_table, where),
        )  # fmt: skip
        files.write_text(folder / f"{key}.html", text)


def _page(
    section: Section, params: dict[str, Any], drawn: dict[str, str], tables: dict[str, pd.DataFrame],
    where: provenance.Map, known: Known,
) -> Page:  # fmt: skip
    level = params["evaluate"]["level"]
    more = [(f"more/{part.key}.html", part.heading) for part in section.parts]
    more += [(f"more/{key}.html", heading) for key, heading in MORE.items()]
    headings = {address: heading for address, heading in more}
    made = []
    own = any(answer.key == "errors" for answer in section.answers)  # whose user asks for errors, not for methods
    for screen in sorted(screens.make(tables, level), key=lambda screen: own and screen.key == "methods"):
        names = [name for name in drawn if name.startswith(screen.figures)]
        of_figures = provenance.of_figure(where, drawn[names[0]], screen.drawn_from) if names else None
        of_table = provenance.of_table(where, screen.table.key, screen.tables)
        pages = [(f"more/{key}.html", headings.get(f"more/{key}.html")) for key in screen.more]
        pages = [(address, heading) for address, heading in pages if heading]
        made.append((screen, _drawn(where.folder, names, drawn, screen.heading), of_figures, of_table, pages))
    without = tables.get("papers_agreement")
    leading = [name for name in drawn if name.startswith("leading_") and not own]
    return Page(
        title=_title(section.name, params["datasets"][section.name]["data"]),
        run=_run(tables, params | {"datasets": params["datasets"][section.name]}, known.images),
        beside=_beside(section.links),
        published=_published(tables),
        papers=papers.sentences(without) if without is not None and without.empty else [],
        leading=_drawn(where.folder, leading, drawn, "Points against early-stopped cross-entropy, by method"),
        leading_caption=LEADING,
        leading_source=provenance.of_figure(where, drawn[leading[0]] if leading else "", ["unknown"]),
        screens=made,
        more=more,
        links=section.links,
    )


def _drawn(folder: Path, names: list[str], drawn: dict[str, str], label: str) -> list[Markup]:
    """Figures within the page, as it has them."""
    return [
        embed.svg(
            (folder / drawn[name]).read_text("utf-8"), name.replace("_", "-"), f"{label}: {words.name(name)}"
        )
        for name in names
    ]


def _beside(links: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Links below an answer: to the page to look at labels in, and to the list."""
    have = {path for path, _ in links}
    review = [("review.html", "Look at labels and answer")] if "review.html" in have else []
    list_ = [("list.html", "The list, with pictures")] if "list.html" in have else []
    return {"budget": review + list_, "first": review + list_, "trust": [("more/findings.html", "All findings")]}


def _title(name: str, data: dict[str, Any]) -> str:
    """As the user calls the data: the folder of the images, or the file of arrays."""
    folder, arrays = data.get("folder"), data.get("arrays")
    if folder:
        return Path(folder["root"]).expanduser().resolve().name
    return Path(arrays["file"]).stem if arrays else name.replace("_", " ")


def _run(tables: dict[str, pd.DataFrame], params: dict[str, Any], images: Path) -> str:
    """What was run, and on what."""
    data = provenance.of_file(images)
    of_data = f"data {data}, " if data else ""
    return f"{summary.run(tables)} MD5: {of_data}parameters {provenance.of_values(params)}."


def write(pages: Path, names: list[str], index: Path, short: Path, methods: Path) -> None:
    """Put the parts of all data sets together: the page `index`, and in Markdown `short` and `methods`."""
    told = {name: json.loads((pages / f"{name}.json").read_text("utf-8")) for name in names}
    labels = {name: told[name]["labels"] for name in names}
    for path, template in ((index, "index.html.jinja"), (short, "summary.md.jinja")):
        made = [(name, Markup((pages / f"{name}{path.suffix}").read_text("utf-8").strip())) for name in names]
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
    environment.filters["marked"] = _marked
    environment.filters["short"] = _short
    environment.filters["code"] = _code
    environment.filters["sentence"] = lambda title: title if title.endswith("?") else f"{title}."
    return environment


def _marked(table: Markup, name: str) -> Markup:
    """Cells that are marked better or worse, and links from statements of the note to what is told of them."""
    kinds = {"▲": "up", "▼": "down"}
    text = re.sub("<td>([▲▼])", lambda found: f'<td class="{kinds[found[1]]}">{found[1]}', table)
    linked = rf'<th><a href="more/claims.html#{name}-claim-\1">\1</a>. '
    return Markup(re.sub(r"<th>(\d+)\. ", linked, text))


def _code(text: str) -> Markup:
    """Text with what stands between backquotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _short(line: str) -> str:
    """The beginning of a statement, with its number."""
    return textwrap.shorten(line.removeprefix("No. "), SHORT, placeholder=" …", break_on_hyphens=False).rstrip(".")


def _published(tables: dict[str, pd.DataFrame]) -> list[str]:
    """How many labels of a data set are wrong before any is made so; nothing where that is not looked at."""
    rates = tables.get("noise_rate", pd.DataFrame(columns=["estimator", "noise"]))
    rows = rates[(rates["estimator"] == words.NOISE_MODEL) & (rates["noise"] == "none")]
    if rows.empty:
        return []
    within = numbers.between(rows["low"].mean(), rows["high"].mean())
    return [f"As published, {within} of its labels are wrong by the model (a range)."]


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
        answers=sorted(answers.of(tables, listed, params["evaluate"]["level"]), key=_place),
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


def _place(answer: answers.Answer) -> int:
    return FIRST.index(answer.key) if answer.key in FIRST else len(FIRST)


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
