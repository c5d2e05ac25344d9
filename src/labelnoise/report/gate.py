"""How far the list of suspect labels can be trusted: the figures of the gate, and what it withholds.

The words of verdicts and rules are those of labelnoise.detect.types. Of a study only some seeds are checked.
"""

import pandas as pd

from labelnoise import words
from labelnoise.detect.types import limited
from labelnoise.figures import cells
from labelnoise.report import numbers
from labelnoise.report.layout import GROUP, ROW, Table

VERDICTS = {
    "nothing": "nothing", "order": "the order alone", "cautious": "tiers, the rate as a limit", "all": "all",
}  # fmt: skip
LIMITED = "P(wrong), the rate as a limit"
STATED = ("cautious", "all")  # verdicts with which a share of wrong labels is told, as a limit at least
WITHHELD = "withheld"
BLIND = {
    "nothing": "Where features do not see the classes in some checked seed, nothing is reported",
    "order": "Where features know too little of the classes in some checked seed, only the order is reported",
}  # fmt: skip
RULES = {"A": "all that the model calls so", "cut": "those above a raised limit", "none": "none"}
ANSWERED, PEOPLE = "rechecked", ("given", "human_")  # noises: with answers, and how those from people begin
SPANNERS = {"obvious in worlds": 2, "given": 2, "withheld": 2}  # heading -> columns under it
WHAT = (
    "Three tests, together the gate, ask how much the features know of the classes, and decide what is told: "
    "signal (are given labels predicted better than shuffled ones), halving (does the share of errors stay the "
    "same with half of the examples) and worlds (in labels that are drawn from the model itself, are its obvious "
    "errors errors). Where the truth is known they are made on some seeds alone, the checked ones."
)
NOTE = (
    "Signal: by how many standard deviations shuffled labels are predicted worse (z). Halving: points by which "
    "the share of wrong labels rises with half of the examples (d). Contradiction: how far the labels contradict "
    "the cautious model; above 0 only the order is reported. Rate: range between two models. Contradicted: "
    "labels that the predictors together contradict; where the model takes less than two thirds of these for "
    "wrong, only a limit of the rate is told, and none is called obvious. Fewest kept: share of a true class that "
    "keeps its label, in the class that keeps fewest. Worlds: labels drawn from the model itself, how many it "
    "calls obvious errors there, and how many of these are wrong there. Least P(wrong): the limit above which a "
    "label is called obvious. Given: obvious errors that the gate lets through; withheld: what the model would "
    "have called obvious beyond them. "
)


def listed(gate: pd.DataFrame, noise: str, noise_rate: float, seed: int) -> pd.Series | None:
    """The row of the run that people get a list of, as labelnoise.recheck chooses it: with answers, else from
    people, else the cell and seed of `recheck.cell`. None where that seed was not checked."""
    people = sorted(name for name in set(gate["noise"]) if name.startswith(PEOPLE))
    source = (
        gate["noise"] == people[0] if people else (gate["noise"] == noise) & (gate["noise_rate"] == noise_rate)
    )
    for rows in (gate[gate["noise"] == ANSWERED], gate[source]):
        rows = rows if people else rows[rows["seed"] == seed]
        if len(rows):
            return rows.sort_values("seed").iloc[0]
    return None


def run_name(row: pd.Series) -> str:
    """Cell and seed of a run, as people write it; labels from people have no seed."""
    where = words.cell_name(row["noise"], row["noise_rate"])
    from_people = row["noise"].startswith(PEOPLE) or row["noise"] == ANSWERED
    return where if from_people else f"{where}, seed {row['seed']:.0f}"


def rate_in_words(gate: pd.DataFrame | None, cell: tuple[str, float], low: float, high: float) -> str:
    """The share of wrong labels in a cell whose truth is not known, as far as the gate lets it be told."""
    rows = None if gate is None else gate[(gate["noise"] == cell[0]) & (gate["noise_rate"] == cell[1])]
    first = None if rows is None or rows.empty else rows.sort_values("seed").iloc[0]
    if first is not None and limited(first):
        return f"at most {numbers.percent(rows[['rate_low', 'rate_high']].max(axis=1).mean())}%"
    if first is None or first["verdict"] == "all":
        return f"{numbers.between(low, high)}, range between two models"
    return "not reported: the features know too little of the classes"


