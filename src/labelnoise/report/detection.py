"""The report's tables of label errors: tiers, audit and scores; and what came out, in sentences."""

import pandas as pd

from labelnoise.figures import cells, scores
from labelnoise.figures import tiers as tiers_figure
from labelnoise.report import evidence, numbers
from labelnoise.report.layout import Group, Table, by_cell
from labelnoise.report.noise_kind import overlap, worded

BOOTSTRAP = ["oob_entropy", "oob_mutual_information", "oob_self_confidence"]  # of the part on bootstrap statistics
TIERS = ["sure", "obvious", "possible", "rest"]
METRICS = {
    "auprc": "AUPRC",
    "precision_at_noise_rate": "Precision at the noise rate",
    "auroc": "AUROC",
    "ece": "ECE",
}
VARIANTS = ["noise_model", "noise_model_first_round", "noise_model_confident_joint"]  # not rivals of one another


def bootstrap(table: pd.DataFrame) -> Table | None:
    """The table of detection for bootstrap statistics alone; the other scores stand with the label errors."""
    rows = table[table["score"].isin(BOOTSTRAP)]
    return evidence.detection(rows) if len(rows) else None


def tiers(table: pd.DataFrame) -> Table:
    """Size of the tiers, what they state and what is wrong in them; what is not known is left out."""
    pooled = tiers_figure.pooled(table)
    groups = [
        Group("labels, per seed", pooled, "tier", lambda f: f"{(f['count'] / f['seeds']).iloc[0]:,.0f}"),
        Group("stated share of wrong labels [%]", pooled, "tier", lambda f: numbers.percent(f["stated"].iloc[0])),
    ]
    if pooled["share_wrong"].notna().any():
        groups += [
            Group("share of wrong labels [%]", pooled, "tier", _share),
            Group("share of all wrong labels [%]", pooled, "tier",
                  lambda f: numbers.percent(f["errors_found_share"].iloc[0])),
            Group("suggested label right, of those that are wrong [%]", pooled, "tier",
                  lambda f: numbers.percent(f["suggestion_right"].iloc[0])),
        ]  # fmt: skip
    note = (
        "Seeds pooled; brackets: 95% Wilson interval, examples taken as independent. Sure lies within obvious; "
        "possible and obvious do not overlap. The tiers use the given labels only."
    )
    return Table("tiers", "Tiers of suspicion", note, *by_cell(groups, TIERS), False)


def _share(facts: pd.DataFrame) -> str:
    fact = facts.iloc[0]
    if pd.isna(fact["share_wrong"]):
        return "–"
    shown = [numbers.percent(fact[name]) for name in ("share_wrong", "low", "high")]
    return f"{shown[0]}\n[{shown[1]}, {shown[2]}]"


def audit(table: pd.DataFrame) -> Table:
    """What people who rechecked labels found, per tier."""
    groups = [Group("wrong, of the labels rechecked", table, "tier", _audited)]
    note = (
        "Wrong labels among those rechecked so far, and their share in % with its 95% Wilson interval. An answer "
        "that differs from the given label counts as an error. Before any answer has come in, the truth, where it "
        "is known, answers for the first rows of the list (recheck.audit)."
    )
    return Table("audit", "Audit by the answers", note, *by_cell(groups, TIERS), False)


def _audited(facts: pd.DataFrame) -> str:
    lines = [
        f"{r.wrong:.0f} of {r.answered:.0f}\n{numbers.percent(r.share_wrong)} "
        f"[{numbers.percent(r.low)}, {numbers.percent(r.high)}]"
        for r in facts.sort_values("seed").itertuples()
        if r.answered
    ]
    return "\n".join(dict.fromkeys(lines)) or "–"  # seeds share the answers


def ranking(intervals: pd.DataFrame) -> list[Table]:
    """How well each score ranks wrong labels before right ones, a table per metric; all but the first folded."""
    tables = []
    for metric, title in METRICS.items():
        rows = intervals[(intervals["metric"] == metric) & intervals["mean"].notna()]
        if rows.empty:
            continue
        order = scores.by_mean(rows) if metric != "ece" else scores.by_mean(rows)[::-1]
        frame, spanners = by_cell([Group(title, rows, "score", _interval)], order)
        note = {
            "auprc": "Mean precision going down the list; a useless score has the noise rate.",
            "precision_at_noise_rate": "Share of wrong labels among as many suspects as there are wrong labels.",
            "auroc": "Chance that a wrong label looks more suspicious than a right one; 0.5 is a coin toss.",
            "ece": "Mean distance between stated P(label wrong) and the share wrong, over bins; lower is better.",
        }[metric]
        note += (
            " Mean over seeds, and its interval (bootstrap over seeds and examples); the best mean stands on top."
        )
        tables.append(Table(f"scores-{metric}".replace("_", "-"), f"Finding wrong labels: {title}", note,
                            worded(frame), spanners, metric != "auprc"))  # fmt: skip
    return tables


