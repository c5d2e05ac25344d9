"""Overlap told from noise, by hand; on data drawn from either in test_posterior.py."""

import numpy as np

from labelnoise.uncertainty.overlap import overlapping


def test_clearest_examples_by_hand():
    """The clearer of two predicted as class 1, and one of four as class 0: both labels agree."""
    probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.4, 0.6], [0.1, 0.9], [np.nan, np.nan]])
    labels = np.array([0, 1, 1, 1, 0, 1, 0])
    for wrong in (0.94, 0.95):  # chance that neither is wrong, at 95% of that: .0114 and .0095
        matrix = np.array([[1 - wrong, wrong], [wrong, 1 - wrong]])
        assert overlapping(matrix, probs, labels) is (wrong == 0.95)
