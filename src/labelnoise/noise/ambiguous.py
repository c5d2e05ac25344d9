"""Noise on ambiguous images: a rater errs where a simple model wavers, and gives the class it wavers to.

    p_i = P(class | image i), multinomial logistic regression on standardised pixels, fitted without i's fold
    c_i = the most probable class other than the clean one y_i: the second class wherever the model is right
    m_i = log p_i(y_i) - log p_i(c_i) + e_i,   e_i ~ N(0, JITTER^2)         low: ambiguous
    The share `rate` of the images with the lowest m_i get the label c_i.

The hard case for every finder of wrong labels: right label and wrong one are both plausible, and the errors are
where a network is unsure without them too. No class has a flip rate of its own, so a transition says little.

Shape letters: N examples, C classes, d pixels. Memory: a few times [N, d] in double precision.
"""

import numpy as np

FOLDS = 5  # of the logistic regression alone; always the same ones, so that only the jitter varies with the seed
JITTER = 0.5  # in log odds, whose spread is 3 for digits: from seed to seed a tenth of the chosen images change
# Solvers and linear algebra differ in the last digits of a probability; rounded, they hand on the same ranking.
# Probabilities below the last decimal count as one unit of it: such images are far from ambiguous.
DECIMALS = 4
TOLERANCE = 1e-6  # of the solver: at its default, 1e-4, probabilities are off by up to .1


def labels(
    images: np.ndarray, clean_labels: np.ndarray, num_classes: int, rate: float, rng: np.random.Generator
) -> np.ndarray:
    """Labels int64 [N]: the share `rate` of the most ambiguous `images` [N, ...] get their other class."""
    probs = out_of_fold(images, clean_labels, num_classes)
    others, margins = other_classes(probs, clean_labels)
    order = np.argsort(margins + rng.normal(0, JITTER, len(margins)), kind="stable")
    chosen = order[: round(rate * len(order))]
    drawn = clean_labels.astype(np.int64)
    drawn[chosen] = others[chosen]
    return drawn


def out_of_fold(images: np.ndarray, clean_labels: np.ndarray, num_classes: int) -> np.ndarray:
    """P(class | image) [N, C] by models that did not see the image; zero for a class without an example."""
    # slow to import, and the stages that draw no such noise need it not
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pixels = images.reshape(len(images), -1)
    model = make_pipeline(StandardScaler(), LogisticRegression(tol=TOLERANCE, max_iter=1000))
    folds = KFold(FOLDS, shuffle=True, random_state=0)  # images may be sorted by class
    probs = np.zeros((len(images), num_classes))
    present = np.unique(clean_labels)  # the columns of what comes back
    probs[:, present] = cross_val_predict(model, pixels, clean_labels, cv=folds, method="predict_proba")
    return probs


def other_classes(probs: np.ndarray, clean_labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """c [N], and m [N] without the jitter, from `probs` [N, C]."""
    rows = np.arange(len(probs))
    logs = np.log(np.clip(np.round(probs, DECIMALS), 10.0**-DECIMALS, None))
    others = probs.copy()
    others[rows, clean_labels] = -1.0  # below every probability, so that it is never the largest
    other = others.argmax(1)
    return other, logs[rows, clean_labels] - logs[rows, other]
