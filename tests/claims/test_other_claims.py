"""Claims 7, 10, 12, 18, 24, 25 on hand-made tables."""

import pytest
from hand_made import contrasts, imbalance, section, verdicts

from labelnoise.claims import confidence, joint, layers, losses, transition

HERE = ("symmetric", 0.4)


@pytest.mark.parametrize(("fitted", "loss", "expected"), [(0.5, 0.9, "supported"), (0.02, 0.95, "refuted")])
def test_robust_losses(fitted, loss, expected):
    means = {("mae", "fitted_wrong"): fitted, ("mae", "test_accuracy"): loss}
    means |= {("cross_entropy", "test_accuracy_early"): 0.92, ("cross_entropy", "test_accuracy"): 0.1}
    tables = contrasts({(*what, *HERE): mean for what, mean in means.items()})
    tested = losses.robust_losses(tables, section([["cross_entropy", "mae"]], -0.01, memorised=0.1))
    assert verdicts(tested) == {
        "mae: wrong labels fitted": expected,
        "cross_entropy (best_noisy_val) - mae": expected,
    }


def collapse(kept: float, average: float, oversampled: float) -> dict:
    """Tables in which joint optimisation keeps all classes and the variant without L_p the share `kept`."""
    tables = contrasts(
        {
            ("joint_optimization", "classes_predicted", *HERE): 1.0,
            ("joint_no_prior", "classes_predicted", *HERE): kept,
        }
    )
    return tables | imbalance(
        {
            ("ten_classes", "joint_optimization"): (1.0, 0.9),
            ("ten_classes", "joint_no_prior"): (kept, 0.9),
            ("hundred_classes", "joint_optimization"): (1.0, 0.5),
            ("hundred_classes", "joint_prior_average"): (1.0, average),
            ("long_tail", "joint_optimization"): (1.0, 0.5),
            ("long_tail", "joint_prior_average"): (1.0, average),
            ("long_tail_oversampled", "joint_optimization"): (1.0, oversampled),
        }
    )


@pytest.mark.parametrize(
    ("tables", "expected"), [(collapse(0.2, 0.6, 0.7), "supported"), (collapse(1.0, 0.4, 0.5), "refuted")]
)
def test_prior_loss(tables, expected):
    tested = joint.prior_loss(tables, section([["joint_optimization", "joint_no_prior"]], classes=0.1))
    assert [(row.contrast, row.cell.noise) for row in tested] == [
        ("joint_optimization - joint_no_prior", "symmetric"),
        ("joint_optimization - joint_no_prior", "ten_classes"),
        ("joint_prior_average - joint_optimization", "hundred_classes"),
        ("joint_prior_average - joint_optimization", "long_tail"),
        ("joint_optimization: oversampled - as it is", "long_tail_oversampled"),
    ]
    assert set(verdicts(tested).values()) == {expected}
    assert tested[-1].evidence == "imbalance: mean_recall; long_tail_oversampled - long_tail"


@pytest.mark.parametrize(("accuracy", "gradient", "expected"), [(0.9, 0.2, "supported"), (0.7, 0.95, "refuted")])
def test_nonlinear_layer(accuracy, gradient, expected):
    means = {("nnaqc", "test_accuracy"): accuracy, ("nnaqc_linear", "test_accuracy"): 0.8}
    for name, value in (("nonlinear", gradient), ("linear", 1.0), ("cross_entropy", 1.2)):
        means["nnaqc", f"gradient_disagreeing_{name}"] = value
    tables = contrasts({(*what, *HERE): mean for what, mean in means.items()})
    tested = layers.nonlinear_layer(tables, section([["nnaqc", "nnaqc_linear"]], smaller=0.1, most=0.5))
    assert verdicts(tested) == {
        "nnaqc - nnaqc_linear": expected,
        "nnaqc: 1 - nonlinear / linear": expected,
        "nnaqc: 1 - nonlinear / cross_entropy": expected,
    }
    assert tested[1].effects.mean() == pytest.approx(1 - gradient, abs=1e-3)


@pytest.mark.parametrize(("noisy", "expected"), [(0.05, "supported"), (0.3, "refuted")])
def test_calibration_is_compared_with_no_noise(noisy, expected):
    tables = contrasts({("mae", "ece", "none", 0.0): 0.02, ("mae", "ece", *HERE): noisy})
    own = {"threshold": -0.05, "methods": ["mae"], "cells": {"none": [0.0], "symmetric": [0.4]}}
    assert verdicts(confidence.calibration(tables, own)) == {"mae: without noise - with noise": expected}


@pytest.mark.parametrize(("nnaqc", "expected"), [(0.05, "supported"), (0.4, "refuted")])
def test_agreeing_confidence(nnaqc, expected):
    means = {"cross_entropy": 0.4, "nnaqc": nnaqc}
    tables = contrasts({(name, "overconfidence_agreeing", *HERE): mean for name, mean in means.items()})
    tested = confidence.agreeing_confidence(tables, section([["cross_entropy", "nnaqc"]], 0.05))
    assert verdicts(tested) == {"cross_entropy - nnaqc": expected}


@pytest.mark.parametrize(("forward", "expected"), [(0.2, "supported"), (0.8, "refuted")])
def test_gradient_of_wrong_labels(forward, expected):
    means = {"cross_entropy": 0.8, "forward": forward}
    tables = contrasts(
        {("forward_oracle", f"gradient_share_wrong_{name}", *HERE): mean for name, mean in means.items()}
    )
    own = {"threshold": 0.05, "methods": ["forward_oracle"], "cells": {"symmetric": [0.4]}}
    tested = transition.gradient_of_wrong_labels(tables, own)
    assert verdicts(tested) == {"forward_oracle: p - e minus p - q": expected}
