"""What users ask, and what the tables of one data set answer: the first screen of its page and the summary.

`of(tables, listed, level)` gives the answers in order. Of a study whose wrong labels are known: which method if
the noise is not known, how many labels to recheck, whether to trust the list, what was wrong in the note. Of
labels as they came (`own`): how many errors, what to recheck first, whether to trust the list, what next.
`of_papers` says where published values differ. An answer is left out where its tables are not there, or have no
rows.

An `Answer` is text alone: `answer` in few words, `lines` with interval or range, worst case and cost, one sentence
each, and `doubt`, a sentence on what the answer does not say. It knows no HTML; whoever shows it escapes it.
"""

import pandas as pd
from scipy.special import stdtrit

from labelnoise import words
from labelnoise.figures import tiers as tiers_figure
from labelnoise.figures.unknown import ordered
from labelnoise.report import answers_own, claims, detection, gate, noise_kind, numbers, tally
from labelnoise.report.answer import Answer, capital
from labelnoise.report.unknown import EARLY, points

Tables = dict[str, pd.DataFrame]
HALF, MOST = 0.5, 0.8  # shares of the wrong labels that are to be found
ONE = 1.05  # labels looked at per error: up to here nearly every one is an error
THE_NOTE = "The note: Learning With Noisy Labels (2019)."


def of(tables: Tables, listed: pd.Series | None, level: float) -> list[Answer]:
    """The four answers, as far as `tables` have them, and where the papers differ.

    listed: the row of the table `gate` whose labels people get a list of, from report.gate.listed; level: of
    intervals.
    """
    filled = {name: table for name, table in tables.items() if not table.empty}
    if listed is not None and own(listed):
        found = answers_own.of(filled, listed, level)
    else:
        found = [unknown(filled, level), budget(filled), trust(filled), note(filled)]
    if "papers_agreement" in filled:
        found.append(of_papers(filled["papers_agreement"]))
    return [answer for answer in found if answer is not None]


def own(listed: pd.Series) -> bool:
    """Whether the labels of the list are as they came, and not made wrong on purpose."""
    return listed["noise"].startswith(gate.PEOPLE) or listed["noise"] == gate.ANSWERED


def unknown(tables: Tables, level: float) -> Answer | None:
    """Which method to take: that with the highest mean, with what cannot be told from it, and the best of the
    cheapest; or that none is shown to be better than early-stopped cross-entropy. Of several networks the first by
    name is told."""
    if "unknown" not in tables:
        return None
    found = tables["unknown"]
    network = min(found["network"])
    rows = found[(found["network"] == network) & (found["selection"] == EARLY)]
    rows = rows[~rows["oracle"].astype(bool) & rows["diff"].notna() & (rows["n_seeds"] == rows["n_seeds"].max())]
    if rows.empty:
        return None
    answer, lines = _taken(ordered(rows), level)
    lines += _without_noise(tables, network, ordered(rows).iloc[0]["method"])
    question = "Which method, if I do not know my noise?"
    return Answer("unknown", question, answer, lines, _choosing(ordered(rows), network))


def _without_noise(tables: Tables, network: str, method: str) -> list[str]:
    """What the best costs where no label is wrong, which its mean over all noises leaves out."""
    keys = {"network": network, "noise": "none", "metric": "test_accuracy", "method": method}
    keys |= {"selection": EARLY, "baseline_selection": EARLY}
    rows = tables.get("intervals", pd.DataFrame(columns=[*keys, "diff"]))
    rows = rows[(rows[list(keys)] == pd.Series(keys)).all(axis=1) & rows["diff"].notna()]
    told = [f"Without noise: {points(rows['diff'].iloc[0])} points."] if len(rows) else []
    return [] if method == words.BASELINE else told


def _taken(rows: pd.DataFrame, level: float) -> tuple[str, list[str]]:
    """What to take, and sentences about it; rows: methods, the best on top."""
    others = rows[rows["method"] != words.BASELINE]
    if others.empty:
        return "cross-entropy, stopped early: no other method was run", []
    top, best = rows.iloc[0], others.iloc[0]
    tied = rows[rows["tied"].astype(bool) & (rows["method"] != top["method"])]
    alike = ", ".join(words.name(method) for method in tied["method"])
    itself = ", cross-entropy included" if len(others) < len(rows) else ""
    untold = f"{len(rows)} methods not told the noise{itself}"
    lines = [
        f"Against early-stopped cross-entropy: {_gain(best, level, len(rows), untold)}",
        f"As good as {words.name(top['method'])}, as far as {len(rows)} methods can be told apart: {alike}."
        if alike
        else f"No other of {len(rows)} methods may be as good ({level:.0%}).",
        *_cheap(rows, best, level),
    ]
    if top["method"] == words.BASELINE:
        lines[0] = f"The next is {words.name(best['method'])}: {_gain(best, level, len(rows), untold)}"
        return "none is better than cross-entropy, stopped early", lines[:2]
    if not _bounds(best, level, len(rows))[0] > 0:  # nor where one seed tells no interval
        lines[0] = f"Highest is {words.name(best['method'])}: {_gain(best, level, len(rows), untold)}"
        return "none is shown to be better than cross-entropy, stopped early", lines
    return f"{capital(words.name(best['method']))}, stopped early on noisy labels", lines


