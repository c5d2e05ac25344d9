"""What stands below each figure: file name -> title and caption, by part of the report."""

SPREAD = "Mean over seeds; the band runs from the lowest to the highest seed and is no confidence interval."
BARS = "bars: interval of the hierarchical bootstrap (seeds, then test images within a seed)"
GRAY = "Gray: cross-entropy at the last epoch and with early stopping. Dashed, hollow markers: oracles."
SCORE = f"On clean test images at the last epoch, lower is better; {BARS}. {GRAY}"

# part of the report -> file name: title, caption
CAPTIONS: dict[str, dict[str, tuple[str, str]]] = {
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
