"""A report made from synthetic tables: which, and how it is written."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import synthetic_tables

from labelnoise import files, results
from labelnoise.report import dictionary, reference, render

SVG = (
    '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" '
    'viewBox="0 0 72 36">\n<defs><path id="m1" style="stroke: #000000; fill: #FFFFFF"/></defs>\n'
    "<style>.s0{fill: #0072b2}.s1{opacity: .5}</style>\n"
    '<use class="s0" href="#m1" clip-path="url(#m1)"/><text style="font-size:9px">last epoch</text>\n</svg>\n'
)
DRAWN = {
    "leading_last": "pictures/leading_last.svg", "by_rate_symmetric": "pictures/by_rate_symmetric.svg",
    "accuracy": "figures/accuracy.svg", "overview": "pictures/overview.svg",
}  # fmt: skip
STAGES = {  # as dvc.yaml has them, in short
    "uncertainty": {
        "params": ["datasets.${item.dataset}", "evaluate"],
        "outs": ["reports/${item.dataset}/tables/intervals.csv", {"reports/${item.dataset}/tables/best.csv": {}}],
    }
}
METHODS = ["cross_entropy", "mae", "forward_oracle", "joint_optimization"]
CELLS = [("none", 0.0), ("symmetric", 0.4), ("pair_flip", 0.45)]  # few: a page of many takes seconds to render
BAD = "<script>alert(1)</script>"
STUDIES = [
    "claims", "statements", "fit", "complexity", "first_epoch", "gradients", "imbalance", "conformal",
    "temperature",
]  # fmt: skip


class Rendered(NamedTuple):
    """A report as it was written."""

    reports: Path
    main: str  # the page of answers
    page: str  # all pages of the data set, one after another
    summary: str
    methods: str


NOTE = "A <miniature>: no results."


def make_params():
    return {
        "datasets": {
            "digits": {
                "data": {"folds": 5, "subset": None, "imbalance": 1.0},
                "validation_fraction": 0.1,
                "training": {"epochs": 8, "batch_size": 64, "lr": 0.05},
                "bootstrap": {"bags": 20, "cells": {"symmetric": [0.4]}, "seeds": 2, "epochs": 5},
            }
        },
        "variants": {"joint_hard": "joint_optimization", "warp_sampled": "warp_sampled"},
        "methods": {name: {} for name in METHODS},
        "detect": {"obvious": 0.025, "possible": 0.1},
        "evaluate": {"level": 0.95, "resamples": 2000, "calibration_bins": 15},
        "recheck": {"noise": "symmetric", "noise_rate": 0.4, "seed": 0},
        "report": {"noise": "symmetric", "noise_rate": 0.4, "note": None},
    }


def make_reports(tables, folder):
    """reports/digits with all tables, two figures, and one of another study, which no stage told of."""
    synthetic_tables.write(folder / "digits" / "tables", tables)
    files.write_text(folder / "digits" / "figures" / "differences.svg", SVG)
    return folder


def with_events(tables):
    """`tables` of a study in which things went wrong.

    One run of mae, which is called BAD, diverged. Of pair flip mae has one seed of 3 left, and joint optimization
    none. Two files were left out. Copies have one label.
    """
    accuracy = tables["accuracy"].copy()
    hit = accuracy.query("method == 'mae' and noise == 'pair_flip' and seed == 1").index
    accuracy.loc[hit, "diverged_epoch"] = 5
    left_out = pd.DataFrame({"file": ["cat/<2>.png", "dog/7.png"], "reason": ["damaged", "too large"]})
    changed = {
        "accuracy": accuracy,
        "intervals": _lost(_lost(tables["intervals"], "mae", 1), "joint_optimization", 0),
        "ledger": tables["ledger"].assign(definition=BAD),
        "left_out": left_out,
        "copies": tables["copies"].query("group == 1"),
        "input_faults": results.empty("input_faults"),
    }
    made = {**tables, **changed}
    about = ("accuracy", "best", "intervals", "curves")
    renamed = {name: made[name].replace({"method": {"mae": BAD}}) for name in about}
    return {**made, **renamed}


def _lost(intervals, method, left):
    """`method` at the last epoch of pair flip has all but `left` of 3 seeds lost."""
    table = intervals.copy()
    hit = (table["method"] == method) & (table["noise"] == "pair_flip") & (table["selection"] == "last")
    table.loc[hit, ["n_seeds", "pair_seeds"]] = left
    table.loc[hit, "differs"] = False
    if not left:
        values = ["mean", "low", "high", "diff", "diff_low", "diff_high"]
        table.loc[hit, values] = float("nan")
    return table


def write(reports, params) -> Rendered:
    """Render the pages of all data sets, and what is put together from them."""
    names = list(params["datasets"])
    for name in names:
        one(reports, name, params)
    out = [reports / name for name in ("index.html", "summary.md", "methods.md")]
    render.write(reports / "pages", names, *out)
    reference.write(reports / "glossary.html", reports / "columns.html")
    main = (reports / "digits" / "index.html").read_text()
    return Rendered(reports, main, pages(reports / "digits"), *(path.read_text() for path in out[1:]))


def one(reports, name, params):
    """Draw the figures and render the pages of one data set."""
    for address in DRAWN.values():
        files.write_text(reports / name / address, SVG)
    known = render.Known(STAGES, reports / name / "images.npz")
    render.page(reports, name, params, DRAWN, reports / "pages" / name, known)
    files.write_text(reports / name / "datapackage.json", dictionary.package(name, reports / name))


def pages(folder) -> str:
    """All pages of a data set, the answers first."""
    return "".join(path.read_text() for path in (folder / "index.html", *sorted((folder / "more").glob("*.html"))))
