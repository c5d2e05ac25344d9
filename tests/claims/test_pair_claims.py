"""Claims that are a paired difference in test accuracy: supported when left wins, refuted when right does."""

import pytest
from hand_made import accuracies, section, verdicts

from labelnoise.claims import joint, layers, losses, transition

CLAIMS = [
    transition.orientation,
    transition.second_form,
    transition.sources_of_transition,
    losses.warp,
    losses.warp_weights,
    joint.entropy_loss,
    joint.soft_labels,
    joint.modified_data,
    joint.classification_loss,
    layers.instance_layer,
]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
@pytest.mark.parametrize(
    ("left", "expected"), [(0.9, "supported"), (0.7, "refuted"), (0.81, "inconclusive")], ids=str
)
def test_verdict_follows_the_difference(claim, left, expected):
    tables = accuracies(left=left, right=0.8)
    # a spread over seeds that the pairs do not share
    table = tables["contrasts"]
    odd = (table["seed"] % 2 == 1) & (table["method"] == "left")
    table.loc[odd, "value"] += 0.002
    table.loc[~odd & (table["method"] == "left"), "value"] -= 0.002
    assert verdicts(claim(tables, section([["left", "right"]]))) == {"left - right": expected}


def test_not_worse_is_supported_by_a_tie():
    tied = accuracies(second_form=0.8, forward_estimated=0.8)
    tested = transition.second_form(tied, section([["second_form", "forward_estimated"]], threshold=-0.01))
    assert list(verdicts(tested).values()) == ["supported"]


def test_better_is_refuted_by_a_tie():
    tied = accuracies(joint_optimization=0.8, joint_cross_entropy=0.8)
    tested = joint.classification_loss(tied, section([["joint_optimization", "joint_cross_entropy"]]))
    assert list(verdicts(tested).values()) == ["refuted"]
