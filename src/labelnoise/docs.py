"""What texts have from code and results: the tables of methods, noises and scores in docs/methods.md, of terms and
of benchmarks/obvious.csv in docs/results.md, in docs/papers.md how many published values there are and how many
agree, what came of the claims on other data in reports/replication/README.md, of released predictions in
reports/northcutt2021/README.md, and of papers that were repeated in reports/zhang2017/README.md and
reports/arpit2017/README.md; and in each of these, and in reports/features/README.md, the outcome in short, which
the report shows (report.elsewhere). The findings in README.md are written by the stage `report`.

python -m labelnoise.docs    writes all anew, between the marks in these files
"""

import itertools
from pathlib import Path
from typing import Any

import pandas as pd

from labelnoise import artifacts, params, results, words
from labelnoise.claims.statements import QUESTION
from labelnoise.claims.verdict import NOT_TESTED
from labelnoise.noise import NOISES
from labelnoise.papers import by_heart
from labelnoise.papers import published as papers
from labelnoise.papers.beside import YES
from labelnoise.params import Params
from labelnoise.recheck.verdict import LIMIT
from labelnoise.released import findings as released_findings
from labelnoise.released.rules import CODE, PAPER
from labelnoise.report import claims, elsewhere, on_features, outcomes
from labelnoise.report.marks import between
from labelnoise.statistics.conjunction import OPEN, REFUTED, SUPPORTED
from labelnoise.words.methods import Family

Tables = tuple[pd.DataFrame, pd.DataFrame]
METHODS, PAPERS = Path("docs", "methods.md"), Path("docs", "papers.md")
PUBLISHED = {"cifar10": "CIFAR-10", "fashion_mnist": "Fashion-MNIST"}
LOOKED_AT = 12  # draws of Fashion-MNIST on which limits of the gate were chosen: the first
RESULTS, OBVIOUS = Path("docs", "results.md"), Path("benchmarks", "obvious.csv")
REPLICATION = Path("reports", "replication")  # presets/replication.yaml: page and tables, kept in git
RELEASED = Path("reports", "northcutt2021")  # presets/northcutt2021.yaml: page and two tables, kept in git
# presets/zhang2017.yaml and arpit2017.yaml: a page and some tables each, kept in git
TABLE_1, IN_KIND = Path("reports", "zhang2017"), Path("reports", "arpit2017")
OUTCOMES = {
    TABLE_1: outcomes.table_1, IN_KIND: outcomes.in_kind, RELEASED: outcomes.released,
    on_features.ON_FEATURES: outcomes.on_frozen_features,
}  # fmt: skip
RULES = {CODE: "released code", PAPER: "text"}


def methods(p: Params) -> str:
    """A table of methods per family, and one of the rows of `methods` that only claims run; in Markdown."""
    only = (Family("Variants", "run for claims alone (`grid: false`)"), params.claim_only_names(p))
    parts = [*words.grouped(params.grid_names(p)), only]
    return "\n\n".join(_table(p, *part) for part in parts if part[1])


def _table(p: Params, family: Family, names: list[str]) -> str:
    rows = [_row(name, params.resolved(p, name)[0]) for name in names]
    idea = f"{family.idea[0].upper()}{family.idea[1:]}."
    return "\n".join([f"### {family.title}", "", idea, "", "| method | idea, paper | |", "|---|---|---|", *rows])


def _row(name: str, method: str) -> str:
    code, result = f"../src/labelnoise/methods/{method}.py", f"../reports/methods.md#{name}"
    return f"| [`{name}`]({code}) | {words.about(name)} | [result]({result}) |"


def noises() -> str:
    """A table of the noise models, in Markdown."""
    rows = [f"| `{name}` | {model.definition.replace('{rate}', '*r*')} |" for name, model in NOISES.items()]
    return "\n".join(["| name | what becomes of labels at a nominal rate *r* |", "|---|---|", *rows])


def scores() -> str:
    """A table of the suspicion scores, in Markdown."""
    rows = [f"| `{name}` | {words.told(of.line, of.paper)} | {of.of} |" for name, of in words.SCORES.items()]
    return "\n".join(["| name | idea, paper | looks at |", "|---|---|---|", *rows])


def terms() -> str:
    """A table of the terms of the reports, in Markdown."""
    rows = [f"| {term.name} | {words.told(term.line, term.paper)} |" for term in words.TERMS]
    return "\n".join(["| word | meaning |", "|---|---|", *rows])


def obvious(table: pd.DataFrame) -> str:
    """What `labelnoise.find` calls obvious errors beside the truth, labellings that are alike together.

    table: benchmarks/obvious.csv. In Markdown.
    """
    columns = ["images", "features", "labels", "average precision", "truth within", "obvious given", "labels"]
    columns += ["of them wrong", "worst list"]
    head = [f"| {' | '.join(columns)} |", f"{'|---' * len(columns)}|"]
    anew = (table["images"] == "fashion_mnist") & (table["seed"] >= LOOKED_AT)
    kinds = table.assign(anew=anew).groupby(["images", "anew", "features", "labels"])
    return "\n".join([*head, *map(_alike, *zip(*kinds))])