def _bounds(row: pd.Series, level: float, methods: int) -> tuple[float, float]:
    """The interval of a row that was picked from `methods` by its mean, for all of them at once (Bonferroni)."""
    wider, own_ = (stdtrit(row["n_seeds"] - 1, 1 - (1 - level) / 2 / k) for k in (methods, 1))
    half = (row["diff_high"] - row["diff_low"]) / 2 * wider / own_
    return row["diff"] - half, row["diff"] + half


def _gain(row: pd.Series, level: float, methods: int, which: str) -> str:
    """Mean, interval for all `methods` at once, worst case and cost. which: these methods in words."""
    of = f"{numbers.counted(int(row['n_seeds']), 'seed')}"
    interval = f" ({of}: no interval)"
    if pd.notna(row["diff_low"]):
        bounds = ", ".join(points(bound) for bound in _bounds(row, level, methods))
        interval = f" [{bounds}] ({level:.0%} at once for {which}, {of})"
    worst = words.cell_name(row["worst_noise"], row["worst_rate"])
    return (
        f"{points(row['diff'])} points{interval} over cells with wrong labels; {points(row['worst_diff'])} in the "
        f"worst, {worst}; {numbers.counted(int(row['trainings']), 'training')}."
    )


def _cheap(rows: pd.DataFrame, top: pd.Series, level: float) -> list[str]:
    one = rows[rows["trainings"] == rows["trainings"].min()]
    if one.empty or one.iloc[0]["trainings"] == top["trainings"]:
        return []
    best = one.iloc[0]
    cost = numbers.counted(int(best["trainings"]), "training")
    if best["method"] == words.BASELINE:
        return [f"Of those with {cost} none is better than cross-entropy."]
    gain = _gain(best, level, len(rows), f"all {len(rows)}")
    return [f"Of those with {cost} {words.name(best['method'])} is best: {gain}"]


def _choosing(rows: pd.DataFrame, network: str) -> str:
    """Regret and mean difference sum to what choosing on other seeds gains, whichever row they are of."""
    where = f"One data set, one network ({words.name(network)})."
    gain = (rows["regret"] + rows["diff"]).iloc[0]
    if len(rows) == 1 or rows.iloc[0]["method"] == words.BASELINE:
        return where
    flatters = f"The best of {len(rows)} is flattered by being picked"
    told = f"; picked on half of the seeds, it gains {points(gain)} on the other half" if pd.notna(gain) else ""
    return f"{flatters}{told}. {where}"


def budget(tables: Tables) -> Answer | None:
    """How many labels must be looked at: per error until half are found, and until four fifths are."""
    if "budget_needed" not in tables:
        return None
    table = tables["budget_needed"]
    table = table[(table["rechecker_error"] == table["rechecker_error"].min()) & (table["realised_rate"] > 0)]
    mine = table[table["order"] == words.NOISE_MODEL]
    half = _by_cell(mine[mine["found_share"] == HALF], "looks")
    most = _by_cell(mine[mine["found_share"] == MOST], "rechecked_share")
    if half.empty or most.empty:
        return None
    worst = half.idxmax()
    lines = [
        f"Until half of them are found, {numbers.plain(half.mean())} labels are looked at per error; at most "
        f"{numbers.plain(half.max())}, in {words.cell_name(*worst)}.",
        f"{MOST:.0%} of the errors: {most.mean():.0%} of the labels ({_span(most)} by noise cell)"
        f"{_others(table)}.",
    ]
    answer = "little more than there are errors" if half.mean() <= ONE else f"{half.mean():.1f} per error at first"
    return Answer("budget", "How many labels must I recheck?", answer, lines, _careless(tables["budget_needed"]))


def _by_cell(rows: pd.DataFrame, column: str) -> pd.Series:
    """Mean over runs by noise cell; looks: labels looked at per error found."""
    looks = rows["rechecked_share"] / (rows["found_share"] * rows["realised_rate"])
    return rows.assign(looks=looks).groupby(["noise", "noise_rate"])[column].mean().dropna()


def _others(table: pd.DataFrame) -> str:
    """What the same takes at best and at random."""
    rows = table[table["found_share"] == MOST]
    means = {name: _by_cell(rows[rows["order"] == name], "rechecked_share") for name in ("oracle", "random")}
    told = {"oracle": "at best {:.0%}", "random": "at random {:.0%}"}
    said = [told[name].format(shares.mean()) for name, shares in means.items() if len(shares)]
    return f"; {', '.join(said)}" if said else ""


def _careless(table: pd.DataFrame) -> str:
    """What answers that err cost."""
    own_ = table[(table["order"] == words.NOISE_MODEL) & (table["found_share"] == MOST)]
    own_ = own_[(own_["rechecker_error"] > 0) & (own_["realised_rate"] > 0)]
    if own_.empty:
        return ""
    error = own_["rechecker_error"].min()
    found = own_[own_["rechecker_error"] == error]
    return (
        f"For people who never err. If {error:.0%} of answers are wrong, {MOST:.0%} are still found in "
        f"{numbers.runs(found, found['rechecked_share'].notna())}."
    )


