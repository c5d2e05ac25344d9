"""benchmarks/large.py: a point tells time and memory of every step, and how good the order is."""

import json
import sys
from pathlib import Path

import numpy as np

from labelnoise.detect import gate

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import large  # noqa: E402  (a script, not a package)


def test_a_point_tells_every_step(capsys):
    large.point(300, 3, 8, judged=False, apart=3.0)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(one) for one in lines[:-1]] == [
        {f"{step}_{what}" for what in ("seconds", "wall", "gib")} for step in ("copies", "prepare", "detect")
    ]
    assert lines[-1]["auprc"] > 0.95 and 0.1 < lines[-1]["rate"] < 0.3
    assert all(0.05 < one[name] < 8 for one in lines for name in one if name.endswith("gib"))


def test_a_point_with_the_gate_ends_with_the_table(capsys, monkeypatch):
    """Halving and worlds are tested elsewhere, and take seconds."""
    monkeypatch.setattr(gate, "halving", lambda *_: 0.0)
    monkeypatch.setattr(gate, "worlds", lambda *_: (1.0, 1.0, "", 0.0))
    large.point(300, 3, 8, judged=True, apart=3.0)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [next(iter(one)).split("_")[0] for one in lines]
    assert names == ["copies", "prepare", "detect", "gate", "table", "auprc"]


def test_a_fifth_of_the_labels_is_wrong_and_features_tell_classes():
    values, truth, given = large.made(3000, 5, 8, 3.0)
    assert abs((truth != given).mean() - 0.2) < 0.03
    centres = np.stack([values[truth == k].mean(0) for k in range(5)])
    nearest = ((values[:, None] - centres) ** 2).sum(2).argmin(1)
    assert (nearest == truth).mean() > 0.95
