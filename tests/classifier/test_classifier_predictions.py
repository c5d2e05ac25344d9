"""Predictions as CSV."""

import csv
import io

import numpy as np

from labelnoise.classifier import predictions

NAMES = ["1", 'b "x", y', "ça\nva"]
Q = np.array([[0.2, 0.7, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.0, 0.1, 0.9]])


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def test_every_image_and_what_was_said_of_it():
    found = rows(predictions.text(Q, NAMES, ["a.png", "b,c.png", "d.png"], np.array([0, -1, 2])))
    assert found == [
        ["index", "file", "given", "predicted", "confidence"],
        ["0", "a.png", "1", 'b "x", y', "0.7"],
        ["1", "b,c.png", "", "1", "0.333333"],
        ["2", "d.png", "ça\nva", "ça\nva", "0.9"],
    ]


def test_names_are_quoted_and_numbers_are_not():
    lines = predictions.text(Q, NAMES, [], np.array([0, -1, 2])).splitlines()
    assert lines[0] == '"index","given","predicted","confidence"' and lines[2] == '1,"","1",0.333333'


def test_new_images_have_no_label():
    found = rows(predictions.text(Q[:1], NAMES, ["a.png"]))
    assert found == [["file", "predicted", "confidence"], ["a.png", 'b "x", y', "0.7"]]
