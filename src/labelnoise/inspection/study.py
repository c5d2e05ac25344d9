"""The input of a whole data set, looked at."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise.detect import predictors
from labelnoise.inspection import classes, copies, faults
from labelnoise.types import Dataset

GIVEN = "given"  # column of human_labels with the labels of own data


class Inspected(NamedTuple):
    """What the stage writes."""

    arrays: dict[str, np.ndarray]  # group and same [N], as copies.Copies has them
    tables: dict[str, pd.DataFrame]  # input_faults and copies


def inspect(dataset: Dataset, features: dict[str, np.ndarray]) -> Inspected:
    """features: of the stage of that name, [N, D] each. A data set of the study has no label as given: of its
    copies nothing is told but where they are."""
    raw = predictors.named(features)
    found = copies.of_dataset(dataset, raw)
    labels = dataset.human_labels.get(GIVEN, np.full(len(found.group), -1))
    pairs = classes.confused(raw, labels, len(dataset.class_names), found.group)
    told = [*dataset.notes, *faults.notes(dataset, found, pairs, labels)]
    tables = {"input_faults": faults.input_faults(told), "copies": faults.copies(dataset, found, labels)}
    return Inspected({"group": found.group, "same": found.same}, tables)
