"""The run store's names and hashes, and what it does with damaged files."""

import io
import pickle
import sys

import numpy as np
import pytest
import tiny
import torch

from labelnoise.train import store
from labelnoise.train.types import Checkpoint

SPEC = {"method": "mae", "streams": [[0, 0], [1, 0]]}
NAME = store.key(SPEC)
ARRAYS = {"probs": np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), "epoch": np.arange(3), "last": np.eye(2)}


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


def test_key_does_not_depend_on_the_order_of_a_mapping():
    assert store.key({"a": 1, "b": 2}) == store.key({"b": 2, "a": 1}) != store.key({"a": 2, "b": 1})


def test_machine_names_the_processor_or_the_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    assert store.machine("cuda", "")["gpu"] == "a GPU"
    plain, ours = store.machine("cpu", ""), store.machine("cpu", "ours")
    assert ours | {"kernel": ""} == plain != ours


def checkpoint() -> Checkpoint:
    """That of the first of two epochs."""
    kept = []
    known = tiny.data(), tiny.estimates(), 2
    tiny.fit(tiny.method("noise_layer"), "small_cnn", *known, after_epoch=lambda epoch, made: kept.append(made()))
    return kept[0]


END = checkpoint()


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    path = tmp_path / "name.checkpoint"
    store.save_checkpoint(path, END, {"targets": torch.ones(2)})
    back, earlier = store.load_checkpoint(path, "cpu")
    assert torch.equal(earlier["targets"], torch.ones(2)) and back.epoch == END.epoch
    for name in ("weights", "state", "history", "best", "best_weights"):
        saved, loaded = getattr(END, name), getattr(back, name)
        assert saved.keys() == loaded.keys() and all(torch.equal(saved[key], loaded[key]) for key in saved)
    assert all(torch.equal(a, b) for a, b in zip(END.momentum, back.momentum, strict=True))


def test_no_checkpoint_is_a_fresh_start(tmp_path):
    assert store.load_checkpoint(tmp_path / "none.checkpoint", "cpu") == (None, {})


def test_a_checkpoint_of_another_program_is_set_aside(tmp_path, capsys):
    store.save_checkpoint(tmp_path / "other.checkpoint", END, {})
    path = (tmp_path / "other.checkpoint").rename(tmp_path / "name.checkpoint")
    assert store.load_checkpoint(path, "cpu") == (None, {})
    assert "the checkpoint of another program" in capsys.readouterr().err and not path.exists()


def sealed(data):
    """As someone would write it who means to pass for the store."""
    return store._sealed(data)


def archive(arrays, spec=SPEC):
    buffer = io.BytesIO()
    np.savez(buffer, **({store.SPEC: np.frombuffer(store.text(spec).encode(), np.uint8)} if spec else {}) | arrays)
    return buffer.getvalue()


class Trap:
    """A pickle that leaves a trace when it is loaded."""

    def __reduce__(self):
        return sys.modules["builtins"].exec, ("import sys; sys.trapped = True",)


OTHER_FORM = io.BytesIO()
torch.save({"name": NAME, "progress": {"epoch": 3}, "earlier": {}}, OTHER_FORM)
TRAPPED = io.BytesIO()
torch.save({"name": NAME, "progress": Trap()}, TRAPPED)
BOTH = {  # what may stand in the place of a file, from its content
    "empty": lambda data: b"",
    "one byte": lambda data: b"P",
    "truncated": lambda data: data[:-1],
    "half": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + b"\0",
    "twice": lambda data: data * 2,
    "zeros": lambda data: bytes(len(data)),
    "junk": lambda data: np.random.default_rng(0).bytes(len(data)),
    "text": lambda data: b"<html>404</html>",
    "pickle": lambda data: pickle.dumps(Trap()),
    "sealed pickle": lambda data: sealed(pickle.dumps(Trap(), 2)),
    "sealed text": lambda data: sealed(b"<html>404</html>"),
    "sealed and empty": lambda data: sealed(b""),
    **{f"flipped at {at}": lambda data, at=at: flipped(data, at) for at in np.linspace(0, 1, 12)},
}
ENTRIES = BOTH | {
    "set to zero": lambda data: archive({name: array * 0 for name, array in ARRAYS.items()}),
    "another dtype": lambda data: archive(ARRAYS | {"probs": ARRAYS["probs"].astype(np.float64)}),
    "an array less": lambda data: archive({name: ARRAYS[name] for name in ("probs", "epoch")}),
    "without seal": lambda data: archive(ARRAYS),
    "another program": lambda data: sealed(archive(ARRAYS, SPEC | {"method": "mse"})),
    "sealed half": lambda data: sealed(data[:200]),
    "without program": lambda data: sealed(archive(ARRAYS, None)),
    "an npy": lambda data: sealed(npy(ARRAYS["probs"])),
}
CHECKPOINTS = BOTH | {
    "another form": lambda data: sealed(OTHER_FORM.getvalue()),
    "sealed list": lambda data: sealed(saved([1, 2])),
    "sealed trap": lambda data: sealed(TRAPPED.getvalue()),
}


