"""The report's tables of label errors: tiers and scores; and what came out, in sentences."""

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells
from labelnoise.figures import tiers as tiers_figure
from labelnoise.figures.obvious import READ
from labelnoise.report import evidence, gate, numbers
from labelnoise.report.layout import GROUP, ROW, Group, Table, by_cell

BOOTSTRAP = ["oob_entropy", "oob_mutual_information", "oob_self_confidence"]  # of the part on bootstrap statistics
TIERS = {"obvious": "obvious", "sure": "of which sure", "possible": "possible", "rest": "rest"}  # name: in words
METRICS = ("auprc", "precision_at_noise_rate", "auroc", "ece")
VARIANTS = ["noise_model_high", "noise_model_mean", "noise_model_on_bags", "noise_model_with_bags"]  # no rivals
OF_FEATURES = ["sample_only", "class_only"]  # need no network, though they stand beside scores that do
WIDTH, NEAR = 0.2, 0.05  # of stated P(wrong): what is told together, and what is as stated


def bootstrap(table: pd.DataFrame) -> Table | None:
    """The table `alternatives` for bootstrap statistics alone."""
    rows = table[table["score"].isin(BOOTSTRAP)]
    return evidence.detection(rows) if len(rows) else None


def tiers(table: pd.DataFrame, judged: pd.DataFrame | None = None) -> Table:
    """Size of the tiers, what they state and what is wrong in them; what is not known is left out. judged: the
    table `gate`."""
    pooled = tiers_figure.pooled(table).replace({"tier": TIERS})
    hidden = gate.untold(judged)
    groups = [
        Group("labels, per seed", pooled, "tier", lambda f: f"{(f['count'] / f['seeds']).iloc[0]:,.0f}"),
        Group("stated share of wrong labels [%]", pooled, "tier", lambda f: _stated(f, hidden)),
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
        "Checked seeds pooled, after the gate: a tier that it withholds has no labels. Brackets: 95% interval of "
        "the share (logit, jackknife over seeds), or, below five seeds, the range over seeds. Sure errors lie "
        "within the obvious ones: every single predictor contradicts the label. The tiers use the given labels "
        "only. A suggested label counts as right where the likeliest class of all is the truth."
    )
    return Table("tiers", "Tiers of suspicion", note, *by_cell(groups, list(TIERS.values())), False)


def _stated(facts: pd.DataFrame, hidden: set[tuple]) -> str:
    """hidden: network, noise and rate of cells whose share is not to be told."""
    fact = facts.iloc[0]
    place = (fact["network"], fact["noise"], fact["noise_rate"])
    return gate.WITHHELD if place in hidden else numbers.percent(fact["stated"])


def _share(facts: pd.DataFrame) -> str:
    fact = facts.iloc[0]
    if pd.isna(fact["share_wrong"]):
        return "–"
    return numbers.percent(fact["share_wrong"]) + within(fact)


def within(fact: pd.Series) -> str:
    """The interval of a tier's share of wrong labels; below five seeds how far seeds are apart."""
    if pd.notna(fact["low"]):
        return numbers.bounds(fact["low"], fact["high"], numbers.percent)
    if fact["smallest"] == fact["largest"]:
        return ""
    return f"\n({numbers.percent(fact['smallest'])}–{numbers.percent(fact['largest'])})"


def alternatives(intervals: pd.DataFrame) -> list[Table]:
    """`ranking` of scores that need networks, beside the noise model."""
    where = " On the examples that networks trained on; bags and planted labels are there in few noise cells."
    return [
        table._replace(
            key=f"alternatives-{table.key}",
            title=table.title.replace(":", " with networks:"),
            note=table.note + where,
        )
        for table in ranking(intervals)
    ]


def ranking(intervals: pd.DataFrame) -> list[Table]:
    """How well each score ranks wrong labels before right ones, a table per metric; all but the first folded."""
    tables = []
    for metric in METRICS:
        title = words.COLUMNS[metric]
        title = title[0].upper() + title[1:]
        rows = intervals[(intervals["metric"] == metric) & intervals["mean"].notna()]
        if rows.empty:
            continue
        order = cells.by_mean(rows) if metric != "ece" else cells.by_mean(rows)[::-1]
        frame, spanners = by_cell([Group(title, rows, "score", _interval)], order)
        note = {
            "auprc": "Mean precision going down the list; a useless score has the noise rate.",
            "precision_at_noise_rate": "Share of wrong labels among as many suspects as there are wrong labels.",
            "auroc": "Chance that a wrong label looks more suspicious than a right one; 0.5 is a coin toss.",
            "ece": "Mean distance between stated P(label wrong) and the share wrong, over bins; lower is better.",
        }[metric]
        note += " Mean over seeds, and its 95% t interval; the best mean stands on top. One seed has no interval."
        tables.append(Table(f"scores-{metric}".replace("_", "-"), f"Finding wrong labels: {title}", note,
                            frame, spanners, metric != "auprc"))  # fmt: skip
    return tables


