"""The screens of a data set's page below the first: a question each, with figures, one table, what was found and
what is doubtful. A screen without a table is left out."""

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells, survivors
from labelnoise.report import claims, numbers, papers, screens_list, tally, titles
from labelnoise.report.layout import ROW, Table
from labelnoise.report.screen import Screen
from labelnoise.report.unknown import EARLY, points

Tables = dict[str, pd.DataFrame]
BETTER, WORSE = "▲ ", "▼ "
MARKED = "at most 5% of the marks are false (Benjamini and Hochberg)."
WITHOUT = " Mean, worst: of cells with wrong labels."


def make(tables: Tables, level: float) -> list[Screen]:
    """Screens in order."""
    filled = {name: table for name, table in tables.items() if not table.empty}
    listed = [screens_list.errors(filled), screens_list.costs(filled)]
    made = [_methods(filled, level), *listed, _note(filled), _papers(filled)]
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
    places, clean = cells.cells(rows), (rows["noise"] == "none").any()
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
        f"Points of test accuracy against cross-entropy, both stopped early, mean over "
        f"{_seeds(rows)}. {BETTER}better, {WORSE}worse: {MARKED}{WITHOUT if over and clean else ''}"
    )
    counts = [(rows["differs"].astype(bool) & side).sum() for side in (rows["diff"] > 0, rows["diff"] < 0)]
    undecided = len(rows) - sum(counts)
    methods = rows["method"].nunique()
    found = (
        f"{numbers.counted(methods, 'other method')} not told the noise, against "
        f"early-stopped cross-entropy in {numbers.counted(len(places), 'noise cell')}: {counts[0]} of "
        f"{numbers.counted(len(rows), 'comparison')} better, {counts[1]} worse, {undecided} undecided."
    )
    doubt = _choosing(tables, min(intervals["network"]))
    caption = (
        f"Black, dashed: early-stopped cross-entropy. Colours: the best three. Bars: {level:.0%} t intervals over "
        "seeds. Filled: better; white: undecided. Gray: others."
    )
    table = Table(
        "methods", f"Every method{' in every noise cell' if len(places) > 1 else ''}", note, frame, {}, False
    )
    filters = {"family": "family", "trainings": "trainings"}
    filters = {column: name for column, name in filters.items() if column in frame}
    names = ["intervals", *(["unknown"] if over else [])]
    drawn = [words.cell_name(*place) for place in places]
    parts = ["accuracy", "memorization", "calibration", "imbalance", "gradients"]
    heading = f"How accurate is each method{' at each noise rate' if len(places) > 1 else ''}?"
    return Screen(
        "methods", heading, "by_rate_", caption, table, ["intervals"], names, filters, found, doubt, parts,
        drawn if len(drawn) > 1 else (),
    )  # fmt: skip


def _seeds(rows: pd.DataFrame) -> str:
    """How many seeds the means of `rows` are over."""
    least, most = int(rows["n_seeds"].min()), int(rows["n_seeds"].max())
    return f"{least} to {most} seeds" if least < most else numbers.counted(most, "seed")


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
        f"Which is best is open among {numbers.counted(tied, 'method')}; other data may differ."
        if tied > 1
        else "Other data may order methods otherwise."
    )


def _note(tables: Tables) -> Screen | None:
    """Every statement of the note with what came of it."""
    told = claims.statements(tables)
    if not told:
        return None
    frame = pd.DataFrame([
        {ROW: f"{one.id}. {titles.of_claim(one.said, one.claim)}", "kind": one.kind,
         "came out": one.verdict, "as written": one.as_written}
        for one in told
    ])  # fmt: skip
    found = f"{tally.sentence(tally.stated(told))}."
    doubt = tally.put(told)
    seen = tables["claims"].loc[tables["claims"]["n_seeds"] > 0, "n_seeds"]
    note = (
        f"By algebra: a proof. Tested, over {numbers.span(seen, '{:.0f}'.format)} seeds: supported where every "
        "comparison clears its threshold, refuted where one falls short. As written judges the note: wrong, "
        "too, where a claim of the opposite is supported."
    )
    table = Table("statements", "The note, statement by statement", note, frame, {}, False)
    filters = {"kind": "kind", "came out": "came out", "as written": "as written"}
    heading = "What did the note get wrong?"
    caption = "The comparisons behind each tested claim, by verdict."
    names = ["statements", "claims"]
    return Screen(
        "note", heading, "verdicts_", caption, table, ["claims"], names, filters, found, doubt, ["claims"]
    )


def _compared(counts: pd.DataFrame) -> Table:
    """Papers of which a value has one of ours beside it; all where there is none."""
    here = counts[counts["here"] > 0]
    table = papers.by_paper(here if len(here) else counts)
    without = counts["paper"].nunique() - here["paper"].nunique() if len(here) else 0
    told = f" {numbers.counted(without, 'other paper')}: no value of a setting of this study." if without else ""
    return table._replace(note=table.note + told)


def _papers(tables: Tables) -> Screen | None:
    """Published values beside ours, a row per paper."""
    if "papers_agreement" not in tables:
        return None
    counts = tables["papers_agreement"]
    table = _compared(counts)
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
