"""Synthetic tables, shared with the figures' tests, and a report made from them, once for who only reads it."""

import sys
from pathlib import Path

import pytest

from labelnoise import results

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))
import made_report
import synthetic_tables


@pytest.fixture(scope="session")
def tables():
    return synthetic_tables.make(made_report.METHODS, made_report.CELLS, seeds=3, epochs=4)


@pytest.fixture
def params():
    return made_report.make_params()


@pytest.fixture
def reports(tables, tmp_path):
    return made_report.make_reports(tables, tmp_path)


@pytest.fixture(scope="session")
def rendered(tables, tmp_path_factory):
    """To read only, as all reports of a session."""
    return made_report.write(
        made_report.make_reports(tables, tmp_path_factory.mktemp("rendered")), made_report.make_params()
    )


@pytest.fixture(scope="session")
def eventful(tables, tmp_path_factory):
    """Where seeds and files were lost, a method's name is no HTML to trust, and there is a list to recheck."""
    reports = made_report.make_reports(made_report.with_events(tables), tmp_path_factory.mktemp("eventful"))
    (reports / "digits" / "to_recheck.csv").write_text("rank\n")
    params = made_report.make_params()
    params["methods"] = {made_report.BAD if name == "mae" else name: {} for name in params["methods"]}
    return made_report.write(reports, params)


@pytest.fixture(scope="session")
def bare(tables, tmp_path_factory):
    """Without the studies, of an input that is in order, of images of which nothing is published, with a note."""
    left = {name: table for name, table in tables.items() if name not in made_report.STUDIES}
    left |= {name: results.empty(name) for name in ("input_faults", "copies", "papers", "papers_agreement")}
    reports, params = made_report.make_reports(left, tmp_path_factory.mktemp("bare")), made_report.make_params()
    params["report"]["note"] = made_report.NOTE
    return made_report.write(reports, params)