def _interval(facts: pd.DataFrame) -> str:
    fact = facts.iloc[0]
    return f"{fact['mean']:.3f}" + numbers.bounds(fact["low"], fact["high"], "{:.3f}".format)


def top(detection: pd.DataFrame) -> Table | None:
    """Precision and recall of the noise model among the most suspect 1, 5 and 10% of the examples."""
    rows = detection[(detection["score"] == words.NOISE_MODEL) & detection["auprc"].notna()]
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


def p_wrong(table: pd.DataFrame) -> Table | None:
    """What the stated probabilities are worth, all noise cells and seeds pooled."""
    groups = {score: stated(table, score) for score in READ if score in set(table["score"])}
    rows = [
        {GROUP: words.name(score), ROW: f"{100 * r.low:.0f} to {100 * r.high:.0f}%", "labels": f"{r.count:,.0f}",
         "stated, mean [%]": numbers.percent(r.stated), "wrong [%]": numbers.percent(r.share_wrong)}
        for score, part in groups.items() for r in part.itertuples(index=False)
    ]  # fmt: skip
    if not rows:
        return None
    note = "Labels by their stated P(wrong), all noise cells and seeds pooled: what is stated, and what is wrong."
    return Table("p-wrong", "Does P(wrong) = 70% mean 70% wrong?", note, pd.DataFrame(rows), {}, False)


def stated(reliability: pd.DataFrame, score: str) -> pd.DataFrame:
    """Labels by their stated P(wrong), in steps of WIDTH: low, high, count, stated (mean), share_wrong."""
    rows = reliability[(reliability["score"] == score) & (reliability["count"] > 0)]
    step = (rows["stated"] / WIDTH).clip(upper=1 / WIDTH - 1).astype(int)
    sums = rows.assign(
        step=step, stated=rows["stated"] * rows["count"], share_wrong=rows["share_wrong"] * rows["count"]
    )
    found = sums.groupby("step", as_index=False)[["count", "stated", "share_wrong"]].sum()
    shares = found[["stated", "share_wrong"]].div(found["count"], axis=0)
    return found[["count"]].assign(low=found["step"] * WIDTH, high=(found["step"] + 1) * WIDTH, **shares)


