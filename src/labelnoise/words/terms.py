"""Terms of the reports, each with one line and, where it has one, its paper."""

from typing import NamedTuple


class Term(NamedTuple):
    """A word of the reports; Markdown."""

    name: str
    line: str
    paper: str = ""


TERMS = [
    Term("noise setting, or cell", "a noise model at a rate, as `symmetric 0.4`"),
    Term("realised rate",
         "the share of wrong labels that was drawn; the nominal rate is what was asked for"),
    Term("T, transition matrix",
         "the matrix of label errors: T_ij is the probability that an example of class i gets label j",
         "Patrini et al. 2017"),
    Term("anchor point", "an example that is of its class with certainty, so that its prediction is a row of T",
         "Patrini et al. 2017"),
    Term("confident joint", "counts of given label against confidently predicted class", "Northcutt et al. 2021"),
    Term("last epoch, `last`",
         "the network as training leaves it: the headline, since nothing was selected"),
    Term("early stopping, `best_noisy_val`",
         "the epoch that does best on validation labels which are as noisy as the others, in runs of development "
         "seeds, or of all seeds where the labels are yours; needs no clean label"),
    Term("best test epoch, `best_test`",
         "looks at the answers; for comparison with papers only, and never ranked"),
    Term("clock, E*",
         "the first epoch at which networks of folds agree as well as at any with given labels that they did not "
         "see; schedules are multiples of it"),
    Term("oracle",
         "a method that is told the true noise, which nobody has in practice; dashed in figures, never ranked"),
    Term("training", "one network trained from scratch; a method may need several for one answer"),
    Term("seed", "fixes the test fold, the noise drawn, initial weights and the order of batches"),
    Term("interval",
         "95% t interval of the mean over seeds: about other noise draws, initial weights and batch orders on the "
         "same images"),
    Term("range",
         "what no data can decide, between two models of the noise; no confidence interval"),
    Term("better, worse (▲, ▼)",
         "marked over all methods and noise settings so that at most 5% of the marks are false",
         "Benjamini and Hochberg 1995"),
    Term("tied with the best (○), may be the best",
         "not ruled out by comparisons with the best: the best method is among those marked with a probability of "
         "95%", "Hsu 1984"),
    Term("difference", "method minus cross-entropy on the same seeds, splits and noise"),
    Term("regret",
         "how far a method is below the one that is best on the other half of the seeds"),
    Term("critical difference",
         "by which mean ranks of two methods have to differ to be told apart", "Demšar 2006"),
    Term("memorised", "a wrong label that the network predicts", "Arpit et al. 2017"),
    Term("noise model", "predictors on features, each blind to the label it judges, read together through an "
         "estimated T: gives P(wrong)"),
    Term("P(wrong)", "the probability that a label is wrong, by the noise model"),
    Term("obvious, possible, rest",
         "tiers of suspicion; *sure* errors are obvious ones that every single predictor contradicts"),
    Term("gate",
         "three tests of what the features know (signal, halving, worlds), which decide what of the list is told"),
    Term("audit",
         "labels drawn at random for people, mixed unmarked with suspects; its limits hold whatever the model "
         "says"),
    Term("budget", "how many labels are rechecked until a share of the errors is found"),
    Term("out-of-bag",
         "of networks trained on bags drawn with replacement: predictions by those that did not see the example"),
    Term("AUROC",
         "the chance that a wrong label is more suspect than a right one; 0.5 is a coin toss"),
    Term("AUPRC, average precision",
         "the share of wrong labels at the top of the list, averaged over how far one reads; 1 is perfect"),
    Term("ECE",
         "distance between stated and true probability: of networks the root of its mean square, debiased; of "
         "P(wrong) its mean", "Guo et al. 2017"),
    Term("NLL, Brier score",
         "mean of -log p of the label, and mean squared distance of p from it: what a stated probability costs"),
    Term("AURC", "error averaged over the share of images that is kept, the surest first"),
    Term("prediction set",
         "the classes that an image may be of; it is to hold the true one for 90% of the images"),
    Term("open", "of a claim: neither supported nor refuted with these seeds"),
    Term("look", "one of two times at which claims may be decided; each may spend half of the error"),
]  # fmt: skip
