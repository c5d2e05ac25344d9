"""The review page as people use it, in Debian's chromium: every key, what is kept, what comes out."""

import csv
import json
import time

import chromium
import numpy as np
import pytest
import synthetic_recheck as tiny
from PIL import Image
from reviewing import at, exported, go, suspects, until
from synthetic_review import HOSTILE, LEVEL, OWN, asked, html, known, unpacked

from labelnoise.audit import codes, state, statements
from labelnoise.audit.heard import Heard
from labelnoise.list_page import audited as audited_on_page
from labelnoise.noise.noisy_labels import LEFT_OUT, UNANSWERED, UNSURE
from labelnoise.recheck import answers

pytestmark = pytest.mark.skipif(
    not chromium.PROGRAM, reason="chromium is not installed (apt-get install chromium)"
)


def read_back(browser, of):
    """What the package reads from the export."""
    exported(browser)
    return answers.read(browser.files / "rechecked.csv", of.dataset)


def test_every_key(opened):
    of, _ = asked(60)
    browser, page = opened(of), known(html(of, OWN))
    first, second, third = suspects(of, page)[:3]
    to, given = unpacked(page["cards"]["suggestion"]), unpacked(page["cards"]["given"])
    keys = {first: ("Enter", to[first]), second: ("k", given[second]), third: ("7", 7)}
    hidden = suspects(of, page, told=False)[:2]
    keys |= {hidden[0]: ("s", UNSURE), hidden[1]: ("x", LEFT_OUT)}
    for card, (key, _) in keys.items():
        go(browser, card)
        browser.press(key)
        assert int(browser.text("#place").split(":")[0]) != card + 1  # on to the next
    wanted = np.full(60, UNANSWERED)
    for card, (_, label) in keys.items():
        wanted[of.rows[card]] = label
    assert browser.text("#done") == f"5 of {len(of.rows)}" and browser.js(f"{at('progress')}.value") == 5
    found = read_back(browser, of)
    np.testing.assert_array_equal(found.label, wanted)
    assert found.counts.answers == 5
    rows = exported(browser)
    assert list(rows[0]) == ["index", "given", "label", "kind", "seconds"]
    kinds = {int(row["index"]): row["kind"] for row in rows}
    assert kinds == {of.rows[card]: page["kinds"][page["cards"]["kind"][card]] for card in keys}
    assert all(0 <= float(row["seconds"]) < 60 for row in rows)
    go(browser, hidden[0])
    assert browser.text("#place").endswith(": answered ?")


def test_enter_takes_nothing_where_nothing_is_suggested(opened):
    of, _ = asked(60)
    browser, page = opened(of), known(html(of, OWN))
    go(browser, suspects(of, page, told=False)[0])
    browser.press("Enter")
    assert browser.text("#done").startswith("0 of") and "no suggestion" in browser.text("#message")
    assert browser.js(f"{at('take')}.disabled") and "→" not in browser.text("#asked")
    assert browser.text("#take").strip() == "No suggestion"
    style = f"getComputedStyle({at('take')})"
    assert browser.js(f"{style}.fontWeight") == "400" and browser.js(f"{style}.borderStyle") == "dotted"
    browser.js(f"{at('take')}.click()")
    assert browser.text("#done").startswith("0 of")
    go(browser, suspects(of, page)[0])
    assert browser.text("#take").split() == ["Take", "suggestion", "Enter"]
    browser.press("e")
    assert "no answer" in browser.text("#message") and not list(browser.files.iterdir())


def test_a_button_that_was_clicked_is_not_pressed_again_by_enter(opened):
    of, _ = asked(60)
    browser, page = opened(of), known(html(of, OWN))
    card = suspects(of, page)[0]
    go(browser, card)
    browser.js("document.querySelector('[data-class=\"4\"]').focus()")
    browser.press("Enter")  # of the button that has the focus
    assert browser.js("document.activeElement.id") == "asked"
    assert [row["label"] for row in exported(browser)] == ["4"]
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="k", windowsVirtualKeyCode=75, autoRepeat=True)
    assert browser.text("#done").startswith("1 of")  # a key that is held down answers once


def test_undo_and_what_a_reload_keeps(opened):
    of, _ = asked(60)
    browser = opened(of)
    browser.press("1", "2", "3")
    browser.press("z")
    assert browser.text("#done").startswith("2 of") and "Undone" in browser.text("#message")
    assert browser.text("#place") == "3"
    browser.reload()
    assert browser.text("#done").startswith("2 of") and browser.text("#place") == "3"
    browser.press("ArrowLeft", "9")  # another answer to the second
    assert browser.text("#done").startswith("2 of")
    assert [row["label"] for row in exported(browser)] == ["1", "9"]
    browser.press("z")
    assert [row["label"] for row in exported(browser)] == ["1", "2"]  # the one before
    browser.press("z", "z", "z")
    assert browser.text("#done").startswith("0 of") and browser.js(f"{at('undo')}.disabled")


