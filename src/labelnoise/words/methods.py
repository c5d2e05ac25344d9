"""What methods are called and where they come from: an entry per row of `methods:`, and the families."""

from typing import NamedTuple

# papers that stand on arXiv
ARXIV = {
    "Arpit et al. 2017": "1706.05394", "Berthon et al. 2021": "2001.03772",
    "Ghosh et al. 2017": "1712.09482", "Han et al. 2018": "1804.06872",
    "Guo et al. 2017": "1706.04599", "He et al. 2016": "1512.03385", "Houlsby et al. 2011": "1112.5745",
    "Jindal et al. 2016": "1705.03419", "Li et al. 2020": "2002.07394", "Li et al. 2021": "2102.02400",
    "Liu and Tao 2016": "1411.7718", "Liu et al. 2020": "2007.00151", "Liu et al. 2022": "2202.14026",
    "Lukasik et al. 2020": "2003.02819",
    "Ma et al. 2020": "2006.13554", "Nguyen et al. 2020": "1910.01842", "Northcutt et al. 2021": "1911.00068",
    "Patrini et al. 2017": "1609.03683", "Pleiss et al. 2020": "2001.10528", "Reed et al. 2015": "1412.6596",
    "Sukhbaatar et al. 2015": "1406.2080", "Swayamdipta et al. 2020": "2009.10795",
    "Tanaka et al. 2018": "1803.11364", "Tarvainen and Valpola 2017": "1703.01780",
    "Toneva et al. 2019": "1812.05159", "van Rooyen et al. 2015": "1505.07634", "Wang et al. 2019": "1908.06112",
    "Xia et al. 2019": "1906.00189", "Xia et al. 2020": "2006.07836", "Yao et al. 2020": "2006.07805",
    "Yi and Wu 2019": "1903.07788",
    "Zhang and Sabuncu 2018": "1805.07836", "Zhang et al. 2017": "1611.03530", "Zhang et al. 2018": "1710.09412",
}  # fmt: skip

# papers that stand elsewhere
ELSEWHERE = {
    "Benjamini and Hochberg 1995": "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
    "Brooks 2011": "https://doi.org/10.1287/opre.1100.0854",
    "Demšar 2006": "https://jmlr.org/papers/v7/demsar06a.html",
    "Elkan and Noto 2008": "https://doi.org/10.1145/1401890.1401920",
    "Goldberger and Ben-Reuven 2017": "https://openreview.net/forum?id=H12GRgcxg",
    "Huang et al. 2019": "https://openreview.net/forum?id=DXSUpYgPNX",
}


def link(paper: str) -> str:
    """Address of a paper; empty where none is known."""
    return f"https://arxiv.org/abs/{ARXIV[paper]}" if paper in ARXIV else ELSEWHERE.get(paper, "")


class Method(NamedTuple):
    """A row of `methods:` in params.yaml."""

    family: str  # key of FAMILIES; empty: run for claims only
    paper: str
    line: str


class Family(NamedTuple):
    """Methods that share an idea."""

    title: str
    idea: str  # one line


FAMILIES = {
    "baseline": Family("Baselines", "the given labels as they are, with a cheap regulariser at most"),
    "transition_matrix": Family(
        "Transition matrix", "the loss is corrected with a matrix of label errors, known or estimated beforehand"
    ),
    "noise_layer": Family(
        "Noise layers",
        "the label errors are learned by a layer behind the network, which is left off in the end",
    ),
    "robust_loss": Family("Robust losses", "a loss that a wrong label cannot pull far"),
    "changed_labels": Family("Changed labels", "the network's own predictions correct the labels"),
    "left_out_examples": Family("Left-out examples", "examples whose label looks wrong are not trained on"),
}
OTHER = Family("Other methods", "in no family of the table")

