"""Tables of accuracy and calibration as a study of two methods and six seeds would leave them."""

import numpy as np
import pandas as pd

from labelnoise import results

CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4}


def tables(diverged=False):
    """Accuracy and calibration of two methods and six seeds; elr has lost a seed where `diverged`."""
    rng, rows = np.random.default_rng(0), []
    for seed in range(6):
        for method, level in (("cross_entropy", 0.7), ("elr", 0.9)):
            for selection in ("last", "best_noisy_val", "best_test"):
                row = {
                    **CELL,
                    "realised_rate": 0.4 + seed / 100,
                    "seed": seed,
                    "method": method,
                    "selection": selection,
                }
                values = rng.normal(level, 0.02, 5) * (np.nan if diverged and method == "elr" and seed == 3 else 1)
                rows.append(row | dict(zip(("test_accuracy", "nll", "brier", "aurc", "ece"), values)))
    whole = pd.DataFrame(rows).assign(oracle=False, epoch=1, diverged_epoch=-1, judged_by="clean_labels")
    calibrated = whole[whole["selection"] != "best_test"]
    return {name: of[results.columns(name)] for name, of in (("accuracy", whole), ("calibration", calibrated))}
