"""Terms of the reports, each with one line and, where it has one, its paper; and the kinds of noise and networks
that tables name."""

from typing import NamedTuple


class Term(NamedTuple):
    """A word of the reports; Markdown."""

    name: str
    line: str
    paper: str = ""
    found: str = ""  # as a page has it in its text, where the page is to list it among its unfamiliar words


TERMS = [
    Term("noise setting, or cell", "a noise model at a rate, as `symmetric 0.4`; it is drawn for every seed",
         found="noise cell"),
    Term("mean, worst",
         "of a method over noise cells with wrong labels: the cell without noise counts in neither. Each kind of "
         "noise weighs alike in the mean; the worst is the lowest of a single cell", found="worst"),
    Term("realised rate",
         "the share of wrong labels that was drawn; the nominal rate is what was asked for", found="realised"),
    Term("T, transition matrix",
         "the matrix of label errors: T_ij is the probability that an example of class i gets label j",
         "Patrini et al. 2017", found="transition matrix"),
    Term("anchor point", "an example that is of its class with certainty, so that its prediction is a row of T",
         "Patrini et al. 2017", found="anchor point"),
    Term("confident joint", "counts of given label against confidently predicted class", "Northcutt et al. 2021",
         found="confident joint"),
    Term("last epoch, `last`",
         "the network as training leaves it: nothing was selected"),
    Term("early stopping, `best_noisy_val`",
         "the epoch that does best on validation labels which are as noisy as the others, in runs of development "
         "seeds, or of all seeds where the labels are yours; needs no clean label"),
    Term("best test epoch, `best_test`",
         "looks at the answers; for comparison with papers only, and never ranked"),
    Term("clock, E*",
         "the first epoch at which networks of folds agree as well as at any with given labels that they did not "
         "see; schedules are multiples of it", found="E*"),
    Term("oracle",
         "a method that is told the true noise, which nobody has in practice; dashed in figures, never ranked",
         found="oracle"),
    Term("training", "one network trained from scratch; a method may need several for one answer"),
    Term("run", "one noise cell with one seed; where networks are trained, with one method"),
    Term("seed", "fixes the test fold, the noise drawn, initial weights and the order of batches", found="seed"),
    Term("development seed",
         "one of the seeds before those that results are of: epochs and limits are chosen on them",
         found="development seed"),
    Term("interval",
         "95% t interval of the mean over seeds: about other noise draws, initial weights and batch orders on the "
         "same images"),
    Term("at once", "of limits: all of them hold together in 95% of studies, however many there are",
         found="at once"),
    Term("textbook interval",
         "mean or estimate, and as many standard errors to either side as a normal distribution asks for: shown "
         "to see how often it misses",
         found="textbook"),
    Term("Wilson interval", "interval of a share that fits small numbers and shares near 0 and 1",
         found="Wilson"),
    Term("jackknife", "interval by leaving out one seed after the other", found="jackknife"),
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
         "how far a method is below the one that is best on the other half of the seeds", found="regret"),
    Term("critical difference",
         "by which mean ranks of two methods have to differ to be told apart", "Demšar 2006", found="Nemenyi"),
    Term("memorised", "a wrong label that the network predicts", "Arpit et al. 2017"),
    Term("critical sample", "an image that has another predicted class near it, within a box of some radius",
         "Arpit et al. 2017", found="critical sample"),
    Term("L_c, L_e, L_p",
         "the three terms of the loss of joint optimisation: fit of the labels; certainty of the predictions; "
         "frequencies of the predicted classes near those expected", "Tanaka et al. 2018", found="L_p"),
    Term("noise model", "predictors on features, each blind to the label it judges, read together through an "
         "estimated T: gives P(wrong)", found="noise model"),
    Term("cautious model",
         "of the two models of the errors the one that does not take all doubt for errors; it orders the list, "
         "unless the labels contradict it, and makes the tiers until an audit sets P(wrong) right",
         found="cautious model"),
    Term("feature, encoder",
         "numbers of an image in which what looks alike lies close, and what makes them: pixels, or a network "
         "trained elsewhere", found="encoder"),
    Term("suggested label", "the likeliest class but the given one", found="suggestion"),
    Term("P(wrong)", "the probability that a label is wrong, by the noise model", found="P(wrong)"),
    Term("tier, obvious, possible, rest",
         "parts of the list by suspicion: obvious errors, of which few should be right labels; possible ones, on "
         "which people should decide; the rest is taken for right. *Sure* errors are obvious ones that every "
         "single predictor contradicts", found="tier"),
    Term("gate",
         "three tests of what the features know (signal, halving, worlds), which decide what of the list is told",
         found="gate"),
    Term("checked seed", "one of the seeds on which the gate was computed, since its tests cost much",
         found="checked seed"),
    Term("signal", "first test of the gate: are the given labels predicted better than shuffled ones?",
         found="signal"),
    Term("halving", "second test of the gate: does the share of errors stay the same with half of the examples?",
         found="halving"),
    Term("worlds",
         "third test of the gate: labels are drawn from the noise model itself, where the truth is known; are its "
         "obvious errors errors there?", found="worlds"),
    Term("cut, raised limit",
         "a higher P(wrong) from which labels are called obvious, where the worlds do not confirm all of them",
         found="raised limit"),
    Term("audit",
         "labels drawn at random for people, mixed unmarked with suspects; its limits hold whatever the model "
         "says", found="audit"),
    Term("budget", "how many labels are rechecked until a share of the errors is found"),
    Term("band, of errors left",
         "how many wrong labels are left where nobody looked: from the lower to the higher of two estimates by "
         "the noise model, with chance; no confidence interval. Answers to an audit are the better guide",
         found="errors left"),
    Term("band, of a figure", "from the lowest to the highest seed; no confidence interval", found="band"),
    Term("out-of-bag",
         "of networks trained on bags drawn with replacement: predictions by those that did not see the example",
         found="out-of-bag"),
    Term("AUROC",
         "the chance that a wrong label is more suspect than a right one; 0.5 is a coin toss", found="AUROC"),
    Term("AUPRC, average precision",
         "the share of wrong labels at the top of the list, averaged over how far one reads; 1 is perfect",
         found="AUPRC"),
    Term("ECE",
         "distance between stated and true probability: of networks the root of its mean square, debiased; of "
         "P(wrong) its mean", "Guo et al. 2017", found="ECE"),
    Term("fewest kept", "the share of a true class that keeps its label, in the class that keeps fewest",
         found="fewest kept"),
    Term("contradiction",
         "of the cautious model: how many nats likelier the labels are by the other model than its freedom "
         "explains", found="contradiction"),
    Term("nat", "unit of a natural logarithm of a probability: 0 is certain, 0.7 a coin toss between two classes",
         found="nats"),
    Term("NLL, Brier score",
         "mean of -log p of the label, and mean squared distance of p from it: what a stated probability costs",
         found="NLL"),
    Term("AURC", "error averaged over the share of images that is kept, the surest first", found="AURC"),
    Term("prediction set",
         "the classes that an image may be of; it is to hold the true one for 90% of the images",
         found="prediction set"),
    Term("supported, refuted",
         "of a claim: every one of its comparisons lies above its threshold; one of them lies below it"),
    Term("threshold, of a claim", "how large a difference must be to count, fixed before anything was run",
         found="threshold"),
    Term("open", "of a claim: neither supported nor refuted with these seeds"),
    Term("came out, as written",
         "two verdicts on a statement of the note. The first is on the claim that is put for it, the second on "
         "the note's own words: where a claim that says the opposite is supported, these are wrong",
         found="as written"),
    Term("by algebra", "decided by a proof; nothing was run", found="by algebra"),
    Term("look, of a claim",
         "one of two times at which claims may be decided; each may spend half of the error", found="look one"),
    Term("look, of an audit",
         "a number of answers at which its limits are told; all looks together err no more often than one may",
         found="at a look"),
]  # fmt: skip