# in the order of figures and tables, oracles last in their family
METHODS = {
    "cross_entropy": Method("baseline", "", "the baseline; at `best_noisy_val` it is early stopping"),
    "label_smoothing": Method("baseline", "Lukasik et al. 2020", "a little of the target on every class"),
    "mixup": Method("baseline", "Zhang et al. 2018", "mixes inputs and labels of two examples"),
    "weight_ema": Method(
        "baseline", "Tarvainen and Valpola 2017", "predicts with a moving average of the weights"),
    "forward_estimated": Method(
        "transition_matrix", "Patrini et al. 2017", "loss on p T, T from anchor points of a first run"),
    "forward_confident_joint": Method(
        "transition_matrix", "Northcutt et al. 2021", "the same, T from counts of confident predictions"),
    "forward_dual_t": Method("transition_matrix", "Yao et al. 2020", "the same, T in two easier steps"),
    "second_form": Method("transition_matrix", "", "the logarithm inside the sum: a soft label per class"),
    "backward": Method(
        "transition_matrix", "Patrini et al. 2017", "the inverse of T on the losses: unbiased, unbounded"),
    "importance_reweighting": Method(
        "transition_matrix", "Liu and Tao 2016", "cross-entropy weighted by p / p T of the label"),
    "t_revision": Method(
        "transition_matrix", "Xia et al. 2019", "the same, T revised by a slack that is trained along"),
    "forward_oracle": Method("transition_matrix", "Patrini et al. 2017", "forward correction, given the true T"),
    "backward_oracle": Method(
        "transition_matrix", "Patrini et al. 2017", "backward correction, given the true T"),
    "noise_layer": Method(
        "noise_layer", "Sukhbaatar et al. 2015", "loss on p T, T learned under a trace penalty"),
    "noise_layer_topdown": Method(
        "noise_layer", "Sukhbaatar et al. 2015", "soft labels from the reverse of the estimated T"),
    "dropout_noise_layer": Method(
        "noise_layer", "Jindal et al. 2016", "a free layer and a second softmax, with dropout"),
    "nnaqc": Method("noise_layer", "Jindal et al. 2019", "nonlinear layer, and a term that hardens predictions"),
    "instance_noise_layer": Method("noise_layer", "Goldberger and Ben-Reuven 2017", "a T for every example"),
    "flip_probability_layer": Method(
        "noise_layer", "Berthon et al. 2021", "how often a label flips depends on the example, where to does not"),
    "volminnet": Method("noise_layer", "Li et al. 2021", "the T of smallest volume that explains the labels"),
    "mae": Method("robust_loss", "Ghosh et al. 2017", "a symmetric, bounded loss"),
    "mse": Method("robust_loss", "Ghosh et al. 2017", "bounded, and proper"),
    "unhinged": Method("robust_loss", "van Rooyen et al. 2015", "linear in the scores"),
    "ramp": Method("robust_loss", "Brooks 2011", "a hinge that gives up on what contradicts it"),
    "warp": Method("robust_loss", "Weston et al. 2011", "ranks the label above the others"),
    "gce": Method("robust_loss", "Zhang and Sabuncu 2018", "between cross-entropy and mean absolute error"),
    "gce_truncated": Method(
        "robust_loss", "Zhang and Sabuncu 2018", "the same, without examples whose label stays unlikely"),
    "sce": Method("robust_loss", "Wang et al. 2019", "cross-entropy and its reverse"),
    "nce_rce": Method("robust_loss", "Ma et al. 2020", "an active and a passive robust loss"),
    "joint_optimization": Method(
        "changed_labels", "Tanaka et al. 2018", "trains the labels too, then a fresh network on them"),
    "joint_noisy_prior": Method(
        "changed_labels", "Tanaka et al. 2018", "the same, its prior from counts of the given labels"),
    "self_training": Method(
        "changed_labels", "after Lee 2013", "a fresh network on the labels that the first saw early on"),
    "bootstrapping_soft": Method("changed_labels", "Reed et al. 2015", "the prediction is a part of the target"),
    "bootstrapping_hard": Method(
        "changed_labels", "Reed et al. 2015", "the predicted class is a part of the target"),
    "elr": Method("changed_labels", "Liu et al. 2020", "holds on to what was predicted early in training"),
    "sop": Method("changed_labels", "Liu et al. 2022", "a sparse correction of every label, learned along"),
    "pencil": Method(
        "changed_labels", "Yi and Wu 2019", "trains a distribution of labels for every example"),
    "dividemix": Method(
        "changed_labels", "Li et al. 2020",
        "two networks tell each other which labels to keep, and guess the others together"),
    "prune": Method(
        "left_out_examples", "Northcutt et al. 2021", "leaves out as many as confident learning counts"),
    "cascade": Method(
        "left_out_examples", "Nguyen et al. 2020",
        "round after round, keeps what the early network agrees with"),
    "co_teaching": Method(
        "left_out_examples", "Han et al. 2018", "two networks choose examples of small loss for each other"),
    "forward_transposed": Method("", "after Patrini et al. 2017", "forward correction with T on the wrong side"),
    "forward_transposed_oracle": Method("", "after Patrini et al. 2017", "the same, given the true T"),
    "importance_reweighting_oracle": Method("", "Liu and Tao 2016", "importance reweighting, given the true T"),
    "dividemix_unlabelled": Method("", "Li et al. 2020", "DivideMix, with a loss on the labels that are guessed"),
    "second_form_oracle": Method("", "", "the second form, given the true T"),
    "noise_layer_topdown_oracle": Method("", "Sukhbaatar et al. 2015", "the top-down layer, given the true T"),
    "backward_weight_decay": Method("", "Patrini et al. 2017", "backward correction with weight decay"),
    "noise_layer_softmax": Method(
        "", "Sukhbaatar et al. 2015", "a softmax in place of the paper's projection"),
    "noise_layer_one": Method(
        "", "Sukhbaatar et al. 2015", "the same from the estimated rate, without a penalty"),
    "noise_layer_no_penalty": Method("", "Sukhbaatar et al. 2015", "the projection without a penalty"),
    "noise_layer_weak_penalty": Method("", "Sukhbaatar et al. 2015", "the projection, penalty .3"),
    "noise_layer_strong_penalty": Method("", "Sukhbaatar et al. 2015", "the projection, penalty 3"),
    "nnaqc_linear": Method("", "Jindal et al. 2019", "NNAQC with a linear layer"),
    "warp_sampled": Method("", "Weston et al. 2011", "WARP with the sampled rank"),
    "warp_uniform": Method("", "Weston et al. 2011", "WARP, every rank counts alike"),
    "warp_top": Method("", "Weston et al. 2011", "WARP, the first rank alone counts"),
    "nnaqc_identity": Method("", "Jindal et al. 2019", "NNAQC from the identity"),
    "nnaqc_hard": Method("", "Jindal et al. 2019", "NNAQC, beta .9"),
    "nnaqc_layer": Method("", "Jindal et al. 2019", "NNAQC, alpha .9"),
    "nnaqc_layer_hard": Method("", "Jindal et al. 2019", "NNAQC, alpha and beta .9"),
    "nnaqc_without_qc": Method("", "Jindal et al. 2019", "NNAQC without hardening"),
    "nnaqc_linear_without_qc": Method("", "Jindal et al. 2019", "the same with a linear layer"),
    "joint_no_entropy": Method("", "Tanaka et al. 2018", "joint optimisation without L_e"),
    "joint_no_prior": Method("", "Tanaka et al. 2018", "joint optimisation without L_p"),
    "joint_hard": Method("", "Tanaka et al. 2018", "joint optimisation with hard labels"),
    "joint_hard_no_entropy": Method("", "Tanaka et al. 2018", "the same without L_e"),
    "joint_cross_entropy": Method("", "Tanaka et al. 2018", "joint optimisation, cross-entropy as L_c"),
    "joint_symmetric_kl": Method("", "Tanaka et al. 2018", "joint optimisation, both divergences as L_c"),
    "joint_prior_average": Method("", "Tanaka et al. 2018", "joint optimisation, L_p on a long average"),
    "joint_weak_prior": Method("", "Tanaka et al. 2018", "joint optimisation, a tenth of L_p"),
}  # fmt: skip

