"""A report made from synthetic tables: which, and how it is written."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import synthetic_tables

from labelnoise import files, results
from labelnoise.report import render

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
DRAWN = {"accuracy": "figures/accuracy.svg", "overview": "pictures/overview.svg"}
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
    page: str
    summary: str
    methods: str


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
        "report": {"noise": "symmetric", "noise_rate": 0.4},
    }


def make_reports(tables, folder):
    """reports/digits with all tables, two figures, and one of another study, which no stage told of."""
    synthetic_tables.write(folder / "digits" / "tables", tables)
    for address in [*DRAWN.values(), "figures/differences.svg"]:
        files.write_text(folder / "digits" / address, SVG)
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
        render.page(reports, name, params, DRAWN, reports / "pages" / name)
    out = [reports / name for name in ("index.html", "summary.md", "methods.md")]
    render.write(reports / "pages", names, *out)
    texts = [path.read_text() for path in (reports / "digits" / "index.html", *out[1:])]
    return Rendered(reports, *texts)