# by the identifiers of params.yaml; labelnoise.noise has what is drawn, with its rates
NOISE_KINDS = {
    "none": Term("no noise", "the labels as published"),
    "symmetric": Term(
        "symmetric", "the rate says how often a label becomes any other class, all alike", "Patrini et al. 2017"),
    "symmetric_all": Term(
        "symmetric, of all classes", "the rate says how often a label is drawn anew from all classes, its own "
        "included", "Zhang et al. 2017"),
    "asymmetric": Term(
        "asymmetric", "labels of some classes become one class that looks like theirs, others stay; the rate is "
        "that of those classes", "Patrini et al. 2017"),
    "pair_flip": Term(
        "pair flip", "the rate says how often a label becomes the next class, and the last class the first",
        "Han et al. 2018"),
    "fixed_permutation": Term(
        "fixed permutation", "the rate says how often a label becomes the class that one permutation of ten names",
        "Reed et al. 2015"),
    "class_dependent": Term(
        "class dependent", "each class has its own few wrong classes, drawn anew for every seed; the rate is the "
        "mean over classes", "Northcutt et al. 2021"),
    "ambiguous": Term(
        "ambiguous", "the share of images that a simple model is least sure about take the class it wavers to"),
    "instance_dependent": Term(
        "instance dependent", "each image has its own probability of a wrong label, and its own wrong classes",
        "after Xia et al. 2020"),
    "instance_dependent_as_published": Term(
        "instance dependent as published", "the same as its authors' code has it, on raw pixels: an image has "
        "nearly always one wrong class", "Xia et al. 2020"),
    "random": Term("random", "every label is drawn anew from all classes, and says nothing of its image",
        "Zhang et al. 2017"),
    "random_labels": Term("random labels", "every label is drawn anew from all classes", "Zhang et al. 2017"),
}  # fmt: skip
NETWORKS = {
    "mlp": Term("mlp", "multi-layer perceptron: layers that join every input with every output, blind to what is "
                "next to what in an image"),
    "small_cnn": Term("small cnn", "convolutional network of three layers: filters that slide over the image"),
    "resnet": Term("residual network", "blocks of convolutions, each added to what goes into it",
                   "He et al. 2016"),
    "cnn9": Term("nine layers", "the convolutional network of co-teaching", "Han et al. 2018"),
    "small_inception": Term("Small Inception", "blocks of convolutions of two sizes side by side",
                            "Zhang et al. 2017"),
    "small_alexnet": Term("Small AlexNet", "two convolutions and two joined layers", "Zhang et al. 2017"),
}  # fmt: skip
