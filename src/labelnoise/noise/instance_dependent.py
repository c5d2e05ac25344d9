"""Noise that depends on the image, as Xia et al. 2020 (part-dependent label noise) generate it.

    q_i ~ N(rate, std^2) truncated to [0, 1]                   how likely image i is mislabelled
    W_c in R^(d x C), entries ~ N(0, 1), one for each class    which features are confused with which class
    a_i = x_i W_{y_i},  a_{i, y_i} = -inf
    P_i = q_i softmax(a_i),  P_{i, y_i} = 1 - q_i              the true T(x_i), row y_i

The truncation moves the mean of q_i: .129 for rate .1, .206 for .2, .400 for .4 (std .1), so the realised
rate is what counts. The authors' code feeds raw pixels, 0 to 255: the scores are then so large that
softmax is one-hot, and each image has one deterministic wrong class (nearly so for digits, whose pixels
end at 16: 95% of images have one wrong class with over .9 of the flips). `rows` standardises x and divides it
by sqrt(d), so that scores have variance about one; `rows_as_published` is the authors' code.

Shape letters: N examples, C classes, d pixels. Classes are processed one by one: memory is that of the
largest class in floating point, never [N, d] nor [C, d, C].
"""

import numpy as np
from scipy.special import softmax


def rows(
    images: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    std: float,
    temperature: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """P [N, C] for `images` [N, ...] with clean `labels` [N]; x standardised per pixel over these images.

    temperature: scores are divided by it; small values give each image a single wrong class.
    """
    pixels = images.reshape(len(images), -1)
    mean, deviation = moments(pixels, labels, num_classes)
    varies = deviation > 0  # a constant pixel says nothing: weight zero instead of a division by zero
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=varies)
    scale /= temperature * np.sqrt(pixels.shape[1])
    return _rows(pixels, labels, num_classes, flip_rates(rate, std, len(labels), rng), mean, scale, rng)


def rows_as_published(
    images: np.ndarray, labels: np.ndarray, num_classes: int, rate: float, std: float, rng: np.random.Generator
) -> np.ndarray:
    """P [N, C] as in the authors' code: raw pixels as stored, no standardisation, no temperature."""
    pixels = images.reshape(len(images), -1)
    zeros, ones = np.zeros(pixels.shape[1]), np.ones(pixels.shape[1])
    return _rows(pixels, labels, num_classes, flip_rates(rate, std, len(labels), rng), zeros, ones, rng)


def flip_rates(rate: float, std: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """q [count], each from N(rate, std^2) truncated to [0, 1]."""
    from scipy.stats import truncnorm  # takes a third of a second, and few stages draw

    low, high = (0.0 - rate) / std, (1.0 - rate) / std
    return truncnorm.rvs(low, high, loc=rate, scale=std, size=count, random_state=rng)


def moments(pixels: np.ndarray, labels: np.ndarray, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean [d] and standard deviation [d] of each pixel over all of `pixels` [N, d]."""
    classes = [np.flatnonzero(labels == c) for c in range(num_classes)]
    mean = sum(pixels[members].sum(0, dtype=np.float64) for members in classes) / len(pixels)
    variance = sum(((pixels[members] - mean) ** 2).sum(0) for members in classes) / len(pixels)
    return mean, np.sqrt(variance)


def class_means(probs: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Mean [C, C] of the rows `probs` [N, C] over each class; the identity row where a class is empty."""
    means = np.eye(num_classes)
    for c in np.unique(labels):
        means[c] = probs[labels == c].mean(0)
    return means


def _rows(pixels, labels, num_classes, flips, shift, scale, rng) -> np.ndarray:
    probs = np.zeros((len(labels), num_classes))
    for c in range(num_classes):
        weights = rng.standard_normal((pixels.shape[1], num_classes))
        members = np.flatnonzero(labels == c)
        scores = ((pixels[members] - shift) * scale) @ weights
        scores[:, c] = -np.inf
        probs[members] = flips[members, None] * softmax(scores, axis=1)
        probs[members, c] = 1.0 - flips[members]
    return probs
