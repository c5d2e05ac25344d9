"""Published values beside the study's: which belong together, whether they agree, and how the protocols differ.

Ours agrees where its interval, widened on both sides by the published standard deviation, lies within the
published value +- tolerance; it does not where that lies outside; between the two it is undecided. A single run
has no interval: its value alone counts. Tolerances are in params.yaml, fixed before anything was compared.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.papers import published as values
from labelnoise.papers.published import NOT_SAID, TEST_IMAGES, TRAINING_IMAGES

YES, NO, UNDECIDED = "yes", "no", "undecided"
PEOPLE = ("human_", "twin_")  # how noises are called that are labels from people, or drawn like them
DIGITS = 6  # of tables: a difference that equals the tolerance there is within it
JOINED = ["join_rate", "sparsity", "noise", "known_as", "join_selection", "metric"]
COUNTED = ["dataset", "paper", "kind", "verified"]


def table(
    published: pd.DataFrame, ours: pd.DataFrame, tolerance: Mapping[str, float], stands_in: bool
) -> pd.DataFrame:
    """Table `papers`: a row per published value and value of ours beside it.

    published: rows of published.csv; ours: rows with ours.COLUMNS; tolerance: by metric; stands_in: whether other
    images stand in for the published data set. Both sides have the same noise, rate, sparsity, method, epoch and
    metric. Labels from people have one rate, whatever it is called. An epoch that is not said is compared with our
    last. Where a paper compares networks (`network`) or regularisers, ours must be the same.
    ValueError names a metric without a tolerance.
    """
    left = published[published["method"] != values.NOT_HERE]
    left = left.rename(columns={"method": "known_as"}).assign(
        join_rate=_rate(left), join_selection=left["selection"].replace(NOT_SAID, "last")
    )
    right = ours.assign(join_rate=_rate(ours), join_selection=ours["selection"])
    both = left.merge(right, "inner", JOINED, suffixes=("", "_ours"))
    both = both[_same(both, "network", "") & _same(both, "regularizer", "fit")]
    if both.empty:
        return results.empty("papers")
    missing = sorted(set(both["metric"]) - set(tolerance))
    if missing:
        raise ValueError(f"papers.tolerance: has no {missing[0]}; allowed: a number")
    both = both.assign(
        tolerance=both["metric"].map(tolerance), difference=(both["mean"] - both["value"]).round(DIGITS)
    )
    made = both.assign(
        agrees=agreement(both),
        protocol=[differences(row, stands_in) for row in both.to_dict("records")],
        network=both["network_ours"],
        selection=both["join_selection"],
        their_selection=both["selection"],
        published=both["value"],
        n_seeds=both["n_seeds_ours"],
    )
    return results.check("papers", made[results.columns("papers")])


def _rate(rows: pd.DataFrame) -> pd.Series:
    """The nominal rate; that of labels from people, and of their synthetic twins, is only a name."""
    people = rows["noise"].str.startswith(PEOPLE)
    return rows["noise_rate"].astype(float).round(DIGITS).mask(people, 0.0)


def _same(both: pd.DataFrame, column: str, must: str) -> pd.Series:
    """Rows whose published `column` is that of ours, or empty; in our table `must` it may not be empty."""
    asked = both[column] != ""
    return (both[column] == both[f"{column}_ours"]) | ~(asked | (both["ours"] == must))


def agreement(both: pd.DataFrame) -> np.ndarray:
    """YES, NO or UNDECIDED, by row; columns mean, low, high, value, std, tolerance."""
    spread = both["std"].fillna(0)
    low = (both["low"].fillna(both["mean"]) - spread - both["value"]).round(DIGITS)
    high = (both["high"].fillna(both["mean"]) + spread - both["value"]).round(DIGITS)
    within = (low >= -both["tolerance"]) & (high <= both["tolerance"])
    outside = (low > both["tolerance"]) | (high < -both["tolerance"])
    return np.where(within, YES, np.where(outside, NO, UNDECIDED))


def differences(row: dict, stands_in: bool) -> str:
    """How the protocols differ, in words, of what is known of both; `row`: published, and `_ours` where both have
    a column."""
    there, here = row["architecture"], row["network_ours"]
    said = [f"network: {there} there, {here} here"] if there and here and row["network"] != here != there else []
    said += [f"frozen features of {row['inputs']} here"] if row["inputs"] else []
    said += [f"images that stand in for {row['dataset']} here"] if stands_in else []
    said += _fewer(row)
    if row["epochs"] != row["epochs_ours"] and not pd.isna(row["epochs"] + row["epochs_ours"]):
        said.append(f"epochs: {row['epochs']:.0f} there, {row['epochs_ours']:.0f} here")
    if row["augmentation"] and row["augmentation_ours"] not in ("", row["augmentation"]):
        said.append(f"augmentation: {row['augmentation']} there, {row['augmentation_ours']} here")
    said += ["epoch not said there, the last here"] if row["selection"] == NOT_SAID else []
    return "; ".join([*said, *([f"there: {row['protocol']}"] if row["protocol"] else [])])


def _fewer(row: dict) -> list[str]:
    """That ours is trained on fewer images; of the study of memorisation test images are counted too."""
    both = row["ours"] == "fit"
    whole = TRAINING_IMAGES.get(row["dataset"], 0) + both * TEST_IMAGES
    what = "images, training and test together," if both else "training images"
    return [f"{row['images']:,.0f} of {whole:,} {what} here"] if row["images"] < whole else []


def counted(published: pd.DataFrame, found: pd.DataFrame, stands_in: bool) -> pd.DataFrame:
    """Table `papers_agreement`: by paper, kind and whether the source was read, how many values there are, how
    many have one of ours beside them (`here`), and how many of these pairs agree."""
    if published.empty:
        return results.empty("papers_agreement")
    keys = [name for name in values.KEYS if name != "selection"] + ["their_selection"]
    counts = published.groupby(COUNTED, as_index=False).agg(values=("value", "size"))
    here = found.drop_duplicates(keys).groupby(COUNTED).size().rename("here")
    words = {YES: "agree", NO: "disagree", UNDECIDED: "undecided"}
    pairs = found.groupby([*COUNTED, "agrees"]).size().unstack().reindex(columns=list(words))
    pairs = pairs.rename(columns=words)
    made = counts.join(here, COUNTED).join(pairs, COUNTED)
    made = made.assign(**{name: made[name].fillna(0).astype(int) for name in ("here", *pairs)})
    return results.check("papers_agreement", made.assign(stand_in=int(stands_in)))
