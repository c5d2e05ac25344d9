"""What goes into a noise model and what comes out of it.

Shape letters: N training examples of one seed, C classes.
"""

from typing import Any, NamedTuple

import numpy as np


class Inputs(NamedTuple):
    """What a noise model may look at: the training examples of one seed, and nothing of its test part."""

    clean_labels: np.ndarray  # int64 [N], -1 where the truth is not known
    images: np.ndarray  # [N, ...] as stored, uint8 for pixels; read by instance-dependent noise only
    num_classes: int
    asymmetric_map: dict[int, int]  # class -> class it is confused with; empty where there is none
    human_labels: dict[str, np.ndarray]  # column -> int64 [N] labels given by people; usually empty
    section: Any  # params.yaml, section `noise`: class_dependent.sparsity, instance_dependent.std, ...


class Drawn(NamedTuple):
    """One draw of noisy labels, and what they were drawn from."""

    labels: np.ndarray  # int64 [N]
    transition: np.ndarray  # [C, C] designed P(noisy = j | clean = i), rows sum to one
    definition: str  # one sentence for readers
    convention: str  # what the nominal rate counts, see CONVENTIONS in labelnoise.noise