def _alike(key: tuple[str, bool, str, str], of: pd.DataFrame) -> str:
    images, anew, features, labels = key
    low, high = (f"{value:.2f}" for value in (of["auprc"].min(), of["auprc"].max()))
    count, wrong = of["obvious"].sum(), (of["obvious"] * of["obvious_wrong"]).sum()
    share = f"{wrong / count:.1%}" if count else ""
    worst = of.loc[of["obvious_wrong"].idxmin()] if count else None
    least = f"{worst['obvious_wrong']:.1%} of {worst['obvious']:,.0f}" if count else ""
    whole = f"{PUBLISHED[images]}, {of['count'].iloc[0]:,}{', drawn anew' if anew else ''}"
    names = f"{whole} | {features} | {labels}"
    given = f"{(of['obvious'] > 0).sum()} of {len(of)}"
    precision = low if low == high else f"{low} to {high}"
    return f"| {names} | {precision} | {_within(of)} | {given} | {count:,.0f} | {share} | {least} |"


def _within(of: pd.DataFrame) -> str:
    """How often the true share of errors is within what was told of it."""
    told = of[of["told"].notna()]
    kinds = told.groupby((told["told"] == LIMIT).map({True: "limit", False: "range"}))["within"]
    return ", ".join(f"{kind}: {within.astype(bool).sum()} of {len(within)}" for kind, within in kinds)


def published() -> str:
    """How many published values are known, by kind, and by paper; in Markdown."""
    table = papers.read()
    counts = table.groupby(["kind", "verified"]).size()
    kinds = [
        f"{counts[key]:,} {key[0]}{'' if key[1] == 'yes' else ', but not verified'}"
        for key in sorted(counts.index, key=lambda key: (papers.KINDS.index(key[0]), key[1] == "no"))
    ]
    lines = [
        f"| {paper} | {', '.join(sorted(rows['dataset'].unique()))} | {kind} | {verified} | {len(rows)} |"
        for (paper, kind, verified), rows in table.groupby(["paper", "kind", "verified"])
    ]
    head = "| paper | data sets | kind | verified | values |\n|---|---|---|---|---|"
    return "\n".join([f"{len(table):,} values: {'; '.join(kinds)}.", "", head, *lines])


def agreement(repeated: pd.DataFrame, released: pd.DataFrame) -> str:
    """How many published values agree with ours, by paper, in Markdown.

    repeated: the table `papers` of presets/zhang2017.yaml; released: `released_agreement` of northcutt2021.yaml.
    """
    lines = ["| paper | values | on | comparisons | agree |", "|---|---|---|---|---|"]
    for kind, form in itertools.product(released_findings.KINDS, (CODE, PAPER)):
        of = released_findings.of_form(released[released["kind"] == kind], form)
        what = f"{kind} | its released predictions, rules of the {RULES[form]}"
        lines.append(f"| Northcutt et al. 2021 | {what} | {of['values'].sum()} | {of['agree'].sum()} |")
    for (paper, kind), of in repeated.groupby(["paper", "kind"]):
        what = f"{kind} | multi-layer perceptrons, trained here"
        lines.append(f"| {paper} | {what} | {len(of)} | {(of['agrees'] == YES).sum()} |")
    return "\n".join(lines)


def replication(p: Params, here: Tables, there: Tables) -> str:
    """Two sentences and a table of the claims that compare methods, in Markdown.

    here, there: (tables `statements` and `claims`) of the study and of the replication. What a claim compares and
    the replication does not have is counted: a verdict on a part of it is not compared.
    """
    both, whole = _both(p, here, there)
    ids = _ids(p)
    key = ["id", "contrast", "noise", "noise_rate"]
    rows = here[1].merge(there[1], on=key, suffixes=("", "_there"))
    rows = rows[rows["id"].isin(ids) & rows["verdict"].isin([SUPPORTED, REFUTED])]
    rows = rows[rows["verdict_there"].isin([SUPPORTED, REFUTED])]
    other = rows[rows["verdict"] != rows["verdict_there"]]
    named = "; ".join(
        f"no. {row.id}, {claims.contrast(row.contrast)} ({row.noise} {row.noise_rate:g})"
        for row in other.itertuples()
    )
    same, open_, apart = _counts(whole)
    told = (
        f"The study decided {len(whole)} claims of which every comparison was made here too. With the same "
        f"verdict here: {same}; open: {open_}; with the other one: {apart}. Of {len(rows)} "
        "single comparisons that both decided, with the other outcome here: "
        f"{len(other)}{f' ({named})' if named else ''}."
    )
    lines = [
        f"| {row.id} | {row.claim} | {_verdict(row, row.verdict, here)} "
        f"| {_verdict(row, row.verdict_there, there)} | {row.rows_there} of {row.rows} |"
        for row in both.itertuples()
    ]
    head = "| no. | claim or question | study | here | comparisons made here |"
    return "\n".join([told, "", head, "|---|---|---|---|---|", *lines])


