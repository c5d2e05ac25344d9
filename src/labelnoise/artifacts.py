"""Where every stage reads and writes: the paths of one data set, relative to the project's folder.

dvc.yaml names the same paths in its deps and outs, so that DVC sees them; tests/test_dvc_yaml.py compares.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

REPORTS = Path("reports")
PAGES = Path("runs/pages")  # parts of the overview, of all data sets
COPY = Path(".dvc/tmp/copy")  # is there where a preset runs: a copy of the project, which its git does not have
OWN_FILES = Path("data/own_files")  # own_files: states of the user's own files, of all data sets


class Artifacts(NamedTuple):
    """Files and folders of one data set, {} in their paths, each with the stage that writes it."""

    images: Path = Path("data/{}/images.npz")  # download
    seen: Path = REPORTS / "{}/seen_files.csv"  # download: record of all files ever seen; kept between runs
    features: Path = Path("data/{}/features.npz")  # features
    groups: Path = Path("data/{}/groups.npz")  # features: which images are copies, and which belong together
    noise: Path = Path("data/{}/noise.npz")  # noise
    detect: Path = Path("runs/{}/detect.npz")  # detect
    audit_frames: Path = REPORTS / "{}/audit_frames"  # list, a folder: what was drawn, once; kept between runs
    model: Path = Path("runs/{}/model.npz")  # list: the classifier of new images
    predictions: Path = REPORTS / "{}/predictions.csv"  # list
    trained: Path = Path("runs/{}/trained")  # train, a folder: all runs of the plan and an index
    reports: Path = REPORTS / "{}"  # folder of what people read
    tables: Path = REPORTS / "{}/tables"  # folder of result tables, of all stages
    figures: Path = REPORTS / "{}/figures"  # figures, a folder
    pictures: Path = REPORTS / "{}/pictures"  # figures, a folder: what README and summary.md show, kept in git
    notebooks: Path = REPORTS / "{}/notebooks"  # figures, a folder
    drawn: Path = REPORTS / "{}/notebooks/figures.json"  # figures: which figures there are, and where
    page: Path = REPORTS / "{}/index.html"  # page
    more: Path = REPORTS / "{}/more"  # page, a folder: the pages beside it
    package: Path = REPORTS / "{}/datapackage.json"  # page: what the columns of the tables hold
    metrics: Path = REPORTS / "{}/metrics.json"  # page: the numbers that `dvc metrics` shows
    plots: Path = REPORTS / "{}/plots"  # page, a folder: the tables that `dvc plots` shows
    page_parts: Path = PAGES / "{}"  # page: its parts of the overview


def of(dataset: str) -> Artifacts:
    return Artifacts(*(Path(str(path).format(dataset)) for path in Artifacts()))


def asked(does: str | None) -> str:
    """The data set that the command line of a stage names. does: what the stage does, in a line."""
    parser = argparse.ArgumentParser(description=does)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    return parser.parse_args().dataset
