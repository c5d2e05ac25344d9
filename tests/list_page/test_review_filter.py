"""The review page shows only cards of a kind when asked, and labels to which answers differ."""

import chromium
import pytest
from reviewing import at, exported, go, suspects, until
from synthetic_review import OWN, asked, html, known

pytestmark = pytest.mark.skipif(
    not chromium.PROGRAM, reason="chromium is not installed (apt-get install chromium)"
)


def place(browser):
    return int(browser.text("#place").split(":")[0].replace(",", "")) - 1


def choose(browser, name):
    browser.js(f"{at('filter')}.value = '{name}'; {at('filter')}.dispatchEvent(new Event('change'))")


def options(browser):
    return browser.js(f"Object.fromEntries([...{at('filter')}.options].map(one => [one.value, one.text]))")


def expected(page):
    """Cards by the name of their filter."""
    kind, tier = page["cards"]["kind"], [page["tiers"][of] for of in page["cards"]["tier"]]
    every = range(page["cards"]["count"])
    return {
        "obvious": [card for card in every if kind[card] == 0 and tier[card] == "obvious"],
        "possible": [card for card in every if kind[card] == 0 and tier[card] == "possible"],
        "untold": [card for card in every if kind[card] != 0],
    }


@pytest.mark.parametrize("name", ["obvious", "possible", "untold"])
def test_arrows_and_answers_stay_within_what_is_chosen(opened, name):
    of, _ = asked(60)
    browser, wanted = opened(of), expected(known(html(of, OWN)))[name]
    assert len(wanted) > 2 and options(browser)[name].endswith(f"({len(wanted)})")
    choose(browser, name)
    seen = [place(browser)]
    for _ in wanted:
        browser.press("ArrowRight")
        seen.append(place(browser))
    assert seen == [*wanted, wanted[0]]
    browser.press("3")
    assert place(browser) == wanted[1]
    choose(browser, "all")
    assert place(browser) == next(card for card in range(60) if card != wanted[0])


def test_a_key_goes_through_the_filters_that_have_cards(opened):
    of, _ = asked(60)
    browser, wanted = opened(of), expected(known(html(of, OWN)))
    shown = []
    for _ in range(4):
        browser.press("f")
        shown.append((browser.js(f"{at('filter')}.value"), place(browser)))
    assert shown == [(name, wanted[name][0]) for name in ("obvious", "possible", "untold")] + [("all", 0)]
    assert "Shown: all" in browser.text("#message")


def test_blind_there_is_no_filter_by_tier(opened):
    of, _ = asked(60)
    browser = opened(of)
    choose(browser, "obvious")
    browser.press("b")
    assert browser.js(f"[{at('filter')}.value, {at('filter')}.options[1].disabled]") == ["all", True]


def test_answers_that_differ_are_shown_until_one_settles_them(opened, tmp_path):
    """Of two people: one label both name alike, two they do not."""
    of, _ = asked(60)
    browser, page = opened(of), known(html(of, OWN))
    cards = suspects(of, page)[:3]
    for card in cards:
        go(browser, card)
        browser.press("3")
    assert browser.js(f"{at('filter')}.options[4].disabled")
    rows = [f"{of.rows[card]},{label}" for card, label in zip(cards, "345", strict=True)]
    (tmp_path / "other.csv").write_text("\n".join(["index,label", *rows]))
    browser.choose("#import", tmp_path / "other.csv")
    until(browser, "#message", "3 answers to labels of this page")
    assert options(browser)["conflicts"] == "answers differ (2)"
    browser.reload()  # it is kept
    choose(browser, "conflicts")
    assert place(browser) == cards[1] and "answers differ: 3, 4" in browser.text("#facts")
    browser.press("3")
    assert place(browser) == cards[2] and options(browser)["conflicts"] == "answers differ (1)"
    browser.press("z")
    assert options(browser)["conflicts"] == "answers differ (2)"
    browser.press("3")
    go_on = {row["index"]: row["label"] for row in exported(browser)}
    assert go_on[str(of.rows[cards[1]])] == "3" and go_on[str(of.rows[cards[2]])] == "5"
    choose(browser, "conflicts")
    browser.press("5")
    assert browser.js(f"{at('filter')}.value") == "all"


def test_two_answers_to_a_label_in_one_file_differ_too(opened, tmp_path):
    of, _ = asked(60)
    browser = opened(of)
    (tmp_path / "two.csv").write_text(f"index,label\n{of.rows[4]},1\n{of.rows[4]},2\n{of.rows[5]},1\n")
    browser.choose("#import", tmp_path / "two.csv")
    until(browser, "#message", "2 answers to labels of this page")
    choose(browser, "conflicts")
    assert place(browser) == 4 and options(browser)["conflicts"] == "answers differ (1)"
