"""P(wrong) set right by the answers of an audit, with two numbers: logit P' = a + e^c logit P.

a ~ N(0, 1.5^2) and c ~ N(0, 0.5^2): the mode of their posterior, so that few answers move little. Answers must be
drawn by strata of P, never from the head of the list: those say nothing of the rest.

Shape letters: n answers.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

SHIFT, SLOPE = 1.5, 0.5  # deviations of the priors
CERTAIN = 1e-6  # P(wrong) and P(right) are at least that where their logit is taken


def fitted(p_wrong: np.ndarray, wrong: np.ndarray) -> tuple[float, float]:
    """(a, c) from P(wrong) [n] and what people said, bool [n]."""
    x, y = _logit(p_wrong), wrong.astype(float)
    return tuple(minimize(_objective, np.zeros(2), (x, y), "BFGS", jac=True).x.tolist())


def applied(p_wrong: np.ndarray, numbers: tuple[float, float]) -> np.ndarray:
    """P'; NaN stays. The order stays too."""
    a, c = numbers
    return expit(a + np.exp(c) * _logit(p_wrong))


def _logit(p_wrong: np.ndarray) -> np.ndarray:
    return logit(np.clip(p_wrong, CERTAIN, 1 - CERTAIN))


def _objective(theta: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """-log posterior and its gradient."""
    a, c = theta
    slope = np.exp(c)
    z = a + slope * x
    loss = np.logaddexp(0, z) - y * z
    value = loss.sum() + a**2 / (2 * SHIFT**2) + c**2 / (2 * SLOPE**2)
    error = expit(z) - y
    return value, np.array([error.sum() + a / SHIFT**2, slope * (error * x).sum() + c / SLOPE**2])
