"""Predictions as CSV.

Shape letters: n images, C classes.
"""

from collections.abc import Sequence

import numpy as np

from labelnoise.files import quoted


def text(q: np.ndarray, class_names: list[str], files: Sequence[str], given: np.ndarray | None = None) -> str:
    """Predicted class and confidence of each image, from q [n, C].

    files [n], or empty where images have none. given [n], -1 where there is no label: with it each row also has
    the index of its image and the given class.
    """
    names = np.array(class_names, dtype=object)
    columns = {} if given is None else {"index": range(len(q))}
    columns |= {"file": files} if len(files) else {}
    columns |= {} if given is None else {"given": np.where(given >= 0, names[given], "")}
    columns |= {"predicted": names[q.argmax(1)], "confidence": [float(f"{p:.6g}") for p in q.max(1)]}
    return quoted(columns, zip(*columns.values(), strict=True))
