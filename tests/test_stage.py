"""How stages run and end."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from labelnoise import stage


@pytest.mark.parametrize("error", [ValueError("key: allowed is x"), OSError("disk full")])
def test_bad_input_ends_with_one_line(error):
    with pytest.raises(SystemExit) as stopped, stage.running():
        raise error
    assert stopped.value.code == f"error: {error}"


def test_a_missing_file_is_named_first(tmp_path):
    with pytest.raises(SystemExit) as stopped, stage.running():
        (tmp_path / "images.npz").read_bytes()
    assert stopped.value.code == f"error: {tmp_path / 'images.npz'}: No such file or directory"


def test_an_interrupt_ends_with_one_line():
    with pytest.raises(SystemExit, match="run again to go on"), stage.running():
        raise KeyboardInterrupt


def test_traceback_on_request_and_for_bugs(monkeypatch):
    with pytest.raises(KeyError), stage.running():
        raise KeyError("a bug, not bad input")
    monkeypatch.setenv("LABELNOISE_TRACEBACK", "1")
    with pytest.raises(ValueError), stage.running():
        raise ValueError


def test_one_thread_of_linear_algebra():
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(2):
        assert 2 in {library["num_threads"] for library in threadpool_info()}
        with stage.running():
            assert {library["num_threads"] for library in threadpool_info()} == {1}
