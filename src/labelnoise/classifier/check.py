"""How good predictions are where the truth is known.

Shape letters: n images, C classes.
"""

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.uncertainty import calibration

TEST, LABELLED = "test", "labelled"  # parts; labelled: predicted by a model that did not see the label


def rows(key: dict, q: np.ndarray, truth: np.ndarray, parts: dict[str, np.ndarray], bins: int) -> pd.DataFrame:
    """Table `classifier`: a row per part with images of known truth. q [n, C]; truth [n], -1 where not known;
    parts: name -> bool [n]; key: network, noise, noise_rate, seed."""
    found = [key | {"part": name} | _measured(q[at], truth[at], bins) for name, at in _known(parts, truth).items()]
    return pd.DataFrame(found) if found else results.empty("classifier")


def _known(parts: dict[str, np.ndarray], truth: np.ndarray) -> dict[str, np.ndarray]:
    """Positions of each part's images of known truth, without empty parts."""
    known = {name: np.flatnonzero(part & (truth >= 0)) for name, part in parts.items()}
    return {name: at for name, at in known.items() if len(at)}


def _measured(q: np.ndarray, truth: np.ndarray, bins: int) -> dict:
    items, ones = calibration.prepare(q, truth, bins), np.ones((1, len(truth)))
    of = {"accuracy": calibration.accuracy, "ece": calibration.ece, "nll": calibration.nll}
    return {"examples": len(truth)} | {name: float(metric(ones, items)[0]) for name, metric in of.items()}
