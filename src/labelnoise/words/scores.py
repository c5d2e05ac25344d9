"""What suspicion scores are called: an entry per score. With its function it is all that a score needs."""

from typing import NamedTuple

# what a score looks at
FEATURES, DYNAMICS, BAGS, MODELS = "features", "dynamics", "bags", "models"


class Score(NamedTuple):
    """A suspicion score: high = the label is suspect."""

    name: str
    line: str
    of: str  # FEATURES: of the stage detect; DYNAMICS, BAGS: its function in alternatives/scores.py has its name
    paper: str = ""
    probability: bool = False  # states P(label wrong), and so may be more or less calibrated


SCORES = {
    "noise_model": Score("noise model", "P(wrong) with the cautious T", FEATURES, probability=True),
    "noise_model_high": Score(
        "noise model, all doubt is noise", "the same, T takes all doubt for noise", FEATURES, probability=True),
    "noise_model_mean": Score("noise model, mean of both", "mean of the two", FEATURES, probability=True),
    "ridge_self_confidence": Score(
        "ridge: self-confidence", "1 - P(label) of a ridge regression", FEATURES, probability=True),
    "ridge_margin": Score("ridge: margin", "largest other P - P(label)", FEATURES, "Northcutt et al. 2021"),
    "probe_self_confidence": Score(
        "logistic probe: self-confidence", "1 - P(label) of a logistic regression", FEATURES, probability=True),
    "probe_margin": Score(
        "logistic probe: margin", "largest other P - P(label)", FEATURES, "Northcutt et al. 2021"),
    "neighbours_self_confidence": Score(
        "neighbours: self-confidence", "1 - P(label) of the nearest neighbours", FEATURES, probability=True),
    "neighbours_margin": Score(
        "neighbours: margin", "largest other P - P(label)", FEATURES, "Northcutt et al. 2021"),
    "pred_probs_self_confidence": Score(
        "probabilities as given: self-confidence", "1 - P(label)", FEATURES, "Northcutt et al. 2021"),
    "pred_probs_margin": Score(
        "probabilities as given: margin", "largest other P - P(label)", FEATURES, "Northcutt et al. 2021"),
    "confident_learning": Score(
        "confident learning", "margin less the thresholds of the classes", FEATURES, "Northcutt et al. 2021"),
    "sample_only": Score("example alone", "what the image says, without T", FEATURES, probability=True),
    "class_only": Score("class alone", "what T says, without the image", FEATURES, probability=True),
    "early_disagreement": Score(
        "early disagreement", "share of early epochs that predict another class", DYNAMICS, "Arpit et al. 2017"),
    "early_probability": Score(
        "early probability", "1 - mean P(label) in early epochs", DYNAMICS, "Liu et al. 2020"),
    "loss_last": Score("loss, last epoch", "the small-loss rule", DYNAMICS, "Han et al. 2018"),
    "loss_mean": Score("loss, mean over epochs", "without cyclic learning rates", DYNAMICS, "Huang et al. 2019"),
    "loss_gmm": Score(
        "loss, mixture of two Gaussians", "P(component of large loss)", DYNAMICS, "Li et al. 2020", True),
    "aum": Score(
        "area under the margin", "mean of the largest other logit - the label's", DYNAMICS, "Pleiss et al. 2020"),
    "forgetting": Score("forgetting", "how often a learned label was forgotten", DYNAMICS, "Toneva et al. 2019"),
    "cartography_confidence": Score(
        "cartography: confidence", "1 - mean P(label)", DYNAMICS, "Swayamdipta et al. 2020"),
    "cartography_variability": Score(
        "cartography: variability", "standard deviation of P(label)", DYNAMICS, "Swayamdipta et al. 2020"),
    "confident_learning_folds": Score(
        "confident learning, networks by folds", "as its authors have it", DYNAMICS, "Northcutt et al. 2021"),
    "oob_self_confidence": Score(
        "out-of-bag self confidence", "1 - P(label)", BAGS, "Northcutt et al. 2021", True),
    "oob_margin": Score("out-of-bag margin", "largest other P - P(label)", BAGS, "Northcutt et al. 2021"),
    "oob_entropy": Score("out-of-bag entropy", "of the mean prediction; does not look at the label", BAGS),
    "oob_mutual_information": Score(
        "out-of-bag mutual information", "how much the bags differ", BAGS, "Houlsby et al. 2011"),
    "noise_model_on_bags": Score(
        "noise model on bags of networks", "bags in place of features, the same T", MODELS, probability=True),
    "noise_model_with_bags": Score(
        "noise model with bags of networks", "bags beside features, the same T", MODELS, probability=True),
    "mixture": Score(
        "mixture on dynamics and bags", "two Gaussians on seven of these scores", MODELS, probability=True),
    "planted": Score(
        "planted flips, logistic regression", "learns from labels made wrong on purpose", MODELS,
        "Elkan and Noto 2008", True),
}  # fmt: skip


def is_probability(score: str) -> bool:
    """Whether a score states the probability that the label is wrong."""
    return score in SCORES and SCORES[score].probability