def sentences(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Findings over all noise cells: the noise model against the best rival, what the obvious tier holds, and what
    its probabilities are worth."""
    filled = {name: table for name, table in tables.items() if not table.empty}
    said = []
    if "detection_intervals" in filled:
        said += _rival(_auprc(filled["detection_intervals"]), "Finding wrong labels", "on the same features")
    if "alternatives_intervals" in filled:
        said += _with_networks(_auprc(filled["alternatives_intervals"]))
    if "tiers" in filled:
        said += _obvious(tiers_figure.pooled(filled["tiers"]))
    if "detection_reliability" in filled:
        said += _worth(filled["detection_reliability"], filled.get("detection_intervals"))
    return said


def _auprc(intervals: pd.DataFrame) -> pd.DataFrame:
    """Rows of cells in which something is wrong: without, there is nothing to rank."""
    return intervals[(intervals["metric"] == "auprc") & intervals["mean"].notna()]


def _with_networks(rows: pd.DataFrame) -> list[str]:
    """Scores that are there in every cell, and those that are there in few, each held against the noise model in
    the cells that have them."""
    rows = rows[~rows["score"].isin(OF_FEATURES)]
    if rows.empty:
        return []
    keys = ["network", "noise", "noise_rate"]
    places = rows.groupby("score")[keys].apply(lambda part: frozenset(part.itertuples(index=False, name=None)))
    everywhere = frozenset(rows[keys].itertuples(index=False, name=None))
    common = rows[rows["score"].map(places) == everywhere]
    said = _rival(common, "With networks", "that needs networks, on the images that these train on")
    rare = set(places.index[places != everywhere]) - set(VARIANTS)
    if rare:
        of = frozenset.union(*(places[name] for name in rare))
        few = rows[[place in of for place in rows[keys].itertuples(index=False, name=None)]]
        few = few[few["score"].map(lambda name: places[name] >= of)]
        said += _rival(few, "Where there are bags too", "that needs networks")
    return said


def _rival(rows: pd.DataFrame, topic: str, which: str) -> list[str]:
    """The rival with the highest mean, whether it wins or loses. rows: scores of the same cells."""
    rivals = [score for score in cells.by_mean(rows) if score not in [words.NOISE_MODEL, *VARIANTS]]
    if not rivals or words.NOISE_MODEL not in set(rows["score"]):
        return []
    part = rows[rows["score"] == rivals[0]]
    differs = part["differs"].astype(bool)
    better, worse = differs & (part["diff"] > 0), differs & (part["diff"] < 0)
    lost = [words.cell_name(r.noise, r.noise_rate) for r in part[worse].itertuples()]
    worse_in = f" ({', '.join(lost)})" if lost else ""
    own = [f"{words.name(name)} {_mean(rows, name):.3f}" for name in VARIANTS if name in set(rows["score"])]
    forms = f" Its own other forms, which are no rivals: {'; '.join(own)}." if own else ""
    return [
        f"{topic}: the noise model has a mean AUPRC of {_mean(rows, words.NOISE_MODEL):.3f} over "
        f"{numbers.counted(len(part), 'noise cell')} with wrong labels; the best other score {which}, "
        f"{words.name(rivals[0])}, {_mean(rows, rivals[0]):.3f}. The noise model is better in "
        f"{numbers.counted(better.sum(), 'cell')}, worse in {worse.sum()}{worse_in}, undecided in "
        f"{(~better & ~worse).sum()} ({words.MARKED_SCORES}).{forms}"
    ]


def _mean(rows: pd.DataFrame, score: str) -> float:
    return rows.loc[rows["score"] == score, "mean"].mean()


def _obvious(pooled: pd.DataFrame) -> list[str]:
    """How many of the obvious errors are errors, and which part of all errors they are: of all cells that have
    wrong labels, also where the tier is withheld."""
    rows = pooled[pooled["tier"] == "obvious"]
    given, noisy = rows[rows["share_wrong"].notna()], rows["errors_found_share"].dropna()
    if rows["count"].sum() == 0:
        return [f"Obvious errors: no label is called one in any of {numbers.counted(len(rows), 'noise cell')}."]
    if given.empty:
        return []
    low = given.loc[given["share_wrong"].idxmin()]
    below = [words.cell_name(r.noise, r.noise_rate) for r in given.itertuples() if 100 * r.share_wrong < 95]
    wrong = (given["share_wrong"] * given["count"]).sum() / given["count"].sum()
    said = (
        f"Obvious errors: {wrong:.1%} of the {given['count'].sum():,.0f} labels so called are wrong (seeds "
        f"pooled); least in {words.cell_name(low['noise'], low['noise_rate'])}, {low['share_wrong']:.1%} of "
        f"{low['count']:,.0f}. Below 95%: {', '.join(below) if below else 'no noise cell'}."
    )
    if noisy.empty:
        return [said]
    return [
        f"{said} They hold {noisy.mean():.0%} of all wrong labels, mean over the "
        f"{numbers.counted(len(noisy), 'noise cell')} that have any ({noisy.min():.0%} to {noisy.max():.0%} by "
        "cell; where no label is called obvious, none)."
    ]


def _worth(reliability: pd.DataFrame, intervals: pd.DataFrame | None) -> list[str]:
    """What a stated probability is worth, in words: which share is wrong, and in which direction that is off."""
    score = next((name for name in READ if name in set(reliability["score"])), None)
    if score is None:
        return []
    rows = stated(reliability, score)
    middle = rows[(rows["low"] > 0) & (rows["high"] < 1)]
    middle = middle if len(middle) else rows
    listed = "; ".join(f"with a stated {r.stated:.0%}, {r.share_wrong:.0%} are wrong" for r in middle.itertuples())
    return [
        f"P(wrong), all noise cells pooled ({words.name(score)}): of labels {listed}. "
        f"{_direction(rows)}{_ece(intervals, score)}"
    ]


def _direction(rows: pd.DataFrame) -> str:
    gap = rows["share_wrong"] - rows["stated"]
    low, high = (rows.loc[part, "stated"] for part in (gap > NEAR, gap < -NEAR))
    if low.empty and high.empty:
        return "It means what it says, within 5 points."
    shares = [f"{' and '.join(f'{at:.0%}' for at in part)}" for part in (low, high)]
    said = [f"too low at {shares[0]}, where more are wrong than it says"] if len(low) else []
    said += [f"too high at {shares[1]}, where fewer are wrong than it says"] if len(high) else []
    return f"It is {'; '.join(said)}."


def _ece(intervals: pd.DataFrame | None, score: str) -> str:
    """How far it is off by cell."""
    if intervals is None:
        return ""
    rows = intervals[(intervals["metric"] == "ece") & (intervals["score"] == score) & intervals["mean"].notna()]
    if rows.empty:
        return ""
    most = rows.loc[rows["mean"].idxmax()]
    return (
        f" Mean distance of stated and true share (ECE): {rows['mean'].mean():.3f} over "
        f"{numbers.counted(len(rows), 'noise cell')}, most in "
        f"{words.cell_name(most['noise'], most['noise_rate'])}, {most['mean']:.3f}."
    )
