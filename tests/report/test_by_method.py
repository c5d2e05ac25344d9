"""reports/methods.md: a line per method, whose numbers are those of the table `unknown`."""

import re

import pandas as pd
import pytest
from made_report import METHODS
from test_unknown_section import made

from labelnoise import results, words
from labelnoise.report import by_method


@pytest.fixture
def tables():
    return {"accuracy": results.empty("accuracy"), "unknown": made()}


def lines(groups) -> dict[str, list[str]]:
    """Cells by method, over all tables."""
    rows = [line for group in groups for line in group.table.splitlines() if "<a id=" in line]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {re.search('id="(.*?)"', row[0])[1]: row[1:] for row in cells}


def test_a_line_per_method_by_hand(tables):
    entries = by_method.entries(tables, ["cross_entropy", "elr", "mae", "forward_oracle", "gce"], {})
    found = lines(by_method.grouped({"digits": entries}))
    assert list(found) == ["cross_entropy", "forward_oracle", "mae", "gce", "elr"]
    about, early, last, worst, trainings = found["elr"]
    assert about == words.about("elr")
    assert [early, last, worst, trainings] == [
        "● +4.0 [+3.0, +6.0]", "● +2.0 [+1.0, +4.0]", "−1.0 (pair flip 0.45)", "1"
    ]  # fmt: skip
    assert found["gce"][2] == "–" and found["mae"][1] == "−20.0 [−21.0, −18.0]"
    assert found["cross_entropy"][1] == "0, by definition"


def test_every_method_has_a_line_before_it_was_run(tables):
    entries = by_method.entries({"accuracy": tables["accuracy"]}, METHODS, {})
    assert set(lines(by_method.grouped({"digits": entries}))) == set(METHODS)


def test_data_sets_and_networks_stand_side_by_side(tables):
    both = {**tables, "unknown": made(("mlp", "small_cnn"))}
    entries = {"digits": by_method.entries(tables, ["elr"], {}), "pets": by_method.entries(both, ["elr"], {})}
    (group,) = by_method.grouped(entries)
    head = group.table.splitlines()[0]
    assert "digits: early stopping" in head and "pets: small cnn: early stopping" in head
    assert len(lines([group])["elr"]) == 1 + 4 + 8


def test_variants_are_told_by_their_runs_and_comparisons(tables):
    contrasts = pd.DataFrame({"method": "joint_hard", "metric": "test_accuracy", "value": [0.5, 0.6]})
    claims = pd.DataFrame({"contrast": ["joint_hard - joint_optimization", "joint_hard_no_entropy - mae", "mae"],
                           "verdict": ["refuted", "open", "open"]})  # fmt: skip
    told = {**tables, "contrasts": contrasts, "claims": claims}
    variants = {"joint_hard": "joint_optimization", "warp_sampled": "warp"}
    groups = by_method.grouped({"digits": by_method.entries(told, ["elr"], variants)})
    assert lines(groups)["joint_hard"][1:] == ["55.0% (2 runs)", "1 refuted"]
    assert lines(groups)["warp_sampled"][1:] == ["–", "–"]


def test_names_from_data_are_escaped(tables):
    bad = "<script>alert(1)</script>"
    groups = by_method.grouped({"digits": by_method.entries(tables, [bad], {})})
    assert "<script" not in groups[0].table and "&lt;script&gt;" in groups[0].table
