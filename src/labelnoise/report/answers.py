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
from scipy import stats

from labelnoise import words
from labelnoise.figures import tiers as tiers_figure
from labelnoise.figures.unknown import ordered
from labelnoise.report import answers_own, claims, detection, gate, noise_kind, numbers
from labelnoise.report.answer import Answer, capital
from labelnoise.report.unknown import EARLY, points

Tables = dict[str, pd.DataFrame]
HALF, MOST = 0.5, 0.8  # shares of the wrong labels that are to be found
ONE = 1.05  # labels looked at per error: up to here nearly every one is an error


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
    """Which method to take: that with the highest mean, with what cannot be told from it, and the best of those
    that train one network. Of several networks the first by name is told."""
    if "unknown" not in tables:
        return None
    found = tables["unknown"]
    network = min(found["network"])
    rows = found[(found["network"] == network) & (found["selection"] == EARLY)]
    rows = rows[~rows["oracle"].astype(bool) & rows["diff"].notna() & (rows["n_seeds"] == rows["n_seeds"].max())]
    if rows.empty:
        return None
    rows = ordered(rows)
    top = rows.iloc[0]
    tied = rows[rows["tied"].astype(bool) & (rows["method"] != top["method"])]
    alike = ", ".join(words.name(method) for method in tied["method"])
    lines = [
        f"Against early-stopped cross-entropy: {_gain(top, level, len(rows))}",
        f"As good, as far as {len(rows)} methods can be told apart: {alike}."
        if alike
        else f"None of the other {len(rows) - 1} methods may be as good ({level:.0%}).",
        *_cheap(rows, top, level),
    ]
    answer = f"{capital(words.name(top['method']))}, stopped early on noisy labels"
    return Answer("unknown", "Which method, if I do not know my noise?", answer, lines, _choosing(rows, network))


def _gain(row: pd.Series, level: float, methods: int) -> str:
    """Mean, interval, worst case and cost. The interval holds for all `methods` at once (Bonferroni): the row was
    picked from them by its mean."""
    interval = ""
    if pd.notna(row["diff_low"]):
        wider, own = (stats.t.ppf(1 - (1 - level) / 2 / k, row["n_seeds"] - 1) for k in (methods, 1))
        half = (row["diff_high"] - row["diff_low"]) / 2 * wider / own
        bounds = f"[{points(row['diff'] - half)}, {points(row['diff'] + half)}]"
        interval = f" {bounds} ({level:.0%} for all {methods} at once)"
    worst = words.cell_name(row["worst_noise"], row["worst_rate"])
    return (
        f"{points(row['diff'])} points{interval} over all noises; {points(row['worst_diff'])} in its worst, "
        f"{worst}; {numbers.counted(int(row['trainings']), 'training')}."
    )


def _cheap(rows: pd.DataFrame, top: pd.Series, level: float) -> list[str]:
    one = rows[rows["trainings"] == rows["trainings"].min()]
    if one.empty or one.iloc[0]["trainings"] == top["trainings"]:
        return []
    best = one.iloc[0]
    cost = numbers.counted(int(best["trainings"]), "training")
    return [f"Of those with {cost} {words.name(best['method'])} is best: {_gain(best, level, len(rows))}"]


def _choosing(rows: pd.DataFrame, network: str) -> str:
    """Regret and mean difference sum to what choosing on other seeds gains, whichever row they are of."""
    gain = (rows["regret"] + rows["diff"]).iloc[0]
    flatters = f"The best of {len(rows)} is flattered by being picked"
    told = f"; picked on half of the seeds, it gains {points(gain)} on the other half" if pd.notna(gain) else ""
    return f"{flatters}{told}. One data set, and one network ({words.name(network)})."


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
        f"{MOST:.0%} of the errors: {most.mean():.0%} of the labels ({most.min():.0%} to {most.max():.0%} by "
        f"noise cell){_others(table)}.",
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
    found = own_.loc[own_["rechecker_error"] == error, "rechecked_share"]
    return (
        f"For people who never err. If {error:.0%} of the answers are wrong, {MOST:.0%} are still found in "
        f"{numbers.k_of_n(found.notna())} runs."
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
        f"Of {numbers.counted(int(flagged['count'].sum()), 'label')} called obvious errors {right:.1%} are wrong; "
        f"the fewest in {words.cell_name(least['noise'], least['noise_rate'])}, {least['share_wrong']:.1%}.",
        f"By noise cell they hold from {found.min():.0%} to {found.max():.0%} of all errors{_none_called(noisy)}.",
        *_stated(tables),
        *_ranges(tables),
    ]
    answer = f"{right:.0%} of its obvious errors are errors; they are {found.mean():.0%} of all errors"
    doubt = "Errors on images that are hard to tell stay hidden from any list: an audit counts them."
    return Answer("trust", "Can I trust the list?", answer, lines, doubt)


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
    way = "too low" if off["share_wrong"] > off["stated"] else "too high"
    return [
        f"P(wrong) is furthest off where it says {off['stated']:.0%} on average: {off['share_wrong']:.0%} of "
        f"those labels are wrong, so it is {way} there."
    ]


def _ranges(tables: Tables) -> list[str]:
    if "noise_rate" not in tables:
        return []
    rates = tables["noise_rate"]
    held = noise_kind.covered(rates[rates["estimator"] == words.NOISE_MODEL])["held"]
    return [f"Its range of how many are wrong holds the truth in {numbers.k_of_n(held)} runs."] * bool(len(held))


def note(tables: Tables) -> Answer | None:
    """Which statements of the note are wrong as it writes them."""
    told = claims.statements(tables)
    if not told:
        return None
    said = [one for one in told if one.kind != claims.QUESTION]
    wrong = claims.wrong(told)
    ids = {one.said: [str(other.id) for other in wrong if other.said == one.said] for one in wrong}
    undecided = sum(one.verdict == "open" for one in said)
    lines = [f"No. {', '.join(of_)}: {text}" for text, of_ in ids.items()]
    of_all = numbers.counted(len({one.said for one in said}), "statement")
    doubt = f"{undecided} more are open: with these seeds they can be told neither way." if undecided else ""
    answer = f"{len(ids)} of {of_all}, as the note writes them"
    return Answer("note", "What was wrong in the note?", answer, lines, doubt)


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
