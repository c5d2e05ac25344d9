"""An npz file like the one of Northcutt et al. 2021: made-up probabilities of three classes in two settings."""

import hashlib
from pathlib import Path

import numpy as np

CLASSES, EXAMPLES = 3, 120


def arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """A quarter of the labels are wrong in one setting, half in the other; predictions lean to the truth."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(CLASSES), EXAMPLES // CLASSES)
    labels, probs = [], []
    for wrong in (0.25, 0.5):
        moved = (truth + rng.integers(1, CLASSES, EXAMPLES)) % CLASSES
        labels.append(np.where(rng.random(EXAMPLES) < wrong, moved, truth))
        values = rng.dirichlet(np.ones(CLASSES), EXAMPLES) + 1.5 * np.eye(CLASSES)[truth] * rng.random(
            (EXAMPLES, 1)
        )
        probs.append(values / values.sum(1, keepdims=True))
    return {
        "clean_labels": truth.astype(np.uint8),
        "labels": np.array(labels, np.uint8),
        "pred_probs": np.array(probs, np.float16),
        "sparsity": np.array([0.0, 0.2]),
        "noise_amount": np.array([0.2, 0.6]),
    }


def write(path: Path, **changed: np.ndarray | None) -> dict[str, str]:
    """The file, with arrays `changed` (None: left out), and the section of params.yaml that names it."""
    kept = {name: array for name, array in {**arrays(), **changed}.items() if array is not None}
    np.savez(path, **kept)
    return {"file": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
