"""What a contributor adds: a function and its entry, and nothing else."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import noise, words
from labelnoise.detect import tables as detect_tables
from labelnoise.figures import detection, table
from labelnoise.noise import transition
from labelnoise.noise.types import Inputs
from labelnoise.report import detection as report_detection
from labelnoise.report import parts
from labelnoise.studies.alternatives import scores
from labelnoise.words.scores import BAGS, DYNAMICS

HERE = Path(__file__).parent
KEY = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4}


@pytest.fixture
def made():
    """The tests' made-up tables and evidence."""
    sys.path[:0] = [str(HERE / "figures"), str(HERE / "studies")]
    import made_evidence
    import synthetic_tables

    yield SimpleNamespace(evidence=made_evidence.evidence, tables=synthetic_tables.make)
    del sys.path[:2]


def half_gone(evidence):
    return 1 - evidence.dynamics["prob_mean"] / 2


def test_score_is_one_entry(made, monkeypatch):
    entry = words.Score("half gone", "1 - half the mean P(label)", DYNAMICS, "Nobody 2026", probability=True)
    monkeypatch.setattr(scores, "half_gone", half_gone, raising=False)
    monkeypatch.setitem(words.SCORES, "half_gone", entry)
    evidence, _, wrong = made.evidence(np.random.default_rng(0))
    found = scores.all_scores(evidence._replace(bags=None))
    np.testing.assert_array_equal(found["half_gone"], half_gone(evidence))
    run = detect_tables.Scored({"noise_model": found["aum"], "half_gone": found["half_gone"]}, wrong)
    row = detect_tables.detection_rows(KEY, run, 10).set_index("score").loc["half_gone"]
    assert np.isfinite([row["auprc"], row["ece"]]).all()
    intervals = detect_tables.marked(detect_tables.interval_rows(KEY, [run, run], 0.95, 10), 0.95)
    (axis, *_) = detection.overview(intervals).axes
    assert "half gone" in [label.get_text() for label in axis.get_yticklabels()]
    assert "half gone" in list(report_detection.ranking(intervals)[0].frame["row"])


@pytest.mark.parametrize("name", [name for name, score in words.SCORES.items() if score.of in (DYNAMICS, BAGS)])
def test_a_score_of_networks_has_its_function(name):
    assert callable(getattr(scores, name))


def test_figure_is_one_file(made, monkeypatch):
    """Its file has the caption; the page shows it where the table of figures has the file."""
    new = SimpleNamespace(CAPTIONS={"new": ("A new figure", "What it shows, above {obvious:.0%}.")})
    monkeypatch.setitem(table.PARTS, "gradients", [*table.PARTS["gradients"], new])
    drawn = {"new": "figures/new.svg", "gradients": "figures/gradients.svg"}
    wanted = parts.Wanted(("symmetric", 0.4), ("symmetric", 0.4), {"obvious": 0.02, "possible": 0.1}, drawn)
    page = parts.make(made.tables(["cross_entropy"], seeds=2, epochs=3), ["cross_entropy"], 0.95, HERE, wanted)
    (part,) = [part for part in page if part.key == "gradients"]
    assert [figure.name for figure in part.figures] == ["gradients", "new"]
    assert part.figures[1].title == "A new figure" and part.figures[1].caption == "What it shows, above 2%."


def test_noise_model_is_one_entry(monkeypatch):
    def second_class(rate, inputs, rng):
        matrix = np.eye(3) * (1 - rate) + np.eye(3)[1] * rate
        return transition.sample(inputs.clean_labels, matrix, rng), matrix

    entry = noise.Model(
        second_class, "all_classes", "With probability {rate} a label is the second class.", (0, 0.5)
    )
    monkeypatch.setitem(noise.NOISES, "second_class", entry)
    inputs = Inputs(np.arange(300) % 3, np.zeros((300, 1)), 3, {}, {}, None)
    noise.allowed("digits", "second_class", 0.3, inputs)
    drawn = noise.draw("second_class", 0.3, 0, inputs)
    assert drawn.definition == "With probability 0.3 a label is the second class."
    assert 0.1 < (drawn.labels != inputs.clean_labels).mean() < 0.3
    assert words.cell_name("second_class", 0.3) == "second class 0.3"
    with pytest.raises(ValueError, match=r"noises\.second_class: rate 0\.6 is not allowed; allowed: 0 to 0\.5"):
        noise.allowed("digits", "second_class", 0.6, inputs)
