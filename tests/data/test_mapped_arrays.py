"""Own arrays that are read where they lie, and data sets that are: as those that are read whole."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import data, scratch
from labelnoise.data import npz
from labelnoise.sections import Data

RNG = np.random.default_rng(0)
LABELS = np.arange(90) % 3
PROBS = RNG.dirichlet(np.ones(3), 90).astype(np.float32)
HELD = {"images": RNG.integers(0, 256, (90, 4, 5, 3), np.uint8), "features": RNG.normal(3, 2, (90, 4))}


@pytest.mark.parametrize("holds", HELD)
def test_what_is_mapped_is_what_is_read_whole(tmp_path, monkeypatch, holds):
    np.savez(tmp_path / "d.npz", labels=LABELS, pred_probs=PROBS, **{holds: HELD[holds]})
    section = {"file": str(tmp_path / "d.npz"), "holds": holds}
    chosen = Data(folds=2, subset=None, imbalance=1.0, source="arrays", arrays=section)

    def stored(name):
        npz.save(data.load("mine", chosen, SimpleNamespace()), tmp_path / name)
        return (tmp_path / name).read_bytes(), npz.read(tmp_path / name)

    whole, _ = stored("whole.npz")
    monkeypatch.setattr(scratch, "LARGEST", 100)
    mapped, back = stored("mapped.npz")
    assert mapped == whole and isinstance(back.images, np.memmap)
    monkeypatch.setattr(scratch, "ROWS", 40)
    _, parts = stored("parts.npz")
    np.testing.assert_allclose(parts.images, back.images, atol=1e-6)
    np.testing.assert_array_equal(parts.pred_probs, PROBS)


def test_an_entry_that_is_not_allowed_is_named_beyond_the_first_block(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "ROWS", 40)
    wrong = PROBS.copy()
    wrong[70, 1] = np.nan
    np.savez(tmp_path / "d.npz", labels=LABELS, pred_probs=wrong)
    section = {"file": str(tmp_path / "d.npz"), "holds": "pred_probs"}
    chosen = Data(folds=2, subset=None, imbalance=1.0, source="arrays", arrays=section)
    with pytest.raises(ValueError, match=r"pred_probs\[70, 1\] = nan"):
        data.load("mine", chosen, SimpleNamespace())
