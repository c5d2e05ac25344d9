"""How often predictions are right, by the answers to labels drawn at random.

Limits are those of wrong labels, with 'the prediction is not the answer' in the place of 'the label is wrong'.
They hold whatever the classifier believes of itself; that it learned from other answers is left aside.

Shape letters: N examples of the data set, F labels of the frame.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.audit import codes, intervals, statements
from labelnoise.audit.state import Audit

FEWEST = 100  # answers


class Accuracy(NamedTuple):
    """Share of the labels of the frame whose example is predicted as people see it."""

    look: int
    answered: int  # of labels drawn at random
    wrong: int  # predictions that are not the answer
    unsure: int
    low: float
    high: float


def accuracy(audit: Audit, predicted: np.ndarray, answers: np.ndarray) -> Accuracy | None:
    """predicted: int [N], of images with an answer by a model that did not see it; answers: int [N], below 0 where
    no class is named. None with fewer than FEWEST answers."""
    if audit.look < FEWEST:
        return None
    there = audit.at >= 0
    answer = np.where(there, answers[np.maximum(audit.at, 0)], -1)
    right = predicted[np.maximum(audit.at, 0)] == answer
    code = np.where(answer < 0, codes.UNSURE, np.where(right, codes.RIGHT, codes.WRONG))
    of = (audit.frame, code, audit.look, np.ones(len(code), bool))
    counts, drawn = statements.counts(*of), statements.drawn(*of)
    low, high = (int(of.sum()) for of in intervals.by_stratum(counts, audit.level))
    shares = (1 - high / len(answer), 1 - low / len(answer))
    return Accuracy(audit.look, *(int(of.sum()) for of in (drawn.answered, drawn.wrong, drawn.unsure)), *shares)
