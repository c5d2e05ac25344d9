"""Titles of the note's long statements, where a page has no room for the whole. The page Claims has each statement
as it is written, and it is that which is judged.
"""

TITLES = {  # what claims.yaml says was said: its title
    "Networks are complex enough to memorize all labels; trained with random labels they converge well.":
        "Networks can memorize all labels",
    "DNNs first use patterns, then brute force memorization, to fit the data.":
        "DNNs first use patterns, then memorize",
    "Adding any form of regularization (augmentation, weight decay, dropout) would not affect the final "
    "convergence.":
        "No regularization affects the final convergence",
    "The loss -log(yᵀ T s), with t_ij = p(l = j | true label = i).":
        "The loss -log(yᵀ T s)",
    "Some work presupposes the true T, which is unknown; other methods learn T end to end.":
        "Some work presupposes T, other methods learn it",
    "DNN can learn random labels by memorizing. The power of loss is limited.":
        "DNNs learn random labels: the power of loss is limited",
    "L_e prevents local minima when soft labels are used; no experiment proves that it actually helps.":
        "L_e prevents local minima with soft labels",
    "L_p prevents the trivial solution; its approximation in each batch makes it hard with many classes or "
    "unbalanced labels; oversampling may work.":
        "L_p prevents the trivial solution; many classes make it hard",
    "Labels are updated with probabilities: soft labels, more like a distribution.":
        "Labels are updated with probabilities",
    "The nonlinear layer is more diffuse than the linear one, and wipes out most of the gradient when "
    "prediction and label disagree.":
        "The nonlinear layer wipes out most of the gradient",
    "The errors and predictions along the training steps seem to be a good source for learning the noise.":
        "Errors along the training help to learn the noise",
    "Bootstrap to get the uncertainty of each sample, and then learn the noise model?":
        "Bootstrap the uncertainty, then learn the noise model?",
    "The noise model has to be sample-dependent. It is best to be sample- and class-dependent.":
        "The noise model is best sample- and class-dependent",
    "The easiest way I can think of is to make the transfer matrix a function: W = w(Θ).":
        "Make the transfer matrix a function, W = w(Θ)",
    "Modify the dataset using the model: delete samples, separate the dataset, cascade, modify the labels.":
        "Modify the dataset using the model",
    "Data augmentation is the most effective regularization among all discussed in this paper.":
        "Augmentation is the most effective regularization",
    "First train with a large learning rate, so that the DNN learns patterns rather than memorizing noisy labels.":
        "First a large learning rate, for patterns",
    "Why Kullback-Leibler divergence? The author didn't state the reasons; it is not symmetric.":
        "Why Kullback-Leibler divergence, not symmetric?",
    "Loss functions such as ramp loss, unhinged loss, MSE and MAE can be used to train more robust models.":
        "Ramp, unhinged, MSE and MAE are more robust",
    "While the distribution of label noise is unknown, I don't think this way works (a presupposed T).":
        "A presupposed T does not work",
    "Modify the dataset using the model: deleting samples, separating the dataset, cascade network, modifying the "
    "labels.":
        "Modify the dataset: delete, separate, cascade, relabel",
    "Explicit regularization may improve generalization performance, but is neither necessary nor by itself "
    "sufficient for controlling generalization error.":
        "Regularization is neither necessary nor sufficient",
    "L_c = 0 if soft labels are used, and then the update stops for these labels.":
        "With soft labels L_c = 0, and the update stops",
}  # fmt: skip


CLAIMS = {  # of claims that are put for the same statement, what claims.yaml says is claimed: what it is about
    "With the rows of T as defined, the loss needs p T: it beats T used as the note's formula has it (transposed) "
    "where T is not symmetric.":
        "in test accuracy",
    "By this definition the label j has the probability Σ_i t_ij s_i = (Tᵀ s)_j, so that the loss is "
    "-log(yᵀ Tᵀ s).":
        "by its definition",
    "-yᵀ T log(s), and the same with the reverse channel in T's place, are not worse in test accuracy than "
    "-log(p T) at the label, nor than -log(yᵀ T s) as it is written.":
        "in test accuracy",
    "It is a sum of cross-entropies weighted by row y of T; its minimum for one example is s = row y of T, a soft "
    "label per class, and no true class.":
        "at its minimum",
    "A transition that depends on the image has a higher test accuracy than one per class where the noise depends "
    "on the image.":
        "in test accuracy",
    "Θ is the same for all images, so that w(Θ) is one matrix for all of them; a matrix that depends on the image "
    "is w(Θ, x).":
        "of what it depends on",
}  # fmt: skip


def of_claim(said: str, claim: str) -> str:
    """The title of the statement, with what the claim is about where several are put for it."""
    about = CLAIMS.get(claim)
    return f"{title(said).rstrip('.')} ({about})" if about else title(said)


def title(said: str) -> str:
    """What the note says, in short; the whole where it has no title."""
    return TITLES.get(said, said)
