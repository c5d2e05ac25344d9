"""What label errors are found with, of every run: bags, folds and full runs, and a second round of bags.

The second round trains on what the first one found, so its programs exist only once the first round is finished.
Shape letters: W windows of snapshots, N images, C classes, P full runs.
"""

from typing import Any

import numpy as np

from labelnoise.columns import Columns, before_answers
from labelnoise.study import Loaded
from labelnoise.train import bags
from labelnoise.train.bags import FirstRound
from labelnoise.train.engine import Job
from labelnoise.train.program import Program
from labelnoise.train.runs import Row
from labelnoise.uncertainty import entropy, posterior

Arrays = dict[str, np.ndarray]
KINDS = 3  # programs of the first round


def first_jobs(loaded: Loaded, row: Row) -> list[Job]:
    """Bags, folds and full runs of one run."""
    made = (bags.bag_program, bags.partition_program, bags.full_program)
    return [Job(program(loaded.study, row), None) for program in made]


def second_jobs(loaded: Loaded, row: Row, bag_entry: Arrays, section: Any) -> list[Job]:
    """The second round, after the bags of the first left `bag_entry`. section: `detect` of params.yaml."""
    first = first_round(loaded, row, bags.out_of_bag_probs(bag_entry), section)
    return [Job(program, None) for program in bags.second_programs(loaded.study, row, first)]


def first_round(loaded: Loaded, row: Row, oob: np.ndarray, section: Any) -> FirstRound:
    """Posterior of all images [N, C] and transition matrix, from out-of-bag probabilities oob [W + 1, N, C]."""
    pool = bags.pool(loaded.study, row)
    given, known = judged(loaded.columns, row)
    found = posterior.first_round(oob[:-1, pool], given[pool], known[pool], section.floor)
    whole = np.full(oob.shape[1:], np.nan)
    whole[pool] = found.posterior
    return FirstRound(whole, found.transition)


def judged(columns: Columns, row: Row) -> tuple[np.ndarray, np.ndarray]:
    """The given labels [N] of a run before any answer, and what a rechecker said [N], -1 where nothing."""
    given = before_answers(columns, row.column)
    return given.astype(np.int64), columns.answers[row.column].astype(np.int64)


def collected(loaded: Loaded, row: Row, jobs: list[Job], results: list[Arrays]) -> Arrays:
    """What the first and the second round of one run left, by image; NaN where a run says nothing of an image."""
    bag, folds, full, *second = results
    oob = bags.out_of_bag_probs(bag)
    pool = bags.pool(loaded.study, row)
    sums = (bag["bags_prob_sum"][-1], bag["bags_entropy_sum"], bag["bags_count"][-1])
    last = entropy.from_sums(*sums)
    whole = bags.whole_window(loaded.study.section.bootstrap.second.epochs, _every(loaded))
    ways = zip(bags.SECOND, second, strict=True)
    return {
        "oob_probs": oob,
        "oob_entropy": last.entropy,
        "oob_mutual_information": last.mutual_information,
        "fold_probs": bags.out_of_bag_probs(folds)[-1],
        **{f"second_{way}": bags.out_of_bag_probs(entry)[whole] for way, entry in ways},
        **_full(jobs[2].program, full, pool, len(oob[0])),
    }


def _every(loaded: Loaded) -> int:
    return loaded.study.section.bootstrap.snapshot_every


def _full(program: Program, entry: Arrays, pool: np.ndarray, images: int) -> Arrays:
    """Training dynamics [P, N] of the full runs, and which labels each of them had replaced by what."""
    runs = len(program.arrays["planted"])
    planted, label = np.zeros((runs, images), bool), np.full((runs, images), -1, np.int16)
    planted[:, pool], label[:, pool] = program.arrays["planted"], program.arrays["labels"]
    found = {"planted": planted, "planted_label": label}
    for name in (name for name in entry if name.startswith("dynamics_")):
        values = np.full((runs, images), np.nan, np.float32)
        values[:, pool] = entry[name]
        found[name.replace("dynamics_", "full_")] = values
    return found
