"""The note's statements and open questions, each with the sentence that is tested in its place.

One table: claim id -> what the note said, what is tested, where it comes from, and the function that tests it.
Ids are those of the design; `name` is the claim's section under `claims:` in params.yaml, where its threshold is.
"""

from collections.abc import Callable
from typing import NamedTuple

from labelnoise.claims import confidence, detection, joint, layers, losses, memorisation, transition
from labelnoise.claims.compare import Contrast, Section, Tables


class Statement(NamedTuple):
    """A statement of the note and its test. The intervals of one family hold at once."""

    name: str
    family: str
    said: str
    claim: str
    source: str
    test: Callable[[Tables, Section], list[Contrast]]
    wrong_when: str = (
        "refuted"  # the verdict on the claim that makes the note wrong as written; "any refuted": one
    )
    # refuted comparison is enough, since the note speaks of all; "": the note asks, and states nothing


MEMORISATION, MATRIX, LAYERS = "memorisation", "transition matrix", "noise layers"
LOSSES, JOINT, CONFIDENCE = "losses", "joint optimisation", "confidence"
DETECTION = "detection"

STATEMENTS: dict[int, Statement] = {
    1: Statement(
        "random_labels",
        MEMORISATION,
        "Networks are complex enough to memorize all labels; trained with random labels they converge well.",
        "A network without regulariser ends with practically all random labels of its training set fitted.",
        "Generalization abilities of DNN; Zhang et al. 2017",
        memorisation.random_labels,
    ),
    2: Statement(
        "patterns_first",
        MEMORISATION,
        "DNNs first use patterns, then brute force memorization, to fit the data.",
        "Right labels are fitted epochs before wrong ones, and test accuracy at the end is below its early peak.",
        "Generalization abilities of DNN; Arpit et al. 2017",
        memorisation.patterns_first,
    ),
    3: Statement(
        "regularisers",
        MEMORISATION,
        "Adding any form of regularization (augmentation, weight decay, dropout) would not affect the final "
        "convergence.",
        "With a regulariser, as many random labels are fitted in the end as without, for each regulariser and "
        "network.",
        "Generalization abilities of DNN; Zhang et al. 2017",
        memorisation.regularisers,
        "any refuted",
    ),
    4: Statement(
        "orientation",
        MATRIX,
        "The loss -log(yᵀ T s), with t_ij = p(l = j | true label = i).",
        "With the rows of T as defined, the loss needs p T: it beats T used as the note's formula has it "
        "(transposed) where T is not symmetric.",
        "Noise transition matrix",
        transition.orientation,
        "supported",
    ),
    5: Statement(
        "second_form",
        MATRIX,
        "Maybe this form works too: -yᵀ T log(s).",
        "-yᵀ T log(s), and the same with the reverse channel in T's place, are not worse in test accuracy than "
        "-log(p T) at the label, nor than -log(yᵀ T s) as it is written.",
        "Noise transition matrix",
        transition.second_form,
        "",
    ),
    6: Statement(
        "sources_of_transition",
        MATRIX,
        "Some work presupposes the true T, which is unknown; other methods learn T end to end.",
        "A known T is better than an estimated one, and an estimated T better than a learned one.",
        "Noise transition matrix",
        transition.sources_of_transition,
        "",
    ),
    7: Statement(
        "robust_losses",
        LOSSES,
        "DNN can learn random labels by memorizing. The power of loss is limited.",
        "A robust loss still fits a part of the wrong labels, and plain cross-entropy with early stopping is not "
        "worse than it.",
        "Noise-tolerance loss function",
        losses.robust_losses,
    ),
    8: Statement(
        "warp",
        LOSSES,
        "WARP is listed among the noise-tolerant losses.",
        "WARP has a higher test accuracy under noise than cross-entropy.",
        "Noise-tolerance loss function: WARP; Weston et al. 2011",
        losses.warp,
    ),
    9: Statement(
        "entropy_loss",
        JOINT,
        "L_e prevents local minima when soft labels are used; no experiment proves that it actually helps.",
        "Joint optimisation with L_e has a higher test accuracy than without.",
        "Joint optimization: regularization loss L_e; Tanaka et al. 2018",
        joint.entropy_loss,
        "",
    ),
    10: Statement(
        "prior_loss",
        JOINT,
        "L_p prevents the trivial solution; its approximation in each batch makes it hard with many classes or "
        "unbalanced labels; oversampling may work.",
        "Without L_p classes die out; with a hundred classes and with a long tail its batch estimate does harm, "
        "so that a long average is better, or none; with a long tail oversampling helps.",
        "Joint optimization: regularization loss L_p; Tanaka et al. 2018",
        joint.prior_loss,
    ),
    11: Statement(
        "soft_labels",
        JOINT,
        "Labels are updated with probabilities: soft labels, more like a distribution.",
        "Joint optimisation with soft labels has a higher test accuracy than with hard ones.",
        "Joint optimization: framework; Tanaka et al. 2018",
        joint.soft_labels,
    ),
    12: Statement(
        "nonlinear_layer",
        LAYERS,
        "The nonlinear layer is more diffuse than the linear one, and wipes out most of the gradient when "
        "prediction and label disagree.",
        "NNAQC's nonlinear layer has a higher test accuracy than a linear one; where prediction and label "
        "disagree its gradient is smaller than the linear layer's, and less than half of cross-entropy's.",
        "NNAQC: none-linear; Jindal et al. 2019",
        layers.nonlinear_layer,
    ),
    13: Statement(
        "training_dynamics",
        DETECTION,
        "The errors and predictions along the training steps seem to be a good source for learning the noise.",
        "Ranked by a score of the training dynamics, wrong labels are found with a higher average precision than "
        "by the loss at the last epoch, for each score.",
        "Some of my thoughts: on calculation of variation",
        detection.training_dynamics,
    ),
    14: Statement(
        "bootstrap_uncertainty",
        DETECTION,
        "Bootstrap to get the uncertainty of each sample, and then learn the noise model?",
        "What a bootstrap says of an example predicts whether its label is wrong: its uncertainty alone (entropy, "
        "mutual information), and its probability of the given label (self-confidence, margin).",
        "Some of my thoughts: on calculation of variation",
        detection.bootstrap_uncertainty,
        "",
    ),
    15: Statement(
        "sample_and_class",
        DETECTION,
        "The noise model has to be sample-dependent. It is best to be sample- and class-dependent.",
        "A noise model of sample and class finds wrong labels with a higher average precision than one of the "
        "sample alone, than one of the class alone, and than a mixture of dynamics and bootstrap.",
        "Some of my thoughts: on calculation of variation",
        detection.sample_and_class,
    ),
    16: Statement(
        "instance_layer",
        LAYERS,
        "The easiest way I can think of is to make the transfer matrix a function: W = w(Θ).",
        "A transition that depends on the image has a higher test accuracy than one per class where the noise "
        "depends on the image.",
        "Some of my thoughts: instance dependent transfer function",
        layers.instance_layer,
        "",
    ),
    17: Statement(
        "modified_data",
        JOINT,
        "Modify the dataset using the model: delete samples, separate the dataset, cascade, modify the labels.",
        "Each of the ways to modify the data has a higher test accuracy than training on the data as it is.",
        "Generalization abilities of DNN: two ways to handle noisy labels",
        joint.modified_data,
        "",
    ),
    18: Statement(
        "calibration",
        CONFIDENCE,
        "The model should give a clue about the prediction confidence.",
        "The calibration error on clean test images does not grow with label noise.",
        "What we want",
        confidence.calibration,
        "",
    ),
    19: Statement(
        "obvious_errors",
        DETECTION,
        "The model can identify obvious errors and give possible errors.",
        "Of the labels that the noise model calls obviously wrong, at least 95% are wrong.",
        "What we want",
        detection.obvious_errors,
        "",
    ),
    20: Statement(
        "augmentation",
        MEMORISATION,
        "Data augmentation is the most effective regularization among all discussed in this paper.",
        "Augmentation gives a higher test accuracy than weight decay and than dropout.",
        "Generalization abilities of DNN; Zhang et al. 2017",
        memorisation.augmentation,
    ),
    21: Statement(
        "large_learning_rate",
        MEMORISATION,
        "First train with a large learning rate, so that the DNN learns patterns rather than memorizing noisy "
        "labels.",
        "With a large initial learning rate, annealed to zero, far fewer random labels are fitted in the end, "
        "while true labels are learned as well.",
        "Joint optimization: framework; Tanaka et al. 2018",
        memorisation.large_learning_rate,
    ),
    22: Statement(
        "warp_weights",
        LOSSES,
        "α_j = 1/j yields the best result.",
        "WARP with α_j = 1/j has a higher test accuracy than with other weights of the ranks.",
        "Noise-tolerance loss function: WARP; Weston et al. 2011",
        losses.warp_weights,
    ),
    23: Statement(
        "classification_loss",
        JOINT,
        "Why Kullback-Leibler divergence? The author didn't state the reasons; it is not symmetric.",
        "Kullback-Leibler divergence as L_c has a higher test accuracy than the sum of both its directions, and "
        "than cross-entropy (whose gradient is the same: an identity, shown for what it is).",
        "Joint optimization: classification loss; Tanaka et al. 2018",
        joint.classification_loss,
        "",
    ),
    24: Statement(
        "agreeing_confidence",
        CONFIDENCE,
        "NNAQC prevents overconfidence when prediction and label agree.",
        "Where prediction and given label agree, NNAQC's confidence exceeds the share of right labels by at least "
        "five points less than the other method's does.",
        "NNAQC: none-linear; Jindal et al. 2019",
        confidence.agreeing_confidence,
    ),
    25: Statement(
        "gradient_of_wrong_labels",
        MATRIX,
        "By careful selecting T, the erroneous labels will get less attention.",
        "With the right T, wrong labels have a smaller share of the gradient than with cross-entropy at the same "
        "prediction.",
        "Noise transition matrix",
        transition.gradient_of_wrong_labels,
    ),
}  # fmt: skip


def run(tables: Tables, sections: dict[str, Section | None]) -> dict[int, list[Contrast]]:
    """What each claim tests, by id; nothing for a claim that `claims:` in params.yaml does not list."""
    listed = {number: sections.get(statement.name) for number, statement in STATEMENTS.items()}
    return {number: STATEMENTS[number].test(tables, section) for number, section in listed.items() if section}
