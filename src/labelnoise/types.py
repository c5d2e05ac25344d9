"""What passes between the packages: named tuples of arrays.

Shape letters: R runs, N examples, n examples that a run trains on, B batch, C classes, D features, E epochs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:  # stages that train nothing do without torch, which takes longer to import than they to run
    from torch import Tensor

    from labelnoise.draws import Draws


class Note(NamedTuple):
    """What the owner of the input should know of it: seen before anything is trained, never mended silently."""

    kind: str  # a word of results' table input_faults, as: skipped, unlabelled, class_names
    what: str  # one sentence for the owner, with what to do
    count: int  # files, examples or classes that it is about
    where: str  # some of them, in words


class Dataset(NamedTuple):
    """A data set as the download stage stores it. Clean labels are for noise injection and evaluation only."""

    images: np.ndarray  # uint8 [N, channels, height, width], training and test images together; float32
    # [N, 1, 1, D] where the examples are features; D = 0 where there is nothing but pred_probs
    clean_labels: np.ndarray  # int64 [N], -1 where the truth is not known
    test_fold: np.ndarray  # int64 [N]; seed s tests on test_fold == s % folds; -1: never tested on
    class_names: list[str]  # [C]
    asymmetric_map: dict[int, int]  # class -> class it is confused with; empty where the data set has none
    human_labels: dict[str, np.ndarray]  # name -> int64 [N] by people, -1: none; `given`: of own data
    files: list[str]  # name of each example's file below its root; empty where examples have no file
    left_out: tuple[tuple[str, str], ...] = ()  # by the loader: (file, why it cannot be read)
    pred_probs: np.ndarray | None = None  # float32 [N, C] the user's own out-of-sample probabilities
    contents: tuple[str, ...] = ()  # sha256 of each example's file, in hex; empty where examples have no file
    groups: np.ndarray | None = None  # int64 [N] the user's own: alike for one patient, video or burst; -1: none
    notes: tuple[Note, ...] = ()  # what the loader saw in the input


class Estimates(NamedTuple):
    """What the pipeline estimated from noisy data alone: all that a method may know of the noise.

    A method that is an `oracle` gets the true transition matrix in its place, and the true prior.
    """

    rate: Tensor  # [R] share of wrong labels
    clock: Tensor  # [R] E*, the epoch at which plain cross-entropy agrees best with labels it has not seen
    half_run: Tensor  # [R] half of the epochs of the run, which are known: no schedule is longer
    transition: Tensor  # [R, C, C] transition[i, j] = P(noisy = j | clean = i), rows sum to one; anchor points
    transition_confident_joint: Tensor  # [R, C, C] the same, estimated by the confident joint
    transition_dual_t: Tensor  # [R, C, C] the same, estimated by Dual-T
    prior: Tensor  # [R, C] share of each true class among the examples that a run draws
    pred_probs: Tensor  # [R, n, C] out-of-sample probabilities of the training examples (cross-entropy, by folds)


class Batch(NamedTuple):
    """One step's examples, for R runs side by side. Every method gets the same."""

    inputs: Tensor  # [R, B, ...]
    labels: Tensor  # [R, B] given (noisy) labels
    targets: Tensor | None  # [R, B, C] labels of a later round, or mixed ones; None in the first round
    example: Tensor  # [R, B] position of the example in the run's training part, 0..n-1
    epoch: int  # 0-based
    draws: Draws  # of the run in this epoch, for a method's own random numbers
