"""Realised transition and rate counted by hand; the fingerprint against one made by other means."""

import hashlib
import json
import struct

import numpy as np

from labelnoise import results
from labelnoise.noise import ledger
from labelnoise.noise.types import Drawn

CLEAN = np.array([0, 0, 0, 0, 1, 1, -1])
NOISY = np.array([0, 0, 0, 1, 1, 0, 2])


def test_realised_transition_by_hand():
    """Rows are clean classes; unknown truth does not count; class 2 has no example."""
    matrix = ledger.realised_transition(CLEAN, NOISY, 3)
    np.testing.assert_allclose(matrix, [[0.75, 0.25, 0], [0.5, 0.5, 0], [0, 0, 1]])
    assert ledger.realised_rate(CLEAN, NOISY) == 2 / 6


def test_without_any_truth_nothing_is_claimed():
    unknown = np.full(7, -1)
    assert np.isnan(ledger.realised_transition(unknown, NOISY, 3)).all()
    assert np.isnan(ledger.realised_rate(unknown, NOISY))


def test_imbalance_by_hand():
    """Three labels of class 0, two of class 1 and one of class 2; of class 3 there is none."""
    assert ledger.label_imbalance(np.array([0, 1, 0, 2, 1, 0]), 3) == 3.0
    assert np.isnan(ledger.label_imbalance(np.array([0, 1, 0, 2, 1, 0]), 4))


def test_hash_is_sha256_of_little_endian_labels():
    expected = hashlib.sha256(struct.pack("<7q", *NOISY.tolist())).hexdigest()[:16]
    assert ledger.label_hash(NOISY) == expected
    assert ledger.label_hash(NOISY.astype(np.int16)) == expected
    assert ledger.label_hash(NOISY[::-1]) != expected


def test_matrix_text_is_json_of_four_decimals():
    text = ledger.matrix_text(np.array([[2 / 3, 1 / 3], [0.0, 1.0]]))
    assert text == "[[0.6667,0.3333],[0,1.0]]"
    assert json.loads(ledger.matrix_text(np.array([[np.nan]]))) == [[None]]


def test_ledger_row_has_the_columns_of_the_table():
    drawn = Drawn(NOISY[:6], np.eye(3), "a sentence", "other_classes")
    row = ledger.ledger_row("symmetric", 0.2, 4, drawn, CLEAN[:6])
    assert list(row) == results.columns("ledger")
    assert row["examples"] == 6 and row["seed"] == 4 and np.isnan(row["label_imbalance"])
    assert json.loads(row["realised_transition"])[0] == [0.75, 0.25, 0]
    assert json.loads(row["designed_transition"])[1] == [0, 1, 0]
