"""Where every stage reads and writes: the paths of one data set, relative to the project's folder.

dvc.yaml names the same paths in its deps and outs, so that DVC sees them; tests/test_dvc_yaml.py compares.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

REPORTS = Path("reports")
PAGES = Path("runs/pages")  # parts of the overview, of all data sets
OWN_FILES = Path("data/own_files")  # own_files: states of the user's own files, of all data sets


class Artifacts(NamedTuple):
    """Files and folders of one data set, each with the stage that writes it."""

    images: Path  # download
    seen: Path  # download: record of all files ever seen; kept between runs
    features: Path  # features
    groups: Path  # features: which images are copies, and which belong together
    noise: Path  # noise
    detect: Path  # detect
    audit_frame: Path  # list: drawn once; kept between runs
    model: Path  # list: the classifier of new images
    predictions: Path  # list
    trained: Path  # train, a folder: all runs of the plan and an index
    reports: Path  # folder of what people read
    tables: Path  # folder of result tables, of all stages
    figures: Path  # figures, a folder
    pictures: Path  # figures, a folder: those that README and summary.md show, kept in git
    notebooks: Path  # figures, a folder
    drawn: Path  # figures, within that folder: which figures there are, and where
    page: Path  # page
    more: Path  # page, a folder: the pages beside it
    package: Path  # page: what the columns of the tables hold
    metrics: Path  # page: the numbers that `dvc metrics` shows
    plots: Path  # page, a folder: the tables that `dvc plots` shows
    page_parts: Path  # page: its parts of the overview


def of(dataset: str) -> Artifacts:
    data, runs, reports = Path("data", dataset), Path("runs", dataset), REPORTS / dataset
    return Artifacts(
        images=data / "images.npz",
        seen=reports / "seen_files.csv",
        features=data / "features.npz",
        groups=data / "groups.npz",
        noise=data / "noise.npz",
        detect=runs / "detect.npz",
        audit_frame=reports / "audit_frame.csv",
        model=runs / "model.npz",
        predictions=reports / "predictions.csv",
        trained=runs / "trained",
        reports=reports,
        tables=reports / "tables",
        figures=reports / "figures",
        pictures=reports / "pictures",
        notebooks=reports / "notebooks",
        drawn=reports / "notebooks" / "figures.json",
        page=reports / "index.html",
        package=reports / "datapackage.json",
        more=reports / "more",
        metrics=reports / "metrics.json",
        plots=reports / "plots",
        page_parts=PAGES / dataset,
    )


def asked(does: str | None) -> str:
    """The data set that the command line of a stage names. does: what the stage does, in a line."""
    parser = argparse.ArgumentParser(description=does)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    return parser.parse_args().dataset
