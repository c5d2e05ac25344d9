"""What is kept of compiled functions, where sources change and several processes compile."""

import threading
from pathlib import Path

import pytest
from numba.core import caching

from labelnoise.kernels import cache


def kept(folder):
    return caching.IndexDataCacheFile(str(folder), "function", "of one file")


def test_what_was_compiled_of_other_sources_is_not_taken(tmp_path, monkeypatch):
    """Also where the file of the function itself has not changed, which is all that numba looks at."""
    kept(tmp_path).save("key", "code")
    assert kept(tmp_path).load("key") == "code"
    monkeypatch.setattr(cache, "SOURCES", "others")
    assert kept(tmp_path).load("key") is None


def test_all_sources_count(tmp_path):
    found = {cache.SOURCES, cache.digest(tmp_path)}
    for name, text in (("tiles.py", "a = 1"), ("tiles.py", "a = 2"), ("other.py", "")):
        (tmp_path / name).write_text(text)
        found.add(cache.digest(tmp_path))
    assert len(found) == 5 and cache.digest(Path(cache.__file__).parent) == cache.SOURCES


def test_two_that_compile_at_the_same_time_get_their_own(tmp_path):
    """The second saves after the first has read which numbers are taken."""
    first, second = kept(tmp_path), kept(tmp_path)
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


@pytest.mark.parametrize("error", [PermissionError, OSError])
def test_where_no_lock_can_be_made_it_goes_on(tmp_path, monkeypatch, error):
    def refuse(self, *args, **options):
        raise error("no lock here")

    monkeypatch.setattr(cache.FileLock, "acquire", refuse)
    kept(tmp_path).save("key", "code")
    assert kept(tmp_path).load("key") == "code"
