"""benchmarks/large.py: a point tells time and memory of every step, and how good the order is."""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import large  # noqa: E402  (a script, not a package)


def test_a_point_tells_every_step(capsys, monkeypatch):
    monkeypatch.setattr(large, "APART", 3.0)
    large.point(300, 3, 8, judged=False)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(one) for one in lines[:-1]] == [
        {f"{step}_{what}" for what in ("seconds", "wall", "gib")} for step in ("copies", "prepare", "detect")
    ]
    assert lines[-1]["auprc"] > 0.95 and 0.1 < lines[-1]["rate"] < 0.3
    assert all(0.05 < one[name] < 8 for one in lines for name in one if name.endswith("gib"))


def test_a_fifth_of_the_labels_is_wrong_and_features_tell_classes(monkeypatch):
    monkeypatch.setattr(large, "APART", 3.0)
    values, truth, given = large.made(3000, 5, 8)
    assert abs((truth != given).mean() - 0.2) < 0.03
    centres = np.stack([values[truth == k].mean(0) for k in range(5)])
    nearest = ((values[:, None] - centres) ** 2).sum(2).argmin(1)
    assert (nearest == truth).mean() > 0.95
