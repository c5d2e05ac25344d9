"""What is compiled beforehand is what stages and training then ask for."""

from importlib.util import cache_from_source
from pathlib import Path

import numpy as np

from labelnoise import compiled, one
from labelnoise.kernels import convolutions, perceptrons
from labelnoise.report import render

ENTRIES = [
    *(getattr(perceptrons, name) for name in ("cross_entropy_epoch", "evaluate", "forward", "backward")),
    *(getattr(convolutions, name) for name in ("evaluate", "forward", "backward")),
]


def test_modules_that_train_nothing_are_compiled_too():
    file = Path(cache_from_source(render.__file__))
    file.unlink(missing_ok=True)
    compiled.main()
    assert file.exists()


def test_other_data_and_methods_compile_nothing_more():
    compiled.main()
    before = [list(entry.signatures) for entry in ENTRIES]
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 255, (60, 6, 5, 3), np.uint8), rng.integers(4, size=60)
    elr = {"beta": 0.7, "lam": 3.0, "clamp": 1e-4}
    for method, section, network in (("cross_entropy", {}, "mlp"), ("elr", elr, "mlp"), ("elr", elr, "small_cnn")):
        training = {"network": network, "epochs": 2, "weight_decay": 1e-4, "schedule": "constant"}
        one.fit(images, labels, method, section, **training)
    assert all(before) and [list(entry.signatures) for entry in ENTRIES] == before
