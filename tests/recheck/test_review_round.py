"""A round on the review page: the list stage writes it, someone answers in a browser, the next list follows."""

import chromium
import pytest
import synthetic_recheck as tiny
from test_recheck_stage import ANSWERED, AT, OVER, folder, listed, listing, noise  # noqa: F401

import stage_script  # isort: skip


@pytest.mark.skipif(not chromium.PROGRAM, reason="chromium is not installed (apt-get install chromium)")
def test_answers_of_the_page_make_the_next_list(folder):  # noqa: F811
    first = listing(noise())
    rows, work = listed(), listed("to_audit.csv")
    page = (AT.reports / "review.html").read_bytes()
    at = {name: example for example, name in enumerate(tiny.dataset(files=True).files)}
    browser = chromium.Chromium(folder / "chromium")
    try:
        browser.open(AT.reports / "review.html")
        for row in work:  # in the same order
            assert row["file"] in browser.js("document.getElementById('facts').textContent")
            browser.press(str(tiny.CLEAN[at[row["file"]]]))
        browser.press("e")
        browser.exported("rechecked.csv").rename("answers.csv")
        assert browser.complaints == [] and all(url.startswith("file:") for url in browser.requests)
    finally:
        browser.close()
    stage_script.parameters(OVER, ANSWERED)
    second = listing(noise())
    assert {row["file"] for row in listed()} == {row["file"] for row in rows} - {row["file"] for row in work}
    wrong = sum(tiny.NAMES[tiny.CLEAN[at[row["file"]]]] != row["given"] for row in work)
    rate = second["ledger"].set_index(["noise", "seed"])["realised_rate"]
    assert wrong and round((rate["symmetric", 0] - rate["rechecked", 0]) * 39) == wrong
    assert (AT.reports / "review.html").read_bytes() != page
    assert first["audit"]["look"].max() == 0 and second["audit"]["look"].max() == 20