def test_other_data_or_another_list_begins_anew(opened, tmp_path):
    of, _ = asked(60)
    browser = opened(of)
    browser.press("1")
    (tmp_path / "review.html").write_text(html(of._replace(rows=of.rows[1:]), OWN), "utf-8")
    browser.reload()
    assert browser.text("#done") == f"0 of {len(of.rows) - 1}"


def test_the_grid(opened):
    of, _ = asked(300)
    browser, page = opened(of), known(html(of, OWN))
    cards = page["cards"]
    obvious = [at for at in range(cards["count"]) if cards["kind"][at] == 0 and cards["tier"][at] == 2]
    browser.press("g")
    assert browser.js(f"[document.querySelectorAll('#tiles button').length, {at('card')}.hidden]") == [24, True]
    browser.press("ArrowRight", "ArrowRight", " ", "ArrowDown", " ")  # the second tile, and the one below
    tops = browser.js("[...document.querySelectorAll('#tiles li')].map((tile) => tile.offsetTop)")
    wide = tops.count(tops[0])
    assert browser.text("#accept").startswith("Take the suggestion for 22")
    browser.press("Enter")
    left = {1, 1 + wide}
    taken = [at for place, at in enumerate(obvious[:24]) if place not in left]
    rows = {int(row["index"]): row for row in exported(browser)}
    assert set(rows) == {of.rows[at] for at in taken} and {row["kind"] for row in rows.values()} == {"grid"}
    assert all(int(rows[of.rows[at]]["label"]) == of.shown.suggestion[of.rows[at]] for at in taken)
    browser.press("g")
    again = browser.js("document.querySelectorAll('#tiles button').length")
    assert again == min(24, len(obvious) - 22)
    browser.press("Escape")
    assert browser.js(f"{at('grid')}.hidden && !{at('card')}.hidden")
    browser.press("5", "z", "z")  # the grid goes at once
    assert browser.text("#done").startswith("0 of")


def test_blind(opened):
    of, _ = asked(60)
    browser, page = opened(of), known(html(of, OWN))
    card = suspects(of, page)[0]
    go(browser, card)
    assert "suggested" in browser.text("#asked") and "P(wrong)" in browser.text("#facts")
    assert browser.text("#near").count("Labelled") == 2
    browser.press("b")
    assert "suggested" not in browser.text("#asked") and "P(wrong)" not in browser.text("#facts")
    assert browser.text("#near").count("Labelled") == 1
    assert not browser.js("document.querySelector('#classes .suggested')")
    browser.press("g")
    assert browser.js(f"{at('grid')}.hidden")
    browser.press("Enter", "3", "b")
    assert [(row["label"], row["kind"]) for row in exported(browser)] == [("3", "suspect blind")]


def test_import_of_an_earlier_export(opened, tmp_path):
    of, _ = asked(60)
    browser = opened(of)
    browser.press("1", "s", "k")
    before = exported(browser)
    outside = next(at for at in range(60) if at not in of.rows)
    given = of.dataset.class_names[of.shown.given[outside]]
    more = [
        *before,
        {"index": outside, "given": given, "label": "8", "kind": "suspect", "seconds": 1.5},
        {"index": of.rows[5], "given": "no such", "label": "cow", "kind": "", "seconds": ""},
    ]
    file = tmp_path / "earlier.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, list(before[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(more)
    browser.js("localStorage.clear()")
    browser.reload()
    for _ in range(2):  # twice is once
        browser.choose("#import", file)
        until(browser, "#message", "3 answers to labels of this page, 1 answer to others")
        assert "1 row left out" in browser.text("#message") and browser.text("#done").startswith("3 of")
        browser.js(f"{at('message')}.textContent = ''")
    assert browser.text("#place") == "4"
    rows = exported(browser)
    assert sorted(row["index"] for row in rows) == sorted(str(row["index"]) for row in more[:-1])
    assert {row["index"]: row["label"] for row in rows}[str(outside)] == "8"
    corrected = exported(browser, "corrected.csv")
    assert corrected[outside]["label"] == "8" and corrected[outside]["state"] == (
        "right" if given == "8" else "changed"
    )
    file.write_text("index,label\n")
    browser.choose("#import", file)
    until(browser, "#message", "0 answers")
    file.write_text("place,label\n1,2\n")
    browser.choose("#import", file)
    until(browser, "#message", "it needs columns index and label")
    assert len(exported(browser)) == 4