def trust(tables: Tables) -> Answer | None:
    """How many obvious errors are errors, how many of all errors they are, and what stated numbers are worth."""
    if "tiers" not in tables:
        return None
    rows = tiers_figure.pooled(tables["tiers"])
    rows = rows[rows["tier"] == "obvious"]
    flagged, noisy = rows[rows["share_wrong"].notna()], rows[rows["errors_found_share"].notna()]
    if flagged.empty or noisy.empty:
        return None
    right = (flagged["share_wrong"] * flagged["count"]).sum() / flagged["count"].sum()
    least, found = flagged.loc[flagged["share_wrong"].idxmin()], noisy["errors_found_share"]
    lines = [
        f"Of {numbers.counted(int(flagged['count'].sum()), 'label')} called obvious errors {right:.1%} are wrong "
        f"({numbers.seeds(tables['tiers'])} a cell); at worst {least['share_wrong']:.1%}, in "
        f"{words.cell_name(least['noise'], least['noise_rate'])}.",
        f"They hold {_span(found)} of a cell's errors{_none_called(noisy)}.",
        *_stated(tables),
        *_ranges(tables),
    ]
    answer = f"{right:.0%} of its obvious errors are errors; they are {found.mean():.0%} of all errors"
    doubt = "Errors on images that are hard to tell stay hidden from any list: an audit counts them."
    return Answer("trust", "Can I trust the list?", answer, lines, doubt)


def _span(shares: pd.Series) -> str:
    low, high = (f"{share:.0%}" for share in (shares.min(), shares.max()))
    return low if low == high else f"{low} to {high}"


def _none_called(noisy: pd.DataFrame) -> str:
    rows = noisy[noisy["count"] == 0]
    where = ", ".join(words.cell_name(row.noise, row.noise_rate) for row in rows.itertuples())
    return f"; none in {where}" if where else ""


def _stated(tables: Tables) -> list[str]:
    """What P(wrong) is worth in the middle, where it is furthest from 0 and 1."""
    if "detection_reliability" not in tables:
        return []
    table = tables["detection_reliability"]
    score = next((name for name in detection.READ if name in set(table["score"])), None)
    rows = detection.stated(table, score) if score else pd.DataFrame()
    if rows.empty:
        return []
    off = rows.loc[(rows["share_wrong"] - rows["stated"]).abs().idxmax()]
    where = f"P(wrong), in {len(rows)} bins, is furthest off at {off['stated']:.0%}"
    return [f"{where}: {off['share_wrong']:.0%} are wrong."]


def _ranges(tables: Tables) -> list[str]:
    """What the stated share of wrong labels is worth, and the range beside it."""
    if "noise_rate" not in tables:
        return []
    rates = tables["noise_rate"]
    rows = noise_kind.covered(rates[rates["estimator"] == words.NOISE_MODEL])
    if rows.empty:
        return []
    off = (rows["estimate"] - rows["realised_rate"]).abs()
    most = rows.loc[off.idxmax()]
    where = words.cell_name(most["noise"], most["noise_rate"])
    return [
        f"Its estimate of the share of wrong labels is off by {100 * off.median():.1f} points (median run; at "
        f"most {100 * off.max():.1f}, in {where}); its range holds the truth in "
        f"{numbers.runs(rows, rows['held'])}."
    ]


def note(tables: Tables) -> Answer | None:
    """Which statements of the note are wrong as it writes them."""
    told = claims.statements(tables)
    if not told:
        return None
    counts = tally.stated(told)
    lines = [f"No. {', '.join(str(one.id) for one in of_)}: {of_[0].said}" for of_ in claims.wrong(told)]
    rest = {"stand": counts["stands"], "are open": counts["open"], "are not tested": counts[claims.NOT_TESTED],
            "more are questions or wishes": tally.asked(told)}  # fmt: skip
    doubt = ", ".join(f"{count} {what}" for what, count in rest.items() if count)
    answer = f"{len(lines)} of {numbers.counted(counts.total(), 'statement')}, as the note writes them"
    return Answer(
        "note", "What was wrong in the note?", answer, lines, f"{doubt}. {THE_NOTE}" if doubt else THE_NOTE
    )


def of_papers(counts: pd.DataFrame) -> Answer | None:
    """Where published values differ from ours; counts: the table papers_agreement."""
    here = counts[counts["here"] > 0]
    if here.empty:
        return None
    agree, apart, undecided = (int(here[name].sum()) for name in ("agree", "disagree", "undecided"))
    lines = [
        f"{row.paper} ({row.dataset}): {row.disagree} of {row.agree + row.disagree + row.undecided}."
        for row in here[here["disagree"] > 0].itertuples()
    ]
    stands = sorted(here.loc[here["stand_in"].astype(bool), "dataset"].unique())
    doubt = f"Other images stand in for {', '.join(stands)}." if stands else ""
    answer = f"in {apart} of {agree + apart + undecided} comparisons; {agree} agree, {undecided} are undecided"
    return Answer("papers", "Where do the papers differ?", answer, lines, doubt)
