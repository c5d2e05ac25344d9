"""The summary: the answers, one figure and links, on two screens."""

import math
import re

import pandas as pd

from labelnoise import results
from labelnoise.report import answers, gate, summary

SCREEN = 37  # lines of 24 pixels on 900
LETTERS = 115  # a line on 980 pixels
FIGURE, HEADING = 16, 2.5  # lines


def height(text: str) -> float:
    """Lines that Markdown takes when it is shown, more or less: a paragraph leaves half a line."""
    lines = [line for line in text.splitlines() if line]
    return sum(
        FIGURE if line.startswith("![") else HEADING if line.startswith("#")
        else math.ceil(len(re.sub(r"\]\([^)]*\)", "]", line)) / LETTERS) + (0 if line.startswith("- ") else 0.6)
        for line in lines
    )  # fmt: skip


def test_it_has_the_answers_and_nothing_else(rendered):
    folder = rendered.reports / "digits" / "tables"
    names = (
        "unknown",
        "budget_needed",
        "tiers",
        "detection_reliability",
        "noise_rate",
        "statements",
        "claims",
        "gate",
    )
    tables = {name: results.read(name, folder) for name in names}
    expected = answers.of(tables, gate.listed(tables["gate"], "symmetric", 0.4, 0), 0.95)
    headings = re.findall(r"^### (.*)$", rendered.summary, flags=re.MULTILINE)
    facts = ["How many errors has this data set?"]  # here papers have values
    assert sorted(headings) == sorted([one.question for one in expected] + facts) and len(headings) == 5
    for one in expected:
        assert f"**{one.answer[0].upper()}{one.answer[1:]}.**" in rendered.summary
        assert one.key == "note" or all(f"\n- {line}\n" in rendered.summary for line in one.lines)
        assert not one.doubt or f"- *{one.doubt}*" in rendered.summary
    assert rendered.summary.count("![") == 1 and "|" not in rendered.summary


def test_it_takes_two_screens_at_most(rendered):
    assert height(rendered.summary) < 2 * SCREEN


def test_text_of_the_note_is_escaped(rendered):
    assert "No. 1: the note said 1 &lt;b&gt;boldly&lt;/b&gt;" in rendered.summary


def test_links_lead_somewhere(rendered):
    targets = re.findall(r"\]\(([^)]*)\)", rendered.summary)
    assert {"methods.md", "glossary.html", "columns.html"} <= set(targets)
    assert all((rendered.reports / name).exists() for name in targets)


def test_diverged_runs_are_counted_once():
    rows = [
        {"network": "mlp", "method": "mae", "noise": "symmetric", "noise_rate": 0.4, "seed": seed,
         "selection": selection, "oracle": False, "diverged_epoch": 5 if seed else -1,
         "judged_by": "clean labels"}
        for seed in (0, 1) for selection in ("last", "best_noisy_val", "best_test")
    ]  # fmt: skip
    told = summary.run({"accuracy": pd.DataFrame(rows)})
    assert told.startswith("1 method, mlp, 1 noise cell, 2 seeds; tested on ") and told.endswith(
        "; 1 run diverged."
    )


def test_methods_that_are_told_the_noise_and_noise_cells_of_the_list_are_counted(tables):
    """Of the four methods one is an oracle; networks train in two of three noise cells."""
    accuracy = tables["accuracy"][tables["accuracy"]["noise"] != "none"]
    told = summary.run({"accuracy": accuracy, "tiers": tables["tiers"]})
    assert told.startswith(
        "4 methods (1 is told the noise), mlp, 2 noise cells (3 for the list), 3 seeds; tested on "
    )
    alike = summary.run({"accuracy": tables["accuracy"], "tiers": tables["tiers"]})
    assert "3 noise cells, 3 seeds" in alike and "3 noise cells, 3 seeds" in summary.run(
        {"accuracy": tables["accuracy"]}
    )


def test_the_figure_is_one_that_git_has():
    drawn = {
        "leading_best_noisy_val": "figures/a.svg",
        "unknown": "pictures/unknown.svg",
        "overview": "pictures/o.svg",
    }
    assert summary.figure(drawn)[1] == "pictures/unknown.svg"
    assert summary.figure({"unknown": "figures/unknown.svg"}) is None
