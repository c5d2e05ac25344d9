"""The screens of a data set's page below the first: a question each, with figures, one table, what was found and
what is doubtful. A screen without a table is left out."""

import textwrap
from typing import NamedTuple

import pandas as pd

from labelnoise import words
from labelnoise.figures import budget, cells, survivors
from labelnoise.figures import tiers as tiers_figure
from labelnoise.report import claims, noise_kind, numbers, papers, recheck
from labelnoise.report.layout import ROW, Table
from labelnoise.report.unknown import EARLY, points

Tables = dict[str, pd.DataFrame]
SHARES = (0.5, 0.8, 0.95)  # of the wrong labels that are to be found
SHORT = 70  # letters of a statement; its page has it whole
BETTER, WORSE = "▲ ", "▼ "


class Screen(NamedTuple):
    """One question."""

    key: str
    heading: str
    figures: str  # what the names of its figures begin with
    caption: str
    table: Table
    drawn_from: list[str]  # result tables that its figures are made of
    tables: list[str]  # and its table
    filters: dict[str, str]  # column of `table` that a reader may choose a value of -> what it is called
    found: str
    doubt: str
    more: list[str]  # parts that have the rest


def make(tables: Tables, level: float) -> list[Screen]:
    """Screens in order."""
    filled = {name: table for name, table in tables.items() if not table.empty}
    made = [_methods(filled, level), _errors(filled), _recheck(filled), _note(filled), _papers(filled)]
    return [screen for screen in made if screen is not None]


def _methods(tables: Tables, level: float) -> Screen | None:
    """Points against early-stopped cross-entropy, a row per method and a column per noise cell."""
    intervals = tables["intervals"]
    own = intervals[intervals["network"] == min(intervals["network"])]
    rows = survivors.compared(own, "test_accuracy", EARLY)
    rows = rows[(rows["baseline_selection"] == EARLY) & (rows["method"] != words.BASELINE)]
    rows = rows[~rows["oracle"].astype(bool)]
    if rows.empty:
        return None
    places = cells.cells(rows)
    over = _over_all(tables, min(intervals["network"]))
    facts = {key: part.iloc[0] for key, part in rows.groupby(["method", "noise", "noise_rate"])}
    families = {
        name: family.title for family, names in words.grouped(sorted(set(rows["method"]))) for name in names
    }
    ordered = sorted(families, key=lambda name: (-over[name]["diff"] if name in over else 0, name))
    frame = pd.DataFrame([
        {ROW: words.name(name), "family": families[name], **_mean(over.get(name))}
        | {words.cell_name(*place): _marked(facts.get((name, *place))) for place in places}
        for name in ordered
    ]).dropna(axis=1, how="all")  # fmt: skip
    note = (
        f"Points of test accuracy against cross-entropy, both stopped early by noisy labels. {BETTER}better, "
        f"{WORSE}worse: {words.MARKED}"
    )
    counts = [(rows["differs"].astype(bool) & side).sum() for side in (rows["diff"] > 0, rows["diff"] < 0)]
    undecided = len(rows) - sum(counts)
    methods = rows["method"].nunique()
    found = (
        f"Of {numbers.counted(len(rows), 'comparison')} of {numbers.counted(methods, 'method')} with "
        f"early-stopped cross-entropy {counts[0]} are better, {counts[1]} worse, {undecided} undecided."
    )
    doubt = _choosing(tables, min(intervals["network"]))
    caption = (
        f"Black, dashed: early-stopped cross-entropy. Colours: the best three. Bars: {level:.0%} t intervals over "
        "seeds. Filled: better; white: undecided. Gray: the other methods."
    )
    table = Table(
        "methods", f"Every method{' in every noise cell' if len(places) > 1 else ''}", note, frame, {}, False
    )
    filters = {"family": "family", "trainings": "trainings"}
    filters = {column: name for column, name in filters.items() if column in frame}
    names = ["intervals", *(["unknown"] if over else [])]
    parts = ["accuracy", "memorization", "calibration", "imbalance", "gradients"]
    heading = f"How accurate is each method{' at each noise rate' if len(places) > 1 else ''}?"
    return Screen(
        "methods", heading, "by_rate_", caption, table, ["intervals"], names, filters, found, doubt, parts
    )


def _over_all(tables: Tables, network: str) -> dict[str, dict]:
    """Rows of the table `unknown` with early stopping, by method."""
    if "unknown" not in tables:
        return {}
    rows = tables["unknown"]
    rows = rows[(rows["network"] == network) & (rows["selection"] == EARLY) & rows["diff"].notna()]
    return {row["method"]: row for row in rows.to_dict("records")}


def _mean(row: dict | None) -> dict[str, str | None]:
    if row is None:
        return {"mean": None, "worst": None, "trainings": None}
    trainings = f"{row['trainings']:.0f}"
    return {"mean": points(row["diff"]), "worst": points(row["worst_diff"]), "trainings": trainings}


