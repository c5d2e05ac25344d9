"""Claims 9, 10, 11, 17, 23: joint optimisation, its terms, and other ways to modify the data."""

import numpy as np

from labelnoise.claims.compare import Cell, Contrast, Section, Tables, by_seed, minus, pairs, row


def entropy_loss(tables: Tables, section: Section) -> list[Contrast]:
    """9: joint optimisation with soft labels, with L_e against without."""
    return pairs(tables, section)


def prior_loss(tables: Tables, section: Section) -> list[Contrast]:
    """10: L_p keeps classes from dying out; its batch estimate against a long average and none; oversampling."""
    kept = {"pairs": section["pairs"], "cells": section["cells"], "threshold": section["classes"]}
    found = pairs(tables, kept, "classes_predicted", "share of classes")
    joint, average = "joint_optimization", "joint_prior_average"
    for setting in ("ten_classes", "hundred_classes"):
        left, right = (joint, setting), ("joint_no_prior", setting)
        found += _imbalance(tables, left, right, "classes_predicted", section["classes"])
    for setting in ("hundred_classes", "long_tail"):
        for other in (average, "joint_no_prior"):
            found += _imbalance(tables, (other, setting), (joint, setting), "mean_recall", section["threshold"])
        control = (average, setting), ("joint_weak_prior", setting)  # is it the average, or the weaker gradient?
        found += _imbalance(tables, *control, "mean_recall", section["threshold"])
    oversampled = (joint, "long_tail_oversampled"), (joint, "long_tail")
    return found + _imbalance(tables, *oversampled, "mean_recall", section["threshold"])


def _imbalance(
    tables: Tables, left: tuple[str, str], right: tuple[str, str], value: str, threshold: float
) -> list[Contrast]:
    """A row of the table `imbalance`, which has no network and no noise cell: two of (method, setting)."""
    if "imbalance" not in tables:
        return []
    sides = (by_seed(tables["imbalance"], value, method=m, setting=s) for m, s in (left, right))
    settings = left[1] if left[1] == right[1] else f"{left[1]} - {right[1]}"
    contrast = f"{left[0]} - {right[0]}" if left[0] != right[0] else f"{left[0]}: oversampled - as it is"
    unit = "share of classes" if value == "classes_predicted" else "mean recall"
    cell = Cell("-", left[1], np.nan)
    return row(contrast, cell, unit, minus(*sides), threshold, f"imbalance: {value}; {settings}")


def soft_labels(tables: Tables, section: Section) -> list[Contrast]:
    """11: labels updated to probabilities against labels updated to the most probable class."""
    return pairs(tables, section)


def modified_data(tables: Tables, section: Section) -> list[Contrast]:
    """17: deleting, separating, cascading and modifying, each against cross-entropy."""
    return pairs(tables, section)


def classification_loss(tables: Tables, section: Section) -> list[Contrast]:
    """23: Kullback-Leibler divergence as L_c against other divergences."""
    return pairs(tables, section)
