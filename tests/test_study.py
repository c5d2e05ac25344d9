"""Which rows networks are trained on, and where they are in the files of later stages."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import study
from labelnoise.sections import Bootstrap, FullRuns
from labelnoise.train.runs import Row

CELLS = [("ambiguous", 0.1, 4), ("pair_flip", 0.45, 4), ("rechecked", 0.4, 1), ("symmetric", 0.4, 4)]
ROWS = [
    Row("mlp", noise, rate, seed, 7 * at + seed) for at, (noise, rate, n) in enumerate(CELLS) for seed in range(n)
]
FULL = FullRuns(runs=2, epochs=1, planted=0.1)
BAGS = {"bags": 2, "epochs": 1, "batch_size": 8, "lr": 0.1, "weight_decay": 0.0, "full": FULL}


def loaded(cells, seeds):
    section = SimpleNamespace(
        noises={"symmetric": [0.4], "pair_flip": [0.45]},
        detection_noises={"ambiguous": [0.1]},
        bootstrap=Bootstrap(cells=cells, seeds=seeds, **BAGS),
    )
    return SimpleNamespace(rows=ROWS, study=SimpleNamespace(section=section))


def named(rows):
    return [(row.noise, row.seed) for row in rows]


def test_networks_are_trained_on_the_study_and_on_further_seeds_of_some_cells():
    """Seeds in which only label errors are looked for have none; labels with answers in place have those of the
    study."""
    of = loaded({}, 1)
    grid = [("pair_flip", 0), ("pair_flip", 1), ("rechecked", 0), ("symmetric", 0), ("symmetric", 1)]
    assert named(study.grid(of, 2)) == grid
    more = {("symmetric", 0.4): 3, ("pair_flip", 0.45): 2}
    assert named(study.trained(of, 2, more)) == [*grid, ("symmetric", 2)]


@pytest.mark.parametrize(
    ("cells", "seeds", "expected"),
    [({}, 3, []), ({"pair_flip": [0.45]}, 2, [("pair_flip", 0), ("pair_flip", 1)]), ({"symmetric": [0.2]}, 2, [])],
)
def test_bags_are_trained_in_their_cells_and_seeds(cells, seeds, expected):
    assert named(study.bagged(loaded(cells, seeds))) == expected


def test_rows_are_found_by_their_keys_whatever_else_there_is():
    kept = [ROWS[at] for at in (8, 1, 5)]
    arrays = study.keys(kept) | {"rate": np.array([0.8, 0.1, 0.5])}
    assert study.rows_of(arrays) == kept
    assert arrays["rate"][study.positions(arrays, [ROWS[5], ROWS[8]])].tolist() == [0.5, 0.8]
    assert study.rows_of(study.keys([])) == []
