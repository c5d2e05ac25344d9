"""The networks that the alternatives need: plain cross-entropy of every run, watched while it trains, and of few
runs bags and full runs with planted labels.

Shape letters: R runs of a program, P full runs, N images, n images that a run trains on, C classes.
"""

import numpy as np

from labelnoise import study
from labelnoise.alternatives.models import Full
from labelnoise.alternatives.study import Arrays, Trained
from labelnoise.study import Loaded
from labelnoise.train import bags
from labelnoise.train.engine import Job
from labelnoise.train.program import DYNAMICS, Program
from labelnoise.train.runs import Row, stacks
from labelnoise.uncertainty import entropy
from labelnoise.uncertainty.entropy import OutOfBag


def watched(loaded: Loaded, given: Arrays, section: dict) -> list[Job]:
    """Cross-entropy of all runs that the estimate stage left `given` of, a job per stack: it trained the same
    programs. section: `methods.cross_entropy`."""
    return study.jobs(loaded, study.rows_of(given), study.WATCHED, section, {})


def beside(loaded: Loaded) -> list[Job]:
    """Bags and full runs, one after the other, of each row of `study.bagged`."""
    made = (bags.bag_program, bags.full_program)
    return [Job(program(loaded.study, row), None) for row in study.bagged(loaded) for program in made]


def trained(
    loaded: Loaded, given: Arrays, own: list[Arrays], jobs: list[Job], more: list[Arrays]
) -> dict[Row, Trained]:
    """What networks left of every run. own: results of `watched`; more: results of `jobs`, which are `beside`."""
    images, found = loaded.study.labels.shape[1], {}
    folds = iter(given["pred_probs"])
    for stack, entry in zip(stacks(study.rows_of(given)), own, strict=True):
        dynamics = _dynamics(entry)
        for at, row in enumerate(stack):
            labels = loaded.study.labels[row.column].astype(np.int64)
            kept = {name: values[at] for name, values in dynamics.items()}
            found[row] = Trained(labels, entry["index"][at], kept, next(folds))
    for at, row in enumerate(study.bagged(loaded)):
        full = full_runs(jobs[2 * at + 1].program, more[2 * at + 1], images)
        found[row] = found[row]._replace(bags=out_of_bag(more[2 * at]), full=full)
    return found


def out_of_bag(entry: Arrays) -> OutOfBag:
    """What bags say of all N images, from their entry in the run store."""
    return entropy.from_sums(entry["bags_prob_sum"], entry["bags_entropy_sum"], entry["bags_count"])


def full_runs(program: Program, entry: Arrays, images: int) -> Full:
    """Full runs from their program and its entry in the run store; NaN, and False, where an image has no label."""

    def spread(values: np.ndarray, empty: float) -> np.ndarray:
        whole = np.full((len(values), images), empty, values.dtype)
        np.put_along_axis(whole, program.arrays["index"], values, 1)
        return whole

    dynamics = {name: spread(values, np.nan) for name, values in _dynamics(entry).items()}
    return Full(dynamics, spread(program.arrays["planted"], False))


def _dynamics(entry: Arrays) -> Arrays:
    """Training dynamics [R, n] by name. The prediction of a diverged network is the first class, and would count
    as one: all is NaN there."""
    broken = (entry["diverged_epoch"] >= 0)[:, None]
    prefix = f"{DYNAMICS}_"
    return {
        name.removeprefix(prefix): np.where(broken, np.nan, values)
        for name, values in entry.items()
        if name.startswith(prefix)
    }


def arrays(loaded: Loaded, found: dict[Row, Trained]) -> Arrays:
    """What the evaluate stage reads of the bags, an entry per row of `study.bagged`."""
    rows = study.bagged(loaded)
    images, classes = loaded.study.labels.shape[1], loaded.study.num_classes
    shapes = {"probs": (images, classes), "entropy": (images,), "mutual_information": (images,)}
    single = {  # as the networks gave them; there may be no run
        f"oob_{name}": np.array([getattr(found[row].bags, name) for row in rows], np.float32).reshape(-1, *shape)
        for name, shape in shapes.items()
    }
    return study.keys(rows) | single
