"""What stands below each figure: file name -> title and caption, by part of the report."""

SPREAD = "Mean over seeds; the band runs from the lowest to the highest seed and is no confidence interval."
BARS = "bars: interval of the hierarchical bootstrap (seeds, then test images within a seed)"
GRAY = "Gray: cross-entropy at the last epoch and with early stopping. Dashed, hollow markers: oracles."
SCORE = f"On test images at the last epoch, lower is better; {BARS}. {GRAY}"
GALLERY = (
    "below each, given label → suggested label, and the probability that the given label is wrong. Where the "
    "given label is the likeliest class there is no suggestion. Dashed frame: suggestion (or label without "
    "one) not right, where the truth is known."
)

# part of the report -> file name: title, caption
CAPTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "noisy": {
        "noise_rate": (
            "Estimated share of wrong labels",
            "Mean over seeds, by estimator and noise cell. Bar: range between two models of the noise, one "
            "cautious, one that takes all doubt for noise; it is no confidence interval (how often it holds "
            "the truth: table below). The line: the share that is wrong, where it is known.",
        ),
        "noise_matrix": (
            "Noise matrix T",
            "How often an image of a class is given which label, by the noise model, in one noise cell: % of "
            "the true class, mean over seeds, with the range between two models. Of many classes, the largest "
            "confusions alone. Beside it the truth, where it is known.",
        ),
    },
    "errors": {
        "tiers": (
            "Tiers of suspicion",
            "After the gate, checked seeds pooled. Left: wrong labels among those flagged, with 95% Wilson "
            "intervals (too narrow: the same images return in each seed); the numbers are labels flagged, 0 "
            "where the gate withholds the tier. Right: how many of all wrong labels a tier holds. Obvious: so "
            "many that the model expects at most {obvious:.1%} of them to be right after all; possible: "
            "P(wrong) above {possible:.0%} and not obvious; sure: obvious, and every single predictor "
            "contradicts the label.",
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
            "Does P(wrong) = 70% mean 70% wrong?",
            "Share of wrong labels against the stated probability, in bins, with 95% Wilson intervals; first "
            "rows: all noise cells pooled, then one of them. Points above the diagonal: more labels are wrong "
            "than stated, the probability is too low. Points below it: fewer are wrong than stated, too many "
            "labels are suspected. Bars: examples in a bin, on a logarithmic axis.",
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
            "Mean over seeds, bars: 95% t interval over seeds, cut off where seeds are few.",
        ),
        "errors_left": (
            "How many wrong labels are left",
            "Among the labels not yet rechecked, in the noise model's order: estimate from P(label wrong), "
            "means over seeds; and the truth, where it is known. The band covers chance over examples, and "
            "that the noise model's two forms differ; how often it holds the truth stands in the table below. "
            "When to stop is told by answers alone, those to an audit (to_audit.csv).",
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
            "interval of the paired difference. Filled: the interval leaves out 0. Dashed: oracles. "
            "Families are separated by a line.",
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
        "alternatives": (
            "The noise model beside scores that need networks",
            "AUPRC, and below it its interval (bootstrap over seeds and examples), on the examples that networks "
            "trained on; scores by their mean over the cells that have them: bags and planted labels are there in "
            "few. A useless score has the noise rate, so compare within a column. Bold: highest of a column; "
            "framed: the noise model.",
        ),
        "uncertainty": (
            "Bootstrap uncertainty of right and wrong labels",
            "Out-of-bag; boxes: quartiles, whiskers: 5% and 95% quantile over examples, averaged over seeds. "
            "AUROC: chance that a wrong label looks more suspicious than a right one; high entropy and mutual "
            "information, and low self-confidence, count as suspicious.",
        ),
    },
}  # fmt: skip
