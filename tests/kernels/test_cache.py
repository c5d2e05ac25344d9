"""What is kept of compiled functions, where sources change and several processes compile."""

import threading

import pytest
from numba.core.caching import IndexDataCacheFile

from labelnoise.kernels import cache


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path)
    return tmp_path


def test_what_was_compiled_of_other_sources_is_forgotten(folder):
    """Also where the file of the function itself has not changed, which is all that numba looks at."""
    made = folder / "__pycache__"
    made.mkdir()

    def kept():
        for name in ("one.nbi", "one.1.nbc", "other.pyc"):
            (made / name).touch()
        cache.forget()
        return [(made / name).exists() for name in ("one.nbi", "one.1.nbc", "other.pyc")]

    (folder / "tiles.py").write_text("a = 1")
    assert [kept(), kept()] == [[False, False, True], [True, True, True]]
    (folder / "tiles.py").write_text("a = 2")
    assert [kept(), kept()] == [[False, False, True], [True, True, True]]


def test_where_nothing_can_be_written_nothing_is_said(folder):
    (folder / "__pycache__").touch()
    cache.forget()


def test_two_that_compile_at_the_same_time_get_their_own(tmp_path):
    """The second saves after the first has read which numbers are taken."""
    first, second = (IndexDataCacheFile(str(tmp_path), "function", "of one file") for _ in range(2))
    other = threading.Thread(target=second.save, args=("second", "its code"))
    read = first._load_index

    def read_and_wait():
        found = read()
        other.start()
        other.join(timeout=0.5)
        return found

    first._load_index = read_and_wait
    first.save("first", "own code")
    other.join()
    assert [second.load("first"), second.load("second")] == ["own code", "its code"]