def tells_rate(gate: pd.DataFrame | None, rates: pd.DataFrame) -> bool:
    """Whether shares of wrong labels may be shown: where the truth stands beside them, or the gate lets them.

    rates: the table `noise_rate`."""
    if gate is None or rates["realised_rate"].notna().any():
        return True
    return bool((gate["verdict"] == "all").all()) and not gate.apply(limited, axis=1).any()


def untold(gate: pd.DataFrame | None) -> set[tuple]:
    """Network, noise and rate of cells of unknown truth whose share of wrong labels the gate withholds."""
    if gate is None:
        return set()
    rows = gate[_hidden(gate)]
    return set(zip(rows["network"], rows["noise"], rows["noise_rate"]))


def _hidden(gate: pd.DataFrame) -> pd.Series:
    """Rows whose share of wrong labels is not to be told: where the truth is known it stands beside it."""
    return ~gate["verdict"].isin(STATED) & gate["realised_rate"].isna()


def each_cell(gate: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Name and rows of every cell, network by network. gate: or any table of runs."""
    several = gate["network"].nunique() > 1
    found = []
    for network, cell in cells.places(gate):
        own = gate[gate["network"] == network]
        part = own[(own["noise"] == cell[0]) & (own["noise_rate"] == cell[1])]
        if len(part):
            name = words.cell_name(*cell)
            found.append((f"{network}: {name}" if several else name, part.sort_values("seed")))
    return found


def table(gate: pd.DataFrame) -> Table:
    """Every figure of the gate, a row per noise cell."""
    rows = [{ROW: name} | _figures(part) for name, part in each_cell(gate)]
    note = (
        NOTE + "Over checked seeds: lowest–highest, labels summed. The gate sees the given labels only; how many "
    )
    return _table(
        "gate", "What the gate lets through", note + "labels are wrong is the truth, where it is known.", rows
    )


def by_seed(gate: pd.DataFrame) -> Table | None:
    """The same of every seed; None where no cell has several."""
    rows = [
        {GROUP: name, ROW: f"seed {seed}"} | _figures(part[part["seed"] == seed])
        for name, part in each_cell(gate)
        for seed in part["seed"]
    ]
    if not gate.duplicated(["network", "noise", "noise_rate"]).any():
        return None
    return _table("gate-seeds", "The gate, seed by seed", NOTE, rows)._replace(folded=True)


def _table(key: str, title: str, note: str, rows: list[dict]) -> Table:
    frame = pd.DataFrame(rows)
    spanners = {heading: [name for name in frame if name.startswith(f"{heading} ")] for heading in SPANNERS}
    return Table(key, title, note, frame, spanners, False)


def _figures(part: pd.DataFrame) -> dict[str, str]:
    """One row of the table: figures of the seeds `part`."""
    hidden = _hidden(part).any()
    rates = sorted([part["rate_low"].mean(), part["rate_high"].mean()])
    return {
        "reported": _counted(part.apply(_reported, axis=1)),
        "given labels": _labels(part["flagged"]),
        "given wrong [%]": numbers.percent(share(part, "flagged", "flagged_wrong")),
        "withheld labels": _labels(part["withheld"]),
        "withheld wrong [%]": numbers.percent(share(part, "withheld", "withheld_wrong")),
        "signal": numbers.span(part["z"], _z),
        "halving [points]": numbers.span(part["d"], _points),
        "contradiction [nats]": numbers.span(part["against_low"], "{:z.0f}".format).replace("-", "−"),
        "rate [%]": WITHHELD if hidden else numbers.between(*rates).removesuffix("%"),
        "contradicted [%]": WITHHELD if hidden else numbers.span(part["contradicted"], numbers.percent),
        "fewest kept [%]": WITHHELD if hidden else numbers.span(part["smallest_kept"], numbers.percent),
        "obvious in worlds labels": _labels(part["worlds_flagged"]),
        "obvious in worlds wrong [%]": numbers.percent(share(part, "worlds_flagged", "worlds_right")),
        "rule": _counted(part["rule"].map(RULES)),
        "least P(wrong)": numbers.span(part["cut"], "{:.3f}".format),
    }


def _z(value: float) -> str:
    """As exact as a limit of 5 asks for."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2f}"


def _reported(row: pd.Series) -> str:
    """What is told of one run."""
    return LIMITED if row["verdict"] == "all" and limited(row) else VERDICTS[row["verdict"]]


def _counted(values: pd.Series) -> str:
    """The word that all seeds share, or how many have which."""
    counts = values.value_counts(sort=False)
    return counts.index[0] if len(counts) == 1 else ", ".join(f"{word} ({n})" for word, n in counts.items())


def _points(share: float) -> str:
    return f"{100 * share:z.1f}".replace("-", "−")


def _labels(counts: pd.Series) -> str:
    return "–" if counts.isna().all() else f"{counts.sum():,.0f}"


def share(part: pd.DataFrame, count: str, wrong: str) -> float:
    """Share wrong of the labels of several runs; NaN without any, and where the truth is not known."""
    known = part[(part[count] > 0) & part[wrong].notna()]
    return (known[count] * known[wrong]).sum() / known[count].sum() if len(known) else float("nan")


def sentences(gate: pd.DataFrame) -> list[str]:
    """In how many cells obvious errors are told and how many of them are errors; what is withheld."""
    places = each_cell(gate)
    given = [(name, part) for name, part in places if part["flagged"].sum() > 0]
    kept = [
        (name, part[(part["flagged"] == 0) & (part["withheld"] > 0)])
        for name, part in places
        if ((part["flagged"] == 0) & (part["withheld"] > 0)).any()
    ]
    said = [WHAT, _given(places, given)]
    if kept:
        cells_ = "; ".join(_withheld(name, part, dict(places)[name]) for name, part in kept)
        said.append(f"The gate withholds the whole tier in {numbers.counted(len(kept), 'noise cell')}: {cells_}.")
    said += _by_cut(places)
    nothing = [name for name, part in places if (part["flagged"] + part["withheld"] == 0).all()]
    if nothing:
        said.append(f"Nothing is called obvious, nor would be without the gate: {', '.join(nothing)}.")
    for verdict, what in BLIND.items():
        where = [name for name, part in places if (part["verdict"] == verdict).any()]
        if where:
            said.append(f"{what}: {', '.join(where)}. An encoder that knows such images may help (`features`).")
    return said


def _by_cut(places: list) -> list[str]:
    """What a raised limit keeps back where it leaves a tier."""
    parts = [(name, part[(part["flagged"] > 0) & (part["withheld"] > 0)]) for name, part in places]
    cut = [_withheld(name, part, dict(places)[name]) for name, part in parts if len(part)]
    return [f"A raised limit of P(wrong) leaves a smaller tier, and keeps back: {'; '.join(cut)}."] if cut else []


def _given(places: list, given: list) -> str:
    if not given:
        return f"No label is called an obvious error in any of {numbers.counted(len(places), 'noise cell')}."
    always = [name for name, part in given if (part["flagged"] > 0).all()]
    partly = len(given) - len(always)
    some = f" and in some checked seeds of {partly} more" if partly else ""
    rows = pd.concat([part.assign(place=name) for name, part in given])
    rows = rows[rows["flagged"] > 0]
    text = f"Obvious errors are reported in {len(always)} of {numbers.counted(len(places), 'noise cell')}{some}"
    known = rows[rows["flagged_wrong"].notna()]
    if known.empty:
        return f"{text}: {numbers.counted(int(rows['flagged'].sum()), 'label')}."
    least = known.loc[known["flagged_wrong"].idxmin()]
    seed = f" (seed {least['seed']:.0f})" if len(known) > 1 else ""
    right = share(known, "flagged", "flagged_wrong")
    return (
        f"{text}: {right:.1%} of {known['flagged'].sum():,.0f} labels are wrong; "
        f"least in {least['place']}{seed}, {least['flagged_wrong']:.1%} of {least['flagged']:,.0f}."
    )


def _withheld(name: str, part: pd.DataFrame, checked: pd.DataFrame) -> str:
    """What one cell's tier would have held, of the seeds in which it is withheld."""
    seeds = "" if len(part) == len(checked) else f" in {len(part)} of {numbers.counted(len(checked), 'seed')}"
    wrong = share(part, "withheld", "withheld_wrong")
    right = "" if pd.isna(wrong) else f", {wrong:.1%} of them wrong"
    return f"{name}{seeds} ({numbers.counted(int(part['withheld'].sum()), 'label')}{right})"
