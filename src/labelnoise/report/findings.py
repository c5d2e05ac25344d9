"""What came out, in sentences whose every number is computed from the tables. Losses are told like wins."""

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells
from labelnoise.report import numbers, tally
from labelnoise.report.accuracy import COMPARISONS, compared, judged_by_noise, outcome

EARLY = "best_noisy_val"

UNTOLD = "besides cross-entropy (those that are told the noise left out)"
PHRASES = {
    ("last", "last"): "Trained to the end, {} in {} were compared with cross-entropy trained to the end",
    ("last", "best_noisy_val"): "Trained to the end, {} in {} were compared with early-stopped cross-entropy",
    ("best_noisy_val", "best_noisy_val"): "Stopped early, {} in {} were compared with early-stopped cross-entropy",
}


def sentences(tables: dict[str, pd.DataFrame], methods: list[str], noise: str, noise_rate: float) -> list[str]:
    """Sentences about all noise cells, then about the cell (noise, noise_rate) where the table has it."""
    found = _noisy_accuracy(tables["accuracy"])
    for network in sorted(tables["accuracy"]["network"].unique()):
        several = tables["accuracy"]["network"].nunique() > 1
        own = {name: t[t["network"] == network] if "network" in t else t for name, t in tables.items()}
        said = [*_comparisons(own["intervals"], methods), *_unbeaten(own["intervals"])]
        said += [*_cell(own, noise, noise_rate), *_ranking(own)]
        found += [f"{words.name(network)}: {text}" if several else text for text in said]
    return [*found, *tally.summary(tables)]


def _noisy_accuracy(accuracy: pd.DataFrame) -> list[str]:
    """What an accuracy on noisy labels is worth; nothing where clean labels judge."""
    if not judged_by_noise(accuracy):
        return []
    return [
        "Too few clean labels are known: test accuracy is agreement with held-out noisy labels. It is "
        "too low where those are wrong, and rewards a method that repeats their systematic errors."
    ]


def _comparisons(intervals: pd.DataFrame, methods: list[str]) -> list[str]:
    """Per comparison: how many differences of methods without an oracle are marked, and whose."""
    said = []
    for pair in COMPARISONS:
        rows = compared(intervals, *pair)
        rows = rows[~rows["oracle"].astype(bool) & (rows["method"] != words.BASELINE)]
        if rows.empty:
            continue
        ended = outcome(rows)
        better, worse = ended == "better", ended == "worse"
        what = (
            f"{numbers.counted(rows['method'].nunique(), 'method')} {UNTOLD}",
            numbers.counted(len(cells.cells(rows)), "noise cell"),
        )
        most = _most(rows[better], methods, "better") + _most(rows[worse], methods, "worse")
        said.append(f"{PHRASES[pair].format(*what)}: {_counted(ended)}{most}.")
    return [*said, f"Better and worse are {words.MARKED}"] if said else []


def _counted(ended: pd.Series) -> str:
    """As in: better in 16 of 288 cases, worse in 72, open in 200."""
    cases = numbers.counted(len(ended), "case")
    told = f"better in {(ended == 'better').sum()} of {cases}, worse in {(ended == 'worse').sum()}"
    lost = (ended == "incomplete").sum()
    told += f", open in {(ended == 'undecided').sum()}"
    return f"{told}, without a verdict in {lost}, where seeds diverged" if lost else told


def counts(outcomes: pd.Series) -> str:
    """How many rows have which outcome; incomplete ones are told when there are any."""
    shown = ["better", "worse", "undecided"]
    if (outcomes == "incomplete").any():
        shown.append("incomplete")
    return ", ".join(f"{(outcomes == word).sum()} {word}" for word in shown)


def _most(rows: pd.DataFrame, methods: list[str], word: str) -> str:
    """Which method has most of `rows`; all that tie are named."""
    counts = rows["method"].value_counts()
    if counts.empty:
        return ""
    names = [words.name(method) for method in methods if counts.get(method, 0) == counts.max()]
    return f"; most often {word}: {', '.join(names)} (in {numbers.counted(counts.max(), 'cell')})"


