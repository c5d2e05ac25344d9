"""Sources in order, against a local server and small made-up files."""

import gzip
import hashlib
import io
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from labelnoise.data.fetch import Manifest, Original, fetch

CONTENT = bytes(range(256)) * 40
PACKED = gzip.compress(CONTENT)
MEMBER = "Made/raw/numbers"


def md5(content):
    return hashlib.md5(content).hexdigest()


def made_up(addresses=(), folders=()):
    original = Original("numbers.gz", {MEMBER: md5(CONTENT)})
    return Manifest("made_up", [original], list(folders), list(addresses))


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; keeps a list of what was asked for; breaks off in a file below /broken/."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if not self.path.startswith("/broken/"):
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Length", str(len(PACKED)))
        self.end_headers()
        self.wfile.write(PACKED[:20])
        self.close_connection = True

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "www").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=tmp_path / "www")) as server:
        server.asked = []
        server.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def put(tmp_path):
    """Write a file below tmp_path."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return write


def wanted(tmp_path, folder=None, mirrors=()):
    return SimpleNamespace(folder=folder, mirrors=list(mirrors), cache=str(tmp_path / "cache"))


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


WHOLE = ["Made", "Made/raw", "Made/raw/numbers"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("numbers.gz", PACKED),
        ("numbers", CONTENT),
        ("made_up/numbers.gz", PACKED),
        ("Made/raw/numbers", CONTENT),
        ("Made/raw/numbers.gz", PACKED),
        ("numbers.gz", gzip.compress(CONTENT, 1, mtime=5)),  # packed otherwise, same content
        ("numbers.gz", CONTENT),  # unpacked on the way, name kept
    ],
)
def test_local_folder_in_every_layout(tmp_path, put, name, content):
    put(f"mirror/{name}", content)
    cache = fetch(made_up(), wanted(tmp_path, str(tmp_path / "mirror")))
    assert (cache / MEMBER).read_bytes() == CONTENT
    assert files(cache) == WHOLE


def test_order_of_sources(tmp_path, put, server):
    """Local folder, package folder, mirrors, addresses: each is used only when those before it fail."""
    for name in ("mirror", "package", "www/first", "www/second"):
        put(f"{name}/numbers.gz", PACKED)
    manifest = made_up([f"{server.address}/second/"], [str(tmp_path / "package")])
    download = wanted(tmp_path, str(tmp_path / "mirror"), [f"{server.address}/first"])
    fetch(manifest, download)
    assert server.asked == []
    for gone, asked in [
        ("mirror", []),
        ("package", ["/first/made_up/numbers.gz", "/first/numbers.gz"]),
        ("www/first", ["/first/made_up/numbers.gz", "/first/numbers.gz", "/second/numbers.gz"]),
    ]:
        (tmp_path / gone / "numbers.gz").unlink()
        (tmp_path / "cache" / MEMBER).unlink()
        server.asked.clear()
        assert (fetch(manifest, download) / MEMBER).read_bytes() == CONTENT
        assert server.asked == asked


def test_what_is_there_is_kept(tmp_path, put, server):
    put(f"cache/{MEMBER}", CONTENT)
    fetch(made_up([server.address]), wanted(tmp_path))
    assert server.asked == []


def test_damaged_cache_is_named_and_replaced(tmp_path, put, caplog):
    put(f"cache/{MEMBER}", CONTENT[:-1])
    put("mirror/numbers.gz", PACKED)
    cache = fetch(made_up(), wanted(tmp_path, str(tmp_path / "mirror")))
    assert (cache / MEMBER).read_bytes() == CONTENT
    assert f"{cache / MEMBER}: checksum mismatch, expected md5 {md5(CONTENT)}" in caplog.messages[0]


@pytest.mark.parametrize(
    "bad",
    [PACKED[:-30], b"", gzip.compress(b"other"), b"<html>sorry</html>"],
    ids=["cut", "empty", "other", "a page"],
)
def test_truncated_mirror_is_named_and_the_next_one_used(tmp_path, put, server, caplog, bad):
    put("www/first/numbers.gz", bad)
    put("www/second/numbers.gz", PACKED)
    mirrors = [f"{server.address}/first", f"{server.address}/second"]
    cache = fetch(made_up(), wanted(tmp_path, mirrors=mirrors))
    assert (cache / MEMBER).read_bytes() == CONTENT
    warning = next(m for m in caplog.messages if "/first/numbers.gz" in m)
    assert f"checksum mismatch, expected md5 {md5(CONTENT)} of" in warning
    assert "tried next source" in warning


def test_connection_that_breaks_off(tmp_path, put, server, caplog):
    put("www/second/numbers.gz", PACKED)
    fetch(made_up([f"{server.address}/broken", f"{server.address}/second"]), wanted(tmp_path))
    assert "/broken/numbers.gz" in caplog.messages[0]
    assert files(tmp_path / "cache") == WHOLE


def test_all_sources_fail(tmp_path, put, server):
    put("mirror/numbers.gz", PACKED[:-30])
    put("package/numbers.gz", gzip.compress(b"other"))
    manifest = made_up([f"{server.address}/broken", "http://127.0.0.1:1/closed"], [str(tmp_path / "package")])
    with pytest.raises(ValueError) as caught:
        fetch(manifest, wanted(tmp_path, str(tmp_path / "mirror"), [f"{server.address}/none", "no-address"]))
    lines = str(caught.value).splitlines()
    assert "datasets.made_up" in lines[0] and "numbers.gz" in lines[0]
    expected = ["mirror/numbers.gz: checksum mismatch", "package/numbers.gz: checksum mismatch"]
    expected += ["/none/made_up/numbers.gz: 404", "/none/numbers.gz: 404"]
    expected += ["no-address/made_up/numbers.gz: ", "no-address/numbers.gz: "]
    expected += ["/broken/numbers.gz: ", "/closed/numbers.gz: Connection refused"]
    assert len(lines) == len(expected) + 2
    for line, part in zip(lines[1:], expected):
        assert part in line
    assert "download.folder" in lines[-1]
    assert files(tmp_path / "cache") == []


def test_folder_without_the_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere/numbers\.gz: No such file"):
        fetch(made_up(), wanted(tmp_path, str(tmp_path / "nowhere")))


def tar(contents):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in contents.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


PARTS = {"made/one": b"1" * 5000, "made/two": b"2" * 5000}


def tarred():
    members = {name: md5(content) for name, content in PARTS.items()}
    return Manifest("made_up", [Original("made.tar.gz", members)], [], [])


def test_only_listed_members_leave_an_archive(tmp_path, put):
    put("mirror/made.tar.gz", tar({"../escaped": b"x", **PARTS, "made/other": b"y"}))
    cache = fetch(tarred(), wanted(tmp_path, str(tmp_path / "mirror")))
    assert files(cache) == ["made", "made/one", "made/two"]
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize(
    "bad",
    [tar({"made/one": PARTS["made/one"]}), tar(PARTS)[:-60], b"", tar({**PARTS, "made/two": b"2"})],
    ids=["a part", "cut", "empty", "another part"],
)
def test_bad_archive_leaves_nothing_behind(tmp_path, put, bad):
    put("mirror/made.tar.gz", bad)
    with pytest.raises(ValueError, match=r"made\.tar\.gz: checksum mismatch, expected md5"):
        fetch(tarred(), wanted(tmp_path, str(tmp_path / "mirror")))
    assert files(tmp_path / "cache") == []


def test_unpacked_archive_in_a_folder(tmp_path, put):
    for name, content in PARTS.items():
        put(f"mirror/{name}", content)
    cache = fetch(tarred(), wanted(tmp_path, str(tmp_path / "mirror")))
    assert (cache / "made/two").read_bytes() == PARTS["made/two"]
