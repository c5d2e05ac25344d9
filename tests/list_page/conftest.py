"""The study of `tests/recheck` is shared with these tests; and the review page in a browser."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "recheck"))
import chromium
import pytest
from synthetic_review import OWN, html


@pytest.fixture(scope="package")
def browser(tmp_path_factory):
    made = chromium.Chromium(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Writes a page and shows it, with nothing kept from before."""

    def shows(of, about=OWN, folder=None):
        path = (folder or tmp_path) / "review.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html(of, about, path.parent), "utf-8")
        browser.size(1440, 900)
        browser.open(path).js("localStorage.clear()")
        browser.requests.clear()
        browser.complaints.clear()
        for old in browser.files.iterdir():
            old.unlink()
        return browser.open(path)

    yield shows
    assert browser.complaints == []
    assert {url.split(":")[0] for url in browser.requests} <= {"file", "data", "blob"}
