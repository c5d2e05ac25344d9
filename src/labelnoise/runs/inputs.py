"""What networks see of the examples: images, or features that a frozen encoder made of them."""

from collections.abc import Mapping

import numpy as np

from labelnoise.data.standardised import standardised
from labelnoise.types import Dataset


def of(dataset: Dataset, inputs: str | None, features: Mapping[str, np.ndarray]) -> Dataset:
    """`dataset` with the features of one encoder in place of its images, float32 [N, 1, 1, D], each standardised
    over the examples that are ever trained on; itself where `inputs` is None.

    inputs: `datasets.<name>.inputs`, an encoder that is named once in its `features` (params.py checks that).
    features: float32 [N, D] each, as the features stage writes them. ValueError where a feature has no deviation
    that can be computed.
    """
    if inputs is None:
        return dataset
    (own,) = (array for name, array in features.items() if name.partition("_")[2] == inputs)  # 0_patches
    scaled, told = standardised(own, dataset.test_fold)
    if not told.all():
        raise ValueError(f"inputs: {inputs}: {(~told).sum()} features are too large or too small to standardise")
    return dataset._replace(images=scaled)
