"""A report made from synthetic tables: which, and how it is written."""

from pathlib import Path
from typing import NamedTuple

import synthetic_tables

from labelnoise.report import render

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
METHODS = ["cross_entropy", "mae", "forward_oracle", "joint_optimization"]
CELLS = [("none", 0.0), ("symmetric", 0.4), ("pair_flip", 0.45)]  # few: a page of many takes seconds to render


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
    """reports/digits with all tables and one figure."""
    synthetic_tables.write(folder / "digits" / "tables", tables)
    figures = folder / "digits" / "figures"
    figures.mkdir()
    (figures / "accuracy.svg").write_text(SVG)
    (figures / "accuracy.png").write_bytes(b"")
    return folder


def write(reports, params) -> Rendered:
    """Render the pages of all data sets, and what is put together from them."""
    names = list(params["datasets"])
    for name in names:
        render.page(reports, name, params, reports / "pages" / name)
    out = [reports / name for name in ("index.html", "summary.md", "methods.md")]
    render.write(reports / "pages", names, *out)
    texts = [path.read_text() for path in (reports / "digits" / "index.html", *out[1:])]
    return Rendered(reports, *texts)
