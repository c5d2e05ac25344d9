"""The page of answers about one data set: a first screen, and a screen per question (report.screens)."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from labelnoise import words
from labelnoise.report import elsewhere, embed, numbers, papers, provenance, screens, summary
from labelnoise.report.elsewhere import Elsewhere
from labelnoise.report.section import Section

MORE = {"findings": "All findings, and what was run", "reading": "How to read this"}  # pages that are no parts
LEADING = (
    "Points against early-stopped cross-entropy, mean over cells with wrong labels, each kind of noise alike; "
    "bars: t interval over seeds, not for the winner of many. Filled: may be the best. Cross: worst cell (arrow: "
    "beyond −20). At the edge: networks trained for one answer."
)
ERRORS, PAPERS = "How many errors has this data set?", "Where do the papers differ?"


class Known(NamedTuple):
    """What tables do not tell of themselves."""

    stages: dict[str, Any]  # section `stages` of dvc.yaml
    images: Path  # the data: their hash is told
    copied: bool = False  # whether this is a preset's copy of the project


class Page(NamedTuple):
    """The page of one data set."""

    title: str  # as its user calls the data
    note: str | None  # what its readers are to know first, as report.note of params.yaml has it
    run: str  # what was run, in a line
    beside: dict[str, list[tuple[str, str]]]  # key of an answer: links
    facts: dict[str, str]  # questions whose answer is a sentence
    leading: list[Markup]
    leading_caption: str
    leading_source: provenance.Source
    screens: list[tuple]  # screen, figures, source of these, source of the table, pages with more
    more: list[tuple[str, str]]  # address and heading
    rest: list[tuple[str, str]]  # of them those to which no screen leads
    links: list[tuple[str, str]]
    elsewhere: list[Elsewhere]  # what was compared with papers on other data, for the page about papers


def make(
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
    leading = [name for name in drawn if name.startswith("leading_") and not own]
    return Page(
        title=_title(section.name, params["datasets"][section.name]["data"]),
        note=params["report"]["note"],
        run=_run(section.name, tables, params | {"datasets": params["datasets"][section.name]}, known),
        beside=_beside(section.links),
        facts=_facts(tables, own),
        leading=_drawn(where.folder, leading, drawn, "Points against early-stopped cross-entropy, by method"),
        leading_caption=LEADING,
        leading_source=provenance.of_figure(where, drawn[leading[0]] if leading else "", ["unknown"]),
        screens=made,
        more=more,
        rest=[page for page in more if not any(page in pages for *_, pages in made)],
        links=section.links,
        elsewhere=elsewhere.found(where.folder.parent) if "more/papers.html" in headings else [],
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


def _run(name: str, tables: dict[str, pd.DataFrame], params: dict[str, Any], known: Known) -> str:
    """What was run, on what, and how the commit is found: a page with its own in it could not be committed."""
    data = provenance.of_file(known.images)
    of_data = f"data {data}, " if data else ""
    hashes = f"MD5: {of_data}parameters {provenance.of_values(params)}."
    told = summary.commit(name, params["datasets"]["data"], known.copied)
    return " ".join(filter(None, [summary.run(tables), hashes, told]))


def _facts(tables: dict[str, pd.DataFrame], own: bool) -> dict[str, str]:
    """What a sentence answers: how many labels are wrong before any is made so, and why no paper differs, which of
    the user's own data nobody asks."""
    counts = tables.get("papers_agreement")
    without = papers.sentences(counts) if counts is not None and counts.empty and not own else []
    told = {ERRORS: " ".join(_published(tables)), PAPERS: " ".join(without)}
    return {question: answer for question, answer in told.items() if answer}


def _published(tables: dict[str, pd.DataFrame]) -> list[str]:
    """How many labels of a data set are wrong before any is made so; nothing where that is not looked at."""
    rates = tables.get("noise_rate", pd.DataFrame(columns=["estimator", "noise"]))
    rows = rates[(rates["estimator"] == words.NOISE_MODEL) & (rates["noise"] == "none")]
    if rows.empty:
        return []
    low, high = rows["low"].mean(), rows["high"].mean()
    return [
        f"As published, {numbers.between(low, high)} of its labels are wrong by the model (a range)"
        f"{_pointed_out(tables, rows['high'].max())}."
    ]


def _pointed_out(tables: dict[str, pd.DataFrame], high: float) -> str:
    """How many labels that are at most, and how many are called errors. high: of the range, in the highest run."""
    tiers = tables.get("tiers", pd.DataFrame(columns=["noise"]))
    rows = tiers[tiers["noise"] == "none"]
    if rows.empty:
        return ""
    runs = rows["seed"].nunique()
    count = rows.groupby("tier")["count"].sum().reindex(["obvious", "possible", "rest"], fill_value=0)
    labels = count.sum() / runs  # the sure ones are obvious
    called = (
        f"in {numbers.counted(runs, 'run')} its list calls {count['obvious']:,.0f} obvious and "
        f"{count['possible']:,.0f} possible errors"
        if count[["obvious", "possible"]].any()
        else "its list calls none an error"
    )
    return f", about {high * labels:,.0f} of {labels:,.0f} at most; {called}"
