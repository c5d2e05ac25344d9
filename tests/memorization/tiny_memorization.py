"""The study of 60 images in three folds: seconds, with every kind of program."""

import numpy as np
import tiny

from labelnoise.memorization import programs
from labelnoise.sections import (
    Data,
    FirstEpoch,
    Memorization,
    Mlp,
    Networks,
    Probe,
    Regularizer,
    SmallCnn,
    Training,
)
from labelnoise.types import Dataset

N, C, FOLDS = 60, 3, 3
CLEAN = np.arange(N) % C
PIXELS = np.random.default_rng(0).integers(200, size=(N, *tiny.SHAPE), dtype=np.uint8)
DATASET = Dataset(PIXELS, CLEAN, np.arange(N) // C % FOLDS, list("abc"), {}, {}, [])


class Section:
    data = Data(folds=FOLDS, subset=None, imbalance=1.0)
    validation_fraction = 0.1
    training = Training(
        epochs=9, batch_size=8, lr=1.0, momentum=0.9, weight_decay=0.1, sampler="oversample", shift=0
    )


def plan(**changes):
    values = {
        "seeds": 2,
        "images": 1000,
        "epochs": {"mlp": 3, "small_cnn": 2},
        "fitted": 0.9,
        "corruption": [0.4, 0.6],
        "regularized": [0.0, 1.0],
        "regularizers": {
            "none": Regularizer(lr=0.05, weight_decay=0.0, dropout=0.0, shift=0),
            "dropout": Regularizer(dropout=0.5),
            "augmentation": Regularizer(shift=1),
        },
        "probe": Probe(epochs=[1, 3], corruption=0.4, examples=5, radii=[0.1, 0.2], step=0.25, noise=0.2, steps=1),
        "first_epoch": FirstEpoch(initialisations=5, together=3),
    }
    return Memorization(**values | changes)


def setup(**changes):
    networks = Networks(mlp=Mlp(hidden=[8], dropout=0.0), small_cnn=SmallCnn(channels=[4, 4], dropout=0.0))
    return programs.setup(DATASET, Section, networks, plan(**changes), "cpu")
