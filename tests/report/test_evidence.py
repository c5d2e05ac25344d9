import json

import pytest

from labelnoise.report import evidence


def test_ledger_shows_mean_and_range_over_seeds(tables):
    table = tables["ledger"]
    frame = evidence.ledger(table).frame.set_index("row")
    realised = table.query("noise == 'symmetric' and noise_rate == 0.4")["realised_rate"]
    row = frame.loc["symmetric 0.4"]
    assert [row["nominal"], row["realised mean"]] == ["40.0", f"{100 * realised.sum() / 3:.1f}"]
    assert [row["min"], row["max"]] == [f"{100 * f(realised):.1f}" for f in (min, max)]


def test_matrices_are_means_over_seeds_in_percent(tables):
    table = tables["ledger"].query("noise == 'pair_flip'").copy()
    table["realised_transition"] = [json.dumps([[p, 1 - p], [0, 1]]) for p in (0.5, 0.6, 0.7)]
    (cell,) = evidence.matrices(table)
    assert cell["realised"] == [pytest.approx([60, 40]), pytest.approx([0, 100])]


def test_an_unknown_or_large_matrix_is_left_out(tables):
    table = tables["ledger"].query("noise == 'pair_flip'").copy()
    table["realised_transition"] = "[[null,null],[null,null]]"
    table["designed_transition"] = json.dumps([[0.0] * 100] * 100)
    (cell,) = evidence.matrices(table)
    assert cell["realised"] is None and cell["designed"] is None


def test_transition_estimates(tables):
    frame = evidence.transition(tables["transition"]).frame
    rows = tables["transition"].query("estimator == 'anchor' and noise == 'symmetric' and noise_rate == 0.4")
    error = rows["relative_l1"]
    assert frame.iloc[0]["symmetric 0.4"] == f"{error.mean():.2f}\n({error.min():.2f}–{error.max():.2f})"


def test_detection_leaves_out_cells_without_wrong_labels(tables):
    assert "none" in set(tables["uncertainty"]["noise"])
    assert "no noise" not in evidence.detection(tables["alternatives"]).frame
