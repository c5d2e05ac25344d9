"""The figures of a data set's page: part of the page -> files whose figures stand there, in order."""

from labelnoise.figures import (
    accuracy,
    budget,
    calibration,
    complexity,
    corruption,
    detection,
    differences,
    first_epoch,
    fit,
    gallery,
    gradients,
    memorization,
    noise_matrix,
    noise_rate,
    overview,
    p_wrong_reliability,
    regularizers,
    tiers,
    uncertainty,
    unknown,
)

PARTS = {
    "noisy": [noise_rate, noise_matrix],
    "errors": [tiers, gallery, detection, p_wrong_reliability],
    "recheck": [budget],
    "accuracy": [unknown, overview, accuracy, differences],
    "memorization": [memorization, fit, corruption, regularizers, complexity, first_epoch],
    "gradients": [gradients],
    "calibration": [calibration],
    "uncertainty": [uncertainty],
}


def captions(part: str) -> dict[str, tuple[str, str]]:
    """Name of a figure -> title and what stands below it, of one part of the page."""
    return {name: words for module in PARTS.get(part, []) for name, words in module.CAPTIONS.items()}
