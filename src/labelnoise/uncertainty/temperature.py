"""Temperature scaling (Guo et al. 2017, arXiv 1706.04599) on labels that may be wrong.

Logits are divided by one number, which makes confidence right and changes no prediction. It minimises the negative
log-likelihood of held-out labels. Noisy labels ask for doubt that the true class does not deserve. So the
likelihood is that of the noisy label: forward correction (Patrini et al. 2017, arXiv 1609.03683, theorem 2) of
one parameter,

    t = argmin - sum log sum_k softmax(z / t)_k T[k, noisy],  T[i, j] = P(noisy = j | clean = i).

T = I is temperature scaling as it is.

Shape letters: n calibration examples, M examples, C classes.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from labelnoise.uncertainty.calibration import SMALLEST

LOG_RANGE = np.log([0.05, 100.0])  # ours: from twenty times as sure to nearly nothing known
GRID = 60  # temperatures tried before the best is refined: through T there may be several minima


def fit(probs: np.ndarray, labels: np.ndarray, matrix: np.ndarray) -> float:
    """The temperature of `probs` [n, C] by `labels` [n], which err by `matrix` [C, C]; NaN where any is."""
    if not (np.isfinite(probs).all() and np.isfinite(matrix).all()):
        return float("nan")
    logits, channel = _logits(probs), matrix[:, labels].T  # [n, C]
    logits -= logits.max(1, keepdims=True)  # so that no power overflows, and one of a row is 1

    def loss(log_temperature: float) -> float:
        """Mean in nats; one label costs at most what it does in all tables."""
        powers = np.exp(logits * np.exp(-log_temperature))
        likelihood = (powers * channel).sum(1) / powers.sum(1)
        return -np.log(np.maximum(likelihood, SMALLEST)).mean()

    grid = np.linspace(*LOG_RANGE, GRID)
    best = np.argmin([loss(each) for each in grid])
    around = grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)]
    return float(np.exp(minimize_scalar(loss, bounds=around, method="bounded").x))


def scaled(probs: np.ndarray, temperature: float) -> np.ndarray:
    """`probs` [M, C] at another temperature; NaN where that is NaN."""
    return np.exp(log_softmax(_logits(probs) / temperature, axis=1))


def _logits(probs: np.ndarray) -> np.ndarray:
    """Logits up to a constant, which temperature scaling does not see: log p."""
    return np.log(np.maximum(probs, SMALLEST, dtype=np.float64))
