"""Synthetic tables, shared with the figures' tests, and a report made from them, once for who only reads it."""

import sys
from pathlib import Path

import pytest

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
    """To read only."""
    return made_report.write(
        made_report.make_reports(tables, tmp_path_factory.mktemp("rendered")), made_report.make_params()
    )
