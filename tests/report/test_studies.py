import re
from pathlib import Path

import synthetic_tables

from labelnoise.figures import calibration, table
from labelnoise.report import studies

TABLES = synthetic_tables.make(methods=["cross_entropy"], seeds=2, epochs=3)


def _row(frame, **where):
    for column, value in where.items():
        frame = frame[frame[column] == value]
    (row,) = frame.to_dict("records")
    return row


def test_runs_that_never_fitted_are_counted_and_left_out_of_the_mean():
    frame = studies.fit(TABLES["fit"]).frame
    row = _row(frame, group="mlp", row="random labels", regulariser="dropout")
    assert row["epochs to fit"] == "70\nnot fitted: 2 of 3"
    assert row["train accuracy [%]"] == "86.7\n(80.0–100.0)"
    assert _row(frame, group="mlp", row="corrupted labels 0.4", regulariser="none")["epochs to fit"] == "34"
    assert frame[frame["group"] == "mlp"]["row"].iloc[0] == "true labels"  # then more and more wrong labels


def test_complexity_is_that_of_the_last_epoch():
    frame = studies.complexity(TABLES["complexity"]).frame
    row = _row(frame, row="random labels", radius="0.2")
    assert row["epoch"] == "8" and row["critical sample ratio [%]"].startswith(f"{100 * 0.4 * 8 / 9:.1f}")


def test_first_epoch_compares_both_ends_with_chance():
    row = _row(studies.first_epoch(TABLES["first_epoch"]).frame, row="true labels")
    assert row["always wrong observed [%]"] == f"{100 / 11:.1f}" and row["always right by chance [%]"] == "1.0"


def test_gradients_at_five_confidences():
    frame = studies.gradients(TABLES["gradients"]).frame
    assert [name for name in frame if name.startswith("confidence")][-1] == "confidence 0.999"
    assert _row(frame, group="agree", row="linear")["confidence 0.1"] == "0.9"


def test_imbalance_has_a_row_per_setting_and_method():
    frame = studies.imbalance(TABLES["imbalance"]).frame
    assert _row(frame, group="long tail", row="cross entropy")["classes predicted [%]"] == "90.0"
    assert len(frame) == 4


def test_every_figure_of_every_notebook_has_a_caption_and_every_caption_a_figure():
    """A figure without one would be missing from the report."""
    known = {name for part in table.PARTS for name in table.captions(part)}
    saved = set(calibration.METRICS)  # one cell draws them all
    for path in (Path(__file__).parents[2] / "notebooks").glob("*.py"):
        saved |= set(re.findall(r'style\.save\(.*figures, "(\w+)"[,)]', path.read_text()))
    assert saved == known
