"""Methods trained on arrays: digits of which every third label is wrong, judged on digits that have no label."""

import numpy as np
from sklearn.datasets import load_digits

import labelnoise

images, truth = load_digits(return_X_y=True)
labels = np.where(np.arange(len(truth)) % 3 == 0, np.random.default_rng(0).integers(10, size=len(truth)), truth)
labels[::5] = -1  # not trained on
for method, section in {"cross_entropy": {}, "elr": {"beta": 0.7, "lam": 3.0, "clamp": 1e-4}}.items():
    fitted = labelnoise.fit(images, labels, method, section)
    print(f"{method}: {(fitted.probs[::5].argmax(1) == truth[::5]).mean():.1%} of them right")
