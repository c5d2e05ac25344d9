"""benchmarks/memory.py: what it measures runs, what is too large is left out and named, the figure is whole."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import memory  # noqa: E402  (a script, not a package)


@pytest.mark.parametrize("part", ["detection", "evaluation"])
def test_a_part_runs(part, capsys):
    memory.PARTS[part](300, 3)


def test_training_runs(monkeypatch):
    monkeypatch.setattr(memory, "EPOCHS", 1)
    memory.training(120, 3)


def test_a_fifth_of_the_labels_is_wrong():
    truth, given = memory.labels(20_000, 10)
    assert (truth != given).mean() == pytest.approx(0.2, abs=0.01)
    assert set(truth) == set(given) == set(range(10))


def test_a_point_is_a_fresh_process_and_has_a_limit():
    """Whatever this process, which starts it, holds or held."""
    np.ones(2**28).sum()  # 2 GiB
    found = memory.measured("evaluation", 1000, 10, seconds=100, gib=8)
    assert 0.05 < found["gib"] < 1.5 and found["cpu_seconds"] > 0.5
    assert memory.measured("evaluation", 1000, 10, seconds=100, gib=0.01) is None


def test_what_would_take_too_long_is_not_begun_and_named(monkeypatch, capsys):
    """1,000 examples of 100 classes take 30 s, ten times as many of either at least eight times that."""
    took = {(1_000, 10): 2, (1_000, 100): 30, (10_000, 10): 15}
    begun = []

    def measured(part, n, classes, seconds, gib):
        begun.append((n, classes))
        return {"gib": 1.0, "cpu_seconds": took[n, classes]} if (n, classes) in took else None

    monkeypatch.setattr(memory, "measured", measured)
    rows = list(memory.grid("detection", 200, 8.0))
    assert [(row["examples"], row["classes"]) for row in rows] == list(took)
    assert begun == [*took, (100_000, 10)]  # 8 * 15 s are allowed, but it was too much all the same
    said = capsys.readouterr().out
    assert "left out: detection, 10,000 examples, 100 classes" in said and said.count("left out") == 6


def test_the_figure_has_a_line_per_number_of_classes():
    grid = [(p, n, c, n * c / 1e5) for p in memory.PARTS for n in memory.EXAMPLES for c in memory.CLASSES]
    fig = memory.figure(pd.DataFrame(grid, columns=["part", "examples", "classes", "gib"]))
    assert [axis.get_title() for axis in fig.axes] == list(memory.PARTS)
    for axis in fig.axes:
        assert len(axis.lines) == 3 and axis.get_xscale() == axis.get_yscale() == "log"
        np.testing.assert_allclose(axis.lines[1].get_ydata(), [1, 10, 100])
