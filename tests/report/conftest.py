"""Synthetic tables, shared with the figures' tests, and a report folder made from them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))
import synthetic_tables

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@pytest.fixture(scope="session")
def tables():
    return synthetic_tables.make(seeds=3, epochs=8)


@pytest.fixture
def params():
    return {
        "datasets": {
            "digits": {
                "data": {"folds": 5, "subset": None, "imbalance": 1.0},
                "validation_fraction": 0.1,
                "training": {"epochs": 8, "batch_size": 64, "lr": 0.05},
                "bootstrap": {"bags": 20, "seeds": 2, "epochs": 5, "snapshot_every": 3},
            }
        },
        "variants": {"joint_hard": "joint_optimization", "warp_sampled": "warp_sampled"},
        "methods": {name: {} for name in synthetic_tables.METHODS},
        "evaluate": {"level": 0.95, "resamples": 2000, "calibration_bins": 15},
        "recheck": {"noise": "symmetric", "noise_rate": 0.4, "seed": 0},
        "report": {"noise": "symmetric", "noise_rate": 0.4},
    }


@pytest.fixture
def reports(tables, tmp_path):
    """reports/digits with all tables and one figure."""
    synthetic_tables.write(tmp_path / "digits" / "tables", tables)
    figures = tmp_path / "digits" / "figures"
    figures.mkdir()
    (figures / "accuracy.svg").write_text(SVG)
    (figures / "accuracy.png").write_bytes(b"")
    return tmp_path