def _marked(fact: pd.Series | None) -> str | None:
    if fact is None:
        return None
    if fact["pair_incomplete"] or not fact["differs"]:
        return points(fact["diff"])
    return (BETTER if fact["diff"] > 0 else WORSE) + points(fact["diff"])


def _choosing(tables: Tables, network: str) -> str:
    """Whether the best can be told."""
    if "unknown" not in tables:
        return "One data set."
    rows = tables["unknown"]
    rows = rows[(rows["network"] == network) & (rows["selection"] == EARLY) & ~rows["oracle"].astype(bool)]
    tied = int(rows["tied"].astype(bool).sum())
    return (
        f"Which is the best remains open among {numbers.counted(tied, 'method')}, and other data may order them "
        "otherwise."
        if tied > 1
        else "Other data may order methods otherwise."
    )


def _errors(tables: Tables) -> Screen | None:
    """What the list holds, a row per noise cell."""
    if "tiers" not in tables:
        return None
    rows = tiers_figure.pooled(tables["tiers"])
    rows = rows[rows["tier"] == "obvious"]
    rates = tables.get("noise_rate", pd.DataFrame(columns=["estimator", "noise", "noise_rate"]))
    own = rates[rates["estimator"] == words.NOISE_MODEL]
    named = dict(zip(((r.noise, r.noise_rate) for r in rows.itertuples()), rows.to_dict("records"), strict=True))
    frame = pd.DataFrame([_of_cell(cell, named[cell], own, tables) for cell in cells.cells(rows)])
    frame = frame.loc[:, [name for name in frame if name == ROW or (frame[name] != "–").any()]]
    known = rows[rows["share_wrong"].notna()]
    note = (
        "Range of the rate: between two models of the noise, no confidence interval. Obvious errors of all "
        "checked seeds, with 95% interval over seeds, or the range of few seeds."
    )
    table = Table("errors", "What the list says, by noise cell", note, frame, {}, False)
    if known.empty:
        found = f"{rows['count'].sum():,.0f} labels are called obvious errors."
    else:
        least = known.loc[known["share_wrong"].idxmin()]
        where = words.cell_name(least["noise"], least["noise_rate"])
        found = (
            f"In {numbers.counted(len(known), 'noise cell')} of {len(rows)} some labels are called obvious "
            f"errors; at worst {least['share_wrong']:.1%} of them are wrong ({where})."
        )
    caption = (
        "Left: obvious errors that are wrong, and which share of all errors they are; right of it how many. "
        "Right: of labels with a stated P(wrong), which share is wrong, all cells pooled."
    )
    names = ["tiers", *(["noise_rate"] if len(own) else [])]
    parts = ["noisy", "trust", "errors", "uncertainty", "coverage", "noise"]
    heading = "Which labels are wrong, and how sure is that?"
    drawn = ["tiers", "detection_reliability"]
    return Screen("errors", heading, "obvious_", caption, table, drawn, names, {}, found, _rates(own), parts)


def _of_cell(cell: tuple[str, float], row: dict, rates: pd.DataFrame, tables: Tables) -> dict[str, str]:
    shown = {ROW: words.cell_name(*cell), "obvious": f"{row['count']:,.0f}", "wrong [%]": "–"}
    if pd.notna(row["share_wrong"]):
        ends = ("low", "high") if pd.notna(row["low"]) else ("smallest", "largest")
        within = numbers.between(*(row[end] for end in ends)).removesuffix("%")
        shown["wrong [%]"] = f"{numbers.percent(row['share_wrong'])} ({within})"
    shown["of all errors [%]"] = numbers.percent(row["errors_found_share"])
    part = rates[(rates["noise"] == cell[0]) & (rates["noise_rate"] == cell[1])]
    if part.empty:
        return shown
    truth = part["realised_rate"].mean()
    held = noise_kind.covered(part)["held"]
    within = noise_kind.how_much(part, tables.get("gate"), cell)
    return shown | {
        "rate, range": within.removesuffix(", range between two models"),
        "in truth [%]": numbers.percent(truth), "range holds it": numbers.k_of_n(held) if len(held) else "–",
    }  # fmt: skip


def _rates(own: pd.DataFrame) -> str:
    said = noise_kind.coverage(own) if len(own) else []
    return said[0] if said else "How many are wrong is a range between two models, no confidence interval."