def flipped(data, at):
    place = int(at * (len(data) - 1))
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def saved(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def set_aside(path, warning):
    """Whether the file went aside with one line that names it and advises nothing."""
    kept = path.with_name(f"{path.name}.damaged")
    one_line = warning.startswith(f"warning: {path}: damaged: ") and warning.count("\n") == 1
    advice = "weights_only" in warning or "allow_pickle" in warning
    return kept.exists() and not path.exists() and one_line and not advice and not hasattr(sys, "trapped")


def test_an_entry_comes_back_as_it_was_and_equal_entries_are_equal_bytes(tmp_path):
    for folder in ("one", "two"):
        store.write(tmp_path / folder, NAME, store.text(SPEC), ARRAYS)
    back = store.read(tmp_path / "one", NAME)
    assert back.keys() == ARRAYS.keys() and all(
        store.array_hash(back[n]) == store.array_hash(ARRAYS[n]) for n in back
    )
    paths = [store.finished(tmp_path / folder, NAME) for folder in ("one", "two")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with np.load(paths[0]) as plain:  # an npz for everybody
        assert (plain["probs"] == ARRAYS["probs"]).all() and store.SPEC in plain


def test_of_an_entry_what_matches_a_pattern_is_read(tmp_path):
    store.write(tmp_path, NAME, store.text(SPEC), ARRAYS)
    first, *others = ARRAYS
    found = store.read(tmp_path, NAME, first, "nothing_*")
    assert found.keys() == {first} and (found[first] == ARRAYS[first]).all() and others
    assert store.read(tmp_path, NAME, "*").keys() == ARRAYS.keys()
    assert store.read(tmp_path, NAME, "nothing_*") == {}


def test_an_entry_is_sound_when_it_is_there(tmp_path, capsys):
    assert not store.sound(tmp_path, NAME)
    store.write(tmp_path, NAME, store.text(SPEC), ARRAYS)
    assert store.sound(tmp_path, NAME) and store.sound(tmp_path, NAME)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", ENTRIES)
def test_a_damaged_entry_is_never_read_and_set_aside(damage, tmp_path, capsys):
    store.write(tmp_path, NAME, store.text(SPEC), ARRAYS)
    path = store.finished(tmp_path, NAME)
    bad = ENTRIES[damage](path.read_bytes())
    path.write_bytes(bad)
    with pytest.raises(store.Damaged) as caught:
        store.read(tmp_path, NAME)
    assert str(caught.value) == f"{path}: damaged: {caught.value.why}" and "allow_pickle" not in caught.value.why
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # a worker sends it
    assert not store.sound(tmp_path, NAME)
    assert set_aside(path, capsys.readouterr().err)
    assert path.with_name(f"{path.name}.damaged").read_bytes() == bad
    store.write(tmp_path, NAME, store.text(SPEC), ARRAYS)
    assert store.sound(tmp_path, NAME)


def test_an_array_of_objects_is_never_read(tmp_path):
    path = store.finished(tmp_path, NAME)
    path.write_bytes(sealed(archive({"a": np.array([Trap()], object)})))
    with pytest.raises(store.Damaged):
        store.read(tmp_path, NAME)
    assert not hasattr(sys, "trapped")


@pytest.mark.parametrize("damage", CHECKPOINTS)
def test_a_damaged_checkpoint_is_a_fresh_start(damage, tmp_path, capsys):
    path = store.checkpoint(tmp_path, NAME)
    store.save_checkpoint(path, END, {})
    path.write_bytes(CHECKPOINTS[damage](path.read_bytes()))
    assert store.load_checkpoint(path, "cpu") == (None, {})
    assert set_aside(path, capsys.readouterr().err)
    assert store.load_checkpoint(path, "cpu") == (None, {}) and capsys.readouterr().err == ""


def test_what_nobody_trains_any_more_is_swept_away(tmp_path):
    for name in ("orphan", "running"):
        store.save_checkpoint(store.checkpoint(tmp_path, name), END, {})
        store.ticks(tmp_path, name).write_text("1")
    store.write(tmp_path, NAME, store.text(SPEC), ARRAYS)
    with store.lock(tmp_path, "running"):
        store.sweep(tmp_path)
    kept = {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert kept == {"running.checkpoint", "running.ticks", f"{NAME}.npz"}
