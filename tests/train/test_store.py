"""The run store's names, hashes and checkpoints."""

import numpy as np
import tiny
import torch

from labelnoise.train import store


def test_array_hash_sees_values_shape_type_and_order():
    base = np.arange(6)
    variants = [
        base,
        base.reshape(2, 3),
        base.reshape(3, 2),
        base.astype(np.int32),
        base[::-1],
        base + 1.0,
        base > 2,
    ]
    assert len({store.array_hash(array) for array in variants}) == len(variants)
    assert store.array_hash(base.reshape(2, 3).T) == store.array_hash(base.reshape(2, 3).T.copy())


def test_code_hash_sees_content_and_name(tmp_path):
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("a = 1")
    other.write_text("a = 1")
    first = store.code_hash([one])
    assert store.code_hash([other]) != first
    one.write_text("a = 2")
    assert store.code_hash([one]) != first


def test_key_does_not_depend_on_the_order_of_a_mapping():
    assert store.key({"a": 1, "b": 2}) == store.key({"b": 2, "a": 1}) != store.key({"a": 2, "b": 1})


def test_machine_leaves_the_processor_out_on_a_gpu():
    assert store.machine("cuda")["cpu"] == "" != store.machine("cpu")["cpu"]


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    end = tiny.fit(tiny.method("noise_layer"), "small_cnn", tiny.data(), tiny.given())
    path = tmp_path / "name.checkpoint"
    store.save_checkpoint(path, end, {"targets": torch.ones(2)})
    back, earlier = store.load_checkpoint(path, "cpu")
    assert torch.equal(earlier["targets"], torch.ones(2)) and back.epoch == end.epoch
    for name in ("weights", "state", "history", "best"):
        saved, loaded = getattr(end, name), getattr(back, name)
        assert saved.keys() == loaded.keys() and all(torch.equal(saved[key], loaded[key]) for key in saved)
    assert all(torch.equal(a, b) for a, b in zip(end.momentum, back.momentum, strict=True))


def test_no_checkpoint_is_a_fresh_start(tmp_path):
    assert store.load_checkpoint(tmp_path / "none.checkpoint", "cpu") == (None, {})
