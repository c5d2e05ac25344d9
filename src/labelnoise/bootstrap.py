"""What label errors are found with, of every run: bags, folds and full runs, and a second round of bags.

The second round trains on what the first one found, so its programs exist only once the first round is finished.
Shape letters: W windows of snapshots, N images, C classes, P full runs.
"""

from typing import Any

import numpy as np

from labelnoise.columns import Columns
from labelnoise.study import Loaded
from labelnoise.train import bags
from labelnoise.train.bags import FirstRound
from labelnoise.train.engine import Job
from labelnoise.train.program import Program
from labelnoise.train.runs import Row
from labelnoise.uncertainty import entropy, posterior, transition

Arrays = dict[str, np.ndarray]


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
    matrix = found.transition
    if (known[pool] >= 0).any():  # the second round trains on labels with the answers in place
        now = np.where(known >= 0, known, given)[pool]
        if found.overlapping:
            matrix = transition.smoothed_counts(found.posterior, now)
        else:
            matrix = transition.smoothed_confident_joint(oob[found.window, pool], now, known[pool])
    whole = np.full(oob.shape[1:], np.nan)
    whole[pool] = found.posterior
    return FirstRound(whole, matrix)


def judged(columns: Columns, row: Row) -> tuple[np.ndarray, np.ndarray]:
    """The given labels [N] of a run before any answer, and what a rechecker said [N], -1 where nothing."""
    return columns.given[row.column].astype(np.int64), columns.answers[row.column].astype(np.int64)


def collected(loaded: Loaded, row: Row, jobs: list[Job], results: list[Arrays]) -> Arrays:
    """What the first and the second round of one run left, by image; NaN where a run says nothing of an image."""
    bag, folds, full, *second = results
    oob = bags.out_of_bag_probs(bag)
    pool = bags.pool(loaded.study, row)
    sums = (bag["bags_prob_sum"][-1], bag["bags_entropy_sum"], bag["bags_count"][-1])
    last = entropy.from_sums(*sums)
    whole = bags.whole_window(loaded.study.section.bootstrap.second.epochs, _every(loaded))
    ways = zip(bags.SECOND, second, strict=True)
    found = {
        "oob_probs": oob,
        "oob_entropy": last.entropy,
        "oob_mutual_information": last.mutual_information,
        "fold_probs": bags.out_of_bag_probs(folds)[-1],
        **{f"second_{way}": bags.out_of_bag_probs(entry)[whole] for way, entry in ways},
    }
    single = {name: values.astype(np.float32) for name, values in found.items()}  # as the networks gave them
    return single | _full(jobs[2].program, full, pool, len(oob[0]))


def _every(loaded: Loaded) -> int:
    return loaded.study.section.bootstrap.snapshot_every


def _full(program: Program, entry: Arrays, pool: np.ndarray, images: int) -> Arrays:
    """Training dynamics [P, N] of the full runs, and which labels each of them had replaced."""
    runs, broken = len(program.arrays["planted"]), entry["diverged_epoch"] >= 0
    found = {"planted": np.zeros((runs, images), bool)}
    found["planted"][:, pool] = program.arrays["planted"]
    for name in (name for name in entry if name.startswith("dynamics_")):
        values = np.full((runs, images), np.nan, np.float32)
        values[:, pool] = entry[name]
        values[broken] = np.nan  # the prediction of a diverged network is the first class, and counts as one
        found[name.replace("dynamics_", "full_")] = values
    return found
