"""The table of families: what the methods of the full grid have in common, for figures, report and README.

Names only, so that figures and report need no torch. A method that is in no family is shown last, by itself.
"""

from typing import NamedTuple


class Family(NamedTuple):
    """Methods that share an idea."""

    title: str
    idea: str  # one line
    methods: tuple[str, ...]  # names in METHODS, in the order of figures and tables


FAMILIES = {
    "baseline": Family(
        "Baselines", "the given labels as they are, with a cheap regulariser at most",
        ("cross_entropy", "label_smoothing", "mixup", "weight_ema"),
    ),
    "transition_matrix": Family(
        "Transition matrix", "the loss is corrected with a matrix of label errors, known or estimated beforehand",
        ("forward_estimated", "forward_confident_joint", "forward_dual_t", "second_form", "backward",
         "forward_oracle", "backward_oracle"),
    ),
    "noise_layer": Family(
        "Noise layers", "the label errors are learned by a layer behind the network, which is left off in the end",
        ("noise_layer", "noise_layer_topdown", "dropout_noise_layer", "nnaqc", "instance_noise_layer",
         "flip_probability_layer", "volminnet"),
    ),
    "robust_loss": Family(
        "Robust losses", "a loss that a wrong label cannot pull far",
        ("mae", "mse", "unhinged", "ramp", "warp", "gce", "sce", "nce_rce"),
    ),
    "changed_labels": Family(
        "Changed labels", "the network's own predictions correct the labels",
        ("joint_optimization", "self_training", "bootstrapping_soft", "bootstrapping_hard", "elr", "sop"),
    ),
    "left_out_examples": Family(
        "Left-out examples", "examples whose label looks wrong are not trained on",
        ("prune", "cascade", "co_teaching"),
    ),
}  # fmt: skip
OTHER = Family("Other methods", "in no family of the table", ())


def grouped(methods: list[str]) -> list[tuple[Family, list[str]]]:
    """Families that have some of `methods`, with those in the order of the table; the others come last."""
    found = [(family, [name for name in family.methods if name in methods]) for family in FAMILIES.values()]
    known = {name for family in FAMILIES.values() for name in family.methods}
    found.append((OTHER, [name for name in methods if name not in known]))
    return [(family, names) for family, names in found if names]


def ordered(methods: list[str]) -> list[str]:
    """`methods` family by family."""
    return [name for _, names in grouped(methods) for name in names]


def title(method: str) -> str:
    """Title of the method's family."""
    return grouped([method])[0][0].title
