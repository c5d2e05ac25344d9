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
    assert votes(browser, of, cards) == [["3"], ["3", "4"], ["3", "5"]]  # until then each has its vote
    browser.press("3")
    assert place(browser) == cards[2] and options(browser)["conflicts"] == "answers differ (1)"
    assert "answers differ: 3, 5" in browser.text("#facts")
    browser.press("z")
    assert place(browser) == cards[1] and "answers differ: 3, 4" in browser.text("#facts")
    assert options(browser)["conflicts"] == "answers differ (2)"
    browser.press("3")
    assert votes(browser, of, cards) == [["3"], ["3"], ["3", "5"]]
    choose(browser, "conflicts")
    browser.press("5")
    assert browser.js(f"{at('filter')}.value") == "all"
    assert votes(browser, of, cards) == [["3"], ["3"], ["5"]]


def votes(browser, of, cards):
    """What each card is exported with."""
    rows = exported(browser)
    return [sorted(row["label"] for row in rows if row["index"] == str(of.rows[card])) for card in cards]


def test_two_answers_to_a_label_in_one_file_differ_too(opened, tmp_path):
    of, _ = asked(60)
    browser, page = opened(of), known(html(of, OWN))
    card, other = suspects(of, page)[:2]
    rows = [f"{of.rows[at_]},{label}" for at_, label in ((card, 1), (card, 2), (other, 1))]
    (tmp_path / "two.csv").write_text("\n".join(["index,label", *rows]))
    for _ in range(2):  # twice is once
        browser.js(f"{at('message')}.textContent = ''")
        browser.choose("#import", tmp_path / "two.csv")
        until(browser, "#message", "3 answers to labels of this page")
    assert votes(browser, of, [card, other]) == [["1", "2"], ["1"]]
    choose(browser, "conflicts")
    assert place(browser) == card and options(browser)["conflicts"] == "answers differ (1)"
    assert "answers differ: 1, 2" in browser.text("#facts")
    browser.press("2")
    assert browser.js(f"{at('filter')}.value") == "all" and "differ" not in browser.text("#facts")
    assert votes(browser, of, [card, other]) == [["2"], ["1"]]
    browser.press("z")
    assert place(browser) == card and "answers differ: 1, 2" in browser.text("#facts")
    assert votes(browser, of, [card, other]) == [["1", "2"], ["1"]]


def test_blind_nobody_hears_what_others_said(opened, tmp_path):
    of, _ = asked(60)
    browser, page = opened(of), known(html(of, OWN))
    cards = [suspects(of, page)[0], suspects(of, page, told=False)[0]]  # the second is blind by itself
    rows = [f"{of.rows[card]},{label}" for card in cards for label in "12"]
    (tmp_path / "two.csv").write_text("\n".join(["index,label", *rows]))
    browser.choose("#import", tmp_path / "two.csv")
    until(browser, "#message", "4 answers")
    pressed = "document.querySelectorAll('#classes [aria-pressed=true]').length"
    go(browser, cards[0])
    assert "differ: 1, 2" in browser.text("#facts") and browser.js(pressed) == 1
    go(browser, cards[1])
    assert "differ" not in browser.text("#facts") and browser.js(pressed) == 0
    assert browser.text("#place").endswith(": answered")
    browser.press("b")
    go(browser, cards[0])
    assert "differ" not in browser.text("#facts") and browser.js(pressed) == 0
    browser.press("4")  # what was answered here is no secret
    go(browser, cards[0])
    assert browser.text("#place").endswith(": answered 4") and browser.js(pressed) == 1


def test_when_all_of_a_kind_are_answered_all_are_shown(opened):
    of, _ = asked(60)
    browser, wanted = opened(of), expected(known(html(of, OWN)))["possible"]
    choose(browser, "possible")
    assert "limits after" not in browser.text("#audit")  # with others left out nobody knows how many are before
    for card in wanted:
        assert place(browser) == card and browser.text("#message") != "All of these are answered."
        browser.press("3")
    assert browser.text("#message") == "All of these are answered."
    assert browser.js(f"{at('filter')}.value") == "all" and place(browser) not in wanted
    assert "limits after" in browser.text("#audit")
    choose(browser, "possible")  # who asks for them sees them again
    assert place(browser) in wanted and browser.js(f"{at('filter')}.value") == "possible"


@pytest.mark.parametrize("pointer", [True, False])
def test_keys_answer_after_the_filter_was_chosen_with_a_pointer(opened, pointer):
    """Who goes through it by keys goes on there."""
    of, _ = asked(60)
    browser = opened(of)
    event = "new PointerEvent('pointerdown')" if pointer else "new KeyboardEvent('keydown', { key: 'ArrowDown' })"
    browser.js(f"{at('filter')}.focus(); {at('filter')}.dispatchEvent({event})")
    choose(browser, "obvious")
    assert browser.js("document.activeElement.id") == ("asked" if pointer else "filter")
    browser.press("3")
    assert browser.text("#done").startswith(f"{int(pointer)} of")
