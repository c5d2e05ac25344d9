"""The page of answers in Debian's chromium: sorting, filters, narrow screens, dark, print; nothing is asked of a
network."""

import chromium
import made_report
import pytest
import synthetic_tables

pytestmark = pytest.mark.skipif(
    not chromium.PROGRAM, reason="chromium is not installed (apt-get install chromium)"
)
METHODS = [
    "cross_entropy", "mae", "mse", "unhinged", "ramp", "warp", "gce", "sce", "nce_rce", "elr", "sop", "mixup",
    "cascade", "co_teaching", "noise_layer", "nnaqc", "volminnet", "forward_estimated",
]  # fmt: skip
HEADS = "[...document.querySelectorAll('#methods thead button')]"
ROWS = "[...document.querySelectorAll('#methods tbody tr')].filter(row => !row.hidden)"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """With a table long enough to be filtered."""
    found = synthetic_tables.make(METHODS, made_report.CELLS, seeds=2, epochs=2)
    params = made_report.make_params()
    params["methods"] = {name: {} for name in METHODS}
    reports = made_report.make_reports(found, tmp_path_factory.mktemp("browser"))
    made_report.write(reports, params)
    return reports / "digits" / "index.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = chromium.Chromium(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


def column(browser, name):
    at = browser.js(f"{HEADS}.findIndex(head => head.textContent === '{name}')")
    return browser.js(f"{ROWS}.map(row => row.cells[{at}].textContent)")


def press(browser, name):
    browser.js(f"{HEADS}.find(head => head.textContent === '{name}').click()")


def number(text):
    return float(text.replace("−", "-").strip("▲▼ "))


def test_a_table_is_sorted_by_a_column_both_ways(browser, page):
    browser.open(page)
    for name in ("symmetric 0.4", "mean"):
        press(browser, name)
        values = [number(text) for text in column(browser, name)]
        assert values == sorted(values, reverse=True) and len(set(values)) > 3
        press(browser, name)
        assert [number(text) for text in column(browser, name)] == sorted(values)
    press(browser, "name")
    press(browser, "name")
    names = column(browser, "name")
    assert names == sorted(names, key=str.lower)
    assert browser.js("document.querySelectorAll('#methods [aria-sort]').length") == 1


def test_a_table_is_filtered_by_family_and_by_what_is_typed(browser, page):
    browser.open(page)
    family = "Robust losses"
    choose = "document.querySelector('#methods select')"
    browser.js(f"{choose}.value = '{family}'; {choose}.dispatchEvent(new Event('change'))")
    assert set(column(browser, "family")) == {family} and len(column(browser, "family")) == 8
    find = "document.querySelector('#methods input')"
    browser.js(f"{find}.value = 'gce'; {find}.dispatchEvent(new Event('input'))")
    assert len(column(browser, "name")) == 1
    browser.js(f"{choose}.value = ''; {choose}.dispatchEvent(new Event('change'))")
    browser.js(f"{find}.value = ''; {find}.dispatchEvent(new Event('input'))")
    assert len(column(browser, "name")) == len(METHODS) - 1


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_nothing_is_scrolled_sideways_but_tables(browser, page, width):
    for path in (page, *sorted((page.parent / "more").glob("*.html"))):
        browser.size(width, 900)
        browser.open(path)
        wide = browser.js("document.documentElement.scrollWidth")
        assert wide <= width, path.name


def test_at_most_six_screens(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    assert browser.js("document.documentElement.scrollHeight") <= 6 * 900


def test_figures_follow_a_dark_page(browser, page):
    browser.open(page)
    ink = "getComputedStyle(document.querySelector('.panels svg text')).fill"
    light = browser.js(ink)
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert browser.js(ink) != light
    browser.call("Emulation.setEmulatedMedia", features=[])


def test_folds_are_open_in_print(browser, page):
    browser.open(page.parent / "more" / "accuracy.html")
    count = browser.js("document.querySelectorAll('details').length")
    assert count and browser.js("document.querySelectorAll('details[open]').length") == 0
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.js("document.querySelectorAll('details[open]').length") == count


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault(browser, page, axe, dark):
    browser.size(1440, 900, dark)
    for path in (page, *sorted((page.parent / "more").glob("*.html")), page.parents[1] / "index.html"):
        browser.open(path).js(axe)
        run = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
        found = browser.js(f"{run}.then(of => of.violations.map(one => [one.id, one.nodes.map(n => n.html)]))")
        assert found == [], f"{path.name}: {found}"


def test_nothing_is_asked_of_a_network(browser, page):
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(page)
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    assert browser.complaints == []
