"""What stands below each figure: file name -> title and caption, by part of the report."""

SPREAD = "Mean over seeds; the band runs from the lowest to the highest seed and is no confidence interval."
BARS = "bars: interval of the hierarchical bootstrap (seeds, then test images within a seed)"
GRAY = "Gray: cross-entropy at the last epoch and with early stopping. Dashed, hollow markers: oracles."
SCORE = f"On test images at the last epoch, lower is better; {BARS}. {GRAY}"
GALLERY = (
    "below each, given label → suggested label, and the probability that the given label is wrong. Dashed frame: "
    "the suggestion is not right (where the truth is known)."
)

# part of the report -> file name: title, caption
CAPTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "noisy": {
        "noise_rate": (
            "Estimated share of wrong labels",
            "Mean over seeds of the estimate and of its 95% interval (bootstrap over examples), by estimator and "
            "noise cell. The line: the share that is wrong, where it is known.",
        ),
        "noise_matrix": (
            "Noise matrix T",
            "How often an image of a class is given which label, by the noise model, in one noise cell: % of the "
            "true class, mean over seeds, with the interval. Of many classes, the largest confusions alone. "
            "Beside it the truth, where it is known.",
        ),
    },
    "errors": {
        "tiers": (
            "Tiers of suspicion",
            "Left: wrong labels among those flagged, seeds pooled, with 95% Wilson intervals (examples taken as "
            "independent); the numbers are labels flagged. Right: how many of all wrong labels a tier holds. "
            "Possible: P(label wrong) above a limit; obvious: the largest set of which the model takes so few "
            "labels for right (detect.possible, detect.obvious of params.yaml); sure: those of them that no "
            "network fitted early in training. Sure lies within obvious; possible and obvious do not overlap.",
        ),
        "gallery_obvious": (
            "Obvious label errors",
            f"The most suspect images of one noise cell and seed: {GALLERY}",
        ),
        "gallery_possible": (
            "Possible label errors",
            f"Suspect, but not obvious: {GALLERY} Here people should decide.",
        ),
        "detection": (
            "Finding wrong labels: every score in every noise cell",
            "AUPRC, and below it its interval (bootstrap over seeds and examples); scores by their mean. A "
            "useless score has the noise rate, so compare within a column. Bold: highest of a column; framed: "
            "the noise model.",
        ),
        "detection_differences": (
            "Noise model minus each other score",
            "Difference in AUPRC, paired by run, and its interval; right of 0 the noise model is better. Filled: "
            "the interval leaves out 0. The axis is linear up to 0.05 and logarithmic beyond. Many comparisons, "
            "no correction for their number.",
        ),
        "p_wrong_reliability": (
            "Is P(label wrong) what it says?",
            "Share of wrong labels against the stated probability, in 15 bins, with 95% Wilson intervals; above: "
            "all noise cells pooled, below: one of them. Points below the diagonal: too many labels are "
            "suspected. Bars: examples in a bin, on a logarithmic axis.",
        ),
    },
    "recheck": {
        "budget": (
            "What rechecking finds",
            "Wrong labels found and set right, against labels rechecked in the order of a score, by a rechecker "
            "without errors. Mean over seeds, band from the lowest to the highest seed.",
        ),
        "budget_rechecker": (
            "What a rechecker who errs finds",
            "The same in one noise cell, when a share of the answers is wrong: wrong labels set right, less "
            "right ones made wrong.",
        ),
        "retrained": (
            "What rechecking brings to a network",
            "Test accuracy of cross-entropy, trained anew after the first labels of each order were set right. "
            "Mean over seeds, bars: 95% t interval over seeds, cut off where seeds are few. Points of one budget "
            "stand side by side.",
        ),
        "errors_left": (
            "How many wrong labels are left",
            "Among the labels not yet rechecked, in the noise model's order: estimate from P(label wrong), means "
            "over seeds; and the truth, where it is known. The 95% interval covers chance, and that the noise "
            "model with another T, or after one round, would say otherwise.",
        ),
    },
    "accuracy": {
        "overview": (
            "Every method in every noise cell",
            "Mean test accuracy in % at the last epoch. Bold: highest of the column without oracles, "
            "cross-entropy with early stopping included.",
        ),
        "overview_early": (
            "Every method in every noise cell, early stopping",
            "The same at the epoch that does best on noisy validation labels.",
        ),
        "accuracy": (
            "Test accuracy against noise rate",
            f"Mean over seeds, {BARS}; a row per family. {GRAY} Points of one rate stand side by side to keep "
            "bars visible.",
        ),
        "differences": (
            "Difference to cross-entropy",
            "Methods at the last epoch minus cross-entropy at the last epoch and with early stopping; bars: "
            "interval of the paired difference. Filled: the interval leaves out 0. Dashed: oracles. A line "
            "parts families.",
        ),
    },
    "memorization": {
        "memorization": ("Learning curves in one noise cell", f"{SPREAD} Methods as chosen in params.yaml."),
        "fit": ("Fitting images and labels with and without a pattern", SPREAD),
        "corruption": (
            "The more wrong labels, the longer it takes",
            "Epochs until practically all given labels are fitted, relative to true labels, and test error at the "
            "last epoch. Lines: means over seeds, dots: seeds; none where a run never fitted its labels.",
        ),
        "regularizers": (
            "What regularisers do to fitting and to generalising",
            "Each mark is a seed. A hollow triangle: labels that were not fitted until the last epoch.",
        ),
        "complexity": (
            "Complexity of what was learned",
            f"Left: share of training images with another predicted class close by. Right: how unequally the loss "
            f"depends on the examples. {SPREAD}",
        ),
        "first_epoch": (
            "Which examples are easy from any initialisation",
            "Examples by the share of initialisations that get them right after one epoch, against what follows "
            "if all examples are equally hard (binomial).",
        ),
    },
    "gradients": {
        "gradients": (
            "Gradient of one example through noise layers",
            "Norm of the gradient at the logits by the confidence of the prediction; lines: closed forms, dots: "
            "automatic differentiation.",
        ),
    },
    "calibration": {
        "ece": ("Expected calibration error against noise rate", SCORE),
        "nll": ("Negative log-likelihood against noise rate", SCORE),
        "brier": ("Brier score against noise rate", SCORE),
        "reliability": (
            "Reliability diagram of one noise cell",
            "Accuracy against confidence, all seeds pooled, with Wilson intervals per bin (test images taken as "
            "independent). Below the diagonal: over-confident. Gray bars: share of predictions in the bin. "
            "Hollow: oracles.",
        ),
    },
    "uncertainty": {
        "uncertainty": (
            "Bootstrap uncertainty of right and wrong labels",
            "Out-of-bag; boxes: quartiles, whiskers: 5% and 95% quantile over examples, averaged over seeds. "
            "AUROC: chance that a wrong label looks more suspicious than a right one; high entropy and mutual "
            "information, and low self-confidence, count as suspicious.",
        ),
    },
}  # fmt: skip