def test_corrected_labels(opened):
    before = np.full(60, UNANSWERED, np.int16)
    known_ = asked(60)[0].rows[:3]
    before[known_] = 6, LEFT_OUT, UNSURE
    of, _ = asked(60, answers=before)
    browser = opened(of)
    browser.press("2", "k", "x")
    said = read_back(browser, of).label
    said = np.where(said == UNANSWERED, before, said)
    rows = exported(browser, "corrected.csv")
    given = of.shown.given
    assert list(rows[0]) == ["index", "label", "given", "state"] and [int(row["index"]) for row in rows] == [
        *range(60)
    ]
    for place, row in enumerate(rows):
        now = "" if said[place] == LEFT_OUT else str(said[place] if said[place] >= 0 else given[place])
        state_ = {UNANSWERED: "given", UNSURE: "unsure", LEFT_OUT: "left out"}
        wanted = state_.get(said[place], "right" if said[place] == given[place] else "changed")
        assert (row["label"], row["given"], row["state"]) == (now, str(given[place]), wanted)


def test_hostile_names_come_back_as_they_are(opened):
    of, _ = asked(60, HOSTILE, files=True)
    browser, page = opened(of), known(html(of, OWN))
    for key in "012012":
        browser.press(key)
    found = read_back(browser, of)
    wanted = np.full(60, UNANSWERED)
    wanted[of.rows[:6]] = [0, 1, 2, 0, 1, 2]
    np.testing.assert_array_equal(found.label, wanted)
    assert (
        not found.gone
        and found.counts.unknown == 0
        and browser.js("document.querySelectorAll('script').length") == 2
    )
    rows = exported(browser)
    assert [row["file"] for row in rows] == [of.dataset.files[at] for at in of.rows[:6]]
    assert [row["given"] for row in rows] == [HOSTILE[of.shown.given[at]] for at in of.rows[:6]]
    corrected = exported(browser, "corrected.csv")
    assert [row["file"] for row in corrected] == of.dataset.files == page["files"]


def test_classes_by_the_start_of_their_name(opened):
    names = [f"class {letter}" for letter in "abcdefghijk"] + ["Zürich", "=1+1", "<b>"]
    of, _ = asked(100, names)
    browser = opened(of)
    browser.press("c", "z", "ü")
    assert browser.text("#names") == "Zürich" and browser.text("#done").startswith("0 of")  # z undoes nothing here
    browser.press("Enter", "c", "=", "Enter", "/", "c", "ArrowDown", "ArrowDown", "Enter", "c", "<", "Enter", "k")
    labels = [row["label"] for row in exported(browser)]
    assert labels[:4] == ["Zürich", "=1+1", "class c", "<b>"] and len(labels) == 5
    browser.press("c", "a", "Escape", "z")
    assert browser.text("#done").startswith("4 of") and browser.js(f"{at('names')}.hidden")


def test_limits_are_those_of_the_audit(opened):
    """Cards are answered in their order: with the truth, and two of them not at all."""
    earlier = np.full(400, UNANSWERED, np.int16)
    first, clean = asked(400, looks=(20, 40))
    earlier[first.waiting[:3]] = clean[first.waiting[:3]]
    earlier[first.rows[-5:]] = first.shown.given[first.rows[-5:]]
    of, clean = asked(400, looks=(20, 40), answers=earlier)
    browser, said, seen = opened(of), earlier.copy(), set()
    for card, example in enumerate(of.rows):
        unsure = card in (4, 30)
        said[example] = UNSURE if unsure else clean[example]
        browser.press("s" if unsure else str(clean[example]))
        if card % 9 == 0 or card == len(of.rows) - 1:
            told, look = audited(of, said)
            assert browser.text("#audit").split(". Next")[0].split("Audit: first")[0] == told
            seen.add(look)
    assert seen == {0, 20, 40}


def audited(of, said):
    """What the package says after these answers, and the look."""
    section = tiny.audit(looks=[20, 40])
    now = state.standing(of.audit.frame, of.dataset, Heard(said, [], {}), section, LEVEL)
    if not now.look:
        return "", 0
    limits = statements.limits(now.frame, now.code, now.look, np.ones(len(now.code), bool), now.level)
    wrong = int(((now.code == codes.WRONG) & codes.sampled(now.frame, now.look)).sum())
    span = f"{limits.low} to {limits.high}" if limits.low < limits.high else str(limits.high)
    more = audited_on_page._drawn_more(now)
    by = f"Labels that {more} are drawn more often; weighted for that" if more else "By these"
    told = f"Audit: {wrong} of {now.look} labels drawn were wrong. {by}, {span} of 400 labels are"
    return told + "." * (now.look == 40), now.look


