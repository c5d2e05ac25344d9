"""Figures of predictions, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.audit.predicted import Accuracy
from labelnoise.classifier import check, study

KEY = {"network": "pixels", "noise": "given", "noise_rate": 0.0, "seed": 0}


def test_a_row_per_part_of_known_truth():
    """The two test images stand in one bin: its gaps are .9 and .88, of which the ECE has the product's root."""
    q = np.array([[0.9, 0.1], [0.88, 0.12], [0.3, 0.7], [0.6, 0.4]])
    truth, parts = (
        np.array([1, 1, 1, -1]),
        {"test": np.array([1, 1, 0, 0], bool), "labelled": np.array([0, 0, 1, 1], bool)},
    )
    table = results.check("classifier", check.rows(KEY, q, truth, parts, 15)).set_index("part")
    assert table["examples"].to_dict() == {"test": 2, "labelled": 1}
    assert table["accuracy"].to_dict() == {"test": 0.0, "labelled": 1.0}
    assert table["nll"]["test"] == pytest.approx(-(np.log(0.1) + np.log(0.12)) / 2)
    assert table["ece"]["test"] == pytest.approx((0.9 * 0.88) ** 0.5)
    assert table["ece"]["labelled"] == 0  # one image: nothing is left after the bias


def test_without_truth_there_is_no_row():
    q, nothing = np.full((2, 2), 0.5), np.full(2, -1)
    table = check.rows(KEY, q, nothing, {"test": np.ones(2, bool), "labelled": np.zeros(2, bool)}, 15)
    assert results.check("classifier", table).empty


def test_what_the_audit_says_goes_with_the_model():
    model = SimpleNamespace(about={"audit": None}, _replace=lambda about: SimpleNamespace(about=about))
    made = study.Outputs(model, "", pd.DataFrame(), KEY, np.zeros(3, int))
    same, empty = study.checked(made, None)
    assert same.about["audit"] is None and results.check("model_check", empty).empty
    told, table = study.checked(made, Accuracy(100, 100, 7, 1, 0.86, 0.97))
    row = results.check("model_check", table).iloc[0]
    assert (row.look, row.wrong, row.low, row.high) == (100, 7, 0.86, 0.97)
    assert told.about["audit"] == {
        "look": 100,
        "answered": 100,
        "wrong": 7,
        "unsure": 1,
        "low": 0.86,
        "high": 0.97,
    }
