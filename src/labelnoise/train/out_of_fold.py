"""Out-of-sample probabilities of the training part, from runs that each left out one fold of it."""

import numpy as np

from labelnoise.train.program import Program


def assemble(programs: list[Program], results: list[dict[str, np.ndarray]]) -> np.ndarray:
    """Probabilities [K, n, C] of every example by the run that left it out, for K programs of folds.

    Each run stopped at its best epoch on the noisy labels of the fold it left out: a network that has memorised
    its labels is sure of everything, and that epoch is chosen without a clean label.
    """
    return np.stack([_one(program, result) for program, result in zip(programs, results, strict=True)])


def _one(program: Program, result: dict[str, np.ndarray]) -> np.ndarray:
    return result["probs_best_noisy_val"][program.arrays["fold"], program.arrays["train_index"]]