def test_where_there_is_no_list_there_is_the_audit(opened):
    of, _ = asked(60, gate=tiny.NOTHING)
    of = of._replace(shown=of.shown._replace(p_wrong=np.full(60, np.nan), tier=np.zeros(60, np.int8)))
    browser = opened(of)
    assert "There is no list: " in browser.text("main") and browser.js(f"{at('grid-open')}.disabled")
    browser.press("k", "s")
    assert {row["kind"] for row in exported(browser)} == {"audit"}
    nothing = opened(of._replace(rows=[], waiting=[]))
    assert nothing.text("#finished") == "There is nothing to look at." and nothing.js(f"{at('card')}.hidden")
    nothing.press("k", "Enter", "ArrowRight", "z", "b", "g", "e")


def test_without_pictures_it_says_what_to_look_up(opened):
    of, _ = asked(60)
    browser = opened(of._replace(dataset=of.dataset._replace(images=np.zeros((60, 1, 1, 3), np.float32))))
    assert browser.text("#picture") == f"look up example {of.rows[0]}" and not browser.text("#near")
    assert f"example {of.rows[0]}" in browser.text("#facts")


def test_ten_thousand(opened, tmp_path):
    of, _ = asked(20_000, wrong=0.5, export=9_839, looks=(60, 100, 200))
    assert len(of.rows) == 10_000
    started = time.perf_counter()
    browser = opened(of)
    loaded = time.perf_counter() - started
    assert browser.js("document.querySelectorAll('*').length") < 200
    press = (
        "(() => { const began = performance.now(); for (let i = 0; i < 200; i++) document.body.dispatchEvent("
        "new KeyboardEvent('keydown', { key: String(i % 10), bubbles: true })); "
        "return (performance.now() - began) / 200; })()"
    )
    times = [browser.js(press)]
    lines = [f"{at_},{k % 10}" for k, at_ in enumerate(of.rows[200:9_800])]
    (tmp_path / "most.csv").write_text("\n".join(["index,label", *lines]))
    browser.choose("#import", tmp_path / "most.csv")
    until(browser, "#message", "9,600 answers to labels of this page")
    times.append(browser.js(press))
    print(f"10,000 cards: loaded in {loaded:.1f} s; an answer takes {times[0]:.1f} ms, in the end {times[1]:.1f}")
    assert browser.text("#done").startswith("10,000 of")
    assert times[-1] < 50  # fluid is below 100
    started = time.perf_counter()
    browser.reload()
    assert browser.text("#done").startswith("10,000 of") and time.perf_counter() - started < 20
    assert len(exported(browser)) == 10_000


def test_photographs(opened, tmp_path):
    of, _ = asked(60, HOSTILE, files=True)
    root, folder = tmp_path / "my #1 photos", tmp_path / "reports" / "folder"
    for place, name in enumerate(of.dataset.files):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (300, 200), (place, 200, 90)).save(root / name)
    gone = root / of.dataset.files[of.rows[1]]
    browser = opened(of, OWN._replace(root=root), folder)
    width = (
        "new Promise(r => { const i = document.querySelector('#picture img'); const d = () => r(i.naturalWidth);"
        " i.complete ? d() : i.addEventListener('load', d) })"
    )
    assert browser.js(width) == 300
    gone.unlink()
    browser.call("Network.setCacheDisabled", cacheDisabled=True)
    browser.reload()
    browser.press("0")
    end = time.monotonic() + 10
    while browser.js("document.querySelector('#picture img').naturalWidth") != 64:  # what the page has itself
        assert time.monotonic() < end
        time.sleep(0.05)
    assert browser.complaints and all("ERR_FILE_NOT_FOUND" in one for one in browser.complaints)
    browser.complaints.clear()


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_nothing_is_cut(opened, width):
    names = ["a class with a long name that goes on", "b" * 60, *"cdefghij"]
    of, _ = asked(60, names, files=True)
    browser = opened(of)
    browser.size(width, 844)
    for key in ("ArrowRight", "g"):
        browser.press(key)
        assert browser.js("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("names", [tuple("0123456789"), tuple(f"class {k}" for k in range(12))])
def test_axe_finds_no_fault(opened, axe, names, dark):
    of, _ = asked(60, names)
    browser = opened(of)
    browser.size(1440, 900, dark)
    browser.js(axe)
    run = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
    for keys in (["k"], ["g", "ArrowRight", " "], ["Escape", "b"]):
        browser.press(*keys)
        found = browser.js(
            f"{run}.then((of) => of.violations.map((one) => [one.id, one.nodes.map((n) => n.html)]))"
        )
        assert found == [], json.dumps(found, indent=1)
    browser.complaints.clear()  # axe asks for frames
