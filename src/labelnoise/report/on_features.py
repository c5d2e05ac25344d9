"""Methods on frozen features beside plain regression, over all data sets of presets/features.yaml.

python -m labelnoise.report.on_features ../features    writes reports/features/tables/beside_plain.csv, and what
stands between the marks of reports/features/README.md, from what the preset left in that folder

Plain is one of three: regression whose penalty is cross-validated (NI-ERM), and cross-entropy on the same network,
at its last epoch or stopped early. Marks are those of the tables: Benjamini and Hochberg, false-discovery rate 5%.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from labelnoise import artifacts, files, params, results, words
from labelnoise.report.marks import between

PLAIN = {
    "regression": "regression, penalty cross-validated",
    "cross_entropy_last": "cross-entropy, last epoch",
    "cross_entropy_early": "cross-entropy, stopped early",
}
KEY = ["dataset", "network", "noise", "plain", "selection"]
COLUMNS = [*KEY, "accuracy", "methods", "better", "worse", "best_method", "diff", "diff_low", "diff_high"]
EARLY = "best_noisy_val"
ON_FEATURES = Path("reports", "features")  # page and counts, kept in git


class Tables(NamedTuple):
    """Of one data set."""

    regression: pd.DataFrame
    intervals: pd.DataFrame


def read(folder: Path, names: list[str]) -> dict[str, Tables]:
    """The tables of the data sets `names` of the project in `folder`."""
    places = {name: folder / artifacts.of(name).tables for name in names}
    return {name: Tables(*(results.read(table, at) for table in Tables._fields)) for name, at in places.items()}


def compared(tables: Mapping[str, Tables]) -> pd.DataFrame:
    """A row per data set, noise, plain, selection and method that is not told the truth: accuracy of
    what is plain, diff, diff_low, diff_high, differs. Cross-entropy itself is no method here."""
    parts = []
    for name, of in tables.items():
        own = of.intervals[of.intervals["metric"] == "test_accuracy"]
        by = {"regression": of.regression.assign(accuracy=of.regression["regression"])}
        for key, selection in (("last", "last"), ("early", EARLY)):
            itself = own[(own["method"] == words.BASELINE) & (own["selection"] == selection)]
            mean = own["noise"].map(itself.drop_duplicates("noise").set_index("noise")["mean"])
            by[f"cross_entropy_{key}"] = own.assign(accuracy=mean)[own["baseline_selection"] == selection]
        parts += [rows.assign(dataset=name, plain=plain) for plain, rows in by.items()]
    every = pd.concat(parts, ignore_index=True)
    every = every[~every["oracle"].astype(bool) & (every["method"] != words.BASELINE)]
    return every[[*KEY, "method", "accuracy", "diff", "diff_low", "diff_high", "differs"]]


def counts(rows: pd.DataFrame) -> pd.DataFrame:
    """From `compared`, COLUMNS: how many methods are marked better or worse, and which has the highest mean, which
    flatters it."""
    made = []
    for key, part in rows.groupby(KEY, sort=False):
        marked, best = part["differs"].astype(bool), part.loc[part["diff"].idxmax()]
        facts = {
            "accuracy": best["accuracy"],
            "methods": len(part),
            "better": int((marked & (part["diff"] > 0)).sum()),
        }
        facts |= {"worse": int((marked & (part["diff"] < 0)).sum()), "best_method": best["method"]}
        facts |= {name: best[name] for name in ("diff", "diff_low", "diff_high")}
        made.append(dict(zip(KEY, key, strict=True)) | facts)
    return pd.DataFrame(made, columns=COLUMNS)


def sentences(of: pd.DataFrame) -> str:
    """How many comparisons are marked, over labels by people, from `counts`."""
    people = of[of["noise"].str.startswith("human_")]
    told = []
    for plain, name in PLAIN.items():
        rows = people[(people["plain"] == plain) & (people["selection"] == EARLY)]
        total, better, worse = (int(rows[key].sum()) for key in ("methods", "better", "worse"))
        told.append(f"beside {name}: {better} better, {worse} worse of {total}")
    cells = len(people.groupby(["dataset", "noise"]))
    return f"Methods that stop early, on labels by people ({cells} cells): {'; '.join(told)}.{_lost(of)}"


def _lost(of: pd.DataFrame) -> str:
    """What wrong labels cost the regression, where it was fitted to the true ones, too; else nothing."""
    rows = of[(of["plain"] == "regression") & (of["selection"] == EARLY)].set_index(["dataset", "noise"])
    told = []
    for (dataset, noise), accuracy in rows["accuracy"].items():
        if noise.startswith("human_") and (dataset, "none") in rows.index:
            lost = 100 * (rows.loc[(dataset, "none"), "accuracy"] - accuracy)
            told.append(f"{lost:.1f} points with {noise} ({dataset})")
    return f" Against the true labels, labels by people cost regression {', '.join(told)}." if told else ""


def counts_table(of: pd.DataFrame) -> str:
    """Markdown: a line per data set and noise, methods that stop early."""
    rows = of[of["selection"] == EARLY]
    head = [
        "data set",
        "labels",
        "regression [%]",
        *(f"{name}: better / worse" for name in PLAIN.values()),
        "highest mean",
    ]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for (dataset, noise), part in rows.groupby(["dataset", "noise"], sort=False):
        by = part.set_index("plain")
        best = by.loc["regression"]
        cells = [f"{100 * best.accuracy:.1f}"]
        cells += [f"{by.better[plain]} / {by.worse[plain]} of {by.methods[plain]}" for plain in PLAIN]
        cells.append(f"{best.best_method} {points(best)}")
        lines.append(f"| {dataset} | {noise} | {' | '.join(cells)} |")
    return "\n".join(lines)


def grid(rows: pd.DataFrame) -> str:
    """Markdown: every method that stops early less the regression, a column per data set, its mean over labels by
    people (or their twins) in points, with ▲ or ▼ per cell that is marked."""
    own = rows[(rows["plain"] == "regression") & (rows["selection"] == EARLY) & (rows["noise"] != "none")]
    names = list(dict.fromkeys(own["dataset"]))
    means = own.groupby(["method", "dataset"])["diff"].mean().unstack()[names]
    order = (
        means[[name for name in names if not name.startswith("twins")]].mean(axis=1).sort_values(ascending=False)
    )
    lines = [f"| method | {' | '.join(names)} |", f"|{'---|' * (len(names) + 1)}"]
    for method in order.index:
        cells = []
        for name in names:
            part = own[(own["method"] == method) & (own["dataset"] == name)]
            marked = part[part["differs"].astype(bool)]
            signs = "▲" * int((marked["diff"] > 0).sum()) + "▼" * int((marked["diff"] < 0).sum())
            cells.append(f"{100 * means.loc[method, name]:+.1f} {signs}".strip())
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def points(row: pd.Series) -> str:
    """A difference with its interval, in points."""
    mean, low, high = (100 * row[name] for name in ("diff", "diff_low", "diff_high"))
    return f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the preset was reproduced")
    parser.add_argument("--datasets", nargs="+", help="of study.datasets; all of them if left out")
    args = parser.parse_args()
    folder = args.folder
    names = args.datasets or params.read(folder / "params.yaml")["study"]["datasets"]
    rows = compared(read(folder, names))
    found = counts(rows)
    text = found.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    files.write_text(ON_FEATURES / "tables" / "beside_plain.csv", text)
    page = ON_FEATURES / "README.md"
    text = between(page.read_text("utf-8"), "findings", sentences(found))
    text = between(text, "counts", counts_table(found))
    page.write_text(between(text, "grid", grid(rows)), "utf-8")


if __name__ == "__main__":
    main()