def _ids(p: Params) -> set[int]:
    """Of the claims that compare methods."""
    return {of.id for of in p.statements.values() if any(one.methods() for one in of.compare)}


def _both(p: Params, here: Tables, there: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Claims that both tested; and of these those that the study decided and the replication made whole."""
    both = here[0].merge(there[0], on="id", suffixes=("", "_there"))
    both = both[both["id"].isin(_ids(p)) & (both["verdict_there"] != NOT_TESTED)]
    return both, both[both["verdict"].isin([SUPPORTED, REFUTED]) & (both["rows"] == both["rows_there"])]


def _counts(whole: pd.DataFrame) -> tuple[int, int, int]:
    """Of claims that the study decided, how many have in the replication the same verdict, none, and the other."""
    same = (whole["verdict"] == whole["verdict_there"]).sum()
    open_ = (whole["verdict_there"] == OPEN).sum()
    return same, open_, len(whole) - same - open_


def outcome(p: Params, folder: Path) -> str:
    """What came out, in short, of a folder of OUTCOMES."""
    if folder == REPLICATION:
        tables = (artifacts.of(p.study.datasets[0]).tables, folder / "tables")
        same, open_, other = _counts(_both(p, *map(verdicts, tables))[1])
        return (
            f"Of {same + open_ + other} claims that the study decided and that were repeated whole, {same} have "
            f"the same verdict, {other} the other one, {open_} none."
        )
    return OUTCOMES[folder](folder / "tables")


def verdicts(folder: Path) -> Tables:
    """The tables `statements` and `claims` in a folder."""
    return results.read("statements", folder), results.read("claims", folder)


def _verdict(row: Any, verdict: str, tables: Tables) -> str:
    """Of a statement in the table `statements`; of a question, its answer."""
    rows = tables[1]
    return claims.answer(verdict, rows[rows["id"] == row.id]) if row.kind == QUESTION else verdict


def released(text: str, agreement: pd.DataFrame, rivals: pd.DataFrame) -> str:
    """The page `text` with what the tables `released_agreement` and `released_rivals` say."""
    text = between(text, "findings", released_findings.sentences(agreement, rivals))
    text = between(text, "agreement", released_findings.agreement_table(agreement))
    return between(text, "rivals", released_findings.rivals_table(rivals))


def table_1(text: str, folder: Path) -> str:
    """The page `text` of presets/zhang2017.yaml with what the tables in `folder` say."""
    return between(text, "table-1", by_heart.table_1(results.read("papers", folder)))


def in_kind(text: str, folder: Path) -> str:
    """The page `text` of presets/arpit2017.yaml with what the tables in `folder` say."""
    made = (by_heart.conditions, by_heart.order, by_heart.critical)
    for function, table in zip(made, ("fit", "curves", "complexity"), strict=True):
        text = between(text, function.__name__, function(results.read(table, folder)))
    return text


def main() -> None:
    p = params.load()
    tables = between(between(METHODS.read_text("utf-8"), "methods", methods(p)), "noises", noises())
    METHODS.write_text(between(tables, "scores", scores()), "utf-8")
    text = between(RESULTS.read_text("utf-8"), "terms", terms())
    RESULTS.write_text(between(text, "obvious", obvious(pd.read_csv(OBVIOUS))), "utf-8")
    text = between(PAPERS.read_text("utf-8"), "published", published())
    found = results.read("papers", TABLE_1 / "tables"), results.read("released_agreement", RELEASED / "tables")
    PAPERS.write_text(between(text, "agreement", agreement(*found)), "utf-8")
    page = RELEASED / "README.md"
    if page.exists():
        tables = (results.read(f"released_{name}", RELEASED / "tables") for name in ("agreement", "rivals"))
        page.write_text(released(page.read_text("utf-8"), *tables), "utf-8")
    for write, folder in ((table_1, TABLE_1), (in_kind, IN_KIND)):
        if (page := folder / "README.md").exists():
            page.write_text(write(page.read_text("utf-8"), folder / "tables"), "utf-8")
    page = REPLICATION / "README.md"
    if page.exists() and (tables := artifacts.of(p.study.datasets[0]).tables).exists():
        told = replication(p, *map(verdicts, (tables, REPLICATION / "tables")))
        page.write_text(between(page.read_text("utf-8"), "claims", told), "utf-8")
    for folder in (*OUTCOMES, REPLICATION):
        page = folder / elsewhere.PAGE
        if page.exists() and (folder != REPLICATION or artifacts.of(p.study.datasets[0]).tables.exists()):
            text = between(page.read_text("utf-8"), elsewhere.MARK, outcome(p, folder))
            page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