def _unbeaten(intervals: pd.DataFrame) -> list[str]:
    """Noise cells in which no method without an oracle is marked better than early-stopped cross-entropy."""
    rows = pd.concat([compared(intervals, selection, EARLY) for selection in words.HONEST])
    rows = rows[~rows["oracle"].astype(bool) & (rows["method"] != words.BASELINE)]
    if rows.empty:
        return []
    won = set(rows.loc[outcome(rows) == "better", ["noise", "noise_rate"]].itertuples(index=False, name=None))
    where = [words.cell_name(*cell) for cell in cells.cells(rows) if cell not in won]
    if not where:
        return ["In every noise cell some method that does not know the noise beats stopping early."]
    return [f"In {', '.join(where)} nothing that does not know the noise beats stopping early."]


def _cell(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> list[str]:
    """Cross-entropy in one cell: what memorisation costs, and how much is memorised."""
    accuracy = tables["accuracy"]
    if not ((accuracy["noise"] == noise) & (accuracy["noise_rate"] == rate)).any():
        return []
    where = f"With {words.cell_name(noise, rate)}"
    return [_gap(cells.at(accuracy, noise, rate), where), *_fitted(cells.at(tables["curves"], noise, rate), where)]


def _gap(accuracy: pd.DataFrame, where: str) -> str:
    base = accuracy[accuracy["method"] == words.BASELINE]
    # The same seeds in all three, so that a diverged one does not bend the differences.
    wide = base.pivot(index="seed", columns="selection", values="test_accuracy")
    left = wide.dropna()
    if left.empty:
        return f"{where}, cross-entropy diverged in every seed."
    seeds = (
        numbers.counted(len(wide), "seed")
        if len(left) == len(wide)
        else f"{len(left)} of {numbers.counted(len(wide), 'seed')}, the others diverged"
    )
    mean = left.mean()
    gap = 100 * (mean["best_test"] - mean["last"])
    leaky = "looks at the test labels" if judged_by_noise(accuracy) else "cannot be known without clean labels"
    # below 0 where answers of recheckers judge: the epoch is the best by the labels before them
    best = (
        f", {gap:.1f} points below its best test epoch ({mean['best_test']:.1%}, which {leaky})"
        if gap >= 0
        else ""
    )
    return (
        f"{where}, cross-entropy ends at {mean['last']:.1%} test accuracy{best}; early stopping on noisy labels "
        f"reaches {mean['best_noisy_val']:.1%} (mean of {seeds})."
    )


def _fitted(curves: pd.DataFrame, where: str) -> list[str]:
    """Share of the wrong labels fitted in the last epoch, of methods whose seeds did not diverge."""
    # of each method: one with a second round has more epochs than the others
    last = curves[curves["epoch"] == curves.groupby("method")["epoch"].transform("max")]
    runs = last[~last["oracle"].astype(bool)].groupby("method")["fitted_wrong"]
    share = runs.mean()[runs.count() == runs.count().max()].dropna()  # no survivors of a method that diverged
    others = share.drop(words.BASELINE, errors="ignore")
    if words.BASELINE not in share or others.empty:
        return []
    least, most = others.idxmin(), others.idxmax()
    return [
        f"{where}, cross-entropy has fitted {share[words.BASELINE]:.1%} of the wrong labels in the last epoch; "
        f"the other methods without an oracle between {others[least]:.1%} ({words.name(least)}) and "
        f"{others[most]:.1%} ({words.name(most)})."
    ]


def _ranking(tables: dict[str, pd.DataFrame]) -> list[str]:
    """How well each bootstrap statistic tells wrong labels from right ones, worst first."""
    if not {"uncertainty", "alternatives"} <= set(tables):
        return []
    wanted = tables["alternatives"]["score"].isin(tables["uncertainty"]["statistic"])
    auroc = tables["alternatives"][wanted].groupby("score")["auroc"].mean().dropna().sort_values()
    if auroc.empty:
        return []
    listed = ", ".join(f"{words.name(score)} {value:.2f}" for score, value in auroc.items())
    return [f"Bootstrap uncertainty as a sign of wrong labels, mean AUROC: {listed} (0.5 is a coin toss)."]
