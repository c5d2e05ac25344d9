"""The screens on the list of suspect labels: what it holds, and what rechecking it costs."""

import pandas as pd

from labelnoise import words
from labelnoise.figures import budget, cells
from labelnoise.figures import tiers as tiers_figure
from labelnoise.report import noise_kind, numbers, recheck
from labelnoise.report.layout import ROW, Table
from labelnoise.report.screen import Screen

Tables = dict[str, pd.DataFrame]
SHARES = (0.5, 0.8, 0.95)  # of the wrong labels that are to be found


def errors(tables: Tables) -> Screen | None:
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
        f"Obvious errors: of {numbers.seeds(tables['tiers'])} a cell, with 95% interval, or the range of few "
        "seeds."
    )
    if len(own):
        note += f" Rate: share of wrong labels, mean over {numbers.seeds(own)}."
    table = Table("errors", "What the list says, by noise cell", note, frame, {}, False)
    if known.empty:
        found = f"{rows['count'].sum():,.0f} labels are called obvious errors."
    else:
        least = known.loc[known["share_wrong"].idxmin()]
        where = words.cell_name(least["noise"], least["noise_rate"])
        found = (
            f"In {len(known)} of {numbers.counted(len(rows), 'noise cell')}{_untrained(rows, tables)} some labels "
            f"are called obvious errors; at worst {least['share_wrong']:.1%} of them are wrong ({where})."
        )
    caption = (
        "First: obvious errors that are wrong, which share of all errors they are, and at the edge how many. "
        "Second: share wrong by stated P(wrong), all cells pooled."
    )
    names = ["tiers", *(["noise_rate"] if len(own) else [])]
    parts = ["noisy", "trust", "errors", "uncertainty", "coverage", "noise"]
    heading = "Which labels are wrong, and how sure is that?"
    drawn = ["tiers", "detection_reliability"]
    return Screen("errors", heading, "obvious_", caption, table, drawn, names, {}, found, _rates(own), parts)


def _untrained(rows: pd.DataFrame, tables: Tables) -> str:
    """How many noise cells of the list no method was trained in."""
    trained = set(cells.cells(tables["intervals"])) if "intervals" in tables else set()
    listed = rows[rows["noise"] != recheck.ANSWERED]
    count = len(set(cells.cells(listed)) - trained) if trained else 0
    return f" ({count} for the list alone)" if count else ""


def _of_cell(cell: tuple[str, float], row: dict, rates: pd.DataFrame, tables: Tables) -> dict[str, str]:
    shown = {ROW: words.cell_name(*cell), "obvious": f"{row['count']:,.0f}", "wrong [%]": "–"}
    if pd.notna(row["share_wrong"]):
        ends = ("low", "high") if pd.notna(row["low"]) else ("smallest", "largest")
        within = numbers.between(*(row[end] for end in ends)).removesuffix("%")
        several = f" ({within})" if " " in within else ""
        shown["wrong [%]"] = f"{numbers.percent(row['share_wrong'])}{several}"
    shown["of all errors [%]"] = numbers.percent(row["errors_found_share"])
    part = rates[(rates["noise"] == cell[0]) & (rates["noise_rate"] == cell[1])]
    if part.empty:
        return shown
    truth = part["realised_rate"].mean()
    held = noise_kind.covered(part)["held"]
    within = noise_kind.how_much(part, tables.get("gate"), cell)
    return shown | {
        "rate, range": within.removesuffix(", range between two models"), "true rate [%]": numbers.percent(truth),
        "runs whose range holds it": numbers.k_of_n(held) if len(held) else "–",
    }  # fmt: skip


def _rates(own: pd.DataFrame) -> str:
    said = noise_kind.coverage(own) if len(own) else []
    return said[0] if said else "How many are wrong is a range between two models, no confidence interval."


def costs(tables: Tables) -> Screen | None:
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
        "Labels looked at per error, until that share of errors is found; labels for 80% of the errors, in % of "
        f"all{_labels(tables)}. Mean over {numbers.seeds(mine)}, people without errors."
    )
    half = per_error.xs(0.5, level="found_share").dropna()
    worst = half.idxmax()
    found = (
        f"Until half of the errors are found, at most {half.max():.2f} labels per error are looked at "
        f"({words.cell_name(*worst)})."
    )
    held = recheck.covered(tables["errors_left"]) if "errors_left" in tables else pd.DataFrame()
    doubt = (
        f"The band of errors left holds the truth in {held['held'].mean():.0%} of "
        f"{len(held):,} runs × budgets: answers to an audit say when to stop, not the band."
        if len(held)
        else "Answers to an audit (to_audit.csv) say when to stop."
    )
    caption = (
        "First: labels looked at per error, in the noise model's order; dashed: every one is an error. Second: "
        "how often the band of errors left holds the truth."
    )
    shown = Table("recheck", "What rechecking costs, by noise cell", note, frame, {}, False)
    heading = "How many labels must be looked at?"
    drawn, names = ["budget", "errors_left"], ["budget_needed"]
    return Screen("recheck", heading, "looks_", caption, shown, drawn, names, {}, found, doubt, ["recheck"])


def _labels(tables: dict[str, pd.DataFrame]) -> str:
    """How many that are, where it is known: those of one run, in its tiers, of which sure ones are obvious."""
    if "tiers" not in tables or tables["tiers"].empty:
        return ""
    rows = tables["tiers"][tables["tiers"]["tier"] != "sure"]
    counts = rows.groupby(["network", "noise", "noise_rate", "seed"])["count"].sum()
    return f" ({numbers.span(counts, '{:,.0f}'.format)} labels)"


def _plain(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else numbers.plain(value)