def _recheck(tables: Tables) -> Screen | None:
    """What finding wrong labels costs, a row per noise cell."""
    if "budget_needed" not in tables:
        return None
    table = tables["budget_needed"]
    rows = table[(table["rechecker_error"] == table["rechecker_error"].min()) & (table["realised_rate"] > 0)]
    mine = rows[rows["order"] == words.NOISE_MODEL]
    looks = mine.assign(looks=mine["rechecked_share"] / (mine["found_share"] * mine["realised_rate"]))
    keys = ["noise", "noise_rate", "found_share"]
    per_error = looks.groupby(keys)["looks"].mean()
    share = rows.groupby(["order", *keys])["rechecked_share"].mean()
    places = cells.cells(mine)
    if not places:
        return None
    frame = pd.DataFrame([
        {ROW: words.cell_name(*place)}
        | {f"looks per error, first {of:.0%}": _plain(per_error.get((*place, of))) for of in SHARES}
        | {f"{words.name(order)}, for 80% [%]": numbers.percent(share.get((order, *place, 0.8), float("nan")))
           for order in (words.NOISE_MODEL, "oracle", "random") if order in budget.orders(rows)}
        for place in places
    ])  # fmt: skip
    note = (
        "Labels looked at per error found, until that share of all errors is found; and labels to look at for 80% "
        "of the errors, in % of all labels. Mean over seeds, people without errors."
    )
    half = per_error.xs(0.5, level="found_share").dropna()
    worst = half.idxmax()
    found = (
        f"Until half of the errors are found, at most {half.max():.2f} labels are looked at per error "
        f"({words.cell_name(*worst)})."
    )
    held = recheck.covered(tables["errors_left"]) if "errors_left" in tables else pd.DataFrame()
    doubt = (
        f"The model's band of errors left holds the truth in {held['held'].mean():.0%} of "
        f"{len(held):,} runs × budgets: answers to an audit say when to stop, not the band."
        if len(held)
        else "Answers to an audit (to_audit.csv) say when to stop."
    )
    caption = (
        "Left: labels looked at per error, in the noise model's order; dashed: every one is an error. Right: how "
        "often the model's band of errors left holds the truth."
    )
    shown = Table("recheck", "What rechecking costs, by noise cell", note, frame, {}, False)
    heading = "How many labels must be looked at?"
    drawn, names = ["budget", "errors_left"], ["budget_needed"]
    return Screen("recheck", heading, "looks_", caption, shown, drawn, names, {}, found, doubt, ["recheck"])


def _plain(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else numbers.plain(value)


def _note(tables: Tables) -> Screen | None:
    """Every statement of the note with what came of it."""
    told = claims.statements(tables)
    if not told:
        return None
    frame = pd.DataFrame([
        {ROW: f"{one.id}. {textwrap.shorten(one.said, SHORT, placeholder=' …')}", "kind": one.kind,
         "came out": one.verdict, "as written": one.as_written}
        for one in told
    ])  # fmt: skip
    of_all = _as_written(told)
    wrong, stand, undecided = (of_all.count(word) for word in ("wrong", "stands", "open"))
    found = (
        f"Of {len(of_all)} statements of the note {wrong} are wrong as written, {stand} stand and {undecided} are "
        "open; all others are questions or wishes, which have answers."
    )
    doubt = (
        "A claim is refuted by one of its comparisons: the bars show how many of them, and the details name it."
    )
    note = (
        "By algebra: a proof. Tested: supported where every comparison clears its threshold, refuted where one "
        "falls short. A question has an answer."
    )
    table = Table("statements", "The note, statement by statement", note, frame, {}, False)
    filters = {"kind": "kind", "came out": "came out", "as written": "as written"}
    heading = "What did the note get wrong?"
    caption = "The comparisons behind each tested claim, by verdict."
    names = ["statements", "claims"]
    return Screen(
        "note", heading, "verdicts_", caption, table, ["claims"], names, filters, found, doubt, ["claims"]
    )


def _as_written(told: list[claims.Statement]) -> list[str]:
    """One word per statement of the note, of which several claims may be made: wrong where one says so."""
    texts: dict[str, set[str]] = {}
    for one in told:
        if one.kind != claims.QUESTION:
            texts.setdefault(one.said, set()).add(one.as_written)
    return [
        next(word for word in ("wrong", "open", "stands", "question") if word in said) for said in texts.values()
    ]


def _papers(tables: Tables) -> Screen | None:
    """Published values beside ours, a row per paper."""
    if "papers_agreement" not in tables:
        return None
    counts = tables["papers_agreement"]
    table = papers.by_paper(counts)
    found = " ".join(papers.sentences(counts))
    doubt = (
        "Other images stand in for those of the papers: a difference is one of data too."
        if counts["stand_in"].astype(bool).any()
        else "A value that was not verified at its source proves nothing either way."
    )
    caption = "A point per pair of a published value and ours; on the line they are the same."
    heading = "Where do the papers differ?"
    names = ["papers_agreement"]
    return Screen("papers", heading, "published", caption, table, ["papers"], names, {}, found, doubt, ["papers"])