# as papers write them, where the identifier with spaces would not do
TITLES = {
    "bootstrapping_hard": "hard bootstrapping", "bootstrapping_soft": "soft bootstrapping",
    "co_teaching": "co-teaching", "dividemix": "DivideMix", "elr": "ELR",
    "forward_confident_joint": "forward, confident joint", "forward_dual_t": "forward, dual T", "gce": "GCE",
    "gce_truncated": "truncated GCE", "mae": "MAE", "mse": "MSE", "nce_rce": "NCE+RCE", "nnaqc": "NNAQC",
    "pencil": "PENCIL", "sce": "SCE",
    "self_training": "self-training", "sop": "SOP", "t_revision": "T-revision", "volminnet": "VolMinNet",
    "warp": "WARP", "weight_ema": "weight EMA",
}  # fmt: skip


def grouped(methods: list[str]) -> list[tuple[Family, list[str]]]:
    """Families that have some of `methods`, with those in the order of METHODS; the others come last."""
    of = {key: [name for name in METHODS if METHODS[name].family == key and name in methods] for key in FAMILIES}
    others = [name for name in methods if name not in METHODS or not METHODS[name].family]
    groups = [*((FAMILIES[key], names) for key, names in of.items()), (OTHER, others)]
    return [(family, names) for family, names in groups if names]


def ordered(methods: list[str]) -> list[str]:
    """`methods` family by family."""
    return [name for _, names in grouped(methods) for name in names]


def about(method: str) -> str:
    """What a method does, in Markdown, with its paper; empty without an entry."""
    return told(METHODS[method].line, METHODS[method].paper) if method in METHODS else ""


def told(line: str, paper: str) -> str:
    """A line as a sentence in Markdown, with its paper, linked where its address is known."""
    cited = paper.removeprefix("after ")
    linked = f"[{cited}]({link(cited)})" if link(cited) else cited
    end = "" if line.endswith("?") and not paper else "."
    return f"{line[0].upper()}{line[1:]}{f' ({paper.replace(cited, linked)})' if paper else ''}{end}"