def _interval(facts: pd.DataFrame) -> str:
    fact = facts.iloc[0]
    return f"{fact['mean']:.3f}\n[{fact['low']:.3f}, {fact['high']:.3f}]"


def top(detection: pd.DataFrame) -> Table | None:
    """Precision and recall of the noise model among the most suspect 1, 5 and 10% of the examples."""
    rows = detection[(detection["score"] == scores.PROPOSED) & detection["auprc"].notna()]
    if rows.empty:
        return None
    groups = [
        Group(kind, _melted(rows, kind), "share", lambda facts: numbers.spread(facts["value"], numbers.percent))
        for kind in ("precision", "recall")
    ]
    note = "Noise model, in %: of the most suspect 1, 5 and 10% of the examples. Mean over seeds (lowest–highest)."
    order = ["top 1%", "top 5%", "top 10%"]
    return Table("top", "Precision and recall at the top of the list", note, *by_cell(groups, order), True)


def _melted(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """A row per share of examples."""
    names = {f"{kind}_{share}": f"top {share}%" for share in (1, 5, 10)}
    return rows.rename(columns=names).melt(["noise", "noise_rate", "seed"], list(names.values()), "share", "value")


def sentences(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Findings over all noise cells: the noise model against the best rival, what the obvious tier holds, where
    neither can be trusted."""
    said = []
    intervals = tables.get("detection_intervals", pd.DataFrame())
    if not intervals.empty:
        said += _rival(intervals[intervals["metric"] == "auprc"])
    tiers_ = tables.get("tiers", pd.DataFrame())
    if not tiers_.empty:
        said += _obvious(tiers_figure.pooled(tiers_))
    rates = tables.get("noise_rate", pd.DataFrame())
    return said + (overlap(rates) if len(rates) else [])


def _rival(rows: pd.DataFrame) -> list[str]:
    """The rival with the highest mean, whether it wins or loses."""
    rivals = [score for score in scores.by_mean(rows) if score not in VARIANTS]
    if not rivals or scores.PROPOSED not in set(rows["score"]):
        return []
    part = rows[rows["score"] == rivals[0]]
    own = rows.loc[rows["score"] == scores.PROPOSED, "mean"].mean()
    better, worse = (part["diff_low"] > 0).sum(), (part["diff_high"] < 0).sum()
    lost = [cells.cell_name(r.noise, r.noise_rate) for r in part.itertuples() if r.diff_high < 0]
    worse_in = f" ({', '.join(lost)})" if lost else ""
    return [
        f"Finding wrong labels: the noise model has a mean AUPRC of {own:.3f} over "
        f"{numbers.counted(len(part), 'noise cell')}; the best other score, {scores.name(rivals[0])}, "
        f"{part['mean'].mean():.3f}. The noise model is clearly better in {numbers.counted(better, 'cell')}, "
        f"clearly worse in {worse}{worse_in}."
    ]


def _obvious(pooled: pd.DataFrame) -> list[str]:
    part = pooled[(pooled["tier"] == "obvious") & pooled["share_wrong"].notna()]
    if part.empty:
        return []
    low = part.loc[part["share_wrong"].idxmin()]
    below = [cells.cell_name(r.noise, r.noise_rate) for r in part.itertuples() if 100 * r.share_wrong < 95]
    noisy = part[part["errors_found_share"].notna()]
    return [
        f"Obvious errors: {(part['share_wrong'] * part['count']).sum() / part['count'].sum():.1%} of the labels "
        f"flagged are wrong; least in {cells.cell_name(low['noise'], low['noise_rate'])}, "
        f"{low['share_wrong']:.1%} of {low['count']:,.0f}. They are {noisy['errors_found_share'].mean():.0%} of "
        f"all wrong labels, mean over noise cells. Below 95%: {', '.join(below) if below else 'no noise cell'}."
    ]
