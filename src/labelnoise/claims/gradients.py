"""Gradient norm at the logits, per example: ||dL/dz||, z the logits, p = softmax(z), by the layer before the
label.

Cross-entropy: p - e, e the one-hot label. Linear layer (Patrini et al. 2017), L = -log (p T)_label: p - q with
q_k = p_k T_{k,label} / (p T)_label, the posterior of the class behind the label. Nonlinear layer (Jindal et al.
2019), L = -log p'_label, p' = softmax(W p): (diag p - p p^T) W^T (p' - e). The Jacobian of the second softmax
cancels against the logarithm, so that only the first one damps, whether prediction and label agree or not.
"""

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from labelnoise import losses, results

EPSILON = 0.05  # off-diagonal mass of T: the layers near the identity, where a network is sure of itself
POINTS, MOST = 31, 0.999  # of the grid of confidences: even in log-odds, since everything happens near 1


def _cross_entropy(matrix: np.ndarray, probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return probs - np.eye(probs.shape[1])[labels]


def _linear(matrix: np.ndarray, probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    joint = probs * matrix[:, labels].T
    return probs - joint / joint.sum(1, keepdims=True)


def _nonlinear(matrix: np.ndarray, probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    second = np.exp(probs @ matrix.T)
    second /= second.sum(1, keepdims=True)
    back = (second - np.eye(probs.shape[1])[labels]) @ matrix  # W^T (p' - e)
    return probs * (back - (probs * back).sum(1, keepdims=True))


class Form(NamedTuple):
    gradient: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # matrix, probs, labels -> dL/dz [n, C]
    loss: Callable[[Tensor, Tensor, Tensor], Tensor]  # logits [1, n, C], matrix [1, C, C], labels [1, n] -> [1, n]


FORMS = {
    "cross_entropy": Form(_cross_entropy, lambda z, matrix, labels: losses.cross_entropy(z, labels)),
    "linear": Form(
        _linear, lambda z, t, labels: losses.forward_nll(torch.log_softmax(z, -1), torch.log(t), labels)
    ),
    "nonlinear": Form(_nonlinear, lambda z, w, labels: losses.nonlinear_nll(torch.softmax(z, -1), w, labels)),
}


def norms(layer: str, matrix: np.ndarray, probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """||dL/dz|| [n] by the closed form; layer: a key of FORMS; probs [n, C], positive; labels [n]."""
    return np.linalg.norm(FORMS[layer].gradient(matrix, probs, labels), axis=1)


def autograd_norms(layer: str, matrix: np.ndarray, probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """||dL/dz|| [n] by differentiating the loss that the methods train with; z = log p."""
    z = torch.log(torch.from_numpy(probs)).unsqueeze(0).requires_grad_()
    loss = FORMS[layer].loss(z, torch.from_numpy(matrix)[None], torch.from_numpy(labels)[None])
    return torch.autograd.grad(loss.sum(), z)[0][0].norm(dim=1).numpy()


def layers(num_classes: int, epsilon: float) -> dict[str, tuple[str, np.ndarray]]:
    """Name -> (key of FORMS, matrix). `epsilon`: off-diagonal mass of T, spread evenly or on the next class."""
    identity = np.eye(num_classes)
    spread = (1 - epsilon) * identity + epsilon / (num_classes - 1) * (1 - identity)
    return {
        "cross_entropy": ("cross_entropy", identity),
        "linear": ("linear", spread),
        "linear_sparse": ("linear", (1 - epsilon) * identity + epsilon * np.roll(identity, 1, axis=1)),
        "nonlinear_kappa": ("nonlinear", losses.kappa(torch.tensor(epsilon), num_classes).item() * identity),
        "nonlinear_identity": ("nonlinear", identity),
    }


def of_methods(num_classes: int, methods: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Table `gradients`; without rows where nnaqc is taken out of `methods:`."""
    return study(num_classes, EPSILON) if "nnaqc" in methods else results.empty("gradients")


def study(num_classes: int, epsilon: float) -> pd.DataFrame:
    """Table `gradients`: class 0 is predicted with `confidence`, the rest of p spread evenly over the others.

    The label is class 0 (agree) or the last class (disagree), of which the sparse T says that it cannot
    come from class 0.
    """
    odds = np.linspace(-np.log(num_classes - 1), np.log(MOST / (1 - MOST)), POINTS)
    confidence = (1 / (1 + np.exp(-odds))).round(6)
    probs = np.repeat((1 - confidence)[:, None] / (num_classes - 1), num_classes, axis=1)
    probs[:, 0] = confidence
    parts = []
    for (name, (layer, matrix)), (relation, label) in product(
        layers(num_classes, epsilon).items(), {"agree": 0, "disagree": num_classes - 1}.items()
    ):
        labels = np.full(POINTS, label)
        keys = {"layer": name, "relation": relation, "confidence": confidence}
        found = autograd_norms(layer, matrix, probs, labels), norms(layer, matrix, probs, labels)
        parts.append(pd.DataFrame({**keys, "norm": found[0], "closed_form": found[1]}))
    return pd.concat(parts, ignore_index=True)
